"""Libraries that nobody here wrote, unmodified, in environments of their own: what they are used for works."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import orjson
import pytest

from tests.clients.environments import more
from tests.clients.foreign import DEADLINE_S, Fake, ended, fake, run, started
from uplab.fakes.journal import Journal
from uplab.fakes.thingsboard.state.package import Package, checksum

pytestmark = pytest.mark.timeout(240)
FIRMWARE = bytes(range(256)) * 20


def story(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def with_provisioning(one: Fake) -> dict[str, Any]:
    """A profile under which a device may be made, and a firmware package; what the program is told of both."""
    state = one.server.state
    kind, secret = "ALLOW_CREATE_NEW_DEVICES", "secret"
    provision = {"provisionConfiguration": {"type": kind, "provisionDeviceSecret": secret}}
    fields = {"name": "P", "type": "DEFAULT", "provisionType": kind, "provisionDeviceKey": "key"}
    state.profiles.save(state.demo.id, {**fields, "profileData": provision})
    package = Package(state.new_id(), state.demo.id, 0, {"title": "fw", "version": "2.0", "type": "FIRMWARE"}, FIRMWARE)
    package.file = {"checksumAlgorithm": "SHA256", "checksum": checksum("SHA256", FIRMWARE)}
    state.packages[package.id] = package
    return {"provision_key": "key", "provision_secret": secret, "firmware": package.id}


def test_official_sdk_as_a_device() -> None:
    async def told() -> None:
        async with fake("tb-mqtt-client device") as one:
            found = await run("tb-mqtt-client", "tb_mqtt_device.py", {**one.told, **with_provisioning(one)})

            assert (found["provisioned"], found["telemetry"]) == ("SUCCESS", True)
            assert one.points("provisioned", "temperature")[0][1] == 21.5
            assert one.points("provisioned", "a") == [(1000, 1), (2000, 2)]
            assert found["pushed"] == {"interval": 60}
            assert found["read"] == {"client": {"model": "ERS"}, "shared": {"interval": 60}}
            assert found["limits"]["maxPayloadSize"] == 65_536
            assert (found["asked"]["method"], found["replied"]) == ("later", {"did": "setLed"})
            assert found["persistent"] == ["SUCCESSFUL", {"did": "later"}]
            assert found["firmware"] == [len(FIRMWARE), "2.0"]

    story(told())


def test_official_sdk_as_a_gateway() -> None:
    async def told() -> None:
        async with fake("tb-mqtt-client gateway") as one:
            state = one.server.state
            gateway = state.add_device(state.demo.id, "SDK gateway", additional_info={"gateway": True})
            found = await run("tb-mqtt-client", "tb_mqtt_gateway.py", {**one.told, "token": gateway.credentials.id})

            assert found["latest"]["temperature"] == [{"ts": 1000, "value": 21.5}]
            assert found["type"] == "elsys"
            assert one.points("B", "t") == [(1000, 1), (2000, 2)]
            assert found["commands"] == [["A", "setLed"]]
            assert found["replied"] == {"ok": True}
            assert found["pushed"] == {"device": "A", "data": {"interval": 60}}
            assert found["told"] == ["gateway_device_renamed", {"A": "A2"}]

    story(told())


@pytest.mark.parametrize("client", [more("tb-rest-client"), "tb-rest-client-4.4"])
def test_official_rest_client(client: str) -> None:
    async def told() -> None:
        async with fake(client) as one:
            found = await run(client, "tb_rest.py", one.told)

            assert (found["user"], found["device"], found["by_name"]) == (one.told["username"], "rest", True)
            assert "'value': '21.5'" in found["latest"]
            assert "'ts': 1000" in found["history"]
            assert "north" in found["attributes"]
            assert "rest" in found["listed"]
            assert "rest" not in found["left"]
            assert found["types"] == found["profiles"] == ["default"]

    story(told())


def test_official_client_of_the_community_edition() -> None:
    async def told() -> None:
        async with fake("tb-ce-client") as one:
            found = await run("tb-ce-client", "tb_ce.py", one.told)

            assert (found["device"], found["by_name"], found["info"]) == (["strict", "elsys"], "strict", "elsys")
            assert found["by_key"] == found["user"] == one.told["username"]
            assert found["alarms"] == [501, True]  # refused aloud

    story(told())


async def command_goes_through(one: Fake, client: str, program: str, told: dict[str, Any]) -> None:
    """A program publishes for the demo gateway, says READY, and answers one command."""
    process = await started(client, program, {**one.told, **told})
    assert process.stdout is not None
    ready = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
    if ready.strip() != b"READY":
        await ended(process)
    device = one.device("A")
    answered: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    links = one.server.protocol.links
    rpc = links.rpcs.open(device, "downlink", {"fPort": 1}, oneway=False, done=answered.set_result)
    one.server._mqtt.perform(links.call(rpc))
    found = await ended(process)
    assert found["command"] == ["v1/gateway/rpc", "A", "downlink"]
    assert orjson.loads(await answered or b"") == {"ok": True}
    assert one.points("A", "t") == [(number + 1, number) for number in range(50)]


@pytest.mark.parametrize("version", [more(4), 5])
def test_gmqtt(version: int) -> None:
    async def told() -> None:
        async with fake("gmqtt") as one:
            await command_goes_through(one, "gmqtt", "gmqtt_gateway.py", {"version": version})

    story(told())


@pytest.mark.parametrize("version", [more(3), 4, more(5)])
def test_mqtt_js(version: int) -> None:
    async def told() -> None:
        async with fake("mqtt.js") as one:
            await command_goes_through(one, "mqtt.js", "mqttjs.mjs", {"version": version})

    story(told())


@pytest.mark.parametrize("version", [more(4), 5])
def test_mqtt_js_through_a_relay(version: int) -> None:
    async def told() -> None:
        async with fake("mqtt.js", relay=True) as one:
            await command_goes_through(one, "mqtt.js", "mqttjs.mjs", {"version": version})
            assert _published(one.relayed) == _published(one.journal), "the relay has told all that passed it"

    story(told())


def _published(journal: Journal) -> list[tuple[str, bytes]]:
    return [(one["topic"], one["raw"]) for one in journal.facts("destination.published")]
