from typing import Any

import pytest

from uplab.fakes.thingsboard.state.rpc import ACK_TIMEOUT_MS, Record, Rpc, Rpcs
from uplab.fakes.thingsboard.state.tenant import Device, State


class Clock:
    now_ms = 1_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture(name="device")
def a_device() -> Device:
    state = State(now=lambda: 0)
    return state.add_device(state.demo.id, "D")


@pytest.fixture(name="clock")
def a_clock() -> Clock:
    return Clock()


@pytest.fixture(name="rpcs")
def the_commands(clock: Clock) -> Rpcs:
    return Rpcs(clock)


def test_ids_count_from_zero_for_each_device(device: Device, rpcs: Rpcs) -> None:
    state = State(now=lambda: 1)
    other = state.add_device(state.demo.id, "E")

    numbers = [rpcs.open(one, "m", None, oneway=False, done=print).id for one in (device, device, other)]

    assert numbers == [0, 1, 0]


def test_reply_reaches_who_waits_once(device: Device, rpcs: Rpcs) -> None:
    got = list[bytes | None]()
    rpc = rpcs.open(device, "m", None, oneway=False, done=got.append)
    rpcs.sent(rpc)

    assert rpcs.replied(device, rpc.id, b"1")
    assert not rpcs.replied(device, rpc.id, b"2")
    assert got == [b"1"]


def test_one_way_is_done_when_it_is_sent(device: Device, rpcs: Rpcs) -> None:
    got = list[bytes | None]()

    rpcs.sent(rpcs.open(device, "m", None, oneway=True, done=got.append))

    assert got == [None]


def test_given_up_command_takes_no_reply(device: Device, rpcs: Rpcs) -> None:
    got = list[bytes | None]()
    rpc = rpcs.open(device, "m", None, oneway=False, done=got.append)

    assert rpcs.give_up(rpc)
    assert not rpcs.give_up(rpc)
    assert not rpcs.replied(device, rpc.id, b"1")
    assert got == []


# A new subscription gets what was sent before and never answered, too (DeviceActorMessageProcessor).
def test_commands_without_an_end_wait_in_order(device: Device, rpcs: Rpcs) -> None:
    first, second, third = (rpcs.open(device, name, None, oneway=False, done=print) for name in "abc")
    rpcs.sent(second)

    assert rpcs.pending(device) == [first, second, third]


# --- persistent commands --------------------------------------------------------------------------------------------


def persistent(rpcs: Rpcs, device: Device, *, oneway: bool = False, expires: int = 100_000, **more: Any) -> Rpc:
    record = Record("r1", device.tenant_id, device.id, 1_000, expires, {})
    return rpcs.open(device, "m", None, oneway=oneway, record=record, **more)


def status(rpcs: Rpcs, identifier: str = "r1") -> str | None:
    found = rpcs.record(identifier)
    return found.status if found else None


def test_persistent_command_is_queued_sent_delivered_and_answered(device: Device, rpcs: Rpcs) -> None:
    rpc = persistent(rpcs, device)
    states = [status(rpcs)]
    rpcs.unacknowledged(rpc)
    states.append(status(rpcs))
    rpcs.delivered(rpc)
    states.append(status(rpcs))
    rpcs.replied(device, rpc.id, b'{"ok":true}')

    assert [*states, status(rpcs)] == ["QUEUED", "SENT", "DELIVERED", "SUCCESSFUL"]
    assert rpc.record
    assert rpc.record.response == {"ok": True}


def test_one_way_ends_with_its_delivery(device: Device, rpcs: Rpcs, clock: Clock) -> None:
    rpcs.delivered(persistent(rpcs, device, oneway=True))
    clock.now_ms = 200_000

    assert status(rpcs) == "DELIVERED"
    assert rpcs.pending(device) == []


def test_unreadable_reply_is_kept_as_an_error(device: Device, rpcs: Rpcs) -> None:
    rpc = persistent(rpcs, device)
    rpcs.replied(device, rpc.id, b"not json")

    assert rpc.record
    assert (rpc.record.status, rpc.record.response) == ("SUCCESSFUL", {"error": "not json"})


def test_command_that_nobody_took_expires(device: Device, rpcs: Rpcs, clock: Clock) -> None:
    persistent(rpcs, device, expires=5_000)
    clock.now_ms = 5_000

    assert status(rpcs) == "EXPIRED"
    assert rpcs.pending(device) == []


def test_command_that_begins_too_late_is_expired_at_once(device: Device, rpcs: Rpcs) -> None:
    persistent(rpcs, device, expires=500)

    assert status(rpcs) == "EXPIRED"


def test_missing_acknowledgement_is_a_timeout_and_then_a_failure(device: Device, rpcs: Rpcs, clock: Clock) -> None:
    rpc = persistent(rpcs, device, retries=1)
    rpcs.unacknowledged(rpc)
    clock.now_ms += ACK_TIMEOUT_MS
    assert status(rpcs) == "TIMEOUT"
    assert rpcs.pending(device) == [rpc]

    rpcs.unacknowledged(rpc)
    clock.now_ms += ACK_TIMEOUT_MS
    assert status(rpcs) == "FAILED"
    assert rpc.record
    assert "Retry attempts set: 1" in str(rpc.record.response)
    assert rpcs.pending(device) == []


def test_late_acknowledgement_and_late_reply_change_nothing(device: Device, rpcs: Rpcs, clock: Clock) -> None:
    rpc = persistent(rpcs, device, expires=5_000)
    rpcs.unacknowledged(rpc)
    clock.now_ms = 6_000

    rpcs.delivered(rpc)
    assert not rpcs.replied(device, rpc.id, b"1")
    assert status(rpcs) == "EXPIRED"


def test_deleted_record_takes_its_command_along(device: Device, rpcs: Rpcs) -> None:
    rpc = persistent(rpcs, device)
    assert rpc.record

    rpcs.delete(rpc.record)

    assert (status(rpcs), rpcs.pending(device), rpcs.records(device)) == (None, [], [])


def test_deleted_device_leaves_nothing(device: Device, rpcs: Rpcs) -> None:
    persistent(rpcs, device)

    rpcs.forget(device.id)

    assert (status(rpcs), list(rpcs.everything())) == (None, [])
