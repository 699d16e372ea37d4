"""How `uplab run` becomes pytest: its command line, its process and its help."""

import os
import shutil
import signal
import sys
import textwrap
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from uplab.scenarios.run.exit_codes import MEANINGS, WRONG_USAGE
from uplab.scenarios.run.option_table import TABLE, VALUED
from uplab.scenarios.run.suites import CONFIGURATION, SUITES, as_shipped

__all__ = ["become_pytest", "command", "first_named", "misspelt", "pytest_arguments", "run_help"]

START = Path(__file__).with_name("start.py")
_ALIKE = 0.83  # of 1: a letter missing, doubled, wrong or swapped; no option of pytest is so like one of ours

# Plugins that come with what uplab is made of and tested with. No suite of ours uses one; a user's own may.
_STRANGERS = ("anyio", "faker", "hypothesispytest", "pytest_httpserver", "schemathesis")

# Options of pytest that take a value of their own, so that this value is not taken for a scenario.
_VALUED = {
    *("-k", "-m", "-n", "-p", "-o", "-c", "-W", "-r"),
    *("--maxfail", "--tb", "--durations", "--alluredir", "--junitxml", "--rootdir", "--timeout", "--basetemp"),
    *("--capture", "--color", "--deselect", "--dist", "--ignore", "--ignore-glob", "--maxprocesses", "--log-level"),
    *("--only", "--requirement", "--must-apply", "--must-reach", "--catalogue"),
}


def _scenario_path(argument: str) -> str | None:
    """The path of a scenario, from here or from the suites' folder; None for anything else."""
    name, separator, rest = argument.partition("::")
    for base in (Path.cwd(), SUITES):
        path = base / name
        if path.is_dir() or (path.is_file() and path.suffix == ".py"):
            return f"{as_shipped(path)}{separator}{rest}"
    return None


def pytest_arguments(arguments: Sequence[str]) -> list[str]:
    """The command line for pytest: our configuration, what the user gave, and every suite where he named none."""
    given, paths = _given(arguments)
    return [
        "-c",
        str(CONFIGURATION),
        "--rootdir",
        str(SUITES),
        *([] if "no:cacheprovider" in given else ["-o", f"cache_dir={Path.cwd() / '.pytest_cache' / 'uplab'}"]),
        *given,
        *([] if paths else [str(SUITES)]),
    ]


def _given(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments with each scenario by its path, and those paths alone."""
    valued = _VALUED | set(VALUED)
    given: list[str] = []
    paths: list[str] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        path = None if argument.startswith("-") or before in valued else _scenario_path(argument)
        given.append(path or argument)
        paths += [path] if path else []
    return given, paths


def first_named(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """The first argument that is neither an option nor the value of one, and the others; None where there is none."""
    valued = _VALUED | set(VALUED)
    for number, (before, argument) in enumerate(zip(["", *arguments], arguments, strict=False)):
        if not argument.startswith("-") and before not in valued:
            return argument, [*arguments[:number], *arguments[number + 1 :]]
    return None, list(arguments)


def command(arguments: Sequence[str]) -> list[str]:
    """The process of a run, for whoever starts one: these are the arguments of `uplab run`."""
    # -P: the folder of start.py is no place to import from; its `http` would hide that of Python.
    start = [sys.executable, "-P", str(START)]
    if all(path.startswith(str(SUITES)) for path in _given(arguments)[1]):
        start += [word for name in _STRANGERS for word in ("-p", f"no:{name}")]
    return [*start, *pytest_arguments(arguments)]


def misspelt(arguments: Sequence[str]) -> str | None:
    """One line on an option that is none, but nearly one of ours; pytest, which knows its own, has no hint to give."""
    ours = {word for row in _OURS for word in row[0].split() if word.startswith("--")} | set(VALUED)
    valued = _VALUED | set(VALUED)
    for before, argument in zip(["", *arguments], arguments, strict=False):
        name = argument.partition("=")[0]
        if not name.startswith("--") or before in valued or name in ours | _VALUED:
            continue
        if near := get_close_matches(name, ours, n=1, cutoff=_ALIKE):
            return f"there is no option {name}; did you mean {near[0]}?"
    return None


def become_pytest(arguments: Sequence[str]) -> NoReturn:
    """Replaces this process: pytest must be the first to import our modules, to explain their assertions."""
    if hint := misspelt(arguments):
        print(f"uplab: {hint}", file=sys.stderr)
        raise SystemExit(WRONG_USAGE)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # start.py takes them up again
    os.execv(sys.executable, command(arguments))  # noqa: S606


_OURS = (
    ("--only SUITE", "run one suite: http, thingsboard, ..., or what proves HTTP-06 (may be repeated)"),
    ("--requirement ID", "run what proves one requirement, as HTTP-06, or a clause: HTTP-02.a (may be repeated)"),
    ("--catalogue FILE", "rows of a document of your own, as MINE-01: TOML, CSV or XLSX (may be repeated)"),
    ("--full", "also all variants: failure generations, transports, number regimes, models; and what takes long"),
    ("--shuffle", "run in an order drawn from the seed"),
    ("--gate", "red when too little was examined [UPLAB_GATE=1]"),
    ("--must-apply ID", "with --gate: a requirement that may not be not applicable (may be repeated)"),
    (
        "--must-reach CONDITION",
        "with --gate: a condition that must have been judged, as 'FPort 0', or all (repeatable)",
    ),
)
_PYTESTS = (
    ("-n auto", "as many workers as processors; -n 2: two"),
    ("-x, --maxfail N", "stop at the first, at the Nth scenario that did not pass"),
    ("--lf", "run only what did not pass the last time"),
    ("-k WORDS", "run the scenarios whose names hold these words: -k 'header and not secret'"),
    ("-m smoke", "run a quick sign of life"),
    ("-v, -q", "-v names each scenario, -q shows only what went wrong and the end"),
    ("--collect-only", "list the scenarios and run none; with -v also what each one promises"),
)


def _rows(title: str, rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """A heading, and each option beside its words, folded to the window."""
    yield from ("", f"{title}:")
    column = 28
    for name, words in rows:
        folded = textwrap.wrap(words, width - column, break_long_words=False, break_on_hyphens=False)
        first = f"  {name}"
        if len(first) >= column:
            yield first
            first = ""
        for line in folded:
            yield f"{first:<{column}}{line}"
            first = ""


_ABOUT = (
    *("--forwarder", "--connect", "--disconnect", "--bind", "--uplink"),
    *("--advertise", "--base", "--authority", "--tls", "--look"),
)


_REPORT = ("--report", "--compare", "--export")
_VERDICT = ("--gate", "--known", "--deviations", "--requirements")


def run_help() -> str:
    """What `uplab run --help` prints, for the width of this window."""
    width = max(60, min(shutil.get_terminal_size().columns, 110))
    table = [(f"{name} {metavar}", f"{text} [{variable}]") for name, variable, metavar, text in TABLE]
    forwarder, verdict, report = (
        [row for row in table if row[0].startswith(names)] for names in (_ABOUT, _VERDICT, _REPORT)
    )
    run = [row for row in table if row not in (*forwarder, *verdict, *report)]
    lines = [
        "Usage: uplab run [OPTIONS] [SCENARIO ...] [pytest's own arguments]",
        "",
        "Runs the scenario suites against a forwarder and the fakes, prints the verdicts and writes the report.",
        "A scenario is named as pytest names it, http/test_did_it_work.py::test_..., a folder by its name: http.",
        "What stands in [brackets] gives the same option by environment.",
        *_rows("What is run", [*_OURS[:5], *run], width),
        *_rows("The forwarder under test", forwarder, width),
        *_rows("The verdict", [*_OURS[5:], *verdict], width),
        *_rows("The report", report, width),
        *_rows("Useful arguments of pytest", _PYTESTS, width),
        *_rows("Exit codes", [(str(code), meaning) for code, meaning in MEANINGS.items()], width),
    ]
    return "\n".join(lines)
