"""Requests that were refused or cut off are listed in their bin too, and say why."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.fakes.posthere.test_server import JSON, posthere
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Action, Delay, Fault, FirstN, ResetAfterBody, ResetBeforeBody, Status

FAULTS: list[tuple[Action, int, str, str]] = [
    (Status(503), 503, '{"a": 1}', "the fault 'f' came first, Status(code=503)"),
    (ResetAfterBody(), 0, '{"a": 1}', "the fault 'f' came first, ResetAfterBody()"),
    (ResetBeforeBody(), 0, "", "the fault 'f' came first, ResetBeforeBody()"),
    (Delay(0.0, Status(429)), 429, '{"a": 1}', "the fault 'f' came first, Delay(s=0.0, then=Status(code=429"),
]


@pytest.mark.parametrize(("action", "status", "body", "why"), FAULTS, ids=lambda one: type(one).__name__)
def test_delivery_that_met_a_fault_is_listed(action: Action, status: int, body: str, why: str) -> None:
    async def scenario() -> None:
        async with posthere(behaviour=Behaviour([Fault("f", FirstN(1), action)])) as (_, client):
            try:
                await client.post("/bin?x=1", content=b'{"a": 1}')
            except httpx.TransportError:
                assert status == 0
            assert (await client.post("/bin", content=b"{}")).status_code == 200
            taken, missed = (await client.get("/bin", headers=JSON)).json()
            assert (taken["missed"], taken["body"]) == (None, "{}")
            assert missed["missed"].startswith(why)
            assert (missed["status"], missed["body"], missed["query"]) == (status, body, {"x": "1"})
            page = (await client.get("/bin")).text
            assert page.count("Not taken: the fault") == 1

    asyncio.run(scenario())


CUT: list[tuple[bytes, str, str]] = [
    (b"POST /bin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{half", "its connection was cut off", "{half"),
    (b"POST /bin HTTP/1.1\r\nHost: other.example\r\nContent-Length: 2\r\n\r\n{}", "its Host header is none of", "{}"),
]


@pytest.mark.parametrize(("raw", "why", "body"), CUT, ids=["cut off", "foreign host"])
def test_delivery_that_was_cut_off_or_misdirected_is_listed(raw: bytes, why: str, body: str) -> None:
    async def listed(client: httpx.AsyncClient) -> list[dict[str, Any]]:
        async with asyncio.timeout(20):
            while not (found := (await client.get("/bin", headers=JSON)).json()):
                pass
            return list(found)

    async def scenario() -> None:
        async with posthere() as (_, client):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(raw)
            await writer.drain()
            writer.write_eof()
            writer.close()
            (missed,) = await listed(client)
            assert missed["missed"].startswith(why)
            assert missed["body"] == body
            del reader

    asyncio.run(scenario())
