"""The pages for people, over a registry of plain values."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.pages import COUNTERS, router
from uplab.simulator.forwarder.pages.form import Kinds
from uplab.simulator.forwarder.pages.registry import DeviceFacts
from uplab.simulator.forwarder.platform import Platform

URL = "https://lab.example/iot-flow/downlinkMessages/f5d3a74d-c678-4a11-bd7e-ccede5c55855"

HTTP: dict[str, Any] = {
    "id": "8",
    "connectorId": "actility-http-iot",
    "name": "my-http-application",
    "active": True,
    "state": "OPENED",
    "startupTime": "2026-01-01T00:00:00.123+00:00",
    "downlinkUrl": URL,
    "configuration": {
        "description": "My HTTP Application",
        "destinationURL": "https://posthere.io/7f57-470a-aa50",
        "headers": {"Authorization": "Bearer canary-1", "X-Thing": "{DevEUI}", "X-Api-Key": "canary-2"},
        "downlinkAsKey": "canary-3",
        "lrcCompliance": True,
    },
}
THINGSBOARD: dict[str, Any] = {
    "id": "9",
    "connectorId": "actility-thingsboard-iot",
    "name": "Thingsboard",
    "state": "AUTHENTICATION_FAILED",
    "downlinkUrl": URL + "9",
    "configuration": {"hostName": "tb.example:1883", "username": "me@example.com", "password": "canary-4"},
}
WIDGELIX: dict[str, Any] = {
    "id": "10",
    "connectorId": "actility-http-iot",
    "brand": "WIDGELIX",
    "name": "Widgelix",
    "state": "OPENING",
    "downlinkUrl": URL + "10",
    "configuration": {"destinationURL": "https://w.example/", "headers": {"Authorization": "Bearer canary-5"}},
}
EVENT = {
    "time": "2026-01-01T10:11:12.500+00:00",
    "severity": "error",
    "type": "UPLINK_FAILED",
    "message": "HTTP 503 Service Unavailable",
    "devEUI": "20635F0108000E09",
}


class Fixed:
    """A registry that holds what it was given, and changes nothing."""

    kinds = Kinds(CONNECTORS)
    platform = Platform(widgelix_url="https://w.example/")

    def __init__(self, *resources: Mapping[str, Any], counted: Mapping[int, Mapping[str, int]] | None = None) -> None:
        self.resources = {str(resource["id"]): resource for resource in resources}
        self.counted = counted or {}
        self.happened: list[Mapping[str, Any]] = []

    async def connections(self) -> Sequence[tuple[str, str]]:
        return [(key, str(resource["name"])) for key, resource in self.resources.items()]

    async def connection(self, connection_id: str) -> Mapping[str, Any] | None:
        return self.resources.get(connection_id)

    async def metrics(self, connection_id: str, hours: int) -> Mapping[str, int]:
        return dict.fromkeys(COUNTERS, 0) | dict(self.counted.get(hours, {}) if connection_id == "8" else {})

    async def count_events(self, connection_id: str) -> int:
        return len(self.happened) if connection_id in self.resources else 0

    async def events(self, connection_id: str, part: slice) -> Sequence[Mapping[str, Any]]:
        return self.happened[part] if connection_id in self.resources else []

    async def create(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        raise AssertionError(body)

    async def replace(self, connection_id: str, body: Mapping[str, Any]) -> None:
        raise AssertionError(connection_id, body)

    async def delete(self, connection_id: str) -> None:
        raise AssertionError(connection_id)

    async def device_names(self) -> Sequence[str]:
        return ["20635F0108000496"]

    async def knows(self, dev_eui: str) -> bool:
        return dev_eui in await self.device_names()

    async def device(self, dev_eui: str) -> DeviceFacts:
        return DeviceFacts(dev_eui, "<b>elsys", ("<i>lab",), tuple(await self.connections()))

    async def removable(self, dev_eui: str) -> Collection[str]:
        return {"8"} if dev_eui else set()

    async def bind(self, dev_eui: str, connection_id: str) -> None:
        raise AssertionError(dev_eui, connection_id)

    async def unbind(self, dev_eui: str, connection_id: str) -> None:
        raise AssertionError(dev_eui, connection_id)


def get(registry: Fixed, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        app = Starlette(routes=[one for part in router(registry) for one in part.served()])
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def text(registry: Fixed, path: str) -> str:
    answer = get(registry, path)
    assert answer.status_code == 200
    return answer.text


def part(html: str, testid: str) -> str:
    """Return the text of one marked element, tags and blanks squeezed."""
    found = re.search(rf'<(\w+)[^>]*data-testid="{testid}"[^>]*>(.*?)</\1>', html, re.DOTALL)
    assert found, testid
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[2])).strip()


def test_list_links_every_connection_with_its_state() -> None:
    html = text(Fixed(HTTP, THINGSBOARD, WIDGELIX), "/iot-flow/")

    for resource in (HTTP, THINGSBOARD, WIDGELIX):
        assert f'href="/iot-flow/connections/{resource["id"]}">{resource["name"]}</a>' in html
    assert '<span class="badge good">OPENED</span>' in html
    assert '<span class="badge busy">OPENING</span>' in html
    assert '<span class="badge bad">AUTHENTICATION FAILED</span>' in html


def test_empty_list_says_so() -> None:
    assert "There is no application yet." in text(Fixed(), "/iot-flow/")


def test_page_shows_name_description_and_state() -> None:
    html = text(Fixed(HTTP), "/iot-flow/connections/8")

    assert "<h1>my-http-application</h1>" in html
    assert "My HTTP Application" in html
    assert part(html, "state") == "OPENED"
    assert '<a href="/iot-flow/">Applications</a>' in html


def test_page_says_what_an_open_connection_cannot_do() -> None:
    html = text(Fixed({**HTTP, "notice": "no command comes back"}), "/iot-flow/connections/8")

    assert part(html, "notice") == "no command comes back"
    assert 'data-testid="notice"' not in text(Fixed(HTTP), "/iot-flow/connections/8")


def test_page_ends_its_help_with_the_downlink_url_as_given() -> None:
    html = text(Fixed(HTTP), "/iot-flow/connections/8")

    assert f'href="{URL}">{URL}</a>\n  </p>' in html
    assert part(html, "downlink-url") == URL
    assert "evil.example" not in html


def test_secrets_are_masked_on_every_page() -> None:
    registry = Fixed(HTTP, THINGSBOARD, WIDGELIX)

    for path in ("/iot-flow/", "/iot-flow/devices", *(f"/iot-flow/connections/{key}" for key in registry.resources)):
        assert "canary" not in text(registry, path)
    shown = part(text(registry, "/iot-flow/connections/8"), "settings")
    assert "Authorization: *****" in shown
    assert "X-Api-Key: *****" in shown
    assert "X-Thing: {DevEUI}" in shown
    assert "Downlink AS key *****" in shown


@pytest.mark.parametrize(
    ("key", "labels", "value"),
    [
        (
            "8",
            ["Application Name*", "Destination URL*", "Headers", "Description"],
            "https://posthere.io/7f57-470a-aa50",
        ),
        ("9", ["Application Name*", "Domain Name*", "Username*", "Password*", "Description"], "tb.example:1883"),
        ("10", ["Application Name*", "Widgelix Key*", "Description"], "*****"),
    ],
)
def test_each_parameter_of_the_documents_can_be_edited(key: str, labels: list[str], value: str) -> None:
    html = text(Fixed(HTTP, THINGSBOARD, WIDGELIX), f"/iot-flow/connections/{key}")

    shown = [re.sub(r"<[^>]+>", "", label) for label in re.findall(r'<h3 class="label" id=.*?>(.*?)</h3>', html)]
    assert shown == labels
    assert re.findall(r'aria-label="Edit ([^"]+)"', html) == [label.removesuffix("*") for label in labels]
    assert f"<span>{value}</span>" in html
    assert f"Connection id: {key}" in part(html, "settings")


def test_metrics_are_those_of_the_chosen_period() -> None:
    hour = {"activeThings": 1, "uplinks": 3, "uplinksDelivered": 2, "uplinksFailed": 1, "downlinks": 1}
    registry = Fixed(HTTP, counted={1: hour, 24: {"uplinks": 70, "uplinksLost": 5, "downlinksFailed": 4}})

    now = text(registry, "/iot-flow/connections/8")
    assert part(now, "active-devices") == "1 active devices"
    assert part(now, "uplinks") == "3 uplinks Successful 2 Failed 1 Lost 0"
    assert part(now, "downlinks") == "1 downlinks Successful 1 Failed 0"
    day = text(registry, "/iot-flow/connections/8?period=1d")
    assert part(day, "uplinks") == "70 uplinks Successful 0 Failed 0 Lost 5"
    assert part(day, "downlinks") == "0 downlinks Successful 0 Failed 4"


def test_unknown_period_is_the_hour() -> None:
    registry = Fixed(HTTP, counted={1: {"uplinks": 3}})

    assert part(text(registry, "/iot-flow/connections/8?period=<b>"), "uplinks").startswith("3 uplinks")


def test_events_show_time_cause_and_device() -> None:
    registry = Fixed(HTTP)
    assert "Nothing has happened yet." in text(registry, "/iot-flow/connections/8")

    registry.happened.append(EVENT)

    shown = part(text(registry, "/iot-flow/connections/8"), "events")
    assert "2026-01-01 10:11:12 Uplink failed HTTP 503 Service Unavailable 20635F0108000E09" in shown


def test_foreign_text_never_becomes_markup() -> None:
    script = "<script>alert(1)</script>"
    hostile = HTTP | {
        "id": "7",
        "name": script,
        "state": script,
        "configuration": {"description": script, script: script},
    }
    registry = Fixed(hostile)
    registry.happened.append(EVENT | {"message": script, "severity": '"><script>', "type": script})

    for path in ("/iot-flow/", "/iot-flow/connections/7", "/iot-flow/devices", "/iot-flow/devices/20635F0108000496"):
        html = text(registry, path)
        assert re.findall("<script[^>]*>", html) == ['<script src="/iot-flow/script.js">']
        assert "<b>elsys" not in html
        assert "<i>lab" not in html
    answer = get(registry, "/iot-flow/connections/%3Cscript%3E")
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_unknown_connection_is_not_found() -> None:
    answer = get(Fixed(HTTP), "/iot-flow/connections/99")

    assert answer.status_code == 404
    assert "There is no connection <code>99</code>." in answer.text


def test_pages_load_nothing_from_elsewhere() -> None:
    answer = get(Fixed(HTTP), "/iot-flow/connections/8")

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "unsafe" not in policy
    assert not re.search(r"<[^>]+ (on\w+|style)=", answer.text)
    assert re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="([^"]+)"', answer.text) == [
        "data:,",
        "/iot-flow/style.css",
        "/iot-flow/script.js",
    ]
    style = get(Fixed(HTTP), "/iot-flow/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert not re.search(r"url\(|@import", style.text)


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        ("OPENED", "good"),
        ("OPENING", "busy"),
        ("AUTHENTICATING", "busy"),
        ("CLOSING", "busy"),
        ("CLOSED", "bad"),
        ("UNREACHABLE", "bad"),
        ("AUTHENTICATION_FAILED", "bad"),
        ("DEACTIVATED", "off"),
    ],
)
def test_each_state_has_its_colour(state: str, tone: str) -> None:
    html = text(Fixed(HTTP | {"state": state}), "/iot-flow/connections/8")

    assert f'<span class="badge {tone}" data-testid="state">{state.replace("_", " ")}</span>' in html
