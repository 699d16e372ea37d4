"""The whole fake on real sockets, by httpx and MQTT."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from tests.fakes.thingsboard.mqtt_client import CLOSED, MqttClient, running
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Fault, Nth, Status, WithholdPuback
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.server import ThingsBoardServer, delivers

LOGIN = {"username": "tenant@thingsboard.org", "password": "tenant"}


@contextlib.asynccontextmanager
async def over_http(journal: Journal | None = None) -> AsyncIterator[tuple[ThingsBoardServer, int, httpx.AsyncClient]]:
    """A server, its MQTT port and a client that is logged in."""
    async with running(journal, rpc_min_timeout_ms=20) as (server, port):
        base = f"http://127.0.0.1:{await server.listen_http()}"
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
            token = (await client.post("/api/auth/login", json=LOGIN)).json()["token"]
            client.headers["X-Authorization"] = f"Bearer {token}"
            yield server, port, client


def test_telemetry_from_mqtt_is_read_over_rest() -> None:
    async def story() -> None:
        async with over_http() as (_, port, client):
            gateway = await MqttClient.connect(port)
            assert await gateway.publish("v1/gateway/telemetry", b'{"A":[{"ts":5,"values":{"t":21.5}}]}') == p.Puback(7)

            device = (await client.get("/api/tenant/devices", params={"deviceName": "A"})).json()
            path = f"/api/plugins/telemetry/DEVICE/{device['id']['id']}/values/timeseries"
            assert (await client.get(path)).json() == {"t": [{"ts": 5, "value": "21.5"}]}
            await gateway.close()

    asyncio.run(story())


def test_command_goes_through_the_gateway_and_back() -> None:
    async def story() -> None:
        async with over_http() as (server, port, client):
            gateway = await MqttClient.connect(port)
            await gateway.publish("v1/gateway/connect", b'{"device":"A"}')
            device = server.state.device_named(server.state.demo.id, "A")
            assert device
            body = {"method": "downlink", "params": {"payload_hex": "01"}, "timeout": 5000}
            call = asyncio.create_task(client.post(f"/api/rpc/twoway/{device.id}", json=body))

            command = await gateway.next()
            assert isinstance(command, p.Publish)
            assert orjson.loads(command.payload) == {
                "device": "A",
                "data": {"id": 0, "method": "downlink", "params": {"payload_hex": "01"}},
            }
            reply = b'{"device":"A","id":0,"data":{"queued":true}}'
            assert await gateway.publish("v1/gateway/rpc", reply) == p.Puback(7)

            answer = await call
            assert (answer.status_code, answer.json()) == (200, {"queued": True})
            await gateway.close()

    asyncio.run(story())


def test_only_uploads_are_called_deliveries() -> None:
    async def story() -> None:
        journal = Journal()
        async with over_http(journal) as (server, _, client):
            device = server.state.add_device(server.state.demo.id, "A")
            await client.post(f"/api/plugins/telemetry/DEVICE/{device.id}/timeseries/ANY", json={"a": 1})
            await client.get("/home")

        arrived = [(facts["method"], facts["delivery"]) for facts in journal.facts("destination.arrived")]
        assert arrived == [("POST", False), ("POST", True), ("GET", False)]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("method", "url", "is_one"),
    [
        ("POST", "/api/plugins/telemetry/DEVICE/1/timeseries/ANY?scope=ANY", True),
        ("POST", "/api/plugins/telemetry/DEVICE/1/SHARED_SCOPE", True),
        ("POST", "/api/plugins/telemetry/1/SERVER_SCOPE", True),
        ("POST", "/api/v1/T0K3N/telemetry", True),
        ("POST", "/api/v1/T0K3N/attributes", True),
        ("POST", "/api/v1/T0K3N/claim", False),
        ("GET", "/api/plugins/telemetry/DEVICE/1/values/timeseries", False),
        ("POST", "/api/auth/login", False),
        ("POST", "/api/device", False),
    ],
)
def test_delivery_is_what_brings_values(method: str, url: str, is_one: bool) -> None:
    assert delivers(method, url) is is_one


def test_faults_meet_the_login_but_not_the_pages() -> None:
    async def story() -> None:
        async with over_http() as (server, port, client):
            server.behaviour = Behaviour(
                [Fault("busy", Nth(1), Status(503), only="/api/auth/login"), Fault("silent", Nth(1), WithholdPuback())]
            )
            assert (await client.get("/login")).status_code == 200
            assert [(await client.post("/api/auth/login", json=LOGIN)).status_code for _ in range(2)] == [503, 200]
            gateway = await MqttClient.connect(port)
            await gateway.send(p.Publish("v1/gateway/telemetry", b'{"A":[{"t":1}]}', 1, 1))
            assert await gateway.publish("v1/gateway/telemetry", b'{"A":[{"t":2}]}', 2) == p.Puback(2)
            await gateway.close()

    asyncio.run(story())


def test_clear_brings_the_demo_back_and_sends_everybody_away() -> None:
    async def story() -> None:
        async with over_http() as (server, port, client):
            gateway = await MqttClient.connect(port)
            await gateway.publish("v1/gateway/telemetry", b'{"A":[{"t":1}]}')

            server.clear()

            assert await gateway.next() == CLOSED
            assert (await client.get("/api/auth/user")).json()["errorCode"] == 11
            assert server.state.device_named(server.state.demo.id, "A") is None
            again = await MqttClient.connect(port)
            assert await again.publish("v1/gateway/telemetry", b'{"A":[{"t":1}]}') == p.Puback(7)
            await again.close()
            await gateway.close()

    asyncio.run(story())


def test_pages_are_served() -> None:
    async def story() -> None:
        async with over_http() as (_, _, client):
            page = await client.get("/devices")
            assert page.status_code == 200
            assert "text/html" in page.headers["content-type"]

    asyncio.run(story())


@pytest.mark.parametrize("change", [{"enabled": False}, {"locked": True}])
def test_closed_account_ends_its_gateway_and_refuses_it(change: dict[str, bool]) -> None:
    async def story() -> None:
        async with over_http() as (server, port, client):
            gateway = await MqttClient.connect(port)
            server.set_account(LOGIN["username"], **change)
            assert await gateway.next() == CLOSED
            assert (await client.get("/api/auth/user")).status_code == 401
            again = await MqttClient.open(port)
            await again.send(p.Connect(4, "c", username=LOGIN["username"], password=LOGIN["password"].encode()))
            assert await again.next() == p.Connack(False, 5)
            await again.close()
            await gateway.close()
            server.set_account(LOGIN["username"], enabled=True, locked=False)
            await (await MqttClient.connect(port)).close()

    asyncio.run(story())
