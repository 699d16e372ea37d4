"""What stands for a real account is a second ThingsBoard in a process of its own, with another login than the demo."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import httpx
import pytest

from tests.fakes.thingsboard.mqtt_client import MqttClient
from tests.scenarios.cli.test_lone_fake import running
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.mqtt import packets as p
from uplab.scenarios.lab.places.real_thingsboard import RealThingsBoard
from uplab.scenarios.under_test.access.real_account import RealAccount
from uplab.scenarios.under_test.ways.reach import NotApplicableError

USER, PASSWORD = "qa@real.example", "Qz8-real-password"
Hops = list[tuple[str, dict[str, Any]]]
Both = tuple[RealThingsBoard, httpx.AsyncClient]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAccount]:
    folder = tmp_path_factory.mktemp("real")
    tenant = {"title": "Real", "users": [{"email": USER, "password": PASSWORD}]}
    (folder / "seeds.json").write_text(json.dumps({"tenants": [tenant]}), encoding="utf-8")
    with running(folder, "--seed-data", "seeds.json") as (ready, _):
        host, _, port = ready["mqtt"].rpartition(":")
        yield RealAccount(ready["url"].rstrip("/"), (host, int(port), False), USER, PASSWORD)


@contextlib.asynccontextmanager
async def handed_on(account: RealAccount, hops: Hops) -> AsyncIterator[tuple[RealThingsBoard, httpx.AsyncClient]]:
    """The account behind a lab's sites, and a user who is logged in."""
    place = RealThingsBoard(account, emit=lambda hop, facts: hops.append((hop, facts)))
    base = f"http://127.0.0.1:{await place.listen_http()}"
    try:
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as user:
            answer = await user.post("/api/auth/login", json=account.login)
            if answer.status_code == 200:
                user.headers["X-Authorization"] = f"Bearer {answer.json()['token']}"
            yield place, user
    finally:
        await place.stop()


def test_what_a_forwarder_sends_arrives_at_the_account_and_is_told(account: RealAccount) -> None:
    hops: Hops = []

    async def run() -> tuple[Any, ...]:
        async with handed_on(account, hops) as (place, user):
            port = await place.listen_mqtt()
            gateway = await MqttClient.connect(port, username=USER, password=PASSWORD.encode())
            payload = b'{"70B3D5E75E000001": [{"ts": 1700000000000, "values": {"t": 21.5}}]}'
            await gateway.send(p.Publish("v1/gateway/connect", b'{"device": "70B3D5E75E000001"}', qos=1, packet_id=1))
            await gateway.next()
            await gateway.send(p.Publish("v1/gateway/telemetry", payload, qos=1, packet_id=2))
            acknowledged = await gateway.next()
            gateway.writer.close()
            device = (await user.get("/api/tenant/devices", params={"deviceName": "70B3D5E75E000001"})).json()
            found = await seen_on_a_dashboard(user, device["id"]["id"])
            refused = await user.get("/api/device/none")
            return acknowledged, found, refused.status_code, refused.json()["status"]

    acknowledged, found, *refused = asyncio.run(run())
    assert acknowledged == p.Puback(2)
    assert found["data"]["t"] == [[1700000000000, "21.5"]]
    assert refused == [400, 400]
    told = next(facts for hop, facts in hops if hop == "destination.published" and facts["packet_id"] == 2)
    assert told["members"] == [["70B3D5E75E000001", 1700000000000]]
    deliveries = {
        facts["url"].partition("?")[0]: facts["delivery"] for hop, facts in hops if hop == "destination.arrived"
    }
    assert deliveries["/api/tenant/devices"] is False


async def seen_on_a_dashboard(user: httpx.AsyncClient, device_id: str) -> Any:
    """The first update over the WebSocket."""
    token = user.headers["X-Authorization"].partition(" ")[2]
    command = {"type": "TIMESERIES", "cmdId": 1, "entityType": "DEVICE", "entityId": device_id, "keys": "t"}
    async with (
        aiohttp.ClientSession(trust_env=False) as client,
        client.ws_connect(str(user.base_url.join("/api/ws"))) as websocket,
    ):
        await websocket.send_json({"authCmd": {"cmdId": 0, "token": token}, "cmds": [command]})
        return await websocket.receive_json(timeout=30)


def test_what_only_a_fake_does_is_not_applicable(account: RealAccount) -> None:
    place = RealThingsBoard(account, emit=lambda _hop, _facts: None)
    for name in ("state", "tokens", "set_account"):
        with pytest.raises(NotApplicableError, match="a real account"):
            getattr(place, name)
    with pytest.raises(NotApplicableError, match="fails when it does"):
        place.behaviour = Behaviour()
    assert not hasattr(place, "another")


def test_account_that_cannot_be_reached_is_said() -> None:
    nowhere = RealAccount("http://127.0.0.1:1", ("127.0.0.1", 1, False), USER, PASSWORD)

    async def run() -> tuple[int, str, Any]:
        hops: Hops = []
        async with handed_on(nowhere, hops) as (place, user):
            gateway = await MqttClient.open(await place.listen_mqtt())
            await gateway.send(p.Connect(4, "c", username=USER, password=PASSWORD.encode()))
            closed = await gateway.next()
            gateway.writer.close()
            answer = await user.get("/api/auth/user")
            return answer.status_code, answer.text, closed

    status, text, closed = asyncio.run(run())
    assert (status, closed) == (502, "closed")
    assert text.startswith("http://127.0.0.1:1 cannot be reached from this lab: ")
    assert text.count("\n") == 1
