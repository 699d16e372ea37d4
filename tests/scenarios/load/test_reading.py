import json
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.load.files import Writer
from uplab.scenarios.load.reading import SETUP, StoredLoadError, stored

SECOND = 1_000_000


def posts(folder: Path, numbers: range, stream: str = "ledger-1", ended: str | None = "over") -> None:
    writer = Writer(folder, stream)
    for number in numbers:
        writer.write(["A", "u", number, number * 1_000, "d", number * SECOND, number * SECOND + 100, "accepted"])
    if ended:
        writer.close(ended)
    else:
        writer.flush()
        writer._file.close()


def arrivals(folder: Path, numbers: list[int], stream: str = "arrivals-http") -> None:
    writer = Writer(folder, stream)
    for number in numbers:
        at_us = number * SECOND + 5_000
        writer.write([0, "A", "u", number, number * 1_000, "d", at_us, at_us + 10, True, False, number])
    writer.close("over")


def setup(folder: Path, **changes: Any) -> None:
    told = {
        "places": [["http-1", "http"], ["http, elsewhere", "http"]],
        "bindings": {"A": [0]},
        "late_after_s": 30.0,
        "ordered": True,
        "begins_us": 0,
        **changes,
    }
    (folder / SETUP).write_text(json.dumps(told))


def broken(*folders: Path) -> dict[str, int]:
    _, judge, reading = stored(folders)
    judge.finish(complete=reading.complete)
    return {kind: count for kind, count in judge.whole.broken.items() if count}


def test_what_is_stored_is_judged_as_it_was(tmp_path: Path) -> None:
    setup(tmp_path)
    posts(tmp_path, range(100))
    arrivals(tmp_path, [number for number in range(100) if number != 41])

    assert broken(tmp_path) == {"lost": 1}


def test_ledgers_and_arrivals_may_lie_in_several_folders(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    setup(folders[0])
    posts(folders[0], range(50), "ledger-1")
    posts(folders[1], range(50, 100), "ledger-2")
    arrivals(folders[2], list(range(100)))

    assert broken(*folders) == {}


def test_clocks_of_other_machines_change_no_verdict(tmp_path: Path) -> None:
    setup(tmp_path)
    posts(tmp_path, range(100))
    arrivals(tmp_path, list(range(100)))
    path = tmp_path / "arrivals-http.0001.ndjson"
    header, *lines = path.read_bytes().splitlines()
    elsewhere = {**json.loads(header), "boot": "other", "monotonic_us": 7}
    path.write_bytes(b"\n".join([json.dumps(elsewhere).encode(), *lines, b""]))

    _, judge, reading = stored([tmp_path])
    judge.finish(complete=reading.complete)

    assert reading.apart
    assert not any(judge.whole.broken.values())
    assert judge.whole.delivered == 100


def test_a_ledger_that_breaks_off_accuses_nobody(tmp_path: Path) -> None:
    setup(tmp_path)
    posts(tmp_path, range(10), ended=None)
    arrivals(tmp_path, list(range(12)))

    _, judge, reading = stored([tmp_path])
    judge.finish(complete=reading.complete)

    assert not reading.complete
    assert (judge.unknown, judge.whole.broken["invented"]) == (2, 0)


def test_a_ledger_that_is_not_there_accuses_nobody(tmp_path: Path) -> None:
    """The folder of one of two machines was left away."""
    setup(tmp_path, senders=2)
    posts(tmp_path, range(0, 10, 2))
    arrivals(tmp_path, list(range(10)))

    _, judge, reading = stored([tmp_path])
    judge.finish(complete=reading.complete)

    assert not reading.complete
    assert (judge.unknown, judge.whole.broken["invented"]) == (5, 0)


def test_an_end_of_the_forwarder_is_told(tmp_path: Path) -> None:
    setup(tmp_path)
    posts(tmp_path, range(3))
    arrivals(tmp_path, [0, 1, 1, 2])
    events = Writer(tmp_path, "events")
    events.write(["ended", SECOND + 5_005])
    events.close("over")

    assert broken(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "[1]", '{"places": 7}'])
def test_what_is_no_load_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(StoredLoadError, match="no setup"):
        stored([tmp_path])
    (tmp_path / SETUP).write_text(text)
    with pytest.raises(StoredLoadError, match="no load that can be read") as complaint:
        stored([tmp_path])
    assert "\n" not in str(complaint.value)


def test_a_broken_line_is_said_in_one_line(tmp_path: Path) -> None:
    setup(tmp_path)
    (tmp_path / "ledger-1.0001.ndjson").write_bytes(b"[1, 2\n")

    with pytest.raises(StoredLoadError, match="no load that can be read"):
        stored([tmp_path])
