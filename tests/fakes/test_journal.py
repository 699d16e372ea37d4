import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.journal import Entry, Journal, ignore, next_exchange


def test_exchange_numbers_never_repeat_across_threads() -> None:
    taken: list[int] = []
    threads = [threading.Thread(target=lambda: taken.extend(next_exchange() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(taken)) == 2000


def test_ignored_hop_leaves_no_trace() -> None:
    facts = {"raw": b"x"}

    ignore("destination.arrived", facts)

    assert facts == {"raw": b"x"}


def test_entries_come_in_order_and_by_hop() -> None:
    journal = Journal()
    journal("a", {"n": 1})
    journal("b", {"n": 2})
    journal("a", {"n": 3})

    assert journal.entries() == [Entry("a", {"n": 1}), Entry("b", {"n": 2}), Entry("a", {"n": 3})]
    assert journal.facts("a") == [{"n": 1}, {"n": 3}]


@given(capacity=st.integers(1, 20), count=st.integers(0, 60))
def test_kept_and_dropped_always_add_up(capacity: int, count: int) -> None:
    journal = Journal(capacity)
    for n in range(count):
        journal("a", {"n": n})

    kept = [facts["n"] for facts in journal.facts("a")]
    assert kept == list(range(count))[-capacity:]
    assert (journal.total, journal.dropped) == (count, count - len(kept))


def test_clearing_forgets_the_counts_too() -> None:
    journal = Journal(1)
    journal("a", {})
    journal("a", {})

    journal.clear()

    assert (journal.total, journal.dropped, journal.entries()) == (0, 0, [])


def test_waiting_ends_when_another_thread_reports() -> None:
    journal = Journal()

    def report() -> None:
        for n in range(3):
            journal("a", {"n": n})

    reporter = threading.Thread(target=report)
    reporter.start()

    assert journal.wait_for("a", 3) == [{"n": 0}, {"n": 1}, {"n": 2}]
    reporter.join()


def test_missed_deadline_says_what_did_arrive() -> None:
    journal = Journal(2)
    for hop in ("first", "b", "c"):
        journal(hop, {})

    with pytest.raises(TimeoutError, match=r"^expected 2 x c in 0.01 s, got 1; what did arrive: b, c; 1 earlier "):
        journal.wait_for("c", 2, timeout_s=0.01)


def test_journal_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity must be 1 or more, not 0"):
        Journal(0)
