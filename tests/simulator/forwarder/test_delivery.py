"""Delivery as conversations: an event in, commands out, and the clock is a number that the test writes."""

from dataclasses import replace
from random import Random

import pytest

from simulator.forwarder.backlog import Backlog, Gap, Uplink
from simulator.forwarder.command import (
    Cause,
    Close,
    Command,
    Delivered,
    Drop,
    Failed,
    Fetch,
    GivenUp,
    LoginFailed,
    Manner,
    Open,
    Policy,
    Post,
    StateChanged,
    Wake,
)
from simulator.forwarder.delivery import Delivery
from simulator.forwarder.reconnect import DISPERSION_S, attempt_after_s
from simulator.forwarder.sink import Answer
from simulator.forwarder.state import State
from tests.simulator.forwarder.making import DEV_EUI, OTHER_EUI, uplink

OK = Answer("delivered", 200)
NO = Answer("refused", 503, "HTTP 503")
GONE = Answer("unreachable", None, "refused")
LOST = Answer("unclear", None, "no answer")
LOCKED = Answer("authentication_failed", None, "wrong password")
U1, U2, U3 = uplink(1), uplink(2), uplink(3)
V1 = uplink(4, OTHER_EUI)


def opened(policy: Policy | None = None, backlog: Backlog | None = None) -> Delivery:
    """A delivery in OPENED."""
    delivery = Delivery(policy or Policy(), Random(7), backlog)
    delivery.start(0.0)
    delivery.opened(OK, 0.0)
    return delivery


def states(commands: list[Command]) -> list[State]:
    """The states that a list of commands goes through."""
    return [command.new for command in commands if isinstance(command, StateChanged)]


def posts(commands: list[Command]) -> list[Uplink]:
    """The messages that a list of commands sends."""
    return [command.uplink for command in commands if isinstance(command, Post)]


# -- opening


def test_start_goes_through_opening_and_authenticating() -> None:
    delivery = Delivery(Policy(), Random(7))

    assert delivery.start(0.0) == [StateChanged(State.CLOSED, State.OPENING), Open()]
    assert states(delivery.opened(OK, 0.1)) == [State.AUTHENTICATING, State.OPENED]


def test_nothing_is_posted_before_it_is_opened() -> None:
    delivery = Delivery(Policy(), Random(7))
    delivery.start(0.0)

    assert delivery.accept([U1], 0.0) == []
    assert posts(delivery.opened(OK, 0.1)) == [U1]


def test_deactivated_connection_keeps_what_is_accepted() -> None:
    delivery = Delivery(Policy(), Random(7))

    assert states(delivery.deactivate()) == [State.DEACTIVATED]
    assert delivery.accept([U1], 0.0) == []
    assert states(delivery.start(1.0)) == [State.OPENING]
    assert posts(delivery.opened(OK, 1.0)) == [U1]


def test_deactivating_an_open_connection_closes_it_first() -> None:
    delivery = opened()

    assert delivery.deactivate() == [StateChanged(State.OPENED, State.CLOSING, "deactivated"), Close()]
    assert states(delivery.closed(1.0)) == [State.CLOSED, State.DEACTIVATED]


def test_deactivating_while_it_opens_waits_for_the_sink() -> None:
    delivery = Delivery(Policy(), Random(7))
    delivery.start(0.0)

    assert delivery.deactivate() == []
    assert delivery.opened(OK, 1.0) == [StateChanged(State.OPENING, State.CLOSING), Close()]
    assert states(delivery.closed(1.0)) == [State.CLOSED, State.DEACTIVATED]
    assert delivery.deactivate() == []


def test_restart_closes_and_opens_again() -> None:
    delivery = opened()

    assert states(delivery.start(1.0)) == [State.CLOSING]
    assert states(delivery.closed(1.0)) == [State.CLOSED, State.OPENING]


# -- order and concurrency


def test_one_message_of_a_device_is_under_way_at_a_time() -> None:
    delivery = opened()

    assert delivery.accept([U1, U2], 0.0) == [Post(U1, 1)]
    assert delivery.answered(Post(U1, 1), OK, 0.1) == [Delivered(U1, 1)]
    assert delivery.settled([U1], 0.2) == [Post(U2, 1)]


def test_devices_do_not_wait_for_each_other() -> None:
    delivery = opened()

    assert posts(delivery.accept([U1, V1], 0.0)) == [U1, V1]


def test_concurrency_is_limited() -> None:
    delivery = opened(Policy(concurrency=2))
    uplinks = [uplink(number, f"{number:016X}") for number in range(1, 5)]

    assert posts(delivery.accept(uplinks, 0.0)) == uplinks[:2]
    assert delivery.answered(Post(uplinks[1], 1), OK, 0.1) == [Delivered(uplinks[1], 1), Post(uplinks[2], 1)]


def test_halted_delivery_begins_nothing() -> None:
    delivery = opened()
    delivery.accept([U1, U2], 0.0)
    delivery.halt()

    assert delivery.answered(Post(U1, 1), OK, 0.1) == [Delivered(U1, 1)]
    assert delivery.settled([U1], 0.2) == []


def test_unsendable_message_is_dropped_without_blame() -> None:
    delivery = opened()
    delivery.accept([U1, V1], 0.0)

    assert delivery.unsendable(Post(U1, 1), Cause.UNSENDABLE, "no such field", 0.1) == [
        Drop(U1, Cause.UNSENDABLE, "no such field")
    ]
    assert posts(delivery.accept([uplink(5, "00" * 8)], 0.2)) == [uplink(5, "00" * 8)]


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
    delivery.accept([U2, V1, U3], 1.0)

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


# -- age


def test_uplink_older_than_its_validity_is_dropped_at_sending() -> None:
    delivery = opened(Policy(validity_s=60.0))
    young, old = uplink(1, time_s=940.1), uplink(2, OTHER_EUI, time_s=939.9)

    assert delivery.accept([young, old], 1000.0) == [
        Post(young, 1),
        Drop(old, Cause.EXPIRED, "the uplink is 60 s old, uplinkTimeValidity is 60 s"),
    ]


def test_uplink_grows_old_while_the_destination_is_down() -> None:
    delivery = opened(Policy(validity_s=60.0))
    late = uplink(1, time_s=1000.0, received_s=1000.0)
    delivery.accept([late], 1000.0)
    delivery.answered(Post(late, 1), GONE, 1000.0)
    delivery.woken(1030.0)
    delivery.answered(Post(late, 2), GONE, 1031.0)

    assert delivery.woken(1061.0)[0] == Drop(late, Cause.EXPIRED, "the uplink is 61 s old, uplinkTimeValidity is 60 s")


def test_validity_of_the_flow_goes_before_that_of_the_connection() -> None:
    delivery = opened(Policy(validity_s=10.0))
    patient = replace(uplink(1, time_s=0.0), validity_s=100.0)

    assert posts(delivery.accept([patient], 50.0)) == [patient]


def test_uplink_without_time_ages_from_its_arrival() -> None:
    delivery = opened(Policy(validity_s=60.0))

    assert posts(delivery.accept([uplink(1, received_s=1000.0)], 1059.0)) == [uplink(1, received_s=1000.0)]


def test_nothing_outlives_the_retention() -> None:
    delivery = opened(Policy(retention_s=3600.0))

    (drop,) = delivery.accept([uplink(1, received_s=0.0)], 3601.0)
    assert isinstance(drop, Drop)
    assert drop.cause is Cause.RETENTION


# -- the part on disk


def test_backlog_on_disk_is_fetched_in_its_order() -> None:
    delivery = Delivery(Policy(), Random(7), Backlog(highest=2))
    delivery.start(0.0)

    fetch = delivery.opened(OK, 0.0)[-1]
    assert fetch == Fetch(Gap(0, 2, 512))
    assert delivery.accept([U3], 0.1) == []  # it is newer than what is not read yet
    gap = fetch.gap if isinstance(fetch, Fetch) else Gap(0, 0, 0)
    assert delivery.fetched(gap, [U1, U2], 0.2, complete=True) == [Post(U1, 1), Fetch(Gap(2, 3, 510))]


def test_failed_read_is_asked_for_again() -> None:
    delivery = Delivery(Policy(), Random(7), Backlog(highest=2))
    delivery.start(0.0)
    delivery.opened(OK, 0.0)
    delivery.fetch_failed()

    assert delivery.woken(1.0) == [Fetch(Gap(0, 2, 512))]


@pytest.mark.parametrize("strategy", ["CALM", "NORMAL", "AGGRESSIVE"])
def test_first_attempt_is_the_first_row_of_the_table(strategy: str) -> None:
    assert attempt_after_s(strategy, 1) == nominal(strategy, 1)[0]
    assert DEV_EUI != OTHER_EUI
