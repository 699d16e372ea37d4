from __future__ import annotations

import pytest

from uplab.simulator.network.downlink_queue import MAX_QUEUED, Downlink, DownlinkQueue, Queued, Rejected

FIRST = Downlink(5, b"\x01")
SECOND = Downlink(5, b"\x02")
ROOM = {"RX1": 242, "RX2": 51}


def make_queue(*downlinks: Downlink) -> DownlinkQueue:
    queue = DownlinkQueue()
    for downlink in downlinks:
        assert isinstance(queue.put(downlink), Queued)
    return queue


def test_first_in_is_first_out() -> None:
    queue = make_queue(FIRST, SECOND)

    assert queue.take(room=ROOM, now=0.0) == ([], FIRST, "RX1", True)
    assert queue.take(room=ROOM, now=0.0) == ([], SECOND, "RX1", False)
    assert queue.take(room=ROOM, now=0.0) == ([], None, "", False)


def test_flushing_removes_what_waited() -> None:
    queue = make_queue(FIRST)

    assert queue.put(SECOND, flush=True) == Queued(1)
    assert queue.take(room=ROOM, now=0.0).downlink == SECOND


def test_flushing_alone_leaves_nothing() -> None:
    queue = make_queue(FIRST, SECOND)

    assert queue.flush() == Queued(0)
    assert not queue.waiting


def test_expired_downlinks_are_dropped_with_the_cause() -> None:
    brief = Downlink(5, b"\x01", valid_until_s=10.0)
    queue = make_queue(brief, SECOND)

    assert queue.take(room=ROOM, now=10.1) == ([(brief, "validity time expired")], SECOND, "RX1", False)


def test_a_downlink_is_valid_until_the_end_of_its_time() -> None:
    brief = Downlink(5, b"\x01", valid_until_s=10.0)

    assert make_queue(brief).take(room=ROOM, now=10.0).downlink == brief


def test_what_does_not_fit_the_first_window_takes_the_second() -> None:
    long = Downlink(5, bytes(60))

    taken = make_queue(long).take(room={"RX1": 51, "RX2": 115}, now=0.0)

    assert (taken.downlink, taken.window) == (long, "RX2")


def test_what_fits_no_window_is_dropped_with_the_cause() -> None:
    long = Downlink(5, bytes(60))

    taken = make_queue(long, FIRST).take(room={"RX1": 51, "RX2": 51}, now=0.0)

    assert taken.dropped == [(long, "payload too long for the data rate: 60 bytes, at most 51")]
    assert taken.downlink == FIRST


def test_a_full_queue_refuses() -> None:
    queue = make_queue(*[FIRST] * MAX_QUEUED)

    assert queue.put(SECOND) == Rejected("downlink queue is full: 128 are waiting")
    assert queue.put(SECOND, flush=True) == Queued(1)


@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_counts_what_waits(count: int) -> None:
    queue = make_queue(*[FIRST] * (count - 1))

    assert queue.put(SECOND) == Queued(count)
