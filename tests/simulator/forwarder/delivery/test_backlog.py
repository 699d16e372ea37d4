import random
from dataclasses import replace

import pytest

from tests.simulator.forwarder.making import DEV_EUI, OTHER_EUI, uplink
from uplab.simulator.forwarder.delivery.backlog import WINDOW_BYTES, Backlog, Gap, Uplink


def drained(backlog: Backlog, stored: list[Uplink]) -> list[int]:
    """Take everything out, reading gaps from a list that plays the disk."""
    order: list[int] = []
    while True:
        while (taken := backlog.take()) is not None:
            order.append(taken.seq)
            backlog.settle(taken)
        gap = backlog.gap()
        if gap is None:
            return order
        rows = [u for u in stored if gap.after < u.seq <= gap.up_to][: gap.limit]
        backlog.fetched(gap, rows, complete=len(rows) < gap.limit)


def test_oldest_message_of_an_idle_device_comes_first() -> None:
    backlog = Backlog()
    for message in (uplink(1), uplink(2), uplink(3, OTHER_EUI)):
        backlog.accept(message)

    assert backlog.take() == uplink(1)
    assert backlog.take() == uplink(3, OTHER_EUI)
    assert backlog.take() is None
    backlog.settle(uplink(1))
    assert backlog.take() == uplink(2)


def test_message_given_back_is_taken_again_before_the_next_of_its_device() -> None:
    backlog = Backlog()
    backlog.accept(uplink(1))
    backlog.accept(uplink(2))
    taken = backlog.take()
    assert taken is not None

    backlog.give_back(taken)

    assert backlog.take() == uplink(1)


def test_window_is_bounded_by_number_and_refilled_in_order() -> None:
    backlog = Backlog(window=10)
    stored = [uplink(number, f"{number % 3:016X}") for number in range(1, 101)]
    for message in stored:
        backlog.accept(message)

    assert backlog.held == 10
    assert drained(backlog, stored) == list(range(1, 101))
    assert backlog.empty


def test_window_is_bounded_by_bytes() -> None:
    backlog = Backlog(window_bytes=100)
    big = [Uplink(number, DEV_EUI, None, None, 0.0, b"x" * 60) for number in range(1, 6)]
    for message in big:
        backlog.accept(message)

    assert backlog.held == 2
    assert drained(backlog, big) == [1, 2, 3, 4, 5]


def test_what_is_on_disk_at_the_start_is_read_before_what_comes_new() -> None:
    backlog = Backlog(highest=3)
    stored = [uplink(1), uplink(3), uplink(4)]  # 2 belongs to another connection
    backlog.accept(uplink(4))

    assert backlog.held == 0
    assert drained(backlog, stored) == [1, 3, 4]


def test_gap_is_no_larger_than_the_room_in_bytes() -> None:
    backlog = Backlog(highest=5, window_bytes=100)
    gap = backlog.gap()
    assert gap == Gap(0, 5, 512, 100)

    large = [replace(uplink(seq), body=b"x" * 30) for seq in (1, 2)]
    assert gap.all_in(large)
    assert not gap.all_in([*large, *large])
    backlog.fetched(gap, large, complete=False)
    assert backlog.gap() == Gap(2, 5, 510, 40)


def test_one_gap_is_read_at_a_time() -> None:
    backlog = Backlog(highest=3)

    assert backlog.gap() == Gap(0, 3, 512)
    assert backlog.gap() is None
    backlog.lost()
    assert backlog.gap() == Gap(0, 3, 512)


def test_message_that_came_during_a_read_is_read_next() -> None:
    backlog = Backlog(highest=1)
    gap = backlog.gap()
    assert gap is not None
    backlog.accept(uplink(2))
    backlog.fetched(gap, [uplink(1)], complete=True)

    assert backlog.gap() == Gap(1, 2, 511, WINDOW_BYTES - 2)


def test_empty_gap_ends() -> None:
    backlog = Backlog(highest=9)
    gap = backlog.gap()
    assert gap is not None
    backlog.fetched(gap, [], complete=True)

    assert backlog.empty
    assert backlog.gap() is None


def test_stubborn_message_goes_behind_other_devices() -> None:
    backlog = Backlog()
    backlog.accept(uplink(1))
    backlog.accept(uplink(2, OTHER_EUI))
    for _ in range(3):
        taken = backlog.take()
        assert taken == uplink(1)
        backlog.tried(uplink(1))
        backlog.give_back(uplink(1))

    assert backlog.take() == uplink(2, OTHER_EUI)
    assert backlog.take() == uplink(1)


def test_attempts_are_counted_until_the_message_is_settled() -> None:
    backlog = Backlog()
    backlog.accept(uplink(1))
    taken = backlog.take()
    assert taken is not None
    assert [backlog.tried(taken), backlog.tried(taken)] == [1, 2]
    backlog.settle(taken)

    assert backlog.attempts(taken) == 0


def read(stored: list[Uplink], gap: Gap) -> tuple[list[Uplink], bool]:
    """What the disk has of a gap, and whether that is all."""
    mine = [u for u in stored if gap.after < u.seq <= gap.up_to and gap.dev_eui in (None, u.dev_eui)]
    return mine[: gap.limit], len(mine) < gap.limit


def played(backlog: Backlog, stored: list[Uplink], refused: set[str], most: int = 10_000) -> list[Uplink]:
    """Take out what can be; messages of refused devices are given back. Ends when nothing new comes."""
    order: list[Uplink] = []
    for _ in range(most):
        if (gap := backlog.gap()) is not None:
            rows, complete = read(stored, gap)
            backlog.fetched(gap, rows, complete=complete)
        taken = backlog.take()
        if taken is None:
            break
        backlog.tried(taken)
        if taken.dev_eui in refused:
            backlog.give_back(taken)
        else:
            order.append(taken)
            stored.remove(taken)
            backlog.settle(taken)
    return order


@pytest.mark.parametrize("poisoned", [1, 3, 7])
def test_devices_that_are_always_refused_stop_themselves_only(poisoned: int) -> None:
    """With more behind it than the window holds, such a device would keep all others from ever being read."""
    backlog = Backlog(window=64)
    bad = {f"{number:016X}" for number in range(poisoned)}
    stored = [uplink(seq, sorted(bad)[seq % poisoned]) for seq in range(1, 400)]
    stored += [uplink(seq, f"{99 + seq % 5:016X}") for seq in range(400, 800)]
    for message in list(stored):
        backlog.accept(message)

    assert [u.seq for u in played(backlog, stored, bad)] == list(range(400, 800))
    assert backlog.held <= 64
    assert not backlog.empty

    assert sorted(u.seq for u in played(backlog, stored, set())) == list(range(1, 400))
    assert backlog.empty


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_refused_for_a_while_each_device_keeps_its_order_and_none_is_left(seed: int) -> None:
    chance = random.Random(seed)
    backlog = Backlog(window=chance.choice((4, 8, 20)))
    stored: list[Uplink] = []
    taken: list[Uplink] = []
    seq = 0
    for _ in range(20):
        for _ in range(chance.randrange(40)):
            seq += chance.choice((1, 1, 2))  # what lies between belongs to another connection
            stored.append(uplink(seq, f"{chance.choice((1, 1, 1, 2, 3, 4)):016X}"))
            backlog.accept(stored[-1])
        refused = {f"{number:016X}" for number in range(1, 5) if chance.random() < 0.4}
        taken += played(backlog, stored, refused, most=chance.randrange(200))
    taken += played(backlog, stored, set())

    assert stored == []
    assert backlog.empty
    for device in {one.dev_eui for one in taken}:
        mine = [one.seq for one in taken if one.dev_eui == device]
        assert mine == sorted(mine)
