"""The WebSocket API on real sockets, by aiohttp's client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.thingsboard.mqtt_client import DEADLINE_S, MqttClient, running
from uplab.fakes.thingsboard.server import ThingsBoardServer

LOGIN = {"username": "tenant@thingsboard.org", "password": "tenant"}


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[ThingsBoardServer, int, aiohttp.ClientSession, str]]:
    """A server, its MQTT port, an HTTP client of its site, and a token."""
    async with running() as (server, mqtt_port):
        base = f"http://127.0.0.1:{await server.listen_http()}"
        async with aiohttp.ClientSession(base) as client:
            async with client.post("/api/auth/login", json=LOGIN) as answer:
                token = (await answer.json())["token"]
            yield server, mqtt_port, client, token


def follow(server: ThingsBoardServer, name: str = "A", **more: Any) -> dict[str, Any]:
    device = server.state.device_named(server.state.demo.id, name) or server.state.add_device(
        server.state.demo.id, name
    )
    return {"type": "TIMESERIES", "cmdId": 1, "entityType": "DEVICE", "entityId": device.id, **more}


async def heard(websocket: aiohttp.ClientWebSocketResponse) -> Any:
    return await websocket.receive_json(timeout=DEADLINE_S)


def test_telemetry_over_mqtt_reaches_a_dashboard_at_once() -> None:
    async def story() -> None:
        async with connected() as (server, mqtt_port, client, token), client.ws_connect("/api/ws") as websocket:
            await websocket.send_json({"authCmd": {"cmdId": 0, "token": token}, "cmds": [follow(server)]})
            assert (await heard(websocket))["data"] == {}
            gateway = await MqttClient.connect(mqtt_port)

            await gateway.publish("v1/gateway/telemetry", b'{"A":[{"ts":5,"values":{"t":21.5}}]}')

            assert (await heard(websocket))["data"] == {"t": [[5, "21.5"]]}
            await gateway.close()

    asyncio.run(story())


def test_older_address_takes_the_token_along() -> None:
    async def story() -> None:
        async with (
            connected() as (server, _, client, token),
            client.ws_connect(f"/api/ws/plugins/telemetry?token={token}") as websocket,
        ):
            command = follow(server)
            del command["type"]
            await websocket.send_json({"tsSubCmds": [command]})
            assert (await heard(websocket))["subscriptionId"] == 1

    asyncio.run(story())


def test_session_without_a_login_is_closed_with_a_code() -> None:
    async def story() -> None:
        async with connected() as (server, _, client, _):
            async with client.ws_connect("/api/ws") as websocket:
                await websocket.send_json({"cmds": [follow(server)]})
                message = await websocket.receive(timeout=DEADLINE_S)
            assert (message.type, websocket.close_code) == (aiohttp.WSMsgType.CLOSE, 1008)
            assert message.extra == "Auth cmd is missing"

    asyncio.run(story())


def test_new_device_comes_into_an_open_list() -> None:
    async def story() -> None:
        async with connected() as (server, _, client, token), client.ws_connect("/api/ws") as websocket:
            query = {"entityFilter": {"type": "deviceType", "deviceTypes": ["elsys"]}}
            command = {"type": "ENTITY_COUNT", "cmdId": 1, "query": query}
            await websocket.send_json({"authCmd": {"cmdId": 0, "token": token}, "cmds": [command]})
            assert (await heard(websocket))["count"] == 0

            for number in range(3):
                server.state.add_device(server.state.demo.id, f"E{number}", type="elsys")

            assert (await heard(websocket))["count"] == 3

    asyncio.run(story())


def test_closed_and_cleared_sessions_leave_nothing_behind() -> None:
    async def story() -> None:
        async with connected() as (server, _, client, token):
            async with client.ws_connect("/api/ws") as websocket:
                await websocket.send_json({"authCmd": {"cmdId": 0, "token": token}, "cmds": [follow(server)]})
                await heard(websocket)
            async with client.ws_connect(f"/api/ws?token={token}") as websocket:
                server.clear()
                assert (await websocket.receive(timeout=DEADLINE_S)).type is aiohttp.WSMsgType.CLOSE
            async with asyncio.timeout(DEADLINE_S):
                while server._ws.sessions:
                    await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
            assert server.state.observers == []

    asyncio.run(story())


@pytest.mark.parametrize("path", ["/api/ws/plugins/notifications", "/api/ws/other"])
def test_other_websockets_are_refused_aloud(path: str) -> None:
    async def story() -> None:
        async with connected() as (_, _, client, _), client.get(path) as answer:
            assert (answer.status, "uplab's fake" in (await answer.json())["message"]) == (501, True)

    asyncio.run(story())
