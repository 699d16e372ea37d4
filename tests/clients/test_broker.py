"""Real clients through the relay before amqtt and before mosquitto: they notice nothing, and the history has it all."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.fakes.thingsboard.mqtt_client import MqttClient, fact
from tests.fakes.thingsboard.mqtt_client import running as thingsboard
from uplab.fakes.broker.server import BrokerServer
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p
from uplab.fakes.relay.rim import Relay

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
WAIT_S = 20
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
BROKERS = [
    pytest.param(None, id="amqtt"),
    pytest.param(f"{MOSQUITTO} -p {{port}}", id="mosquitto", marks=needs_mosquitto),
]


@asynccontextmanager
async def running(command: str | None) -> AsyncIterator[tuple[BrokerServer, int, Journal]]:
    journal = Journal()
    server = BrokerServer(emit=journal, command=command)
    port = await server.listen_mqtt()
    await server.ready()
    try:
        yield server, port, journal
    finally:
        await server.stop()


async def run_client(*words: str) -> tuple[int | None, bytes]:
    process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    async with asyncio.timeout(WAIT_S):
        out, _ = await process.communicate()
    return process.returncode, out


@pytest.mark.skipif(shutil.which("mosquitto_pub") is None, reason="mosquitto-clients is not installed")
@pytest.mark.parametrize("qos", ["0", "1", "2"])
@pytest.mark.parametrize("command", BROKERS)
def test_mosquitto_s_clients_publish_and_subscribe(command: str | None, qos: str) -> None:
    async def story() -> None:
        async with running(command) as (_, port, journal):
            place = ["-h", "127.0.0.1", "-p", str(port), "-q", qos]
            hearing = asyncio.create_task(run_client("mosquitto_sub", *place, "-t", "things/#", "-C", "1", "-v"))
            await fact(journal, "destination.connected")
            # Retained, so that it does not matter which of the two is there first.
            code, _ = await run_client("mosquitto_pub", *place, "-t", "things/7", "-m", '{"n":1}', "-r")
            assert code == 0
            assert await hearing == (0, b'things/7 {"n":1}\n')
            [published] = journal.facts("destination.published")
            assert (published["topic"], published["raw"], published["qos"]) == ("things/7", b'{"n":1}', int(qos))
            if qos != "0":
                [acknowledged] = journal.facts("destination.acknowledged")
                assert acknowledged["kind"] == ("PUBACK" if qos == "1" else "PUBREC")

    asyncio.run(story())


@needs_mosquitto
def test_paho_speaks_mqtt_5_with_properties_and_aliases() -> None:
    async def story() -> None:
        async with running(f"{MOSQUITTO} -p {{port}}") as (_, port, journal):
            version = aiomqtt.ProtocolVersion.V5
            async with (
                aiomqtt.Client("127.0.0.1", port, protocol=version) as reader,
                aiomqtt.Client("127.0.0.1", port, protocol=version) as writer,
            ):
                await reader.subscribe("things/#", qos=1)
                for topic in ("things/7", ""):  # the second time the alias alone says where it goes
                    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
                    properties.TopicAlias = 3
                    properties.UserProperty = [("site", "A")]
                    await writer.publish(topic, b"x", qos=1, properties=properties)
                messages = aiter(reader.messages)
                async with asyncio.timeout(WAIT_S):
                    got = [await anext(messages) for _ in range(2)]
                assert [(str(one.topic), one.payload) for one in got] == [("things/7", b"x")] * 2
            told = journal.facts("destination.published")
            assert [(one["topic"], one["level"]) for one in told] == [("things/7", 5)] * 2
            assert ["user_property", ["site", "A"]] in told[0]["properties"]

    asyncio.run(story())


@pytest.mark.parametrize("command", BROKERS)
def test_many_messages_of_paho_arrive_in_their_order(command: str | None) -> None:
    async def story() -> None:
        async with running(command) as (_, port, journal), aiomqtt.Client("127.0.0.1", port) as client:
            for number in range(300):
                await client.publish("t", b"%d" % number, qos=1)
            assert [one["raw"] for one in journal.facts("destination.published")] == [b"%d" % n for n in range(300)]
            assert len(journal.facts("destination.acknowledged")) == 300

    asyncio.run(story())


def test_relay_stands_before_the_fake_thingsboard_too() -> None:
    async def story() -> None:
        journal = Journal()
        async with thingsboard() as (_, behind):

            async def reach() -> tuple[str, int]:
                return "127.0.0.1", behind

            relay = Relay(reach, name="relay", emit=journal)
            client = await MqttClient.connect(await relay.listen())
            answer = await client.publish("v1/gateway/telemetry", b'{"A":[{"ts":1,"values":{"n":1}}]}')
            assert answer == p.Puback(7)
            await client.close()
            await relay.stop()
        assert [one["topic"] for one in journal.facts("destination.published")] == ["v1/gateway/telemetry"]

    asyncio.run(story())
