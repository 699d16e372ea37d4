"""The history: in order of time whatever the order of arrival, bounded, and honest about what it lost."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.widgelix.history import History, Message, Scalar

START = datetime(2026, 1, 1, tzinfo=UTC)


def message(minute: int, sequence: int = 1, value: Scalar | None = 20.0) -> Message:
    return Message(START + timedelta(minutes=minute), sequence, START, 1, 5, "", ("temperature",), (value,))


def test_messages_stand_in_order_of_their_time() -> None:
    history = History(10)

    for sequence, minute in enumerate([2, 0, 1]):
        history.add(message(minute, sequence))

    assert [kept.time.minute for kept in history.between()] == [0, 1, 2]


def test_older_message_does_not_replace_the_last_value() -> None:
    history = History(10)
    history.add(message(2, 1, 22.0))

    history.add(message(1, 2, 21.0))

    assert history.last["temperature"].value == 22.0


def test_missing_value_does_not_replace_the_last_one() -> None:
    history = History(10)
    history.add(message(1, 1, 21.0))

    history.add(message(2, 2, None))

    assert history.last["temperature"].time.minute == 1


def test_repeat_is_kept_and_visible() -> None:
    history = History(10)

    history.add(message(1, 1))
    history.add(message(1, 2))

    assert [kept.sequence for kept in history.between()] == [1, 2]


def test_full_history_loses_the_oldest_and_counts_it() -> None:
    history = History(2)

    for sequence, minute in enumerate([3, 1, 2, 0]):
        history.add(message(minute, sequence))

    assert [kept.time.minute for kept in history.between()] == [2, 3]
    assert history.dropped == 2


def test_range_includes_both_its_ends() -> None:
    history = History(10)
    for minute in range(5):
        history.add(message(minute, minute))

    chosen = history.between(START + timedelta(minutes=1), START + timedelta(minutes=3))

    assert [kept.time.minute for kept in chosen] == [1, 2, 3]


def test_newest_come_first() -> None:
    history = History(10)
    for minute in range(3):
        history.add(message(minute, minute))

    assert [kept.time.minute for kept in history.newest(slice(2))] == [2, 1]
    assert history.newest(slice(0)) == []
    assert len(history.newest(slice(99))) == 3
    assert [kept.time.minute for kept in history.newest(slice(1, 3))] == [1, 0]
    assert history.newest(slice(3, 5)) == []


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 20))
def test_any_arrival_order_keeps_the_newest(minutes: list[int], limit: int) -> None:
    history = History(limit)

    for sequence, minute in enumerate(minutes):
        history.add(message(minute, sequence))

    wanted = sorted((minute, sequence) for sequence, minute in enumerate(minutes))[-limit:]
    kept = [((kept.time - START) // timedelta(minutes=1), kept.sequence) for kept in history.between()]
    assert kept == wanted
    assert history.dropped == max(0, len(minutes) - limit)
