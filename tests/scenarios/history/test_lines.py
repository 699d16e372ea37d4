from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import orjson
import pytest

from uplab.scenarios.history import lines as module
from uplab.scenarios.history import unwritten
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.lines import Events, Lines


def event(seq: int) -> Event:
    return Event(seq, float(seq), "w", "api.asked", (f"u{seq}",), {"method": "GET", "path": "/"}, b"\xff" * (seq % 5))


def told(lines: Lines, count: int) -> list[Event]:
    """So many events, told."""
    events = [event(seq) for seq in range(1, count + 1)]
    for one in events:
        facts = orjson.dumps(one.facts)
        lines.append((one.seq, one.monotonic_s, one.wall, one.hop, one.ids, facts, one.raw, one.doubt))
    return events


@pytest.fixture(params=["memory", "file"])
def lines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lines]:
    made = Lines(tmp_path / "h" / "one.jsonl" if request.param == "file" else None)
    yield made
    made.close()


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 200])
def test_what_was_told_is_seen_in_its_order(lines: Lines, count: int) -> None:
    events = told(lines, count)

    assert len(lines) == count
    assert lines.view() == events
    assert list(lines.view(40)) == events[40:]


def test_view_has_nothing_of_what_comes_later(lines: Lines) -> None:
    events = told(lines, 3)
    view = lines.view()
    told(lines, 100)

    assert (len(view), list(view)) == (3, events)


def test_view_is_a_sequence(lines: Lines) -> None:
    events = told(lines, 100)
    view = lines.view()

    assert (view[0], view[-1], view[70]) == (events[0], events[-1], events[70])
    assert list(view[10:20]) == events[10:20]
    assert list(view[::-7]) == events[::-7]
    assert events[5] in view
    assert view != events[1:]
    with pytest.raises(IndexError):
        view[100]


def test_what_was_told_can_be_read_after_the_end(lines: Lines) -> None:
    events = told(lines, 10)
    view = lines.view()
    lines.close()

    assert view == events
    assert lines.view() == events


def test_file_holds_every_line_when_it_is_closed(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "one.jsonl")
    events = told(lines, 70)
    lines.close()

    assert (tmp_path / "one.jsonl").read_bytes() == b"".join(one.line() for one in events)


def test_lines_without_a_file_are_dropped_where_that_is_asked() -> None:
    lines = Lines(keep=10)
    events = told(lines, 105)

    assert len(lines) == 105
    assert 10 <= len(lines.view()) < 20
    assert list(lines.view(103)) == events[103:]


def test_events_say_what_they_are() -> None:
    assert repr(Events([event(1).line()])) == f"Events([{event(1)!r}])"
    assert Events([]) != 3


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A disk on which so many bytes more have room; a part of what is too much is written."""
    left, write = [1_000_000], module._write_all

    def until_full(file: FileIO, data: bytes) -> None:
        write(file, data[: left[0]])
        left[0] -= len(data)
        if left[0] < 0:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write_all", until_full)
    unwritten.forget()
    yield left
    unwritten.forget()


def test_history_goes_on_in_memory_where_the_disk_is_full(tmp_path: Path, full: list[int]) -> None:
    path = tmp_path / "one.jsonl"
    lines = Lines(path)
    before = told(lines, 70)
    assert lines.view() == before
    written = path.read_bytes()
    full[0] = 100
    after = told(lines, 150)

    assert lines.view() == before + after
    assert len(lines) == 220
    lines.close()
    assert lines.view(200) == after[130:]
    assert path.read_bytes() == written, "no half line stays"
    assert unwritten.said() == f"{path}: No space left on device"


def test_history_that_cannot_begin_stays_in_memory(tmp_path: Path, full: list[int]) -> None:
    (tmp_path / "file").write_text("")
    lines = Lines(tmp_path / "file" / "one.jsonl")
    events = told(lines, 3)
    assert lines.view() == events
    assert str(tmp_path / "file" / "one.jsonl") in (unwritten.said() or "")
