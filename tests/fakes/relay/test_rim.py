"""The relay on real sockets, before a server of few lines that answers by the book."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
import trustme

from tests.fakes.thingsboard.mqtt_client import CLOSED, MqttClient, fact
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Close, Delay, Drip, Fault, Nth, RefuseConnect, WithholdPuback
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.relay import rim
from uplab.fakes.relay.rim import Relay


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


class Server:
    """A broker's end that lets everybody in and acknowledges everything."""

    def __init__(self) -> None:
        self.port = 0
        self.there = True
        self.heard: list[p.Packet | p.Malformed] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def reach(self) -> tuple[str, int]:
        if not self.there:
            raise ConnectionRefusedError(111, "Connection refused")
        return "127.0.0.1", self.port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        decoder = Decoder(max_bytes=1 << 28)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                for packet in decoder.feed(data):
                    self.heard.append(packet)
                    if isinstance(packet, p.Connect):
                        writer.write(encode(p.Connack(False, 0), decoder.level))
                    elif isinstance(packet, p.Publish) and packet.qos:
                        writer.write(encode(p.Puback(packet.packet_id), decoder.level))
                    elif isinstance(packet, p.Pingreq):
                        writer.write(encode(p.Pingresp()))
        writer.close()


@contextlib.asynccontextmanager
async def relayed(*faults: Fault, **options: Any) -> AsyncIterator[tuple[Relay, int, Server, Journal]]:
    """A relay with one site, and the server behind it."""
    server, journal = Server(), Journal()
    behind = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = behind.sockets[0].getsockname()[1]
    relay = Relay(server.reach, name="broker", emit=journal, behaviour=Behaviour(faults), **options)
    try:
        yield relay, await relay.listen(), server, journal
    finally:
        await relay.stop()
        for writer in server.writers:
            writer.transport.abort()
        behind.close()


async def client_of(port: int, level: int = 4) -> MqttClient:
    return await MqttClient.connect(port, username="me", password=b"secret", level=level)


def hops(journal: Journal) -> list[str]:
    return [entry.hop.removeprefix("destination.") for entry in journal.entries()]


@pytest.mark.parametrize("level", [3, 4, 5])
def test_messages_pass_and_the_history_tells_of_them(level: int) -> None:
    async def story() -> None:
        async with relayed() as (_, port, server, journal):
            client = await client_of(port, level)
            assert await client.publish("a/b", b"x") == p.Puback(7)
            await client.close()
            await fact(journal, "destination.closed")
            assert [type(packet).__name__ for packet in server.heard] == ["Connect", "Publish"]
            assert hops(journal) == ["connected", "published", "acknowledged", "closed"]
            [closed] = journal.facts("destination.closed")
            assert closed["reason"] == "the client closed the connection"

    run(story())


def test_many_messages_at_once_keep_their_order() -> None:
    async def story() -> None:
        async with relayed() as (_, port, server, journal):
            client = await client_of(port)
            await client.send(*(p.Publish("t", b"%d" % n, 1, n) for n in range(1, 2001)))
            assert [await client.next() for _ in range(2000)] == [p.Puback(n) for n in range(1, 2001)]
            assert [packet.payload for packet in server.heard if isinstance(packet, p.Publish)] == [
                b"%d" % n for n in range(1, 2001)
            ]
            await client.close()
        published = [facts["exchange"] for facts in journal.facts("destination.published")]
        assert [facts["exchange"] for facts in journal.facts("destination.acknowledged")] == published

    run(story())


def test_over_tls_the_client_certificate_is_who_one_is() -> None:
    seen: list[str | None] = []

    class Looking:
        def refusal(self, guest: Any, _password: bytes | None) -> int:
            seen.append(guest.subject)
            return 0

        def may_publish(self, _guest: Any, _topic: str) -> bool:
            return True

        def may_subscribe(self, _guest: Any, _wanted: str) -> bool:
            return True

    authority = trustme.CA()
    inside, outside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(inside)
    authority.configure_trust(inside)
    inside.verify_mode = ssl.CERT_OPTIONAL
    authority.configure_trust(outside)
    authority.issue_cert("client.example", common_name="sensor 7").configure_cert(outside)

    async def story() -> None:
        async with relayed(door=Looking()) as (relay, _, _, journal):
            port = await relay.listen(tls=inside)
            client = await MqttClient.open(port, tls=outside)
            await client.send(p.Connect(4, "c"))
            assert await client.next() == p.Connack(False, 0)
            assert await client.publish("t", b"x") == p.Puback(7)
            await client.close()
            await fact(journal, "destination.closed")

    run(story())
    assert seen == ["sensor 7"]


def test_broker_that_is_not_there_is_one_line_and_harms_nobody_else() -> None:
    async def story() -> None:
        async with relayed() as (_, port, server, journal):
            before = await client_of(port)
            server.there = False
            late = await MqttClient.open(port)
            await late.send(p.Connect(4, "late"))
            assert await late.next() == CLOSED
            [closed] = await fact(journal, "destination.closed")
            assert closed["reason"] == "the broker cannot be reached: Connection refused"
            assert await before.publish("t", b"x") == p.Puback(7)
            await before.close()
            await late.close()

    run(story())


def test_broker_that_vanishes_takes_its_clients_along() -> None:
    async def story() -> None:
        async with relayed() as (_, port, server, journal):
            client = await client_of(port)
            server.writers[0].transport.abort()
            assert await client.next() == CLOSED
            [closed] = await fact(journal, "destination.closed")
            assert str(closed["reason"]).startswith("the broker ")
            await client.close()

    run(story())


def test_garbage_is_one_line_and_harms_nobody_else() -> None:
    async def story() -> None:
        async with relayed() as (_, port, server, journal):
            client = await client_of(port)
            stranger = await MqttClient.open(port)
            await stranger.send(b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n")
            assert await stranger.next() == CLOSED
            [closed] = await fact(journal, "destination.closed")
            assert closed["reason"] == "what the client sent is no MQTT: the first packet is not CONNECT"
            assert len(server.writers) == 1
            assert await client.publish("t", b"x") == p.Puback(7)
            await client.close()
            await stranger.close()

    run(story())


def test_client_without_a_connect_is_put_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rim, "CONNECT_S", 0.01)

    async def story() -> None:
        async with relayed() as (_, port, _, journal):
            silent = await MqttClient.open(port)
            assert await silent.next() == CLOSED
            [closed] = await fact(journal, "destination.closed")
            assert closed["reason"] == "no CONNECT within 0.01 s"
            await silent.close()

    run(story())


def test_refused_client_reads_its_connack() -> None:
    async def story() -> None:
        async with relayed(Fault("f", Nth(1), RefuseConnect(5))) as (_, port, server, _):
            client = await MqttClient.open(port)
            await client.send(p.Connect(4, "c"))
            assert [await client.next(), await client.next()] == [p.Connack(False, 5), CLOSED]
            assert server.heard == []
            await client.close()

    run(story())


def test_message_is_taken_and_its_acknowledgement_lost() -> None:
    async def story() -> None:
        async with relayed(Fault("f", Nth(1), Close(handled=True, reset=True))) as (_, port, server, journal):
            client = await client_of(port)
            assert await client.publish("t", b"x") == CLOSED
            await fact(journal, "fault.delivered")
            assert any(isinstance(packet, p.Publish) for packet in server.heard)
            assert journal.facts("destination.acknowledged") == []
            await client.close()

    run(story())


def test_withheld_puback_holds_nothing_else_up() -> None:
    async def story() -> None:
        async with relayed(Fault("f", Nth(1), WithholdPuback())) as (_, port, _, journal):
            client = await client_of(port)
            await client.send(p.Publish("t", b"x", 1, 1), p.Publish("t", b"y", 1, 2), p.Pingreq())
            assert [await client.next(), await client.next()] == [p.Puback(2), p.Pingresp()]
            assert len(journal.facts("destination.acknowledged")) == 1
            await client.close()

    run(story())


def test_delayed_message_waits_and_so_does_what_follows() -> None:
    async def story() -> None:
        async with relayed(Fault("f", Nth(1), Delay(0.02), on="publish")) as (_, port, _, _):
            client = await client_of(port)
            await client.send(p.Publish("t", b"x", 1, 1), p.Publish("t", b"y", 1, 2))
            await client.send(p.Publish("t", b"z", 1, 3))
            assert [await client.next() for _ in range(3)] == [p.Puback(1), p.Puback(2), p.Puback(3)]
            await client.close()

    run(story())


def test_puback_that_drips_comes_before_the_next_one() -> None:
    async def story() -> None:
        async with relayed(Fault("f", Nth(1), Drip(500.0), on="publish")) as (_, port, _, journal):
            client = await client_of(port)
            await client.send(p.Publish("t", b"x", 1, 1), p.Publish("t", b"y", 1, 2))
            assert [await client.next(), await client.next()] == [p.Puback(1), p.Puback(2)]
            assert len(await fact(journal, "destination.acknowledged", 2)) == 2
            await client.close()

    run(story())


def test_who_does_not_read_is_pushed_nothing_more() -> None:
    async def story() -> None:
        async with relayed() as (_, port, server, journal):
            client = await client_of(port)
            payload, count = b"x" * 50_000, 400
            push = encode(p.Publish("t", payload))
            for _ in range(count):
                server.writers[0].write(push)
            received = 0
            while received < count:
                packet = await client.next()
                received += isinstance(packet, p.Publish)
            assert len(journal.facts("destination.pushed")) == count
            await client.close()

    run(story())
