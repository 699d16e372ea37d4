"""The pages over the service itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from starlette.applications import Starlette

from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.pages import router
from uplab.simulator.forwarder.pages.registry import ServiceRegistry
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.settings import read_settings
from uplab.simulator.forwarder.store.store import Store

BODY = {
    "connectorId": "actility-http-iot",
    "name": "my-http-application",
    "active": False,
    "configuration": {"destinationURL": "http://127.0.0.1:9/x", "headers": {"Authorization": "Bearer canary"}},
}


def test_page_shows_what_the_service_knows(tmp_path: Path) -> None:
    async def ask() -> tuple[str, httpx.Response, httpx.Response, httpx.Response]:
        settings = read_settings([], {"UPLAB_STATE_DIR": str(tmp_path), "UPLAB_PUBLIC_BASE": "https://lab.example"})
        store = Store(tmp_path / "state.sqlite3")
        service = Service(settings, store, "http://127.0.0.1:1", CONNECTORS)
        await service.start()
        try:
            made = await service.create(BODY)
            app = Starlette(routes=[one for part in router(ServiceRegistry(service)) for one in part.served()])
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
                page = await client.get(f"/iot-flow/connections/{made['id']}")
                return (
                    made["downlinkUrl"],
                    await client.get("/iot-flow/"),
                    page,
                    await client.get("/iot-flow/connections/x"),
                )
        finally:
            await service.stop()
            store.close()

    downlink_url, listed, page, missing = asyncio.run(ask())

    assert "my-http-application" in listed.text
    assert downlink_url.startswith("https://lab.example/iot-flow/downlinkMessages/")
    assert f">{downlink_url}</a>" in page.text
    assert "Connection created" in page.text
    assert "DEACTIVATED" in page.text
    assert "canary" not in page.text
    assert missing.status_code == 404


def test_names_of_devices_are_sorted_anew_only_when_there_are_others(tmp_path: Path) -> None:
    async def ask() -> None:
        store = Store(tmp_path / "state.sqlite3")
        service = Service(
            read_settings([], {"UPLAB_STATE_DIR": str(tmp_path)}), store, "http://127.0.0.1:1", CONNECTORS
        )
        registry = ServiceRegistry(service)
        await service.start()
        try:
            made = await service.create(BODY)
            keys = [{"type": "key", "key": f"lora:20635f010000000{number}"} for number in (2, 1)]
            flow = {"name": "f", "matchers": keys, "connectors": [{"connectionId": made["id"]}]}
            await service.create_flow(flow)
            names = await registry.device_names()
            assert names == ["20635F0100000001", "20635F0100000002"]
            assert await registry.device_names() is names
            assert await registry.knows("20635F0100000001")
            assert not await registry.knows("20635F0100000003")

            await service.create_flow(flow | {"matchers": [{"type": "key", "key": "lora:20635f0100000000"}]})

            assert (await registry.device_names())[0] == "20635F0100000000"
            assert (await registry.device("20635F0100000000")).connections == ((made["id"], BODY["name"]),)
            await service.delete(made["id"])
            assert (await registry.device("20635F0100000000")).connections == ()
        finally:
            await service.stop()
            store.close()

    asyncio.run(ask())
