"""Earlier runs for the terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from uplab.reports.past.entries import Entry
from uplab.reports.past.listing import render


def _entry(day: int, *, code: int = 0, **causes: tuple[str, ...]) -> Entry:
    bad = frozenset(id_ for ids in causes.values() for id_ in ids)
    started = f"2026-11-{day:02d}T03:00:00+00:00"
    return Entry(f"n{day}", started, "mine", f"1.{day}", day != 3, code, 61.0, frozenset({"a", "b"}), bad, dict(causes))


def _printed(*entries: Entry, runs: int = 20, width: int = 110) -> str:
    file = io.StringIO()
    render(entries, console=Console(file=file, width=width, _environ={}), runs=runs)
    return file.getvalue()


def test_each_run_has_a_line_and_each_cause_says_since_when() -> None:
    text = _printed(
        _entry(1), _entry(2, code=1, c0ffee=("a.py::x", "a.py::y")), _entry(3, code=10, c0ffee=("a.py::x",))
    )
    lines = text.splitlines()

    assert [line.split()[0] for line in lines[2:5]] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert "passed" in lines[2]
    assert "failed" in lines[3]
    assert "unknown (part)" in lines[4]
    assert lines[-1] == "c0ffee  2 of 3 runs, from 2026-11-02 to 2026-11-03: a.py::x"


def test_only_the_last_are_shown() -> None:
    text = _printed(*(_entry(day) for day in range(1, 8)), runs=2)

    assert "2026-11-05" not in text
    assert "5 earlier runs: --runs N shows more" in text


def test_text_of_strangers_moves_no_cursor() -> None:
    assert "\x1b" not in _printed(_entry(2, code=1, c0ffee=("a.py::\x1b[2J",)))


@pytest.mark.parametrize("others", [(), ("a forwarder with a longer name",)])
def test_each_run_has_one_line_in_a_narrow_window(others: tuple[str, ...]) -> None:
    runs = [_entry(1), _entry(2, code=1, c0ffee=("a.py::x",)), _entry(3)]
    runs += [replace(_entry(4), forwarder=name, carried_ms=(9.9, 21.2)) for name in others]

    lines = _printed(*runs, width=80).splitlines()

    assert [line[:16] for line in lines if line.startswith("2026-11-0")] == [
        f"2026-11-0{day} 03:00" for day in range(1, len(runs) + 1)
    ]
    assert max(map(len, lines)) <= 80
