"""HARs as two tools write them, of the same requests to a bin that met faults; tests/vectors/har holds what they wrote.

Chromium's was recorded by Playwright (record_har), the other by mitmdump (hardump). The bin answered the second request
with 503, reset the fourth, and took 1.5 s over the sixth; Chromium itself repeated the one that was reset.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest

from tests.fakes.posthere.test_server import posthere
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Delay, Fault, Nth, ResetAfterBody, Status, from_data
from uplab.scenarios.captures.capture import read_path
from uplab.scenarios.captures.judging import judge, unread
from uplab.scenarios.captures.replayed import fault_plan

HARS = Path(__file__).parents[2] / "vectors" / "har"


@pytest.mark.parametrize("tool", ["chromium", "mitmproxy"])
def test_har_is_read_as_the_tool_wrote_it(tool: str) -> None:
    exchanges = read_path(HARS / f"{tool}.har")

    assert [one.method for one in exchanges] == ["POST"] * 6
    assert [(one.body or b"")[:18] for one in exchanges] == [b'{"DevEUI_uplink": '] * 6
    assert unread(exchanges) == []
    assert all(one.at_s is not None and one.wait_ms is not None for one in exchanges)


def test_proxy_saw_a_forwarder_that_keeps_what_it_promises_and_a_page_one_that_does_not() -> None:
    outcomes = {tool: judge(read_path(HARS / f"{tool}.har")) for tool in ("chromium", "mitmproxy")}

    assert [one for one in outcomes["mitmproxy"] if one.outcome == "failed"] == []
    assert [one.name for one in outcomes["chromium"] if one.outcome == "failed"] == ["none twice"]


def test_answers_come_again_at_a_bin() -> None:
    plan = [from_data(one) for one in fault_plan(read_path(HARS / "mitmproxy.har"))]
    assert [type(fault.action) for fault in plan if isinstance(fault, Fault)] == [Status, ResetAfterBody, Delay]

    async def scenario() -> list[int]:
        answers = []
        async with posthere(behaviour=Behaviour(plan)) as (_, client):
            for _ in range(6):
                try:
                    answers.append((await client.post("/bin", content=b"{}")).status_code)
                except httpx.TransportError:
                    answers.append(0)
        return answers

    assert asyncio.run(scenario()) == [200, 503, 200, 0, 200, 200]


def test_bin_that_lists_what_it_did_not_take_is_a_capture_too(tmp_path: Path) -> None:
    async def shown() -> bytes:
        faults = [Fault("a", Nth(1), Status(503)), Fault("b", Nth(3), ResetAfterBody())]
        async with posthere(behaviour=Behaviour(faults)) as (_, client):
            for count in (1, 1, 2, 2):
                body = {"DevEUI_uplink": {"DevEUI": "0018B20000001234", "FCntUp": count}}
                with contextlib.suppress(httpx.TransportError):
                    await client.post("/bin", json=body, headers={"Content-Encoding": "identity"})
            return (await client.get("/bin", headers={"Accept": "application/json"})).content

    (tmp_path / "bin.json").write_bytes(asyncio.run(shown()))
    exchanges = read_path(tmp_path / "bin.json")

    assert [one.status for one in exchanges] == [503, 200, 0, 200]
    assert [type(from_data(one).action) for one in fault_plan(exchanges)] == [Status, ResetAfterBody]
    assert [one for one in judge(exchanges) if one.outcome == "failed"] == []
