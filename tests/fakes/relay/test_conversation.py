"""The relay's conversation, without a socket: what comes from either side, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.relay.talk import Talk
from uplab.fakes.faults import (
    Action,
    Close,
    Delay,
    Drip,
    Fault,
    Garbage,
    Hang,
    Nth,
    RefuseConnect,
    RefuseSubscribe,
    RepeatPuback,
    TakeOver,
    WithholdPingresp,
    WithholdPuback,
)
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.fakes.mqtt.properties import TOPIC_ALIAS
from uplab.fakes.relay import commands as c


def fault(action: Action, n: int = 1) -> Fault:
    return Fault("f", Nth(n), action, on="publish" if "publish" in action.kinds else None)


MESSAGE = p.Publish("things/1/uplink", b'{"n":1}', 1, 7)
RAW = encode(MESSAGE)
PUBACK = encode(p.Puback(7))


# --- what goes through ----------------------------------------------------------------------------------------------


def test_connect_is_told_with_the_code_that_the_broker_gave() -> None:
    talk = Talk()
    connect = p.Connect(4, "me", username="user", password=b"secret")

    assert talk.client(connect) == ["dial", ("forward", encode(connect))]
    connack = encode(p.Connack(False, 0))
    [told, answer] = talk.conversation.from_broker(connack)

    assert isinstance(told, c.Tell)
    assert told.said[1] | {"fake": "broker"} == {
        "fake": "broker",
        "session": 1,
        "username": "user",
        "client_id": "me",
        "level": 4,
        "code": 0,
    }
    assert answer == c.Answer(connack)


def test_what_comes_before_the_connack_waits_for_it() -> None:
    talk = Talk()

    assert talk.client(p.Connect(4, "me"), MESSAGE) == ["dial", ("forward", encode(p.Connect(4, "me")))]
    assert talk.broker(p.Connack(False, 0)) == [
        "connected",
        ("answer", encode(p.Connack(False, 0))),
        "published",
        ("forward", RAW),
    ]


def test_message_goes_through_unaltered_and_its_acknowledgement_is_told_when_it_is_written() -> None:
    talk = Talk().open()

    [told, forward] = talk.conversation.from_client(RAW)
    assert forward == c.Forward(RAW)
    assert isinstance(told, c.Tell)
    facts = dict(told.said[1])
    exchange = facts.pop("exchange")
    assert facts == {
        "fake": "broker",
        "session": 1,
        "topic": "things/1/uplink",
        "level": 4,
        "qos": 1,
        "retain": False,
        "duplicate": False,
        "packet_id": 7,
        "properties": [],
        "members": None,
        "raw": b'{"n":1}',
    }
    acknowledged = {"fake": "broker", "session": 1, "exchange": exchange, "kind": "PUBACK", "code": 0}
    assert talk.conversation.from_broker(PUBACK) == [
        c.Answer(PUBACK, (("destination.acknowledged", acknowledged),)),
    ]


def test_bytes_in_pieces_make_the_same_packets() -> None:
    talk = Talk().open()

    assert [talk.client(RAW[at : at + 1]) for at in range(len(RAW))][-1] == ["published", ("forward", RAW)]


def test_quality_2_is_acknowledged_by_its_pubrec() -> None:
    talk = Talk().open()
    talk.client(p.Publish("t", b"x", 2, 9))

    [answer] = talk.conversation.from_broker(encode(p.Pubrec(9)))
    assert isinstance(answer, c.Answer)
    assert answer.said[0][1]["kind"] == "PUBREC"
    assert talk.client(p.Pubrel(9)) == [("forward", encode(p.Pubrel(9)))]
    assert talk.broker(p.Pubcomp(9)) == [("answer", encode(p.Pubcomp(9)))]


def test_properties_reason_and_alias_of_mqtt_5_are_read() -> None:
    talk = Talk(level=5).open()
    first = p.Publish("things/1", b"x", 1, 1, properties=((TOPIC_ALIAS, 4), (0x26, ("a", "b"))))
    again = p.Publish("", b"y", 1, 2, properties=((TOPIC_ALIAS, 4),))

    said = [
        command.said[1]
        for command in talk.conversation.from_client(encode(first, 5) + encode(again, 5))
        if isinstance(command, c.Tell)
    ]
    assert [facts["topic"] for facts in said] == ["things/1", "things/1"]
    assert said[0]["properties"] == [["topic_alias", 4], ["user_property", ["a", "b"]]]
    [answer] = talk.conversation.from_broker(encode(p.Puback(1, 0x97), 5))
    assert isinstance(answer, c.Answer)
    assert answer.said[0][1]["code"] == 0x97


def test_alias_that_stands_for_nothing_ends_the_connection() -> None:
    talk = Talk(level=5).open()

    found = talk.client(p.Publish("", b"y", 1, 2, properties=((TOPIC_ALIAS, 4),)))
    assert found[-1] == ("end", "what the client sent is no MQTT: the topic alias 4 stands for no topic")


def test_what_the_broker_hands_on_is_told() -> None:
    talk = Talk().open()
    push = p.Publish("things/1/downlink", b"{}", 1, 3)

    assert talk.broker(push) == [("answer", encode(push), "pushed")]
    assert talk.client(p.Puback(3)) == [("forward", encode(p.Puback(3)))]


def test_everything_else_goes_through_as_it_came() -> None:
    talk = Talk().open()
    subscribe = p.Subscribe(2, (p.Subscription("a/#", 1),))
    for packet in (subscribe, p.Unsubscribe(3, ("a/#",)), p.Pingreq(), p.Pubcomp(4)):
        assert talk.client(packet) == [("forward", encode(packet))]
    for answer in (p.Suback(2, (1,)), p.Unsuback(3), p.Pingresp()):
        assert talk.broker(answer) == [("answer", encode(answer))]
    assert talk.client(p.Disconnect()) == [("forward", encode(p.Disconnect()))]
    assert talk.conversation.reason == "the client said DISCONNECT"


def test_client_that_the_broker_refuses_is_told_so_and_closed() -> None:
    talk = Talk()
    talk.client(p.Connect(4, "me"))

    connack = encode(p.Connack(False, 5))
    assert talk.broker(connack) == ["connected", ("answer", connack), ("end", "the broker refused the client with 5")]


# --- what is no MQTT ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n", "the first packet is not CONNECT"),
        (b"\x16\x03\x01", "the first packet is not CONNECT"),
        (b"\x10\x06\x00\x04NOPE", "protocol 'NOPE'"),
    ],
)
def test_garbage_at_the_port_ends_the_connection_at_once(data: bytes, why: str) -> None:
    [(how, reason)] = Talk().client(data + b"\0" * 40)

    assert how == "end"
    assert reason.startswith(f"what the client sent is no MQTT: {why}") or "bytes too early" in reason


@pytest.mark.parametrize(("topic", "why"), [("a/+/b", "a topic name with a wildcard"), ("a\0b", "string holds U+0000")])
def test_topic_that_cannot_be_ends_the_connection(topic: str, why: str) -> None:
    talk = Talk().open()

    assert talk.client(p.Publish(topic, b"", 1, 1)) == [("end", f"what the client sent is no MQTT: {why}")]
    assert talk.client(MESSAGE) == []


def test_message_over_the_limit_is_answered_in_mqtt_5_before_the_end() -> None:
    talk = Talk(level=5, max_packet_bytes=100).open()

    found = talk.client(p.Publish("t", b"x" * 200, 1, 1))
    assert found == [
        ("answer", encode(p.Disconnect(0x95), 5)),
        ("end", "what the client sent is no MQTT: packet of 206 bytes; at most 100 are read"),
    ]


# --- faults ---------------------------------------------------------------------------------------------------------


def test_connect_is_refused_without_asking_the_broker() -> None:
    talk = Talk(fault(RefuseConnect(5)))

    assert talk.client(p.Connect(4, "me")) == [
        "fault.delivered",
        "connected",
        ("answer", encode(p.Connack(False, 5))),
        ("end", "refused with 5"),
    ]


def test_delayed_connect_is_let_in_later() -> None:
    talk = Talk(Fault("f", Nth(1), Delay(2.0), on="connect"))
    connect = p.Connect(4, "me")

    assert talk.client(connect) == [("later", 2.0)]
    assert talk.resume() == ["fault.delivered", "dial", ("forward", encode(connect))]


@pytest.mark.parametrize(("handled", "forwarded"), [(True, [("forward", RAW)]), (False, [])])
def test_puback_is_withheld(handled: bool, forwarded: list[Any]) -> None:
    talk = Talk(fault(WithholdPuback(handled))).open()

    assert talk.client(MESSAGE) == ["published", *forwarded, *([] if handled else ["fault.delivered"])]
    if handled:
        assert talk.broker(PUBACK) == ["fault.delivered"]
    assert talk.client(p.Pingreq()) == [("forward", encode(p.Pingreq()))]


def test_puback_is_repeated() -> None:
    talk = Talk(fault(RepeatPuback(3))).open()
    talk.client(MESSAGE)

    assert talk.broker(PUBACK) == [("answer", PUBACK * 3, *["acknowledged"] * 3, "fault.delivered")]


def test_delayed_message_holds_back_what_comes_after_it() -> None:
    talk = Talk(fault(Delay(1.5, Close()))).open()

    assert talk.client(MESSAGE, p.Pingreq()) == ["published", ("later", 1.5)]
    assert talk.conversation.stalled
    assert talk.resume() == [("end", "fault f"), "fault.delivered"]


def test_delay_alone_delays() -> None:
    talk = Talk(fault(Delay(1.5))).open()
    talk.client(MESSAGE, p.Pingreq())

    assert talk.resume() == [("forward", RAW), "fault.delivered", ("forward", encode(p.Pingreq()))]
    assert talk.broker(PUBACK) == [("answer", PUBACK, "acknowledged")]


@pytest.mark.parametrize(
    ("action", "end"),
    [
        (Close(), ("end", "fault f")),
        (Close(reset=True), ("reset", "fault f")),
        (TakeOver(), ("end", "taken over by a newer session of the client")),
    ],
)
def test_connection_is_ended_before_the_broker_has_the_message_or_after(action: Close | TakeOver, end: Any) -> None:
    talk = Talk(fault(action)).open()
    assert talk.client(MESSAGE) == ["published", end, "fault.delivered"]

    talk = Talk(fault(replace(action, handled=True))).open()
    assert talk.client(MESSAGE) == ["published", ("forward", RAW)]
    assert talk.broker(PUBACK) == [end, "fault.delivered"]


def test_take_over_is_said_in_mqtt_5() -> None:
    talk = Talk(fault(TakeOver()), level=5).open()

    assert ("answer", encode(p.Disconnect(0x8E), 5)) in talk.client(MESSAGE)


def test_puback_drips() -> None:
    talk = Talk(fault(Drip(10.0))).open()
    talk.client(MESSAGE)

    assert talk.broker(PUBACK) == [("drip", PUBACK, 10.0, "acknowledged", "fault.delivered")]


def test_garbage_comes_in_the_place_of_a_puback() -> None:
    talk = Talk(fault(Garbage(handled=True, bytes=b"\0\0"))).open()
    talk.client(MESSAGE)

    assert talk.broker(PUBACK) == [("answer", b"\0\0"), "fault.delivered"]


def test_hanging_connection_is_not_listened_to() -> None:
    talk = Talk(fault(Hang(handled=False))).open()

    assert talk.client(MESSAGE, p.Pingreq()) == ["published", "fault.delivered"]
    assert talk.client(p.Pingreq()) == []


@pytest.mark.parametrize(("level", "code"), [(4, 0x80), (5, 0x87)])
def test_subscription_is_refused(level: int, code: int) -> None:
    talk = Talk(fault(RefuseSubscribe()), level=level).open()

    found = talk.client(p.Subscribe(2, (p.Subscription("a"), p.Subscription("b"))))
    assert found == [("answer", encode(p.Suback(2, (code, code)), level)), "fault.delivered"]


def test_ping_is_left_unanswered() -> None:
    talk = Talk(fault(WithholdPingresp(), n=2)).open()

    assert talk.client(p.Pingreq()) == [("forward", encode(p.Pingreq()))]
    assert talk.client(p.Pingreq()) == ["fault.delivered"]


def test_fault_of_an_acknowledgement_does_nothing_to_what_has_none() -> None:
    talk = Talk(fault(RepeatPuback(2))).open()
    bare = p.Publish("t", b"x")

    assert talk.client(bare) == ["published", ("forward", encode(bare)), "fault.delivered"]
