"""MQTT 5 before a broker that speaks 3.1.1 alone, without a socket."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.thingsboard.mqtt_client import MqttClient
from uplab.fakes.broker.server import BrokerServer
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.mqtt.properties import TOPIC_ALIAS
from uplab.fakes.mqtt.wire import WireError
from uplab.fakes.relay.translation import Translation


def older(packet: p.Packet) -> bytes:
    return encode(packet, p.V3_1_1)


def newer(packet: p.Packet) -> bytes:
    return encode(packet, p.V5)


def newer_of(raw: bytes) -> p.Packet | p.Malformed:
    [found] = Decoder(level=p.V5).feed(raw)
    return found


def begun() -> Translation:
    translation = Translation(lambda: "given")
    translation.to_broker(newer(p.Connect(5, "me")))
    return translation


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (p.Publish("a", b"x", 1, 7, properties=((0x03, "text"), (0x26, ("k", "v")))), p.Publish("a", b"x", 1, 7)),
        (p.Subscribe(1, (p.Subscription("a/#", 0x2D),)), p.Subscribe(1, (p.Subscription("a/#", 1),))),
        (p.Puback(7, 0x10, ((0x1F, "nobody"),)), p.Puback(7)),
        (p.Pubrel(7), p.Pubrel(7)),
        (p.Disconnect(4, ((0x11, 5),)), p.Disconnect()),
        (p.Pingreq(), p.Pingreq()),
    ],
)
def test_client_is_told_to_the_broker_without_what_is_new(said: p.Packet, meant: p.Packet) -> None:
    assert begun().to_broker(newer(said)) == older(meant)


def test_connect_keeps_account_and_will_and_gets_a_name_where_it_has_none() -> None:
    translation = Translation(lambda: "given")
    will = p.Will("gone", b"x", 1, True, ((0x18, 5),))
    connect = p.Connect(5, "", False, 20, "user", b"secret", will, ((0x11, 300),))

    assert translation.to_broker(newer(connect)) == older(
        p.Connect(4, "given", False, 20, "user", b"secret", p.Will("gone", b"x", 1, True))
    )
    welcome = newer_of(translation.to_client(older(p.Connack(True, 0))))
    assert isinstance(welcome, p.Connack)
    assert (welcome.session_present, welcome.code) == (True, 0)
    assert dict(welcome.properties)[0x12] == "given"


@pytest.mark.parametrize(("code", "told"), [(4, 0x86), (5, 0x87), (3, 0x88), (77, 0x80)])
def test_refusal_is_told_in_its_new_number(code: int, told: int) -> None:
    assert newer_of(begun().to_client(older(p.Connack(False, code)))) == p.Connack(False, told)


def test_alias_becomes_its_topic() -> None:
    translation = begun()

    first = translation.to_broker(newer(p.Publish("a/b", b"1", properties=((TOPIC_ALIAS, 3),))))
    then = translation.to_broker(newer(p.Publish("", b"2", properties=((TOPIC_ALIAS, 3),))))

    assert (first, then) == (older(p.Publish("a/b", b"1")), older(p.Publish("a/b", b"2")))


def test_each_filter_that_is_given_up_gets_its_code() -> None:
    translation = begun()
    translation.to_broker(newer(p.Unsubscribe(9, ("a", "b"))))

    assert newer_of(translation.to_client(older(p.Unsuback(9)))) == p.Unsuback(9, (0, 0))


def test_what_3_1_1_has_not_is_an_error() -> None:
    with pytest.raises(WireError, match="AUTH"):
        begun().to_broker(newer(p.Auth(0x18)))


@pytest.mark.parametrize("level", [p.V3_1, p.V3_1_1])
def test_client_of_an_older_protocol_goes_through_as_it_came(level: int) -> None:
    translation = Translation()
    said = encode(p.Connect(level, "me"), level) + older(p.Publish("a", b"x", 1, 7))

    assert translation.to_broker(said) == said
    assert translation.to_client(b"anything") == b"anything"


def test_stream_in_pieces_is_the_same() -> None:
    translation, said = begun(), newer(p.Publish("a", b"x", 1, 7)) + newer(p.Pingreq())

    came = b"".join(translation.to_broker(said[at : at + 1]) for at in range(len(said)))

    assert came == older(p.Publish("a", b"x", 1, 7)) + older(p.Pingreq())


def test_broker_takes_a_client_of_mqtt_5_as_it_stands() -> None:
    async def story() -> None:
        journal = Journal()
        server = BrokerServer(emit=journal)
        try:
            client = await MqttClient.open(await server.listen_mqtt(), level=p.V5)
            await server.ready()
            await client.send(p.Connect(5, "", properties=((0x11, 300),)))
            assert isinstance(await client.next(), p.Connack)
            await client.send(p.Subscribe(1, (p.Subscription("things/#", 1),)))
            assert await client.next() == p.Suback(1, (1,))
            await client.send(p.Publish("things/1", b"{}", 1, 5, properties=((0x03, "application/json"),)))
            came = {type(one): one for one in (await client.next(), await client.next())}
            assert came[p.Puback] == p.Puback(5)
            got = came[p.Publish]
            assert isinstance(got, p.Publish)
            assert (got.topic, got.payload) == ("things/1", b"{}")
            await client.close()
            [told] = journal.facts("destination.published")
            assert (told["level"], told["topic"], told["raw"]) == (5, "things/1", b"{}")
        finally:
            await server.stop()

    asyncio.run(story())
