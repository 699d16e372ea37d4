"""Real MQTT clients that nobody here wrote talk to the fake ThingsBoard: aiomqtt (paho), amqtt's client, mosquitto's.

Without mosquitto_pub and mosquitto_sub their tests are skipped, unless UPLAB_REQUIRE_CLIENTS=1 says that they must be
there.
"""

import asyncio
import os
import shutil
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import paho.mqtt.client as paho
import pytest
import trustme
from amqtt.client import MQTTClient
from amqtt.errors import ConnectError
from paho.mqtt.reasoncodes import ReasonCode

from tests.fakes.thingsboard.mqtt_client import DEADLINE_S, fact, running
from uplab.fakes.journal import Journal
from uplab.fakes.thingsboard.server import ThingsBoardServer

USERNAME, PASSWORD = "tenant@thingsboard.org", "tenant"
TELEMETRY = "v1/gateway/telemetry"
BODY = b'{"0018B20000001234":[{"ts":1700000000000,"values":{"temperature":21.5}}]}'


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


def temperature(server: ThingsBoardServer, name: str = "0018B20000001234") -> object:
    device = server.state.device_named(server.state.demo.id, name)
    return device and device.series.latest("temperature")


# --- aiomqtt, on paho -----------------------------------------------------------------------------------------------

V311 = aiomqtt.ProtocolVersion.V311
VERSIONS = pytest.mark.parametrize(
    "version", [aiomqtt.ProtocolVersion.V31, aiomqtt.ProtocolVersion.V311, aiomqtt.ProtocolVersion.V5], ids=str
)


def aio(
    port: int,
    version: aiomqtt.ProtocolVersion = V311,
    *,
    password: str = PASSWORD,
    keepalive: int = 60,
    tls: ssl.SSLContext | None = None,
) -> aiomqtt.Client:
    """A client of the demo account."""
    return aiomqtt.Client(
        "127.0.0.1",
        port,
        username=USERNAME,
        password=password,
        protocol=version,
        identifier="aio",
        keepalive=keepalive,
        tls_context=tls,
    )


def granted_qos(code: int | ReasonCode) -> int:
    return code if isinstance(code, int) else int(code.value)


@VERSIONS
def test_aiomqtt_publishes_for_many_devices(version: aiomqtt.ProtocolVersion) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (server, port):
            async with aio(port, version) as client:
                for number in range(100):
                    payload = orjson.dumps({f"D{number % 10}": [{"ts": number, "values": {"temperature": number}}]})
                    await client.publish(TELEMETRY, payload, qos=1, timeout=DEADLINE_S)
            assert [temperature(server, f"D{n}") for n in range(10)] == [(90 + n, 90 + n) for n in range(10)]
        assert len(journal.facts("destination.acknowledged")) == 100

    run(story())


@VERSIONS
def test_aiomqtt_answers_a_command(version: aiomqtt.ProtocolVersion) -> None:
    async def story() -> None:
        async with running() as (server, port), aio(port, version) as client:
            granted = await client.subscribe("v1/gateway/rpc", qos=1, timeout=DEADLINE_S)
            assert [granted_qos(code) for code in granted] == [1]
            await client.publish("v1/gateway/connect", b'{"device":"A"}', qos=1, timeout=DEADLINE_S)
            device = server.state.device_named(server.state.demo.id, "A")
            assert device
            replies: asyncio.Queue[bytes | None] = asyncio.Queue()
            links = server.protocol.links
            rpc = links.rpcs.open(device, "downlink", {"fPort": 1}, oneway=False, done=replies.put_nowait)
            server._mqtt.perform(links.call(rpc))

            message = await anext(client.messages)
            asked = orjson.loads(bytes(message.payload or b""))
            assert (str(message.topic), asked["data"]["method"]) == ("v1/gateway/rpc", "downlink")
            answer = orjson.dumps({"device": "A", "id": asked["data"]["id"], "data": {"ok": True}})
            await client.publish("v1/gateway/rpc", answer, qos=1, timeout=DEADLINE_S)
            assert await asyncio.wait_for(replies.get(), DEADLINE_S) == b'{"ok":true}'

    run(story())


def test_aiomqtt_is_refused_with_a_wrong_password() -> None:
    async def story() -> None:
        async with running() as (_, port):
            with pytest.raises(aiomqtt.MqttCodeError, match="Not authorized"):
                async with aio(port, password="wrong"):
                    pass

    run(story())


def test_aiomqtt_speaks_tls() -> None:
    async def story() -> None:
        authority = trustme.CA()
        ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        authority.issue_cert("127.0.0.1").configure_cert(ours)
        authority.configure_trust(theirs)
        async with running() as (server, _):
            port = await server.listen_mqtt(tls=ours)
            async with aio(port, tls=theirs) as client:
                await client.publish(TELEMETRY, BODY, qos=1, timeout=DEADLINE_S)
            assert temperature(server) == (1700000000000, 21.5)

    run(story())


def test_paho_is_told_of_a_refused_filter() -> None:
    async def story() -> None:
        async with running() as (_, port), aio(port) as client:
            granted = await client.subscribe([("#", 0), ("v1/gateway/rpc", 2)], timeout=DEADLINE_S)
            assert [granted_qos(code) for code in granted] == [0x80, 1]

    run(story())


def test_paho_keeps_its_session_by_pinging() -> None:
    async def story() -> None:
        async with running() as (_, port):
            pinged = asyncio.Event()
            loop = asyncio.get_running_loop()
            async with aio(port, keepalive=1) as client:

                def on_log(_client: paho.Client, _data: Any, _level: int, text: str) -> None:
                    if "PINGRESP" in text:
                        loop.call_soon_threadsafe(pinged.set)

                client._client.on_log = on_log
                await asyncio.wait_for(pinged.wait(), DEADLINE_S)

    run(story())


# --- amqtt ----------------------------------------------------------------------------------------------------------

AMQTT = {"auto_reconnect": False, "connection_timeout": int(DEADLINE_S)}


def test_amqtt_publishes_and_is_acknowledged() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (server, port):
            client = MQTTClient("amqtt", config=AMQTT)
            assert await client.connect(f"mqtt://tenant%40thingsboard.org:tenant@127.0.0.1:{port}/") == 0
            await client.publish(TELEMETRY, BODY, qos=1, ack_timeout=int(DEADLINE_S))
            assert temperature(server) == (1700000000000, 21.5)
            await client.disconnect()
            await fact(journal, "destination.closed")

    run(story())


def test_amqtt_gets_a_shared_attribute() -> None:
    async def story() -> None:
        async with running() as (server, port):
            device = server.state.add_device(server.state.demo.id, "D")
            client = MQTTClient("amqtt", config=AMQTT)
            await client.connect(f"mqtt://{device.credentials.id}@127.0.0.1:{port}/")
            assert await client.subscribe([("v1/devices/me/attributes", 1)]) == [1]
            server._mqtt.perform(server.protocol.links.attributes_changed(device, {"interval": 60}))
            message = await client.deliver_message(DEADLINE_S)
            assert message
            assert message.topic == "v1/devices/me/attributes"
            assert orjson.loads(bytes(message.data)) == {"interval": 60}
            await client.disconnect()

    run(story())


def test_amqtt_is_refused_with_an_unknown_token() -> None:
    async def story() -> None:
        async with running() as (_, port):
            client = MQTTClient("amqtt", config=AMQTT)
            with pytest.raises(ConnectError) as caught:
                await client.connect(f"mqtt://unknown@127.0.0.1:{port}/")
            assert caught.value.return_code == 5
            assert client._handler
            assert client._handler.writer
            await client._handler.writer.close()  # it leaves a refused connection open

    run(story())


# --- mosquitto ------------------------------------------------------------------------------------------------------


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None and os.environ.get("UPLAB_REQUIRE_CLIENTS") == "1":
        pytest.fail(f"{name} is required by UPLAB_REQUIRE_CLIENTS=1 but is not installed (Debian: mosquitto-clients)")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: mosquitto-clients)")
    return found


async def mosquitto(name: str, port: int, *arguments: str) -> tuple[int, str]:
    """Run one of mosquitto's tools to its end; exit code and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        tool(name), "-h", "127.0.0.1", "-p", str(port), *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await asyncio.wait_for(process.communicate(), 15)
    return process.returncode or 0, printed.decode()


def account() -> tuple[str, ...]:
    return ("-u", USERNAME, "-P", PASSWORD)


@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv5"])
@pytest.mark.parametrize("qos", ["0", "1"])
def test_mosquitto_pub_publishes(version: str, qos: str) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (server, port):
            arguments = ("-V", version, "-q", qos, "-i", "mosq", "-t", TELEMETRY, "-m", BODY.decode())
            code, printed = await mosquitto("mosquitto_pub", port, *account(), *arguments)
            assert (code, printed) == (0, "")
            await fact(journal, "destination.closed")
            assert temperature(server) == (1700000000000, 21.5)

    run(story())


# The sample command that ThingsBoard's own pages hand out has an unquoted key.
def test_mosquitto_pub_sends_the_sample_of_thingsboard() -> None:
    async def story() -> None:
        async with running() as (server, port):
            device = server.state.add_device(server.state.demo.id, "D")
            arguments = (
                "-q",
                "1",
                "-t",
                "v1/devices/me/telemetry",
                "-u",
                device.credentials.id,
                "-m",
                "{temperature:25}",
            )
            assert await mosquitto("mosquitto_pub", port, *arguments) == (0, "")
            latest = device.series.latest("temperature")
            assert latest
            assert latest[1] == 25

    run(story())


@pytest.mark.parametrize(
    ("version", "words"), [("mqttv311", "not authorised"), ("mqttv5", "Bad User Name or Password")]
)
def test_mosquitto_pub_is_refused_with_a_wrong_password(version: str, words: str) -> None:
    async def story() -> None:
        async with running() as (_, port):
            arguments = ("-V", version, "-u", USERNAME, "-P", "wrong", "-t", TELEMETRY, "-m", "{}")
            code, printed = await mosquitto("mosquitto_pub", port, *arguments)
            assert code != 0
            assert words in printed

    run(story())


def test_mosquitto_sub_gets_one_command() -> None:
    async def story() -> None:
        async with running() as (server, port):
            device = server.state.add_device(server.state.demo.id, "D")
            links = server.protocol.links
            rpc = links.rpcs.open(device, "setLed", {"on": True}, oneway=True, done=lambda _: None)
            assert links.call(rpc) == []  # it waits for the subscription
            arguments = ("-u", device.credentials.id, "-t", "v1/devices/me/rpc/request/+", "-C", "1", "-v", "-W", "10")
            code, printed = await mosquitto("mosquitto_sub", port, *arguments)
            assert (code, printed) == (0, 'v1/devices/me/rpc/request/0 {"method":"setLed","params":{"on":true}}\n')

    run(story())


def test_mosquitto_pub_speaks_tls(tmp_path: Path) -> None:
    async def story() -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        async with running() as (server, _):
            port = await server.listen_mqtt(tls=context)
            secure = ("--cafile", str(tmp_path / "ca.pem"), "-q", "1", "-t", TELEMETRY, "-m", BODY.decode())
            assert await mosquitto("mosquitto_pub", port, *account(), *secure) == (0, "")
            assert temperature(server) == (1700000000000, 21.5)

    run(story())
