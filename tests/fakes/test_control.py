"""The control of a fake that stands alone, over HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.control import Control, SettingError
from uplab.fakes.posthere.server import PosthereServer


class Mood:
    """Settings of one kind."""

    def __init__(self) -> None:
        self.values = {"mood": 1}

    def show(self) -> dict[str, Any]:
        return self.values

    def change(self, values: dict[str, Any]) -> None:
        if "mood" not in values:
            raise SettingError("there is no setting but mood")
        self.values |= values


@contextlib.asynccontextmanager
async def alone(**options: Any) -> AsyncIterator[tuple[PosthereServer, httpx.AsyncClient, str]]:
    """A fake with its control; yields the fake, a client of the control, and the fake's address."""
    control = Control(**options)
    fake = PosthereServer(emit=control)
    base = f"http://127.0.0.1:{await fake.listen()}"
    port = await control.listen(fake, "127.0.0.1", 0, Mood())
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
            yield fake, client, base
    finally:
        await control.stop()
        await fake.stop()


async def post(base: str, body: bytes = b"{}", name: str = "bin") -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(f"{base}/{name}", content=body)).status_code


def lines(text: str) -> list[Any]:
    return [orjson.loads(line) for line in text.splitlines()]


def test_page_of_another_site_changes_nothing() -> None:
    async def story() -> None:
        async with alone() as (_, client, base):
            assert await post(base) == 200
            for told in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
                assert (await client.post("/clear", headers=told)).status_code == 403
                assert (await client.delete("/journal", headers=told)).status_code == 403
                assert "destination.arrived" in (await client.get("/journal", headers=told)).text
            assert (await client.post("/clear", headers={"Origin": str(client.base_url)})).is_success

    asyncio.run(story())


def test_faults_are_planned_met_and_taken_away() -> None:
    async def story() -> None:
        async with alone() as (_, client, base):
            fault = {"id": "busy", "trigger": {"type": "Nth", "n": 1}, "action": {"type": "Status", "code": 503}}
            planned = await client.put("/faults", json=[fault])
            assert planned.status_code == 200
            assert [await post(base) for _ in range(2)] == [503, 200]
            (shown,) = (await client.get("/faults")).json()
            assert (shown["id"], shown["met"]) == ("busy", 1)
            assert (await client.put("/faults", json=[shown])).status_code == 200  # what is shown can be planned again
            assert (await client.delete("/faults")).json() == []
            assert await post(base) == 200

    asyncio.run(story())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "no JSON"),
        (b"{}", "a list of faults"),
        (b'[{"id":"x"}]', "missing"),
        (b'[{"id":"x","trigger":{"type":"Never"},"action":{"type":"Hang"}}]', "Never"),
    ],
)
def test_impossible_fault_is_refused_and_changes_nothing(body: bytes, words: str) -> None:
    async def story() -> None:
        async with alone() as (fake, client, _):
            before = fake.behaviour = Behaviour()
            answer = await client.put("/faults", content=body)
            assert (answer.status_code, words in answer.json()["message"]) == (400, True)
            assert fake.behaviour is before

    asyncio.run(story())


def test_journal_has_a_line_for_each_hop() -> None:
    async def story() -> None:
        async with alone() as (_, client, base):
            await post(base, b'{"a":1}')
            await post(base, b"\xff\xfe")
            everything = lines((await client.get("/journal")).text)
            assert [one["hop"] for one in everything] == ["destination.arrived", "destination.answered"] * 2
            assert [one["n"] for one in everything] == [1, 2, 3, 4]
            arrived = lines((await client.get("/journal?hop=destination.arrived")).text)
            assert [one["raw"] for one in arrived] == ['{"a":1}', {"base64": "//4="}]
            assert [one["n"] for one in lines((await client.get("/journal?after=3")).text)] == [4]
            assert (await client.get("/journal?after=x")).status_code == 400
            assert (await client.delete("/journal")).status_code == 204
            assert (await client.get("/journal")).text == ""

    asyncio.run(story())


def test_journal_says_what_its_bound_has_cost() -> None:
    async def story() -> None:
        async with alone(capacity=2) as (_, client, base):
            await post(base)
            await post(base)
            answer = await client.get("/journal")
            assert answer.headers["X-Uplab-Dropped"] == "2"
            assert [one["n"] for one in lines(answer.text)] == [3, 4]

    asyncio.run(story())


def test_journal_is_followed() -> None:
    async def story() -> None:
        async with alone() as (_, client, base):
            await post(base)
            url = "/journal?follow=1&hop=destination.arrived"
            async with client.stream("GET", url) as answer:
                read = answer.aiter_lines()
                assert orjson.loads(await anext(read))["n"] == 1
                await post(base)
                assert orjson.loads(await anext(read))["n"] == 3

    asyncio.run(story())


def test_fake_is_cleared() -> None:
    async def story() -> None:
        async with alone() as (_, client, base):
            await post(base)
            async with httpx.AsyncClient(trust_env=False, headers={"Accept": "application/json"}) as reader:
                before = (await reader.get(f"{base}/bin")).json()
                assert (await client.post("/clear")).status_code == 204
                after = (await reader.get(f"{base}/bin")).json()
            assert (len(before), len(after)) == (1, 0)

    asyncio.run(story())


def test_settings_are_shown_and_changed() -> None:
    async def story() -> None:
        async with alone() as (_, client, _):
            assert (await client.patch("/settings", json={"mood": 2})).json() == {"mood": 2}
            assert (await client.get("/settings")).json() == {"mood": 2}
            refused = await client.patch("/settings", json={"other": 1})
            assert (refused.status_code, refused.json()["message"]) == (400, "there is no setting but mood")

    asyncio.run(story())


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/faults", 405)])
def test_wrong_request_is_told_what_there_is(method: str, path: str, status: int) -> None:
    async def story() -> None:
        async with alone() as (_, client, _):
            answer = await client.request(method, path)
            assert answer.status_code == status
            assert "there are /help" in answer.json()["message"] or "knows GET" in answer.json()["message"]
            assert "/journal" in (await client.get("/")).text

    asyncio.run(story())


def test_hops_are_handed_on() -> None:
    got: list[str] = []
    control = Control(then=lambda hop, _facts: got.append(hop))

    control("one", {})

    assert got == ["one"]
