"""`uplab documents`, with a page of our own as the document that uplab knows."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.scenarios.connector_page import PAGE, known_page
from uplab.scenarios.cli import documents
from uplab.scenarios.cli.main import app


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(documents, "known_documents", lambda: {"nimbus.md": known_page()})


def compare(*arguments: str, **files: str | bytes) -> Result:
    for name, content in files.items():
        Path(f"{name}.md").write_bytes(content.encode() if isinstance(content, str) else content)
    return CliRunner().invoke(app, ["documents", *arguments, *(f"{name}.md" for name in files)])


def test_same_document_is_said_to_be_the_same() -> None:
    shown = compare(page=PAGE)

    assert shown.exit_code == 0
    assert shown.output == f"page.md: the same as the Nimbus document (sha256 {known_page().sha256[:12]})\n"


def test_other_bytes_with_the_same_facts_are_no_difference() -> None:
    shown = compare(page=PAGE.replace("\n", "\r\n"))

    assert shown.exit_code == 0
    assert shown.output.endswith("but it says the same\n")


def test_each_difference_names_its_line_and_the_requirements() -> None:
    newer = PAGE.replace("else 20", "else 60").replace("All is well.", "").replace("[1, 5]", '[1, 5], "proxy": null')

    shown = compare(page=newer)

    assert shown.exit_code == 1
    assert shown.output.splitlines() == [
        f"page.md: not the Nimbus document (sha256 {known_page().sha256[:12]}): 1 gone, 1 new, 1 changed",
        "  new      page.md:17: example POST /connections configuration.proxy in 'Over the API'",
        "           is   null",
        "  changed  page.md:25: parameter pauseS in 'Over the API' (NIM-01)",
        "           was  Seconds between attempts, else 20",
        "           is   Seconds between attempts, else 60",
        "  gone     page.md:37: sentence in 'What it cannot do'",
        "           was  All is well.",
    ]


def test_json_holds_the_same_whole() -> None:
    shown = compare("--json", page=PAGE.replace("else 20", "else 60"), same=PAGE)

    newer, same = json.loads(shown.output)
    assert shown.exit_code == 1
    assert (newer["file"], newer["connector"], newer["same_document"], newer["same_facts"]) == (
        "page.md",
        "Nimbus",
        False,
        False,
    )
    assert newer["differences"] == [
        {
            "outcome": "changed",
            "kind": "parameter",
            "name": "pauseS",
            "section": "Over the API",
            "line": 25,
            "was": "Seconds between attempts, else 20",
            "is": "Seconds between attempts, else 60",
            "digest": sha256(b"Seconds between attempts, else 60").hexdigest()[:16],
            "requirements": ["NIM-01"],
        }
    ]
    assert (same["same_document"], same["same_facts"], same["differences"]) == (True, True, [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "uplab: bad.md: an empty file\n"),
        (b"\x89PNG\n\x00", "uplab: bad.md:2: a binary file, no text\n"),
        (b"# \xff", "uplab: bad.md:1: no text in UTF-8 (byte 0xff); save it as UTF-8\n"),
        (
            b"# The Nimbus connection\n```json\n{",
            "uplab: bad.md:2: the block of code that begins here is never closed\n",
        ),
        (b"# The Cirrus connection\n", "uplab: bad.md: it is about 'cirrus'; uplab has the facts of Nimbus\n"),
    ],
)
def test_file_that_is_no_document_is_one_line(content: bytes, said: str) -> None:
    shown = compare(bad=content)

    assert (shown.exit_code, shown.stderr, shown.stdout) == (4, said, "")


@pytest.mark.parametrize(("name", "said"), [("none.md", "No such file or directory"), (".", "Is a directory")])
def test_file_that_cannot_be_opened_is_one_line(name: str, said: str) -> None:
    shown = compare(name)

    assert (shown.exit_code, shown.stderr) == (4, f"uplab: {name}: {said}\n")


def test_huge_file_is_read_no_further_than_needed() -> None:
    shown = compare("/dev/zero")

    assert (shown.exit_code, shown.stderr) == (
        4,
        "uplab: /dev/zero: larger than 250,000 bytes: no connector document is\n",
    )


def test_one_bad_file_keeps_no_other_from_being_compared() -> None:
    shown = compare(bad=b"", page=PAGE)

    assert shown.exit_code == 4
    assert shown.stderr == "uplab: bad.md: an empty file\n"
    assert "page.md: the same as" in shown.stdout


def test_part_that_cannot_be_read_is_told_and_the_rest_compared() -> None:
    shown = compare(page=PAGE.replace("[1, 5]", "[1, 5],").replace("| Always nimbus-cloud-iot |", "|"))

    assert shown.exit_code == 4
    assert shown.stderr.splitlines() == [
        "uplab: page.md:18: the example POST /connections is no JSON: "
        "Expecting property name enclosed in double quotes",
        "uplab: page.md:24: the row has 1 cells, its table 2 columns",
    ]
    assert "changed  page.md:24: parameter connectorId in 'Over the API' (NIM-01)" in shown.stdout
    assert "example" not in shown.stdout


def test_errors_stand_in_the_json_too() -> None:
    shown = compare("--json", bad=b"# a\n\x00", page=PAGE.replace("[1, 5]", "[1, 5"))

    bad, page = json.loads(shown.stdout)
    assert bad == {"file": "bad.md", "error": "a binary file, no text", "line": 2}
    assert [one["line"] for one in page["unread"]] == [18]
    assert page["same_facts"] is False


def test_document_of_somebody_else_moves_no_cursor() -> None:
    shown = compare(page=PAGE.replace("All is well.", "Red \x1b[31m alarm."))

    assert "\x1b" not in shown.output
    assert "Red ?[31m alarm." in shown.output


def test_no_file_is_wrong_usage() -> None:
    assert compare().exit_code == 4
