import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from reports.run import Run
from reports.terminal import render
from reports.text import SIGNS


def _printed(run: Run, *, width: int = 80, colour: bool = False, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    # legacy_windows and the environment's own wishes must not decide a test.
    console = Console(
        file=file, width=width, force_terminal=colour, legacy_windows=False, _environ={"TERM": "xterm-256color"}
    )
    render(run, console=console)
    file.flush()
    return raw.getvalue().decode(encoding)


def test_each_scenario_has_a_line_with_verdict_and_seconds(run: Run) -> None:
    lines = _printed(run, width=120).splitlines()

    assert any(line.startswith("http ") and "✓ passed" in line and line.endswith("0.21") for line in lines)
    assert any("accepted uplinks survive kill and restart" in line and "✕ failed" in line for line in lines)
    assert any("expired session is renewed" in line and f"{SIGNS['not applicable']} n/a" in line for line in lines)


def test_parts_come_in_the_readers_order(run: Run) -> None:
    text = _printed(run)
    parts = [
        "suite ",
        "\n✕ failed  configured headers",
        "\n? unknown  certificate",
        "not applicable",
        "\nrequirements",
        "  gap: ",
        "✕ FAILED  4 of 30",
        "  repeat ",
        "report.html",
    ]

    found = -1
    for words in parts:
        found = text.index(words, found + 1)


def test_failure_tells_promise_and_what_happened(run: Run) -> None:
    text = _printed(run, width=200)

    assert "check     none lost (COM-18), failed, 3 examined" in text
    assert "promised  each uplink that the forwarder accepted" in text
    assert "happened  1 of 3 accepted uplinks lost: u2" in text
    assert "diverged  at the forwarder (u2)" in text
    assert "to try    read the forwarder's log" in text


def test_not_applicable_is_listed_with_its_reason(run: Run) -> None:
    assert f"{SIGNS['not applicable']} not applicable 1 scenario: the forwarder runs elsewhere" in _printed(run)


def test_requirements_are_counted_and_gaps_named(run: Run) -> None:
    lines = _printed(run).splitlines()

    assert any(line.split() == ["together", "4", "4", "2", "23", "2", "35"] for line in lines)
    assert "  gap: WGX-03 COM-12" in [line.rstrip() for line in lines]
    assert "  in no catalogue: HTTP-99" in [line.rstrip() for line in lines]


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_the_window(run: Run, width: int) -> None:
    wide = [line for line in _printed(run, width=width).splitlines() if cell_len(line) > width]

    assert all(line.lstrip().startswith(("repeat", "report")) for line in wide)


def test_file_gets_plain_text(run: Run) -> None:
    assert "\x1b" not in _printed(run)


def test_terminal_gets_colour_and_the_same_words(run: Run) -> None:
    coloured = _printed(run, colour=True)

    assert "\x1b[" in coloured
    assert "✕ failed" in coloured


def test_ascii_terminal_gets_ascii_signs(run: Run) -> None:
    text = _printed(replace(run, scenarios=run.scenarios[:9]), encoding="ascii")

    assert "+ passed" in text
    assert "x failed" in text


def test_hostile_text_moves_no_cursor_and_makes_no_markup(run: Run) -> None:
    hostile = replace(
        run.scenarios[0], title="[bold red]x[/] \x1b[2J", outcome="failed", message="[/nothing]\x07", verdicts=()
    )

    text = _printed(replace(run, scenarios=(hostile,)), width=120)

    assert text.count("[bold red]x[/] \\x1b[2J") == 2, "in the table and above the failure"
    assert "[/nothing]\\x07" in text


def test_empty_run_says_that_nothing_ran(run: Run) -> None:
    assert "? NOTHING RAN" in _printed(replace(run, scenarios=(), requirements=(), exit_code=5))


def test_gate_stands_under_the_verdict(run: Run) -> None:
    assert "4 of 30 scenarios failed\n  gate: too little\n" in _printed(replace(run, gate=("gate: too little",)))
