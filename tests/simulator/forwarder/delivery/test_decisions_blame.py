"""The blame generation (http.md): what a failure does to the messages behind it."""

import pytest

from tests.simulator.forwarder.conversation import GONE, LOST, NO, OK, U1, U2, U3, V1, opened, posts, states
from uplab.simulator.forwarder.delivery.command import (
    Delivered,
    Failed,
    Policy,
    Post,
    Wake,
)
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.sink import Answer

# -- blame (http.md, HTTP-08)


@pytest.mark.parametrize("answer", [NO, GONE, LOST])
def test_nothing_is_tried_within_the_blame_period(answer: Answer) -> None:
    delivery = opened(Policy(blame_s=30.0))
    delivery.accept([U1], 100.0)

    failed, *rest = delivery.answered(Post(U1, 1), answer, 101.0)

    assert failed == Failed(U1, 1, answer)
    assert rest[-1] == Wake(131.0)
    assert posts(delivery.accept([V1], 110.0)) == []
    assert delivery.woken(130.9) == [Wake(131.0)]
    assert delivery.woken(131.0) == [Post(U1, 2)]


def test_messages_go_out_in_order_after_the_blame_period() -> None:
    delivery = opened()
    delivery.accept([U1], 0.0)
    delivery.answered(Post(U1, 1), NO, 0.0)
    delivery.accept([U2, U3, V1], 1.0)

    assert delivery.woken(30.0) == [Post(U1, 2)]  # alone, until the destination has taken one
    assert delivery.answered(Post(U1, 2), OK, 30.1) == [Delivered(U1, 2), Post(V1, 1)]
    assert delivery.settled([U1], 30.2) == [Post(U2, 1)]
    delivery.answered(Post(U2, 1), OK, 30.3)
    assert delivery.settled([U2], 30.4) == [Post(U3, 1)]


def test_later_failure_extends_the_blame_period() -> None:
    delivery = opened()
    delivery.accept([U1, V1], 0.0)
    delivery.answered(Post(U1, 1), NO, 1.0)
    delivery.answered(Post(V1, 1), NO, 5.0)

    assert delivery.woken(31.0) == [Wake(35.0)]
    assert delivery.woken(35.0) == [Post(U1, 2)]


def test_success_of_another_device_does_not_end_the_blame_period() -> None:
    delivery = opened()
    delivery.accept([U1, V1], 0.0)
    delivery.answered(Post(U1, 1), NO, 1.0)

    assert delivery.answered(Post(V1, 1), OK, 2.0) == [Delivered(V1, 1)]
    assert delivery.woken(30.9) == [Wake(31.0)]
    assert delivery.woken(31.0) == [Post(U1, 2)]


def test_blame_period_of_zero_still_leaves_a_second() -> None:
    delivery = opened(Policy(blame_s=0.0))
    delivery.accept([U1], 0.0)

    assert delivery.answered(Post(U1, 1), NO, 10.0)[-1] == Wake(11.0)


def test_unreachable_destination_shows_in_the_state_until_it_answers() -> None:
    delivery = opened()
    delivery.accept([U1], 0.0)

    assert states(delivery.answered(Post(U1, 1), GONE, 0.0)) == [State.UNREACHABLE]
    delivery.woken(30.0)
    assert states(delivery.answered(Post(U1, 2), OK, 30.1)) == [State.OPENED]


def test_refusing_destination_is_not_unreachable() -> None:
    delivery = opened()
    delivery.accept([U1], 0.0)

    assert states(delivery.answered(Post(U1, 1), NO, 0.0)) == []
    delivery.woken(30.0)
    assert states(delivery.answered(Post(U1, 2), GONE, 30.1)) == [State.UNREACHABLE]
    delivery.woken(60.1)
    assert states(delivery.answered(Post(U1, 3), NO, 60.2)) == [State.OPENED]


def test_poisoned_message_lets_other_devices_go_first() -> None:
    delivery = opened(Policy(blame_s=1.0))
    delivery.accept([U1, V1], 0.0)
    delivery.answered(Post(V1, 1), NO, 0.0)
    now = 0.0
    for attempt in (1, 2, 3):
        delivery.answered(Post(U1, attempt), NO, now)
        now += 1.0
        sent = posts(delivery.woken(now))

    assert sent == [V1]


def test_restart_ends_the_blame_period() -> None:
    delivery = opened()
    delivery.accept([U1], 0.0)
    delivery.answered(Post(U1, 1), NO, 0.0)
    delivery.start(1.0)
    delivery.closed(1.0)

    assert posts(delivery.opened(OK, 1.0)) == [U1]
