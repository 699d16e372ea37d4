"""Services that nobody here wrote, as their users run them: thingsboard-gateway, mosquitto as a bridge, Node-RED."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import pytest

from tests.clients.environments import environment, more, required
from tests.clients.foreign import PASSWORD, USERNAME, Fake, fake

pytestmark = pytest.mark.timeout(240)
READY_S = 60.0


def story(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def program(name: str, package: str) -> str:
    """The path of a program; skips, or fails where clients are required, without it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None and required():
        pytest.fail(f"{name} is required by UPLAB_REQUIRE_CLIENTS=1 but is not installed (Debian: {package})")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: {package})")
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def opened(log: Path) -> BinaryIO:
    return log.open("wb")


@contextlib.asynccontextmanager
async def service(folder: Path, *command: str, **variables: str) -> AsyncIterator[Path]:
    """A service that runs meanwhile; what it prints goes into a file, which a failing test shows."""
    log = folder / "printed.log"
    with opened(log) as printed:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdout=printed,
            stderr=asyncio.subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **variables},
        )
        try:
            yield log
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def until(fact: Callable[[], bool], what: str, log: Path) -> None:
    """Look for a fact that nobody tells, until the deadline; fails with the service's own words."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_S
    while not fact():
        if loop.time() > deadline:
            fail(f"{what} did not come in {READY_S:g} s", log)
        await moment()


def fail(what: str, log: Path) -> NoReturn:
    pytest.fail(f"{what}; the service printed\n{log.read_text()[-4000:]}")


async def moment() -> None:
    """Let the service and the fake go on."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await asyncio.get_running_loop().create_future()


def configure_mosquitto(folder: Path, port: int, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    settings = folder / "mosquitto.conf"
    text = "\n".join((f"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false", *lines))
    settings.write_text(text + "\n", encoding="utf-8")
    return settings


@contextlib.asynccontextmanager
async def mosquitto(folder: Path, *lines: str) -> AsyncIterator[tuple[int, Path]]:
    """A mosquitto broker with these lines in its configuration; its port."""
    port = free_port()
    settings = configure_mosquitto(folder, port, *lines)
    async with service(folder, program("mosquitto", "mosquitto"), "-v", "-c", str(settings)) as log:
        await until(lambda: "running" in log.read_text(), "mosquitto", log)
        yield port, log


async def publish(port: int, topic: str, value: object) -> None:
    """Publish JSON at a local broker."""
    tool = program("mosquitto_pub", "mosquitto-clients")
    arguments = ("-h", "127.0.0.1", "-p", str(port), "-q", "1", "-t", topic, "-m", json.dumps(value))
    process = await asyncio.create_subprocess_exec(tool, *arguments)
    assert await asyncio.wait_for(process.wait(), 20) == 0


def latest(one: Fake, name: str, key: str) -> object:
    """The latest value of a device, None without one."""
    device = one.server.state.device_named(one.server.state.demo.id, name)
    found = device.series.latest(key) if device else None
    return found and found[1]


# --- mosquitto as a bridge ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["mqttv311", more("mqttv50")])
def test_mosquitto_bridges_a_gateway(tmp_path: Path, version: str) -> None:
    async def told() -> None:
        async with fake("mosquitto bridge") as one:
            bridge = (
                "connection thingsboard",
                f"address 127.0.0.1:{one.told['mqtt']}",
                f"remote_username {USERNAME}",
                f"remote_password {PASSWORD}",
                f"bridge_protocol_version {version}",
                "try_private false",
                "notifications false",
                "cleansession true",
                "topic v1/gateway/telemetry out 1",
                "topic v1/gateway/rpc in 1",
            )
            async with mosquitto(tmp_path, *bridge) as (port, log):
                await until(lambda: bool(one.journal.facts("destination.connected")), "the bridge", log)
                for number in range(20):
                    await publish(port, "v1/gateway/telemetry", {"A": [{"ts": number + 1, "values": {"t": number}}]})
                await until(lambda: latest(one, "A", "t") == 19, "the telemetry", log)
            assert one.points("A", "t") == [(number + 1, number) for number in range(20)]

    story(told())


# --- thingsboard-gateway --------------------------------------------------------------------------------------------


def configure_gateway(folder: Path, one: Fake, token: str, broker: int) -> None:
    """The daemon's own configuration, changed as its manual says: where ThingsBoard is, and one MQTT connector."""
    packages = environment("thingsboard-gateway") / "lib"
    (defaults,) = packages.glob("python3*/site-packages/thingsboard_gateway/config")
    shutil.copytree(defaults, folder)
    main = json.loads((folder / "tb_gateway.json").read_text())
    main["thingsboard"] |= {
        "host": "127.0.0.1",
        "port": one.told["mqtt"],
        "remoteConfiguration": False,
        "checkConnectorsConfigurationInSeconds": 600,
        "security": {"type": "accessToken", "accessToken": token},
    }
    main["connectors"] = [{"name": "MQTT", "type": "mqtt", "configuration": "mqtt.json"}]
    (folder / "tb_gateway.json").write_text(json.dumps(main))
    connector = json.loads((folder / "mqtt.json").read_text())
    connector["broker"] |= {"host": "127.0.0.1", "port": broker}
    (folder / "mqtt.json").write_text(json.dumps(connector))


@pytest.mark.parametrize("relay", [False, more(True)])
def test_thingsboard_gateway_brings_devices_and_follows_their_names(tmp_path: Path, relay: bool) -> None:
    python = environment("thingsboard-gateway") / "bin" / "python"

    async def told() -> None:
        async with fake("thingsboard-gateway", relay=relay) as one, mosquitto(tmp_path / "broker") as (broker, _):
            state = one.server.state
            gateway = state.add_device(state.demo.id, "Daemon", additional_info={"gateway": True})
            configure_gateway(tmp_path / "config", one, gateway.credentials.id, broker)
            home = tmp_path / "home"
            home.mkdir()
            run = ("-W", "ignore", "-m", "thingsboard_gateway.tb_gateway")
            async with service(home, str(python), *run, TB_GW_CONFIG_DIR=str(tmp_path / "config")) as log:
                await until(lambda: gateway.connected, "the gateway", log)
                sent = 0

                async def arrived(name: str) -> None:
                    """Publish until the connector has subscribed and a new value is there."""
                    nonlocal sent
                    for _ in range(30):
                        sent += 1
                        await publish(broker, "sensor/SN-1/data", {"sensorModel": "X", "temp": sent, "hum": 1})
                        for _ in range(20):
                            if latest(one, name, "temperature") == sent:
                                return
                            await moment()
                    fail(f"nothing came for {name}", log)

                await arrived("SN-1")
                device = one.device("SN-1")
                assert (device.type, device.connected) == ("Thermometer", True)

                old = device.name
                state.rename_device(device, "Office")
                one.server._mqtt.perform(one.server.protocol.links.renamed(device, old))
                await arrived("Office")

            assert one.server.state.device_named(state.demo.id, "SN-1") is None
            passed = [told["topic"] for told in one.relayed.facts("destination.published")]
            assert (passed.count("v1/gateway/telemetry") > 1) is relay

    story(told())


# --- Node-RED -------------------------------------------------------------------------------------------------------


def configure_node_red(folder: Path, one: Fake, token: str, version: str) -> int:
    """A flow of Node-RED's own MQTT nodes: telemetry when it starts, and an answer to each command."""
    port = free_port()
    settings = {
        "uiPort": port, "uiHost": "127.0.0.1", "credentialSecret": False, "flowFile": "flows.json",
        "httpAdminRoot": False, "telemetry": {"enabled": False}, "logging": {"console": {"level": "info"}},
    }  # fmt: skip
    (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings)};\n")
    reply = (
        "msg.topic = msg.topic.replace('request', 'response');\n"
        "msg.payload = JSON.stringify({ did: msg.payload.method });\nreturn msg;"
    )
    inject = {"id": "start", "type": "inject", "z": "tab", "props": [{"p": "payload"}], "once": True, "onceDelay": "1"}
    broker = {"id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(one.told["mqtt"])}
    out = {"type": "mqtt out", "z": "tab", "qos": "1", "retain": "", "broker": "broker"}
    flows: list[dict[str, Any]] = [
        {"id": "tab", "type": "tab", "label": "uplab"},
        {**broker, "clientid": "node-red", "autoConnect": True, "protocolVersion": version, "keepalive": "60",
         "cleansession": True, "usetls": False},
        {**inject, "payload": '{"temperature":21.5}', "payloadType": "json", "wires": [["telemetry"]], "repeat": "2"},
        {**out, "id": "telemetry", "topic": "v1/devices/me/telemetry", "wires": []},
        {"id": "commands", "type": "mqtt in", "z": "tab", "topic": "v1/devices/me/rpc/request/+", "qos": "1",
         "datatype": "json", "broker": "broker", "wires": [["reply"]]},
        {"id": "reply", "type": "function", "z": "tab", "func": reply, "outputs": 1, "wires": [["answer"]]},
        {**out, "id": "answer", "topic": "", "wires": []},
    ]  # fmt: skip
    (folder / "flows.json").write_text(json.dumps(flows))
    (folder / "flows_cred.json").write_text(json.dumps({"broker": {"user": token, "password": ""}}))
    return port


@pytest.mark.parametrize("version", ["4", more("5")])
def test_node_red_is_a_device(tmp_path: Path, version: str) -> None:
    red = environment("node-red") / "node_modules" / "node-red" / "red.js"

    async def told() -> None:
        async with fake("Node-RED") as one:
            state = one.server.state
            device = state.add_device(state.demo.id, "red")
            configure_node_red(tmp_path, one, device.credentials.id, version)
            options = ("--settings", str(tmp_path / "settings.js"), "--userDir", str(tmp_path))
            async with service(tmp_path, program("node", "nodejs"), str(red), *options) as log:
                await until(lambda: latest(one, "red", "temperature") == 21.5, "the telemetry", log)
                replies: list[bytes | None] = []
                links = one.server.protocol.links
                rpc = links.rpcs.open(device, "setLed", {"on": True}, oneway=False, done=replies.append)
                one.server._mqtt.perform(links.call(rpc))
                await until(lambda: bool(replies), "the answer to the command", log)
            assert json.loads(replies[0] or b"") == {"did": "setLed"}

    story(told())
