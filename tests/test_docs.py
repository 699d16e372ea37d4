"""The pages of docs/: each snippet runs, in one lab with a project that is kept; commands and links are there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.scenarios.suite_runs import Ended, run_suite
from uplab.scenarios.cli.main import BECOME
from uplab.scenarios.cli.main import app as commands
from uplab.scenarios.cli.table import COMMANDS
from uplab.scenarios.run.launch import run_help
from uplab.scenarios.under_test.profile import load_profile

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")

WORDS = {
    "blame": "tried until it is taken, 30 s apart",
    "lines": "tried until it is taken, 1 s apart",
    "once": "sent once",
    "strict-close": "tried until it is taken, 180 s apart (±34%)",
    "strict-resend": "4 attempts, 2 s apart",
    "weak": "sent once",
    "webhook": "6 attempts, 1, 2, 4, 8, 16 s apart (±20%); given up after 60 s; not again after 400, 404, 413, 422; "
    "stopped by 410",
}


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run of all snippets, and of the project that is kept."""
    folder = tmp_path_factory.mktemp("docs")
    for page in PAGES:
        if found := blocks(page, "python"):
            (folder / f"test_{page.stem}.py").write_text("\n\n".join(found))
    catalogues = [folder / "kept" / "catalogue.toml"]
    for page in PAGES:
        for rows in (text for text in blocks(page, "toml") if text.startswith("[[requirement]]")):
            catalogues.append(folder / f"{page.stem}.toml")
            catalogues[-1].write_text(rows)
    shutil.copytree(ROOT / "tests" / "kept_project", folder / "kept")
    options = [word for path in catalogues for word in ("--catalogue", str(path))]
    return run_suite(folder, "--seed", "7", "-p", "no:cacheprovider", *options)


@pytest.mark.timeout(600)
def test_each_snippet_passes(ended: Ended) -> None:
    wrong = {one["id"]: one["message"] for one in ended.record["scenarios"] if one["outcome"] != "passed"}

    assert (ended.code, wrong) == (0, {}), ended.out + ended.err
    there = {one["id"].partition("::")[0] for one in ended.record["scenarios"]}
    assert {f"test_{page.stem}.py" for page in PAGES if blocks(page, "python")} <= there


def test_project_that_is_kept_passes(ended: Ended) -> None:
    kept = [one for one in ended.record["scenarios"] if one["id"].startswith("kept/")]

    assert [one["outcome"] for one in kept] == ["passed"] * 3
    assert {"KEPT-01", "MINE-01", "AZ-01"} <= {row["id"] for row in ended.record["requirements"]}


def asked(page: Path) -> list[list[str]]:
    """Every command of uplab that a page has its reader type."""
    lines = [line.strip() for text in blocks(page, "sh") for line in text.replace("\\\n", " ").splitlines()]
    inline = re.findall(r"`(uplab [^`]+)`", BLOCK.sub("", page.read_text(encoding="utf-8")))
    return [shlex.split(line, comments=True)[1:] for line in (*lines, *inline) if line.startswith("uplab ")]


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_and_their_options_are_there(page: Path) -> None:
    known = typer.main.get_command(commands)
    for name, *words in asked(page):
        if name == "--help":
            continue
        assert name in COMMANDS, f"uplab {name}"
        options = [word.partition("=")[0] for word in words if word.startswith("--") and word != "--help"]
        if name in BECOME:
            told = run_help() if name == "run" else "".join(options)  # a fake and the forwarder read their own
        else:
            command = known.commands[name]  # type: ignore[attr-defined]
            told = " ".join(one for p in command.params for one in (*p.opts, *p.secondary_opts))
            told += run_help() if name in ("replay", "explore", "play", "doubt", "probe", "clean") else ""
        assert [one for one in options if one not in told] == [], f"uplab {name}"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_first() -> None:
    first = (DOCS / "README.md").read_text(encoding="utf-8")

    assert [name_of(page) for page in PAGES if page.name != "README.md" and f"({name_of(page)})" not in first] == []


def test_each_example_profile_says_what_its_page_says() -> None:
    found = {path.stem: load_profile(path) for path in (DOCS / "examples" / "profiles").iterdir()}

    assert {name: profile.policy.words() for name, profile in found.items()} == WORDS
    assert [name for name, profile in found.items() if profile.name != name] == []


@pytest.mark.parametrize("name", WORDS)
def test_example_profile_stands_on_the_page(name: str) -> None:
    assert f"`{name}.toml`" in (DOCS / "how-to" / "forwarder.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["forwarder.py", "forwarder.js", "forwarder.sh"])
def test_example_forwarder_is_small_and_can_be_read(name: str) -> None:
    path = DOCS / "examples" / name
    check = {"py": [sys.executable, "-m", "py_compile"], "js": ["node", "--check"], "sh": ["sh", "-n"]}[path.suffix[1:]]
    if shutil.which(check[0]) is None:
        pytest.skip(f"{check[0]} is not installed")
    ended = subprocess.run([*check, str(path)], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert len(path.read_text().splitlines()) <= 75


@pytest.mark.parametrize("name", ["forwarder.py", "forwarder.js", "forwarder.sh"])
def test_how_to_has_the_command_that_each_example_names(name: str) -> None:
    """Whoever types the page's line gets what the head of the example promises."""
    head = (DOCS / "examples" / name).read_text(encoding="utf-8")
    said = re.search(r"uplab run --only delivery.*?forwarder\.toml", head, re.DOTALL)
    assert said is not None
    wanted = shlex.split(re.sub(r"\\\n[# ]*", " ", said[0]))

    assert wanted[1:] in asked(DOCS / "how-to" / "forwarder.md")
