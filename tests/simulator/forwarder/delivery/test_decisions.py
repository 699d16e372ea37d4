"""Delivery as conversations: an event in, commands out, and the clock is a number that the test writes."""

from dataclasses import replace
from random import Random

from tests.simulator.forwarder.conversation import GONE, OK, U1, U2, U3, V1, opened, posts, states
from tests.simulator.forwarder.making import OTHER_EUI, uplink
from uplab.simulator.forwarder.delivery.backlog import WINDOW_BYTES, Backlog, Gap
from uplab.simulator.forwarder.delivery.command import (
    Cause,
    Close,
    Delivered,
    Drop,
    Fetch,
    Open,
    Policy,
    Post,
    StateChanged,
)
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.state import State

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
    assert delivery.fetched(gap, [U1, U2], 0.2, complete=True) == [Post(U1, 1), Fetch(Gap(2, 3, 510, WINDOW_BYTES - 4))]


def test_failed_read_is_asked_for_again() -> None:
    delivery = Delivery(Policy(), Random(7), Backlog(highest=2))
    delivery.start(0.0)
    delivery.opened(OK, 0.0)
    delivery.fetch_failed()

    assert delivery.woken(1.0) == [Fetch(Gap(0, 2, 512))]
