"""What the server starts: commands to devices, attribute updates, closures."""

from typing import Any

import orjson
import pytest

from tests.fakes.thingsboard.conversation import Conversation
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.session import Session
from uplab.fakes.thingsboard.state.rpc import Rpc
from uplab.fakes.thingsboard.state.tenant import Device

RPC = "v1/devices/me/rpc/request/+"


@pytest.fixture(name="talk")
def a_conversation() -> Conversation:
    return Conversation()


def pushes(talk: Conversation, session: Session) -> list[tuple[str, Any]]:
    return [(out.topic, orjson.loads(out.payload)) for out in talk.heard(session) if isinstance(out, p.Publish)]


def behind(talk: Conversation, gateway: Session, name: str = "A") -> Device:
    talk.publish(gateway, "v1/gateway/connect", {"device": name})
    return gateway.children[name]


def call(talk: Conversation, device: Device, *, oneway: bool = False) -> list[bytes | None]:
    """Start a command; the list gets its reply."""
    got: list[bytes | None] = []
    rpc: Rpc = talk.protocol.links.rpcs.open(device, "setLed", {"on": True}, oneway=oneway, done=got.append)
    talk.obey(talk.protocol.links.call(rpc))
    return got


def test_command_reaches_a_device_through_its_gateway(talk: Conversation) -> None:
    gateway = talk.gateway()
    got = call(talk, behind(talk, gateway))

    assert pushes(talk, gateway) == [
        ("v1/gateway/rpc", {"device": "A", "data": {"id": 0, "method": "setLed", "params": {"on": True}}})
    ]
    assert got == []

    assert talk.publish(gateway, "v1/gateway/rpc", {"device": "A", "id": 0, "data": {"ok": True}}) == [p.Puback(7)]
    assert got == [b'{"ok":true}']


def test_reply_for_another_device_is_not_taken(talk: Conversation) -> None:
    gateway = talk.gateway()
    got = call(talk, behind(talk, gateway))

    talk.publish(gateway, "v1/gateway/rpc", {"device": "B", "id": 0, "data": 1})

    assert got == []


def test_device_of_its_own_must_subscribe_first(talk: Conversation) -> None:
    session = talk.device()
    assert session.device
    got = call(talk, session.device)
    assert pushes(talk, session) == []

    suback, request = talk.say(session, p.Subscribe(1, (p.Subscription(RPC, 0),)))

    assert suback == p.Suback(1, (0,))
    assert request == p.Publish("v1/devices/me/rpc/request/0", b'{"method":"setLed","params":{"on":true}}', 0, 0)
    talk.publish(session, "v1/devices/me/rpc/response/0", b"done", qos=0)
    assert got == [b"done"]


def test_one_way_command_is_done_when_it_is_sent(talk: Conversation) -> None:
    gateway = talk.gateway()

    assert call(talk, behind(talk, gateway), oneway=True) == [None]


def test_waiting_command_is_sent_when_the_device_comes(talk: Conversation) -> None:
    gateway = talk.gateway()
    device = talk.state.add_device(talk.state.demo.id, "A")
    got = call(talk, device, oneway=True)
    assert got == []

    talk.publish(gateway, "v1/gateway/connect", {"device": "A"})

    assert got == [None]


@pytest.mark.parametrize(
    ("wanted", "topic"),
    [("v2/r/req/+", "v2/r/req/0"), ("v2/r/req/j/+", "v2/r/req/j/0"), (RPC, "v1/devices/me/rpc/request/0")],
)
def test_command_comes_on_the_subscribed_form(talk: Conversation, wanted: str, topic: str) -> None:
    session = talk.device()
    talk.say(session, p.Subscribe(1, (p.Subscription(wanted, 1),)))
    assert session.device

    call(talk, session.device)

    assert [name for name, _ in pushes(talk, session)] == [topic]


def test_attribute_updates_go_to_gateways_unasked(talk: Conversation) -> None:
    gateway = talk.gateway()
    device = behind(talk, gateway)

    talk.obey(talk.protocol.links.attributes_changed(device, {"a": 1}))
    talk.obey(talk.protocol.links.attributes_changed(device, {}, ["a", "b"]))

    assert pushes(talk, gateway) == [
        ("v1/gateway/attributes", {"device": "A", "data": {"a": 1}}),
        ("v1/gateway/attributes", {"device": "A", "data": {"deleted": ["a", "b"]}}),
    ]


def test_attribute_updates_of_a_device_need_a_subscription(talk: Conversation) -> None:
    session = talk.device()
    assert session.device
    talk.obey(talk.protocol.links.attributes_changed(session.device, {"a": 1}))
    assert pushes(talk, session) == []

    talk.say(session, p.Subscribe(1, (p.Subscription("v2/a", 1),)))
    talk.obey(talk.protocol.links.attributes_changed(session.device, {"a": 2}))

    assert pushes(talk, session) == [("v2/a", {"a": 2})]


def test_nothing_changed_is_not_told(talk: Conversation) -> None:
    gateway = talk.gateway()

    assert talk.protocol.links.attributes_changed(behind(talk, gateway), {}) == []


@pytest.mark.parametrize(("level", "told"), [(4, []), (5, [p.Disconnect(0x98)])])
def test_deleted_device_is_sent_away(talk: Conversation, level: int, told: list[p.Packet]) -> None:
    session = talk.device(level=level)
    assert session.device

    talk.obey(talk.protocol.links.dismiss(session.device, "device deleted"))

    assert talk.heard(session) == [*told, "device deleted"]


def test_deleted_child_leaves_its_gateway_connected(talk: Conversation) -> None:
    gateway = talk.gateway(level=5)

    talk.obey(talk.protocol.links.dismiss(behind(talk, gateway), "device deleted"))

    assert pushes(talk, gateway) == [("v1/gateway/disconnect", {"device": "A", "reason": 0x98})]
    assert gateway.children == {}


def test_newer_session_for_the_same_device_is_not_told_of_itself(talk: Conversation) -> None:
    gateway = talk.gateway()
    device = behind(talk, gateway)

    assert talk.protocol.links.attach(gateway, device) == []
