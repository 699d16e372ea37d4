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
