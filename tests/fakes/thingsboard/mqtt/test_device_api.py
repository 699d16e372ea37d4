"""Conversations of a device that speaks for itself."""

from typing import Any

import orjson
import pytest

from tests.fakes.thingsboard.conversation import NOW_MS, Conversation, Out
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.session import Later, Session

ME = "v1/devices/me"


@pytest.fixture(name="talk")
def a_conversation() -> Conversation:
    return Conversation()


@pytest.fixture(name="session")
def a_device(talk: Conversation) -> Session:
    return talk.device()


def pushed(out: list[Out]) -> list[tuple[str, Any]]:
    return [(packet.topic, orjson.loads(packet.payload)) for packet in out if isinstance(packet, p.Publish)]


@pytest.mark.parametrize("topic", [f"{ME}/telemetry", "v2/t", "v2/t/j"])
def test_telemetry_has_a_long_and_a_short_topic(talk: Conversation, session: Session, topic: str) -> None:
    assert talk.publish(session, topic, {"ts": 5, "values": {"a": 1}}) == [p.Puback(7)]
    assert talk.latest("D1", "a") == (5, 1)


def test_gson_leniency_is_understood(talk: Conversation, session: Session) -> None:
    assert talk.publish(session, f"{ME}/telemetry", b"{temperature:25}") == [p.Puback(7)]
    assert talk.latest("D1", "temperature") == (NOW_MS, 25)


def test_empty_array_is_never_acknowledged(talk: Conversation, session: Session) -> None:
    assert talk.publish(session, f"{ME}/telemetry", []) == []
    assert talk.publish(session, f"{ME}/telemetry", {}) == [p.Puback(7)]


@pytest.mark.parametrize("topic", [f"{ME}/attributes", "v2/a", "v2/a/j"])
def test_attributes_enter_the_client_scope(talk: Conversation, session: Session, topic: str) -> None:
    assert talk.publish(session, topic, {"fw": "1.0.2", "n": "5"}) == [p.Puback(7)]

    assert session.device
    assert session.device.attributes("CLIENT_SCOPE", NOW_MS) == {"fw": (NOW_MS, "1.0.2"), "n": (NOW_MS, 5)}


def give_attributes(session: Session) -> None:
    assert session.device
    session.device.save_attributes("CLIENT_SCOPE", {"c1": 1, "c2": 2}, NOW_MS)
    session.device.save_attributes("SHARED_SCOPE", {"s1": "x"}, NOW_MS)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"clientKeys": "c1,c2", "sharedKeys": "s1"}, {"client": {"c1": 1, "c2": 2}, "shared": {"s1": "x"}}),
        ({"clientKeys": "c1,unknown"}, {"client": {"c1": 1}}),
        ({"sharedKeys": "unknown"}, {}),
        ({}, {"client": {"c1": 1, "c2": 2}, "shared": {"s1": "x"}}),
    ],
)
def test_asked_attributes_are_answered(
    talk: Conversation, session: Session, asked: dict[str, str], answer: Any
) -> None:
    give_attributes(session)

    out = talk.publish(session, f"{ME}/attributes/request/12", asked)

    assert out[0] == p.Puback(7)
    assert pushed(out) == [(f"{ME}/attributes/response/12", answer)]


@pytest.mark.parametrize(
    ("request_topic", "answer_topic"), [("v2/a/req/3", "v2/a/res/3"), ("v2/a/req/j/3", "v2/a/res/j/3")]
)
def test_short_request_has_a_short_answer(
    talk: Conversation, session: Session, request_topic: str, answer_topic: str
) -> None:
    assert pushed(talk.publish(session, request_topic, {})) == [(answer_topic, {})]


@pytest.mark.parametrize("method", ["getSessionLimits"])
def test_session_limits_are_told(talk: Conversation, session: Session, method: str) -> None:
    out = talk.publish(session, f"{ME}/rpc/request/1", {"method": method, "params": {}})

    ((topic, limits),) = pushed(out)
    assert topic == f"{ME}/rpc/response/1"
    assert (limits["maxPayloadSize"], limits["maxInflightMessages"]) == (65536, 100)
    assert set(limits["rateLimits"]) == {"messages", "telemetryMessages", "telemetryDataPoints"}
    assert "gatewayRateLimits" not in limits


def test_gateway_limits_are_told_to_gateways(talk: Conversation) -> None:
    out = talk.publish(talk.gateway(), f"{ME}/rpc/request/1", {"method": "getSessionLimits", "params": {}})

    assert "gatewayRateLimits" in pushed(out)[0][1]


def test_other_methods_time_out(talk: Conversation, session: Session) -> None:
    assert talk.publish(session, f"{ME}/rpc/request/4", {"method": "getTime", "params": {}}) == [p.Puback(7)]

    (later,) = talk.later
    assert isinstance(later, Later)
    assert (later.session, later.delay_s) == (session.id, 60.0)
    assert pushed([later.packet]) == [(f"{ME}/rpc/response/4", {"error": "timeout"})]


def test_waiting_answers_are_bounded(talk: Conversation, session: Session) -> None:
    for _ in range(150):
        talk.publish(session, f"{ME}/rpc/request/4", {"method": "getTime", "params": {}})

    assert len(talk.later) == 100


@pytest.mark.parametrize("payload", [b"", b'{"secretKey":"k","durationMs":60000}'])
def test_claim_may_be_empty(talk: Conversation, session: Session, payload: bytes) -> None:
    assert talk.publish(session, f"{ME}/claim", payload) == [p.Puback(7)]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"{ME}/attributes/request/x", b"{}"),
        (f"{ME}/attributes/request/99999999999", b"{}"),
        (f"{ME}/attributes/request/1", b"[]"),
        (f"{ME}/attributes/request/1", b'{"clientKeys":["a"]}'),
        (f"{ME}/rpc/request/1", b"{}"),
        (f"{ME}/rpc/request/1", b'{"method":1}'),
        (f"{ME}/rpc/response/", b"{}"),
        (f"{ME}/claim", b"[]"),
        ("v2/t/p", b"\x0a"),
    ],
)
def test_malformed_request_closes(talk: Conversation, session: Session, topic: str, payload: bytes) -> None:
    (out,) = talk.publish(session, topic, payload)

    assert isinstance(out, str)
    assert out.startswith("malformed payload: ")
