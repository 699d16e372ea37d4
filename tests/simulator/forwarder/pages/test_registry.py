"""The pages over the service itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from fastapi import FastAPI

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
        service = Service(settings, store, "http://127.0.0.1:1")
        await service.start()
        try:
            made = await service.create(BODY)
            app = FastAPI()
            app.include_router(router(ServiceRegistry(service)))
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
