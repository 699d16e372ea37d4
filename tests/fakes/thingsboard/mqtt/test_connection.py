"""One connection on real sockets: hops, broken packets, faults."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
import uvloop

from tests.fakes.thingsboard.mqtt_client import CLOSED, MqttClient, fact, running
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import (
    Action,
    Always,
    Close,
    Delay,
    Fault,
    FirstN,
    JsonPointer,
    Nth,
    RefuseConnect,
    RefuseSubscribe,
    RepeatPuback,
    TakeOver,
    WithholdPuback,
)
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.fakes.thingsboard.server import ThingsBoardServer

TELEMETRY = "v1/gateway/telemetry"


def body(value: int, device: str = "A") -> bytes:
    return b'{"%s":[{"ts":%d,"values":{"n":%d}}]}' % (device.encode(), value, value)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def latest(server: ThingsBoardServer, device: str = "A") -> object:
    found = server.state.device_named(server.state.demo.id, device)
    return found and found.series.latest("n")


# --- hops -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("payload", "acks"), [(b"{", []), (b"{}", [p.Puback(7)])], ids=["malformed", "refused"])
def test_message_that_ends_its_session_is_acknowledged_when_due(payload: bytes, acks: list[p.Packet]) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (_, port):
            client = await MqttClient.connect(port)
            await client.send(p.Publish(TELEMETRY, payload, 1, 7))
            assert [await client.next() for _ in range(len(acks) + 1)] == [*acks, CLOSED]
            await fact(journal, "destination.closed")
            await client.close()

        hops = [entry.hop.removeprefix("destination.") for entry in journal.entries()]
        assert hops == ["connected", "published", *["acknowledged"] * len(acks), "closed"]

    run(story())


def test_many_messages_at_once_keep_their_order() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (server, port):
            client = await MqttClient.connect(port)
            await client.send(*(p.Publish(TELEMETRY, body(n), 1, n) for n in range(1, 1001)))
            assert [await client.next() for _ in range(1000)] == [p.Puback(n) for n in range(1, 1001)]
            assert latest(server) == (1000, 1000)
            await client.close()

        published = [facts["exchange"] for facts in journal.facts("destination.published")]
        assert [facts["exchange"] for facts in journal.facts("destination.acknowledged")] == published

    run(story())


def test_refused_client_is_reported_with_its_code() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (_, port):
            client = await MqttClient.open(port)
            await client.send(p.Connect(4, "c", username="tenant@thingsboard.org", password=b"wrong"))
            assert (await client.next(), await client.next()) == (p.Connack(False, 5), CLOSED)
            await fact(journal, "destination.closed")
            await client.close()

        assert [facts["code"] for facts in journal.facts("destination.connected")] == [5]
        assert "wrong" not in str(journal.entries())

    run(story())


# --- broken packets -------------------------------------------------------------------------------------------------

CONNECT = encode(p.Connect(4, "c", username="tenant@thingsboard.org", password=b"tenant"))
BROKEN = {
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "publish first": encode(p.Publish("t", b"", 1, 1)),
    "second connect": CONNECT + CONNECT,
    "remaining length": CONNECT + bytes.fromhex("30ffffffff01"),
    "qos 3": CONNECT + bytes.fromhex("36050001740001"),
    "too large": CONNECT + bytes.fromhex("3081800430"),
    "bad utf-8": CONNECT + bytes.fromhex("30030001ff"),
    "reserved flags": CONNECT + bytes.fromhex("80060001000174 00"),
    "type 0": CONNECT + b"\0\0",
}


@pytest.mark.parametrize("garbage", BROKEN.values(), ids=BROKEN)
def test_broken_packet_closes_its_connection_only(garbage: bytes) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (server, port):
            server.state.provision_gateway("good@x.org", "pw")
            good = await MqttClient.connect(port, username="good@x.org", password=b"pw")
            bad = await MqttClient.open(port)
            await bad.send(garbage)
            while await bad.next() != CLOSED:
                pass
            assert await good.publish(TELEMETRY, body(1)) == p.Puback(7)
            (closed,) = await fact(journal, "destination.closed")
            assert str(closed["reason"]).startswith("malformed: ")
            await bad.close()
            await good.close()

    run(story())


def test_uvloop_serves_as_well() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(Close(reset=True), Nth(2))) as (_, port):
            client = await MqttClient.connect(port)
            assert await client.publish(TELEMETRY, body(1)) == p.Puback(7)
            assert await client.publish(TELEMETRY, body(2)) == CLOSED
            await fact(journal, "destination.closed")
            await client.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


def test_client_that_reads_nothing_is_not_listened_to_for_ever() -> None:
    async def story() -> None:
        async with running() as (server, port):
            device = server.state.add_device(server.state.demo.id, "D")
            device.save_attributes("SHARED_SCOPE", {"long": "x" * 20_000}, 0)
            deaf = await MqttClient.connect(port, username=device.credentials.id, password=None)
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
            asked = p.Publish("v1/devices/me/attributes/request/1", b"{}", 0)
            deaf.writer.write(encode(asked) * 5_000)  # 100 MB of answers
            good = await MqttClient.connect(port)
            assert await good.publish(TELEMETRY, body(1)) == p.Puback(7)
            kept = [c._transport.get_write_buffer_size() for c in server._mqtt._connections.values() if c._transport]
            assert max(kept) < 1_000_000
            deaf.writer.transport.abort()
            await good.close()

    run(story())


def test_client_that_reads_no_pushes_is_sent_away() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (server, port):
            device = server.state.add_device(server.state.demo.id, "D")
            deaf = await MqttClient.connect(port, username=device.credentials.id, password=None)
            await deaf.send(p.Subscribe(1, (p.Subscription("v1/devices/me/attributes", 1),)))
            assert await deaf.next() == p.Suback(1, (1,))
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
            while device.connected:
                server._mqtt.perform(server.protocol.links.attributes_changed(device, {"long": "x" * 60_000}))
                await asyncio.wait_for(asyncio.to_thread(lambda: None), 1)  # lets the loop turn
            (closed,) = await fact(journal, "destination.closed")
            assert closed["reason"] == "the client does not read what is pushed to it"
            await deaf.close()

    run(story())


def test_slow_reader_gets_every_answer_in_the_end() -> None:
    async def story() -> None:
        async with running() as (server, port):
            device = server.state.add_device(server.state.demo.id, "D")
            device.save_attributes("SHARED_SCOPE", {"long": "x" * 20_000}, 0)
            client = await MqttClient.connect(port, username=device.credentials.id, password=None)
            topics = [f"v1/devices/me/attributes/request/{n}" for n in range(1_000)]
            client.writer.write(b"".join(encode(p.Publish(topic, b"{}", 0)) for topic in topics))
            for number in range(1_000):
                answer = await client.next()
                assert isinstance(answer, p.Publish)
                assert answer.topic == f"v1/devices/me/attributes/response/{number}"
            await client.close()

    run(story())


# --- faults ---------------------------------------------------------------------------------------------------------


def fault(action: Action, trigger: Any = None, **more: Any) -> Behaviour:
    return Behaviour([Fault("f1", trigger or Nth(1), action, **more)])


def test_connect_is_refused_as_asked() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(RefuseConnect(3))) as (_, port):
            first = await MqttClient.open(port)
            await first.send(CONNECT)
            assert (await first.next(), await first.next()) == (p.Connack(False, 3), CLOSED)
            second = await MqttClient.connect(port)
            assert len(await fact(journal, "fault.delivered")) == 1
            await first.close()
            await second.close()

    run(story())


def test_subscription_is_refused_as_asked() -> None:
    wanted = p.Subscribe(7, (p.Subscription("v1/devices/me/rpc/request/+", 1), p.Subscription("v1/gateway/rpc", 1)))

    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(RefuseSubscribe())) as (_, port):
            client = await MqttClient.connect(port)
            await client.send(wanted)
            assert await client.next() == p.Suback(7, (0x80, 0x80))
            assert len(await fact(journal, "fault.delivered")) == 1
            await client.send(wanted)
            assert await client.next() == p.Suback(7, (1, 1)), "only the first was to be refused"
            await client.close()

    run(story())


@pytest.mark.parametrize("handled", [True, False])
def test_puback_is_withheld(handled: bool) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(WithholdPuback(handled=handled))) as (server, port):
            client = await MqttClient.connect(port)
            await client.send(p.Publish(TELEMETRY, body(1), 1, 1))
            await fact(journal, "fault.delivered")
            assert latest(server) == ((1, 1) if handled else None)
            assert await client.publish(TELEMETRY, body(2), 2) == p.Puback(2)
            await client.close()

        first, second = journal.facts("destination.published")
        assert [facts["exchange"] for facts in journal.facts("destination.acknowledged")] == [second["exchange"]]
        (delivered,) = journal.facts("fault.delivered")
        assert (delivered["fault"], delivered["exchange"]) == ("f1", first["exchange"])

    run(story())


def test_puback_is_repeated() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(RepeatPuback(3))) as (_, port):
            client = await MqttClient.connect(port)
            assert await client.publish(TELEMETRY, body(1), 1) == p.Puback(1)
            await client.send(p.Pingreq())
            assert [await client.next() for _ in range(3)] == [p.Puback(1), p.Puback(1), p.Pingresp()]
            await client.close()

        assert len(journal.facts("destination.acknowledged")) == 3

    run(story())


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("handled", [True, False])
def test_connection_is_closed_without_a_puback(handled: bool, reset: bool) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(Close(handled=handled, reset=reset))) as (server, port):
            client = await MqttClient.connect(port)
            assert await client.publish(TELEMETRY, body(1)) == CLOSED
            assert latest(server) == ((1, 1) if handled else None)
            (closed,) = await fact(journal, "destination.closed")
            assert closed["reason"] == "fault f1"
            await client.close()

        assert journal.facts("destination.acknowledged") == []

    run(story())


@pytest.mark.parametrize(("level", "told"), [(4, []), (5, [p.Disconnect(0x8E)])])
def test_session_is_taken_over(level: int, told: list[p.Packet]) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(TakeOver())) as (_, port):
            client = await MqttClient.connect(port, level=level)
            await client.send(p.Publish(TELEMETRY, body(1), 1, 1))
            assert [await client.next() for _ in range(len(told) + 1)] == [*told, CLOSED]
            assert len(await fact(journal, "fault.delivered")) == 1
            await client.close()

    run(story())


def test_delay_holds_back_the_later_messages_too() -> None:
    async def story() -> None:
        behaviour = fault(Delay(0.05, RepeatPuback(2)), FirstN(1), on="publish")
        async with running(behaviour=behaviour) as (_, port):
            client = await MqttClient.connect(port)
            loop = asyncio.get_running_loop()
            before_s = loop.time()
            await client.send(p.Publish(TELEMETRY, body(1), 1, 1), p.Publish(TELEMETRY, body(2), 1, 2), p.Pingreq())
            found = [await client.next() for _ in range(4)]
            assert found == [p.Puback(1), p.Puback(1), p.Puback(2), p.Pingresp()]
            assert loop.time() - before_s >= 0.05
            await client.close()

    run(story())


def test_client_may_leave_while_its_message_is_delayed() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(Delay(30.0), Always(), on="publish")) as (_, port):
            client = await MqttClient.connect(port)
            await client.send(p.Publish(TELEMETRY, body(1), 1, 1))
            await fact(journal, "destination.published")

        assert len(journal.facts("destination.closed")) == 1
        await client.close()

    run(story())


def test_delayed_message_of_an_ended_session_is_dropped() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, behaviour=fault(Delay(0.05), on="publish")) as (server, port):
            older = await MqttClient.connect(port)
            await older.send(p.Publish(TELEMETRY, body(1), 1, 1))
            await fact(journal, "destination.published")
            newer = await MqttClient.connect(port)
            assert await older.next() == CLOSED
            assert await newer.publish(TELEMETRY, body(2, "B")) == p.Puback(7)
            assert latest(server) is None
            await older.close()
            await newer.close()

        assert len(journal.facts("destination.acknowledged")) == 1

    run(story())


def test_fault_finds_its_message_by_a_value() -> None:
    async def story() -> None:
        behaviour = fault(WithholdPuback(), JsonPointer("/B/0/values/n", 2))
        async with running(behaviour=behaviour) as (_, port):
            client = await MqttClient.connect(port)
            assert await client.publish(TELEMETRY, body(1, "B"), 1) == p.Puback(1)
            await client.send(p.Publish(TELEMETRY, body(2, "B"), 1, 2))
            assert await client.publish(TELEMETRY, body(3, "B"), 3) == p.Puback(3)
            assert await client.publish(TELEMETRY, body(2, "B"), 4) == p.Puback(4)
            await client.close()

    run(story())
