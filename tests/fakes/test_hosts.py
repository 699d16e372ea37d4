import asyncio
from typing import Any

import httpx
import pytest

from uplab.fakes.control import Control
from uplab.fakes.hosts import Hosts, from_another_site
from uplab.fakes.posthere.server import PosthereServer
from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.fakes.widgelix.server import WidgelixServer


@pytest.mark.parametrize(
    ("host", "known"),
    [
        (None, True),
        ("127.0.0.1:80", True),
        ("[::1]:80", True),
        ("[::1]", True),
        ("LocalHost", True),
        ("a.localhost:1", True),
        ("Posthere.IO:443", True),
        ("posthere.io.", True),
        ("", False),
        ("evil.example", False),
        ("posthere.io.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example:127.0.0.1", False),
        ("127.1", False),
        ("[evil.example]", False),
    ],
)
def test_names_that_are_answered(host: str | None, known: bool) -> None:
    assert Hosts("posthere.io").knows(host) == known


@pytest.mark.parametrize(
    ("site", "origin", "host", "foreign"),
    [
        ("", "", "127.0.0.1:8", False),
        ("none", "", "127.0.0.1:8", False),
        ("same-origin", "http://127.0.0.1:8", "127.0.0.1:8", False),
        ("", "http://[::1]:8", "[::1]:8", False),
        ("", "http://LocalHost:8", "localhost:8", False),
        ("cross-site", "", "127.0.0.1:8", True),
        ("same-site", "http://127.0.0.1:9", "127.0.0.1:8", True),
        ("", "http://evil.example", "127.0.0.1:8", True),
        ("", "http://127.0.0.1:9", "127.0.0.1:8", True),
        ("", "null", "127.0.0.1:8", True),
        ("same-origin", "http://evil.example", "127.0.0.1:8", True),
    ],
)
def test_pages_of_another_site_are_told_apart(site: str, origin: str, host: str, foreign: bool) -> None:
    assert from_another_site(site, origin, host) == foreign


@pytest.mark.parametrize(
    ("make", "name"),
    [(PosthereServer, "posthere.io"), (WidgelixServer, "app.widgelix.com"), (ThingsBoardServer, "thingsboard.cloud")],
)
def test_fake_answers_to_its_own_names_only(make: type[Any], name: str) -> None:
    async def ask() -> dict[str, int]:
        hops: list[tuple[str, dict[str, Any]]] = []
        fake = make(emit=lambda hop, facts: hops.append((hop, facts)))
        fake.hosts.allow("allowed.example")
        port = await fake.listen("127.0.0.1", 0)
        found = {}
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                for host in ("127.0.0.1", name, "allowed.example", "evil.example"):
                    for method in ("GET", "POST"):
                        answer = await client.request(method, "/x", headers={"Host": host})
                        found[f"{method} {host}"] = answer.status_code
        finally:
            await fake.stop()
        told = [facts["host"] for hop, facts in hops if hop == "destination.arrived"]
        assert "evil.example" in told, "who was led here is told all the same"
        return found

    found = asyncio.run(ask())
    assert {asked: status for asked, status in found.items() if status == 421} == {
        "GET evil.example": 421,
        "POST evil.example": 421,
    }


def test_control_answers_to_numbers_only() -> None:
    async def ask() -> list[int]:
        control, fake = Control(), PosthereServer()
        port = await control.listen(fake, "127.0.0.1", 0)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                hosts = ("127.0.0.1", "posthere.io", "evil.example")
                return [(await client.get("/faults", headers={"Host": host})).status_code for host in hosts]
        finally:
            await control.stop()

    assert asyncio.run(ask()) == [200, 421, 421]


_HANDSHAKE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n"
)
_EVENTS = "Accept: text/event-stream\r\n"


@pytest.mark.parametrize(
    ("make", "path", "more"),
    [
        (PosthereServer, "/bin", _EVENTS),
        (WidgelixServer, "/", _EVENTS),
        (ThingsBoardServer, "/api/ws", _HANDSHAKE),
        (ThingsBoardServer, "/api/ws/plugins/telemetry?token=x", _HANDSHAKE),
        (Control, "/journal?follow=1", _EVENTS),
    ],
)
def test_page_that_was_led_here_by_its_own_name_can_follow_nothing(make: type[Any], path: str, more: str) -> None:
    """As after DNS rebinding: the browser takes the answer for that of the page's own host."""

    async def ask() -> bytes:
        fake = make()
        listening = fake.listen(PosthereServer(), "127.0.0.1", 0) if make is Control else fake.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", await listening)
        try:
            told = f"Host: evil.example\r\nOrigin: http://evil.example\r\n{more}"
            writer.write(f"GET {path} HTTP/1.1\r\n{told}\r\n".encode())
            async with asyncio.timeout(30):
                return await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()
            await fake.stop()

    head = asyncio.run(ask()).lower()
    assert head.startswith(b"http/1.1 421")
    assert b"access-control" not in head
