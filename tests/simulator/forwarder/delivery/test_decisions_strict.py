"""The generations with strictMode, what closes a connection, and when it is tried again."""

from dataclasses import replace
from random import Random

import pytest

from tests.simulator.forwarder.conversation import GONE, LOCKED, LOST, NO, OK, U1, U2, V1, opened, posts, states
from tests.simulator.forwarder.making import uplink
from uplab.simulator.forwarder.delivery.command import (
    Cause,
    Close,
    Command,
    Delivered,
    Drop,
    Failed,
    GivenUp,
    LoginFailed,
    Policy,
    Post,
    StateChanged,
    Wake,
)
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.reconnect import DISPERSION_S
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.sink import Answer

# -- strict with resends, and lenient


def test_refused_message_is_resent_three_times_two_seconds_apart() -> None:
    delivery = opened(Policy(Manner.STRICT_RESEND))
    delivery.accept([U1], 0.0)
    now = 0.0
    for attempt in (1, 2, 3):
        assert delivery.answered(Post(U1, attempt), NO, now) == [Failed(U1, attempt, NO), Wake(now + 2.0)]
        assert delivery.woken(now + 1.9) == [Wake(now + 2.0)]
        now += 2.0
        assert delivery.woken(now) == [Post(U1, attempt + 1)]

    assert delivery.answered(Post(U1, 4), NO, now) == [Failed(U1, 4, NO), Drop(U1, Cause.REFUSED, "HTTP 503")]


def test_resend_may_succeed_and_then_the_next_goes_out() -> None:
    delivery = opened(Policy(Manner.STRICT_RESEND))
    delivery.accept([U1, U2], 0.0)
    delivery.answered(Post(U1, 1), NO, 0.0)
    delivery.woken(2.0)

    assert delivery.answered(Post(U1, 2), OK, 2.1) == [Delivered(U1, 2)]
    assert delivery.settled([U1], 2.2) == [Post(U2, 1)]


def test_resends_hold_up_their_own_device_only() -> None:
    delivery = opened(Policy(Manner.STRICT_RESEND))
    delivery.accept([U1], 0.0)
    delivery.answered(Post(U1, 1), NO, 0.0)

    assert posts(delivery.accept([U2, V1], 0.1)) == [V1]


def test_attempts_that_found_nobody_do_not_count_as_resends() -> None:
    delivery = opened(Policy(Manner.STRICT_RESEND))
    delivery.accept([U1], 0.0)
    delivery.answered(Post(U1, 1), GONE, 0.0)
    delivery.closed(0.0)
    delivery.woken(400.0)
    delivery.opened(OK, 400.0)
    for attempt, now in ((2, 400.0), (3, 402.0), (4, 404.0)):
        assert not any(isinstance(c, Drop) for c in delivery.answered(Post(U1, attempt), NO, now))
        delivery.woken(now + 2.0)

    assert any(isinstance(c, Drop) for c in delivery.answered(Post(U1, 5), NO, 406.0))


def test_lenient_connection_loses_what_is_refused() -> None:
    delivery = opened(Policy(Manner.LENIENT))
    delivery.accept([U1, U2], 0.0)

    assert delivery.answered(Post(U1, 1), NO, 0.1) == [Failed(U1, 1, NO), Drop(U1, Cause.REFUSED, "HTTP 503")]
    assert delivery.settled([U1], 0.2) == [Post(U2, 1)]


# -- closing and reconnecting


CLOSING_CASES = [
    (Manner.LENIENT, GONE),
    (Manner.LENIENT, LOST),
    (Manner.STRICT_RESEND, GONE),
    (Manner.STRICT_RESEND, LOST),
    (Manner.STRICT_CLOSE, NO),
    (Manner.STRICT_CLOSE, GONE),
    (Manner.STRICT_CLOSE, LOST),
]


@pytest.mark.parametrize(("manner", "answer"), CLOSING_CASES)
def test_failure_closes_and_the_message_waits(manner: Manner, answer: Answer) -> None:
    delivery = opened(Policy(manner))
    delivery.accept([U1], 0.0)

    commands = delivery.answered(Post(U1, 1), answer, 10.0)

    assert commands == [
        Failed(U1, 1, answer),
        StateChanged(State.OPENED, State.CLOSING, answer.reason),
        Close(),
    ]
    changed, wake = delivery.closed(11.0)
    assert changed == StateChanged(State.CLOSING, State.CLOSED)
    assert isinstance(wake, Wake)
    assert abs(wake.at - 310.0) <= DISPERSION_S
    assert states(delivery.woken(wake.at)) == [State.OPENING]
    assert delivery.opened(OK, wake.at) == [StateChanged(State.OPENING, State.AUTHENTICATING), Post(U1, 2)]
    assert states(delivery.answered(Post(U1, 2), OK, wake.at)) == [State.OPENED]


def test_reopened_connection_sends_one_message_before_all_others() -> None:
    delivery = opened(Policy(Manner.STRICT_CLOSE))
    delivery.accept([U1, V1], 0.0)
    delivery.answered(Post(U1, 1), NO, 0.0)
    delivery.answered(Post(V1, 1), NO, 0.0)
    delivery.closed(0.0)
    delivery.woken(400.0)

    assert posts(delivery.opened(OK, 400.0)) == [U1]
    assert posts(delivery.answered(Post(U1, 2), OK, 400.1)) == [V1]


def test_reopened_connection_without_messages_is_open() -> None:
    delivery = opened(Policy(Manner.LENIENT))
    delivery.accept([U1], 0.0)
    delivery.answered(Post(U1, 1), GONE, 0.0)
    delivery.closed(0.0)
    delivery.policy = replace(delivery.policy, retention_s=1.0)
    delivery.woken(400.0)

    commands = delivery.opened(OK, 400.0)
    assert isinstance(commands[1], Drop)
    assert states(delivery.settled([U1], 400.0)) == [State.OPENED]


def reconnects(strategy: str, most: int) -> tuple[list[float], list[Command]]:
    """The instants at which a connection that never recovers is tried again, with traffic between them."""
    delivery = Delivery(Policy(Manner.LENIENT, strategy=strategy), Random(11))
    delivery.start(0.0)
    instants: list[float] = []
    commands = delivery.opened(GONE, 0.0)
    while True:
        assert states(commands)[-1:] == [State.CLOSING]
        commands = delivery.closed(instants[-1] if instants else 0.0)
        wakes = [command.at for command in commands if isinstance(command, Wake)]
        if not wakes or len(instants) == most:
            return instants, commands
        delivery.accept([uplink(len(instants) + 1)], wakes[0] - 1.0)
        commands = delivery.woken(wakes[0])
        assert states(commands) == [State.OPENING]
        instants.append(wakes[0])
        commands = delivery.opened(GONE, wakes[0] + 0.5)


def nominal(strategy: str, count: int) -> list[float]:
    """The documented instants, written out."""
    minute, hour, day = 60.0, 3600.0, 86400.0
    tables = {
        "CALM": [10 * minute] * 72 + [hour] * 24,
        "NORMAL": [5 * minute] * 12 + [hour] * 24 + [day] * count,
        "AGGRESSIVE": [3 * minute] * 60 + [30 * minute] * 336 + [hour] * count,
    }
    at, instants = 0.0, []
    for step in tables[strategy][:count]:
        at += step
        instants.append(at)
    return instants


@pytest.mark.parametrize(("strategy", "most"), [("CALM", 96), ("NORMAL", 60), ("AGGRESSIVE", 500)])
def test_whole_reconnect_table_is_kept_whatever_the_traffic(strategy: str, most: int) -> None:
    instants, _ = reconnects(strategy, most)

    deviations = [at - due for at, due in zip(instants, nominal(strategy, most), strict=True)]
    assert max(map(abs, deviations)) <= DISPERSION_S
    assert max(deviations) - min(deviations) > DISPERSION_S  # dispersed, not all at the same second


def test_calm_strategy_ends_closed_for_good() -> None:
    instants, commands = reconnects("CALM", 1000)

    assert len(instants) == 96
    assert commands[-1] == GivenUp(96)


def test_attempts_that_passed_meanwhile_are_left_out() -> None:
    delivery = opened(Policy(Manner.LENIENT))
    delivery.accept([U1], 0.0)
    delivery.answered(Post(U1, 1), GONE, 0.0)
    delivery.closed(0.0)
    delivery.woken(400.0)
    delivery.opened(GONE, 3000.0)  # an attempt that took most of an hour

    wake = delivery.closed(3000.0)[-1]
    assert isinstance(wake, Wake)
    assert wake.at > 3000.0


def test_table_begins_anew_after_a_success() -> None:
    delivery = opened(Policy(Manner.LENIENT))
    delivery.accept([U1, U2], 0.0)
    delivery.answered(Post(U1, 1), GONE, 0.0)
    delivery.closed(0.0)
    delivery.woken(400.0)
    delivery.opened(OK, 400.0)
    delivery.answered(Post(U1, 2), OK, 400.0)
    delivery.settled([U1], 400.0)
    delivery.answered(Post(U2, 1), GONE, 500.0)

    wake = delivery.closed(500.0)[-1]
    assert isinstance(wake, Wake)
    assert abs(wake.at - 800.0) <= DISPERSION_S


def test_lost_link_closes_an_idle_connection() -> None:
    delivery = opened(Policy(Manner.LENIENT))

    assert delivery.lost("connection reset", 1.0) == [
        StateChanged(State.OPENED, State.CLOSING, "connection reset"),
        Close(),
    ]
    assert delivery.lost("again", 1.1) == []


def test_late_success_while_closing_is_a_delivery_and_changes_no_schedule() -> None:
    delivery = opened(Policy(Manner.LENIENT))
    delivery.accept([U1, V1], 0.0)
    delivery.answered(Post(U1, 1), GONE, 0.0)

    assert delivery.answered(Post(V1, 1), OK, 1.0) == [Delivered(V1, 1)]
    wake = delivery.closed(1.0)[-1]
    assert isinstance(wake, Wake)
    assert abs(wake.at - 300.0) <= DISPERSION_S
    delivery.woken(wake.at)
    assert posts(delivery.opened(OK, wake.at)) == [U1]


def test_aggressive_restarts_after_an_hour_without_uplinks() -> None:
    delivery = opened(Policy(strategy="AGGRESSIVE"))
    delivery.accept([U1], 100.0)
    delivery.answered(Post(U1, 1), OK, 100.1)
    delivery.settled([U1], 100.1)

    assert states(delivery.woken(3600.0)) == []
    assert states(delivery.woken(3700.0)) == [State.CLOSING]
    assert states(delivery.closed(3700.0)) == [State.CLOSED, State.OPENING]


@pytest.mark.parametrize("strategy", ["CALM", "NORMAL"])
def test_other_strategies_do_not_mind_silence(strategy: str) -> None:
    delivery = opened(Policy(strategy=strategy))

    assert delivery.woken(1e9) == []


# -- the account


def test_refused_account_stops_everything_until_a_change() -> None:
    delivery = Delivery(Policy(Manner.LENIENT), Random(7))
    delivery.start(0.0)

    assert delivery.opened(LOCKED, 0.1) == [
        StateChanged(State.OPENING, State.AUTHENTICATING),
        LoginFailed(LOCKED),
        StateChanged(State.AUTHENTICATING, State.AUTHENTICATION_FAILED, "wrong password"),
        Close(),
    ]
    assert delivery.closed(0.2) == []
    assert delivery.accept([U1], 1.0) == []
    assert delivery.woken(1e9) == []
    assert states(delivery.start(2e9)) == [State.CLOSING]
    assert states(delivery.closed(2e9)) == [State.CLOSED, State.OPENING]
    assert posts(delivery.opened(OK, 2e9)) == []  # it is older than the retention by then


def test_account_refused_in_mid_session_keeps_the_messages() -> None:
    delivery = opened(Policy(Manner.LENIENT))
    delivery.accept([U1, V1], 0.0)

    commands = delivery.answered(Post(U1, 1), LOCKED, 1.0)
    assert states(commands) == [State.AUTHENTICATION_FAILED]
    assert delivery.answered(Post(V1, 1), LOCKED, 1.1) == [Failed(V1, 1, LOCKED)]
    delivery.start(2.0)
    delivery.closed(2.0)
    assert posts(delivery.opened(OK, 2.0)) == [U1, V1]
