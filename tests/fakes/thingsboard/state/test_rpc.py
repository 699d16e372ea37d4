import pytest

from uplab.fakes.thingsboard.state.rpc import Rpcs
from uplab.fakes.thingsboard.state.tenant import Device, State


@pytest.fixture(name="device")
def a_device() -> Device:
    state = State(now=lambda: 0)
    return state.add_device(state.demo.id, "D")


def test_ids_count_from_zero_for_each_device(device: Device) -> None:
    rpcs = Rpcs()
    state = State(now=lambda: 1)
    other = state.add_device(state.demo.id, "E")

    numbers = [rpcs.open(one, "m", None, oneway=False, done=print).id for one in (device, device, other)]

    assert numbers == [0, 1, 0]


def test_reply_reaches_who_waits_once(device: Device) -> None:
    rpcs, got = Rpcs(), list[bytes | None]()
    rpc = rpcs.open(device, "m", None, oneway=False, done=got.append)
    rpcs.sent(rpc)

    assert rpcs.replied(device, rpc.id, b"1")
    assert not rpcs.replied(device, rpc.id, b"2")
    assert got == [b"1"]


def test_one_way_is_done_when_it_is_sent(device: Device) -> None:
    rpcs, got = Rpcs(), list[bytes | None]()

    rpcs.sent(rpcs.open(device, "m", None, oneway=True, done=got.append))

    assert got == [None]


def test_given_up_command_takes_no_reply(device: Device) -> None:
    rpcs, got = Rpcs(), list[bytes | None]()
    rpc = rpcs.open(device, "m", None, oneway=False, done=got.append)

    assert rpcs.give_up(rpc)
    assert not rpcs.give_up(rpc)
    assert not rpcs.replied(device, rpc.id, b"1")
    assert got == []


def test_unsent_commands_wait_in_order(device: Device) -> None:
    rpcs = Rpcs()
    first, second, third = (rpcs.open(device, name, None, oneway=False, done=print) for name in "abc")
    rpcs.sent(second)

    assert rpcs.unsent(device) == [first, third]
