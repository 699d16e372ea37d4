import ast
import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from uplab.reports.figures.coverage import Arrived, Met
from uplab.reports.findings import find
from uplab.reports.headline import worst_first
from uplab.reports.run import Run, Unreached
from uplab.reports.terminal import render
from uplab.reports.text import SIGNS


def _printed(run: Run, *, width: int = 80, colour: bool = False, encoding: str = "utf-8", **shown: bool) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    # legacy_windows and the environment's own wishes must not decide a test.
    console = Console(
        file=file, width=width, force_terminal=colour, legacy_windows=False, _environ={"TERM": "xterm-256color"}
    )
    render(find(run), console=console, **shown)
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.fixture
def few(run: Run) -> Run:
    """The run with three that went wrong: they are told in full."""
    troubled = worst_first(run)
    return replace(run, scenarios=tuple(one for one in run.scenarios if one not in troubled[2:-1]))


def test_each_scenario_has_a_line_on_demand(run: Run) -> None:
    lines = _printed(run, width=120, every=True).splitlines()

    assert any(line.startswith("http ") and "✓ passed" in line and line.endswith("0.21") for line in lines)
    assert any("accepted uplinks survive kill and restart" in line and "✕ failed" in line for line in lines)
    assert any("expired session is renewed" in line and f"{SIGNS['not applicable']} n/a" in line for line in lines)


def test_parts_come_in_the_readers_order(few: Run) -> None:
    text = _printed(few)
    parts = [
        "suite ",
        "not applicable",
        "\nrequirements",
        "  gap: ",
        "\n✕ failed  configured headers",
        "\n? unknown  ",
        "✕ FAILED  2 of ",
        "  repeat ",
        "report.html",
    ]

    found = -1
    for words in parts:
        found = text.index(words, found + 1)


def test_failure_tells_promise_and_what_happened(run: Run) -> None:
    text = _printed(run, width=200, every=True)

    assert "check     none lost (COM-18), failed, 3 examined" in text
    assert "promised  each uplink that the forwarder accepted" in text
    assert "happened  1 of 3 accepted uplinks lost: u2" in text
    assert "diverged  at the forwarder (u2)" in text
    assert "to try    read the forwarder's log" in text


def test_not_applicable_is_listed_with_its_reason(few: Run) -> None:
    assert f"{SIGNS['not applicable']} not applicable 1 scenario: the forwarder runs elsewhere" in _printed(few)


def test_undeclared_features_are_grouped_into_one_entry(run: Run) -> None:
    undeclared = [["metrics", "events"], ["events"], ["events", "metrics", "events"], ["metrics"], ["events"]]
    reasons = [f"the profile mine does not declare {', '.join(features)}" for features in undeclared]
    reasons[2:2] = ["the profile names no connection_limit and does not declare limit", "needs a POSIX system"]
    skipped = replace(run.of("not applicable")[0])
    many = replace(run, scenarios=tuple(replace(skipped, id=f"a.py::{n}", reason=r) for n, r in enumerate(reasons)))

    sign = f"{SIGNS['not applicable']} not applicable"
    text = " ".join(_printed(many).split())

    told = "the profile mine does not declare: events (2 scenarios), metrics (1), events + metrics (2)"
    assert f"{sign} 5 scenarios: {told} {sign} 1 scenario: the profile names no connection_limit and" in text
    assert f"does not declare limit {sign} 1 scenario: needs a POSIX system" in text


def test_one_undeclared_set_is_told_as_it_is(run: Run) -> None:
    skipped = replace(run.of("not applicable")[0], reason="the profile mine does not declare states, options, states")

    text = _printed(replace(run, scenarios=(skipped,)), width=120)

    assert "not applicable 1 scenario: the profile mine does not declare options, states\n" in text


def test_profile_of_few_features_leaves_few_lines(run: Run) -> None:
    names = ["events", "metrics", "pages", "states", "options", "alarms", "durable", "clock", "limit", "downlinks"]
    sets = [names[n : n + size] for size in (1, 2, 3, 4, 5) for n in range(10 - size)]
    skipped = run.of("not applicable")[0]
    reasons = [f"the profile mine does not declare {', '.join(features)}" for features in sets]
    many = replace(run, scenarios=tuple(replace(skipped, id=f"a.py::{n}", reason=r) for n, r in enumerate(reasons)))

    lines = _printed(many).splitlines()
    begin = next(n for n, line in enumerate(lines) if "not applicable 35 scenarios: the profile mine" in line)

    assert lines.index("", begin) - begin <= 16


def test_requirements_are_counted_and_gaps_named(run: Run) -> None:
    lines = _printed(run, every=True).splitlines()

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


def test_each_suite_has_one_line_with_its_counts(few: Run) -> None:
    lines = [line.split() for line in _printed(few).splitlines()]

    assert ["suite", "passed", "failed", "unknown", "n/a", "seconds"] in lines
    for suite, scenarios in few.suites().items():
        counts = [sum(one.outcome == o for one in scenarios) for o in ("passed", "failed", "unknown", "not applicable")]
        assert any(line[1:6] == [suite, *map(str, counts)] for line in lines), suite
    assert "bin shows exactly" not in _printed(few), "what passed is not named"


def test_few_scenarios_are_named(few: Run) -> None:
    few = replace(few, scenarios=few.scenarios[:20])

    assert few.scenarios[0].title in _printed(few, width=120)
    assert "not reached" not in _printed(few)


def test_brief_output_is_what_went_wrong_and_the_end(run: Run) -> None:
    lines = [line for line in _printed(run, brief=True).splitlines() if line.strip()]

    assert lines[0].startswith("✕ failed  ")
    assert not [line for line in lines if line.startswith(("suite", "requirements"))]
    assert [line.split()[0] for line in lines[-2:]] == ["report", "first"]


def _red_night(run: Run) -> Run:
    """Twenty failures of three causes, in names and values of their own."""
    lost = run.of("failed")[0]
    kinds = [
        ("none lost", "1 of {n} accepted uplinks lost at posthere /{n}: u{n} never arrived", "forwarder"),
        ("awaited", "after {n} s: []", None),
        ("unaltered", "u{n}: payload.temperature is {n}.5, not 21.5", "destination.arrived"),
    ]
    red = []
    for number in range(20):
        check, happened, hop = kinds[0 if number < 11 else 1 + number % 2]
        verdict = replace(
            lost.complaints[0], check=check, happened=happened.format(n=number), hop=hop, advice="read the log", ids=()
        )
        red.append(replace(lost, id=f"a.py::{number}", title=f"claim {number}.", verdicts=(verdict,)))
    return replace(run, scenarios=(*run.of("passed"), *red, *run.of("not applicable")))


def test_a_red_night_of_three_causes_fits_a_screen(run: Run) -> None:
    text = _printed(_red_night(run))
    lines = text.splitlines()

    assert len(lines) <= 40
    assert text.count("  promised  ") == 3
    assert "none lost at the forwarder: 11 scenarios" in text
    assert "of 3 causes; in " in text
    assert [n for n in range(2) if f"claim {n}." not in text] == []
    assert "and 9 more, which the report names, and -v" in text
    assert lines[-1].startswith("  first     ")
    assert lines[-1].split()[1] in next(line for line in lines if "none lost at the forwarder" in line)
    assert _printed(_red_night(run), every=True).count("  promised  ") == 20


def test_many_causes_have_a_line_each(run: Run) -> None:
    broken = run.of("failed")[0]
    words = [
        f"the answer was {word}"
        for word in ("red", "blue", "green", "white", "black", "grey", "pink", "cyan", "lime", "gold")
    ]
    red = [
        replace(
            broken, id=f"a.py::{n}", title=f"claim {n}.", verdicts=(replace(broken.complaints[0], happened=happened),)
        )
        for n, happened in enumerate(words)
    ]

    text = _printed(replace(run, scenarios=tuple(red)), width=120)

    assert (text.count("  promised  "), text.count("  happened  ")) == (0, 6)
    assert len(text.splitlines()) <= 40
    assert len([line for line in text.splitlines() if line.endswith(": 1 scenario")]) == 10


def test_what_broke_off_without_a_check_is_a_cause_by_its_message(run: Run) -> None:
    broken = replace(run.of("failed")[0], verdicts=(), reason=None)
    red = [replace(broken, id=f"a.py::{n}", message=f"KeyError: 'u{n}'\n at line {n}") for n in range(5)]

    text = _printed(replace(run, scenarios=tuple(red)), width=120)

    assert "  happened  KeyError: 'u0'\n" in text
    assert "no check: 5 scenarios" in text


def test_what_was_not_reached_is_no_gap(few: Run) -> None:
    later = tuple(Unreached(f"x.py::{n}", f"{n}", "later", ("WGX-03",)) for n in range(5))

    text = _printed(replace(few, unreached=later, exit_code=2))
    lines = [line.split() for line in text.splitlines()]

    assert ["suite", "passed", "failed", "unknown", "n/a", "not", "reached", "seconds"] in lines
    assert ["…", "later", "0", "0", "0", "0", "5", "0.0"] in lines
    assert any(line[:1] == ["together"] and "1" in line[3:5] for line in lines)
    assert "  gap: " in text
    assert "2 not applicable, 5 not reached; in " in text


def test_what_is_left_on_the_forwarder_is_told_in_few_lines_and_as_text(run: Run) -> None:
    left = tuple(f"connection {n} (\x1b[2J): DELETE was answered 500" for n in range(25))
    first, *others = run.scenarios
    words = " ".join(_printed(replace(run, scenarios=(replace(first, left=left), *others))).split())

    assert "Left on the forwarder: 25 things that scenarios made and could not remove:" in words
    assert words.count("DELETE was answered 500; made in http: ") == 10
    assert "and 15 more, which the report lists" in words
    assert "(\\x1b[2J)" in words
    assert "Left on the forwarder" not in _printed(run)


def test_end_says_how_far_the_run_has_looked_in_a_line_each(run: Run) -> None:
    looked = replace(
        run,
        arrived=(Arrived("posthere", "header", ("x-trace",), {"x-trace": 12}),),
        conditions=(Met("late", "uplink", "field", 3, 3),),
    )

    text = _printed(looked, width=120)

    assert "1 of 1 condition met and judged" in text
    assert "1 name arrived that no check reads: x-trace (posthere header, 12)" in text
    assert "no check reads" not in _printed(run, width=120)


def test_names_are_no_markup() -> None:
    """Each console of ours says so: a version `[/x]` would end the command otherwise, and `:bug:` become a picture."""
    root = Path(__file__).parents[2]
    calls = [
        (path.name, node)
        for house in ("reports", "scenarios")
        for path in (root / house).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Console"
    ]
    assert len(calls) > 5
    for name, call in calls:
        given = {one.arg: ast.unparse(one.value) for one in call.keywords}
        assert (given.get("markup"), given.get("emoji")) == ("False", "False"), name
