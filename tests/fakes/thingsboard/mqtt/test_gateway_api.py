"""Conversations of a gateway that speaks for the devices behind it."""

from typing import Any

import orjson
import pytest

from tests.fakes.thingsboard.conversation import NOW_MS, Conversation, Out
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.gateway_api import members
from uplab.fakes.thingsboard.mqtt.session import Session
from uplab.fakes.thingsboard.state.tenant import Device

GW = "v1/gateway"


@pytest.fixture(name="talk")
def a_conversation() -> Conversation:
    return Conversation()


@pytest.fixture(name="gateway")
def a_gateway(talk: Conversation) -> Session:
    return talk.gateway()


def named(talk: Conversation, name: str) -> Device:
    device = talk.state.device_named(talk.state.demo.id, name)
    assert device
    return device


def pushed(out: list[Out]) -> list[tuple[str, Any]]:
    return [(packet.topic, orjson.loads(packet.payload)) for packet in out if isinstance(packet, p.Publish)]


# --- telemetry ------------------------------------------------------------------------------------------------------


def test_telemetry_of_many_devices_comes_in_one_message(talk: Conversation, gateway: Session) -> None:
    out = talk.publish(
        gateway, f"{GW}/telemetry", {"A": [{"ts": 1, "values": {"t": 20}}, {"h": 1}], "B": [{"t": 21.5}]}
    )

    assert out == [p.Puback(7)]
    assert (talk.latest("A", "t"), talk.latest("A", "h")) == ((1, 20), (NOW_MS, 1))
    assert talk.latest("B", "t") == (NOW_MS, 21.5)


@pytest.mark.parametrize(
    ("topic", "payload", "told"),
    [
        (
            "v1/gateway/telemetry",
            b'{"A": [{"ts": 1, "values": {}}, {"values": {}}], "B": [{"ts": 2}]}',
            [["A", 1], ["A", None], ["B", 2]],
        ),
        ("v1/gateway/telemetry", b'{"A": [17]}', [["A", None]]),
        ("v1/gateway/telemetry", b"{}", []),
        ("v1/gateway/telemetry", b'{"A": {}}', None),
        ("v1/gateway/telemetry", b"[1]", None),
        ("v1/gateway/telemetry", b"{", None),
        ("v1/gateway/attributes", b'{"A": [{"ts": 1}]}', None),
        ("v1/devices/me/telemetry", b'{"ts": 1}', None),
    ],
)
def test_batch_tells_of_its_members(topic: str, payload: bytes, told: list[list[object]] | None) -> None:
    assert members(topic, payload) == told


def test_unknown_device_is_made_once(talk: Conversation, gateway: Session) -> None:
    for _ in range(2):
        talk.publish(gateway, f"{GW}/telemetry", {"A": [{"t": 1}]})

    device = named(talk, "A")
    assert gateway.device
    assert (device.type, device.profile.name) == ("default", "default")
    assert device.additional_info == {"lastConnectedGateway": gateway.device.id}
    assert [(one.from_id, one.to_id, one.type) for one in talk.state.relations.values()] == [
        (gateway.device.id, device.id, "Created")
    ]


def test_part_that_is_no_array_is_skipped(talk: Conversation, gateway: Session) -> None:
    assert talk.publish(gateway, f"{GW}/telemetry", {"A": {"t": 1}, "B": [{"t": 2}]}) == [p.Puback(7)]
    assert talk.state.device_named(talk.state.demo.id, "A") is None


def test_malformed_part_closes_but_the_others_are_kept(talk: Conversation, gateway: Session) -> None:
    out = talk.publish(gateway, f"{GW}/telemetry", {"A": [{"t": 1}], "B": [5], "C": [{"t": 3}]})

    assert out == ["malformed payload: device B: an item of a device's array must be an object"]
    assert (talk.latest("A", "t"), talk.latest("C", "t")) == ((NOW_MS, 1), (NOW_MS, 3))


def test_device_without_points_is_never_acknowledged(talk: Conversation, gateway: Session) -> None:
    assert talk.publish(gateway, f"{GW}/telemetry", {"A": []}) == []
    assert named(talk, "A")


# What ThingsBoard answers when its gateway code throws: PUBACK (0x83 in MQTT 5), and the end.
@pytest.mark.parametrize("payload", [b"[]", b"{}", b'{"A":1}', b'{"":[{"t":1}]}', b"null"])
def test_message_for_no_device_is_refused_and_closes(talk: Conversation, gateway: Session, payload: bytes) -> None:
    ack, reason = talk.publish(gateway, f"{GW}/telemetry", payload)

    assert ack == p.Puback(7, 0x83)
    assert isinstance(reason, str)


def test_unreadable_message_closes_without_a_puback(talk: Conversation, gateway: Session) -> None:
    (reason,) = talk.publish(gateway, f"{GW}/telemetry", b"{")

    assert reason == "malformed payload: not JSON: expected a name at character 1"


def test_too_many_devices_are_refused(talk: Conversation, gateway: Session) -> None:
    talk.state.max_devices = len(talk.state.devices) + 1
    talk.publish(gateway, f"{GW}/telemetry", {"A": [{"t": 1}]})

    assert talk.publish(gateway, f"{GW}/telemetry", {"B": [{"t": 1}]}) == [p.Puback(7, 0x97)]
    assert talk.publish(gateway, f"{GW}/telemetry", {"A": [{"t": 2}]}) == [p.Puback(7)]


def test_metadata_of_the_gateway_is_no_telemetry(talk: Conversation, gateway: Session) -> None:
    item = {"t": 1, "metadata": {"connector": "c", "receivedTs": 1, "publishedTs": 2}}

    talk.publish(gateway, f"{GW}/telemetry", {"A": [item]})

    assert named(talk, "A").series.keys() == ["t"]


# --- connect, disconnect, attributes, claim -------------------------------------------------------------------------


def test_connect_makes_a_device_of_its_type(talk: Conversation, gateway: Session) -> None:
    assert talk.publish(gateway, f"{GW}/connect", {"device": "A", "type": "elsys"}) == [p.Puback(7)]
    assert (named(talk, "A").type, named(talk, "A").connected) == ("elsys", True)


def test_known_device_keeps_its_type(talk: Conversation, gateway: Session) -> None:
    talk.publish(gateway, f"{GW}/connect", {"device": "A"})
    talk.publish(gateway, f"{GW}/connect", {"device": "A", "type": "elsys"})

    assert named(talk, "A").type == "default"


def test_disconnect_ends_what_the_gateway_speaks_for(talk: Conversation, gateway: Session) -> None:
    talk.publish(gateway, f"{GW}/connect", {"device": "A"})

    assert talk.publish(gateway, f"{GW}/disconnect", {"device": "A"}) == [p.Puback(7)]
    assert not named(talk, "A").connected
    assert gateway.children == {}


@pytest.mark.parametrize("payload", [b"{}", b'{"device":""}', b'{"device":null}', b"[]"])
def test_connect_needs_a_device(talk: Conversation, gateway: Session, payload: bytes) -> None:
    assert talk.publish(gateway, f"{GW}/connect", payload)[0] == p.Puback(7, 0x83)


def test_attributes_enter_the_client_scope(talk: Conversation, gateway: Session) -> None:
    assert talk.publish(gateway, f"{GW}/attributes", {"A": {"fw": "1"}, "B": 5}) == [p.Puback(7)]
    assert named(talk, "A").attributes("CLIENT_SCOPE", NOW_MS)["fw"] == (NOW_MS, 1)


def test_claim_is_acknowledged(talk: Conversation, gateway: Session) -> None:
    assert talk.publish(gateway, f"{GW}/claim", {"A": {"secretKey": "k"}}) == [p.Puback(7)]


def test_unknown_gateway_topic_is_acknowledged_and_dropped(talk: Conversation, gateway: Session) -> None:
    assert talk.publish(gateway, f"{GW}/other", {}) == [p.Puback(7, 0x90)]


# --- attribute requests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"client": False, "key": "s1"}, {"value": "x"}),
        ({"client": False, "keys": ["s1"]}, {"value": "x"}),
        ({"client": False, "keys": ["s1", "s2"]}, {"values": {"s1": "x", "s2": "y"}}),
        ({"client": True, "keys": ["c1", "unknown"]}, {"values": {"c1": 1}}),
        ({"client": True, "key": "unknown"}, {}),
        ({"client": True, "keys": []}, {"values": {"c1": 1, "s1": "x", "s2": "y"}}),
    ],
)
def test_asked_attributes_are_answered(
    talk: Conversation, gateway: Session, asked: dict[str, Any], answer: Any
) -> None:
    talk.publish(gateway, f"{GW}/connect", {"device": "A"})
    named(talk, "A").save_attributes("CLIENT_SCOPE", {"c1": 1}, NOW_MS)
    named(talk, "A").save_attributes("SHARED_SCOPE", {"s1": "x", "s2": "y"}, NOW_MS)

    out = talk.publish(gateway, f"{GW}/attributes/request", {"id": 3, "device": "A", **asked})

    assert out[0] == p.Puback(7)
    assert pushed(out) == [(f"{GW}/attributes/response", {"id": 3, "device": "A", **answer})]


@pytest.mark.parametrize(
    "asked", [{"id": 1, "client": True}, {"id": "x", "client": True, "key": "a"}, {"id": 1, "key": "a"}]
)
def test_incomplete_attribute_request_is_refused(talk: Conversation, gateway: Session, asked: dict[str, Any]) -> None:
    assert talk.publish(gateway, f"{GW}/attributes/request", {"device": "A", **asked})[0] == p.Puback(7, 0x83)


# --- several gateways -----------------------------------------------------------------------------------------------


def test_newer_gateway_takes_a_device_over(talk: Conversation, gateway: Session) -> None:
    talk.state.provision_gateway("second@x.org", "pw")
    second = talk.client("second@x.org", "pw")
    talk.publish(gateway, f"{GW}/connect", {"device": "A"})

    talk.publish(second, f"{GW}/connect", {"device": "A"})

    assert "A" not in gateway.children
    assert "A" in second.children
    assert talk.heard(gateway) == []


def test_reply_without_data_is_refused(talk: Conversation, gateway: Session) -> None:
    assert talk.publish(gateway, f"{GW}/rpc", {"device": "A", "id": 1})[0] == p.Puback(7, 0x83)
