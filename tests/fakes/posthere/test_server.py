"""posthere.io over sockets, read by clients that nobody here wrote."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
import orjson
import pytest
import trustme

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Fault, FirstN, HalfAnswer, Nth, ResetAfterBody, Status
from uplab.fakes.journal import Journal
from uplab.fakes.posthere.server import PosthereServer

JSON = {"Accept": "application/json"}


@asynccontextmanager
async def posthere(**more: Any) -> AsyncIterator[tuple[PosthereServer, httpx.AsyncClient]]:
    server = PosthereServer(**more)
    port = await server.listen()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
            yield server, client
    finally:
        await server.stop()


def test_what_is_posted_is_what_the_bin_shows() -> None:
    async def scenario() -> None:
        async with posthere() as (_, client):
            answer = await client.post(
                "/a/b?status=202&x=1", json={"DevEUI": "20635F0106"}, headers={"X-Site": "BuildingA"}
            )
            assert (answer.status_code, answer.headers["content-type"]) == (202, "text/plain")
            assert str(client.base_url).rstrip("/") + "/a/b\n" in answer.text
            (item,) = (await client.get("/a/b", headers=JSON)).json()
            assert (item["method"], item["status"], item["query"]) == ("POST", 202, {"x": "1"})
            assert item["body"] == '{"DevEUI":"20635F0106"}'
            assert item["headers"]["X-Site"] == "BuildingA"
            assert "host" not in {name.lower() for name in item["headers"]}
            page = await client.get("/a/b")
            assert "BuildingA" in page.text

    asyncio.run(scenario())


def test_body_over_the_limit_is_answered_flagged_and_not_kept() -> None:
    async def scenario() -> None:
        async with posthere() as (_, client):
            assert (await client.post("/bin", content=b"x" * 1_000_001)).status_code == 200
            assert (await client.post("/bin", content=b"x" * 1_000_000)).status_code == 200
            fits, cut = (await client.get("/bin", headers=JSON)).json()
            assert (cut["flags"]["tooLarge"], cut["size"], cut["body"]) == (True, 1_000_001, None)
            assert (fits["flags"]["tooLarge"], len(fits["body"])) == (False, 1_000_000)

    asyncio.run(scenario())


def test_refused_delivery_is_accepted_on_the_second_try() -> None:
    journal = Journal()

    async def scenario() -> None:
        behaviour = Behaviour([Fault("f1", FirstN(1), Status(503))])
        async with posthere(emit=journal, behaviour=behaviour) as (_, client):
            assert (await client.get("/bin", headers=JSON)).json() == []  # a reader meets no fault
            statuses = [(await client.post("/bin", content=b"{}")).status_code for _ in range(2)]
            assert statuses == [503, 200]
            shown = (await client.get("/bin", headers=JSON)).json()
            assert [(item["status"], item["missed"] is None) for item in shown] == [(200, True), (503, False)]

    asyncio.run(scenario())
    deliveries = [facts["method"] for facts in journal.facts("destination.arrived") if facts["delivery"]]
    assert deliveries == ["POST", "POST"]
    assert [facts["fault"] for facts in journal.facts("fault.delivered")] == ["f1"]


@pytest.mark.parametrize(
    ("action", "error"),
    [(ResetAfterBody(), httpx.ReadError), (HalfAnswer(), httpx.RemoteProtocolError)],
    ids=["reset", "half answer"],
)
def test_client_notices_that_the_answer_is_missing(action: Any, error: type[Exception]) -> None:
    async def scenario() -> None:
        async with posthere() as (server, client):
            server.behaviour = Behaviour([Fault("f", Nth(1), action)])
            with pytest.raises(error):
                await client.post("/bin", content=b"{}")
            assert (await client.post("/bin", content=b"{}")).status_code == 200

    asyncio.run(scenario())


def test_documented_address_works_over_tls_beside_the_plain_one() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("posthere.io").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def scenario() -> None:
        server = PosthereServer()
        await server.listen()
        port = await server.listen(tls=context)
        async with httpx.AsyncClient(verify=trusting) as client:
            answer = await client.post(
                f"https://127.0.0.1:{port}/4b19-48f6-94cc",
                content=b"{}",
                headers={"Host": "posthere.io"},
                extensions={"sni_hostname": "posthere.io"},
            )
        assert "https://posthere.io/4b19-48f6-94cc\n" in answer.text
        await server.stop()

    asyncio.run(scenario())


async def event(stream: aiohttp.StreamReader) -> dict[str, Any]:
    """The next event of a stream of server-sent events."""
    found: dict[str, Any] = {}
    async with asyncio.timeout(5):
        while True:
            line = (await stream.readline()).decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                found[name] = orjson.loads(value) if name == "data" else value
            elif not line and found:
                return found


@asynccontextmanager
async def watching(client: httpx.AsyncClient, path: str, **headers: str) -> AsyncIterator[aiohttp.StreamReader]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(str(client.base_url.join(path)), headers={"Accept": "text/event-stream", **headers}) as answer,
    ):
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert await answer.content.readline() == b"retry: 1000\n"
        yield answer.content


def test_live_view_shows_what_comes_and_what_is_deleted() -> None:
    async def scenario() -> None:
        async with posthere() as (server, client):
            await client.post("/bin", content=b"before")
            async with watching(client, "/bin?after=1") as stream:
                await client.post("/other", content=b"elsewhere")
                await client.post("/bin", content=b"<after>")
                first = await event(stream)
                assert first["id"] == "3"
                assert "&lt;after&gt;" in first["data"]["html"]
                assert first["data"]["kept"] == 2
                await client.delete("/bin")
                assert (await event(stream))["event"] == "emptied"
                await client.post("/bin", content=b"anew")
                assert (await event(stream))["data"]["kept"] == 1
                server.clear()
                assert (await event(stream))["event"] == "emptied"
            assert (await client.get("/bin", headers=JSON)).json() == []

    asyncio.run(scenario())


def test_live_view_that_comes_back_misses_nothing() -> None:
    async def scenario() -> None:
        async with posthere() as (_, client):
            for body in (b"one", b"two", b"three"):
                await client.post("/bin", content=body)
            async with watching(client, "/bin?after=0", **{"Last-Event-ID": "1"}) as stream:
                assert [(await event(stream))["id"] for _ in range(2)] == ["2", "3"]

    asyncio.run(scenario())


def test_live_view_of_an_earlier_server_begins_anew() -> None:
    async def scenario() -> None:
        async with posthere() as (_, client):
            await client.post("/bin", content=b"new")
            async with watching(client, "/bin?after=500") as stream:
                assert (await event(stream))["event"] == "emptied"
                await client.post("/bin", content=b"newer")
                assert (await event(stream))["id"] == "2"

    asyncio.run(scenario())


def test_closed_live_view_is_forgotten() -> None:
    journal = Journal()

    async def scenario() -> None:
        async with posthere(emit=journal) as (server, client):
            async with watching(client, "/bin"):
                assert list(server._watchers) == ["bin"]
            await asyncio.to_thread(journal.wait_for, "destination.answered")
            assert server._watchers == {}

    asyncio.run(scenario())


def test_clear_from_another_thread_forgets_all_bins() -> None:
    async def scenario() -> None:
        async with posthere() as (server, client):
            await client.post("/bin", content=b"old")
            await asyncio.to_thread(server.clear)
            assert (await client.get("/", headers=JSON)).json() == []
            await client.post("/bin", content=b"new")
            assert [item["number"] for item in (await client.get("/bin", headers=JSON)).json()] == [2]

    asyncio.run(scenario())


def test_fresh_names_look_as_the_service_makes_them() -> None:
    async def scenario() -> None:
        async with posthere() as (_, client):
            pages = [(await client.get("/")).text for _ in range(2)]
            proposals = [page.partition('id="name" value="')[2].partition('"')[0] for page in pages]
            assert proposals[0] != proposals[1]
            assert all([len(part) for part in proposal.split("-")] == [4, 4, 4] for proposal in proposals)

    asyncio.run(scenario())


def test_two_servers_share_nothing() -> None:
    async def scenario() -> None:
        async with posthere(name="one") as (_, one), posthere(name="two") as (_, two):
            await one.post("/bin", content=b"only here")
            assert (await two.get("/", headers=JSON)).json() == []

    asyncio.run(scenario())
