from pathlib import Path

import orjson
import pytest

from uplab.scenarios.load.files import Tail, Writer, streams


def test_what_is_written_is_read_once_and_in_order(tmp_path: Path) -> None:
    writer, tail = Writer(tmp_path, "ledger-1"), Tail(tmp_path, "ledger-1")
    read: list[list[int]] = []
    for number in range(100):
        writer.write([number])
        if number % 7 == 0:
            writer.flush()
            read += tail.read()
    writer.close("over")

    assert [tail.ended] == [None]
    read += tail.read()
    assert read == [[number] for number in range(100)]
    assert tail.ended == "over"
    assert list(tail.read()) == []


def test_segments_follow_one_another(tmp_path: Path) -> None:
    writer, tail = Writer(tmp_path, "arrivals", most_bytes=500), Tail(tmp_path, "arrivals")
    read = []
    for number in range(200):
        writer.write([number, "x" * 20])
        writer.flush()
        if number % 50 == 20:
            read += list(tail.read())
    writer.close("over")
    read += list(tail.read())

    assert [one[0] for one in read] == list(range(200))
    assert len(list(tmp_path.iterdir())) > 5
    assert streams(tmp_path) == ["arrivals"]


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    path = tmp_path / "ledger.0001.ndjson"
    path.write_bytes(b"[1]\n[2")
    tail = Tail(tmp_path, "ledger")

    assert list(tail.read()) == [[1]]
    with path.open("ab") as file:
        file.write(b"3]\n")
    assert list(tail.read()) == [[23]]


def test_a_little_at_a_time_is_all_in_the_end(tmp_path: Path) -> None:
    writer = Writer(tmp_path, "ledger")
    for number in range(500):
        writer.write([number])
    writer.close("stopped")
    tail = Tail(tmp_path, "ledger")

    read = [line for _ in range(200) for line in tail.read(64)]

    assert read == [[number] for number in range(500)]
    assert tail.ended == "stopped"


def test_a_stream_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert list(Tail(tmp_path, "none").read()) == []


def test_times_of_another_machine_are_turned_by_the_wall_clocks(tmp_path: Path) -> None:
    Writer(tmp_path, "here").close("over")
    header = orjson.loads((tmp_path / "here.0001.ndjson").read_bytes().splitlines()[0])
    other = {**header, "boot": "elsewhere", "monotonic_us": header["monotonic_us"] + 5_000_000}
    (tmp_path / "there.0001.ndjson").write_bytes(orjson.dumps(other) + b"\n")
    here, there = Tail(tmp_path, "here"), Tail(tmp_path, "there")
    assert list(here.read()) == list(there.read()) == []

    assert (here.apart, here.offset_us) == (False, 0)
    assert there.apart
    assert there.offset_us == pytest.approx(-5_000_000, abs=1_000)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.0001.ndjson").write_bytes(b'{"format": 2}\n')

    with pytest.raises(ValueError, match=r"ledger\.0001\.ndjson: format 2"):
        list(Tail(tmp_path, "ledger").read())
