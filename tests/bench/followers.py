"""Dashboards that follow the fake ThingsBoard: its CPU for each update, with 100 WebSockets open; and its memory."""

import asyncio
from contextlib import ExitStack
from time import monotonic
from typing import Any

import aiohttp

from tests.bench.figures import Bar, Measured, Result
from tests.bench.machine import Others, memory_mb
from tests.bench.mqtt_load import MqttLoad
from tests.bench.plan import Plan
from tests.bench.worker import Worker
from uplab.fakes.journal import Journal
from uplab.fakes.thingsboard.server import ThingsBoardServer

__all__ = ["measure_followers"]

_FOLLOWERS = 100
_LOGIN = {"username": "tenant@thingsboard.org", "password": "tenant"}


class _ThingsBoard:
    """The fake with both of its sites, its journal kept."""

    def __init__(self) -> None:
        self._server = ThingsBoardServer(emit=Journal(10_000))

    async def start(self) -> tuple[int, int]:
        """Listen and return the MQTT port and the HTTP port."""
        return await self._server.listen_mqtt(), await self._server.listen_http()

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()


class _Followers:
    """WebSockets that each follow every device that the load publishes for; they count what comes."""

    def __init__(self) -> None:
        self._load = MqttLoad()
        self._got = 0
        self._wanted = 0
        self._all_came = asyncio.Event()
        self._client: aiohttp.ClientSession | None = None
        self._reading: list[asyncio.Task[None]] = []

    async def follow(self, mqtt: int, http: int, followers: int) -> None:
        """Let the devices come into being, and follow them all."""
        await self.stop()
        connector = aiohttp.TCPConnector(limit=0)
        self._client = client = aiohttp.ClientSession(f"http://127.0.0.1:{http}", connector=connector)
        async with client.post("/api/auth/login", json=_LOGIN) as answer:
            token = (await answer.json())["token"]
        await self._load.publish(mqtt, 200, 15.0)
        headers = {"X-Authorization": f"Bearer {token}"}
        async with client.get("/api/tenant/devices?pageSize=500&page=0", headers=headers) as answer:
            devices = [one["id"]["id"] for one in (await answer.json())["data"]]
        sockets = await asyncio.gather(*(self._follow(client, token, devices) for _ in range(followers)))
        self._reading = [asyncio.create_task(self._read(one)) for one in sockets]

    async def publish(self, mqtt: int, count: int, limit_s: float) -> tuple[int, float]:
        """Publish so many messages; how many updates came within the limit, and in which time."""
        self._got, self._wanted = 0, len(self._reading) * count
        self._all_came.clear()
        began_s = monotonic()
        await self._load.publish(mqtt, count, limit_s)
        try:
            async with asyncio.timeout(limit_s if self._wanted else 0):
                await self._all_came.wait()
        except TimeoutError:
            pass  # what came by then counts
        return self._got, monotonic() - began_s

    async def stop(self) -> None:
        """Follow nothing any more."""
        for one in self._reading:
            one.cancel()
        self._reading = []
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _follow(self, client: aiohttp.ClientSession, token: str, devices: list[str]) -> Any:
        websocket = await client.ws_connect("/api/ws")
        commands = [
            {"type": "TIMESERIES", "cmdId": number, "entityType": "DEVICE", "entityId": one, "keys": "temperature"}
            for number, one in enumerate(devices)
        ]
        await websocket.send_json({"authCmd": {"cmdId": 0, "token": token}, "cmds": commands})
        for _ in devices:
            await websocket.receive(timeout=30)
        return websocket

    async def _read(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        async for _ in websocket:
            self._got += 1
            if self._got >= self._wanted:
                self._all_came.set()


def measure_followers(plan: Plan, result: Result, others: Others) -> None:
    """Publish with nobody watching and with 100 who watch every device; the difference is what updates cost."""
    measured = Measured()
    limit_s = 15.0 if plan.quick else 30.0
    alone, watched = plan.sized(20_000, 4_000), plan.sized(1_000, 300)
    with ExitStack() as stack:
        server = stack.enter_context(Worker("ThingsBoard", _ThingsBoard))
        client = stack.enter_context(Worker("followers", _Followers))
        mqtt, http = server.ask("start")
        for _ in plan.turns(30.0, 3.0):
            with others.watched():
                cost_us = {}
                for followers, count in ((0, alone), (_FOLLOWERS, watched)):
                    client.ask("follow", mqtt, http, followers, timeout_s=120.0)
                    before_s = server.cpu_s
                    got, elapsed_s = client.ask("publish", mqtt, count, limit_s, timeout_s=2 * limit_s + 10)
                    cost_us[followers] = (server.cpu_s - before_s) / count * 1e6
                    if got < followers * count:
                        result.problems.append(f"{got} of {followers * count} updates came within {limit_s:g} s")
                    if followers:
                        measured.add("updates, by the clock", "/s", got / elapsed_s)
            measured.add("message, nobody watches", "us", cost_us[0])
            measured.add(f"message, {_FOLLOWERS} watch", "us", cost_us[_FOLLOWERS])
            measured.add("update", "us", (cost_us[_FOLLOWERS] - cost_us[0]) / _FOLLOWERS, Bar(11.0, least=False))
        memory = memory_mb(server.pid)
    result.figures = measured.figures
    result.conditions.append(
        "telemetry of 200 devices on one connection; each WebSocket follows one key of all of them"
    )
    result.conditions.append(f"resident at the end: {memory:.0f} MB")
