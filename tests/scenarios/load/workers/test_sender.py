import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from uplab.scenarios.load.files import Tail
from uplab.scenarios.load.workers.sender import Sender, share_of
from uplab.simulator.fleets.plan import Plan, groups_of

PLAN = Plan(groups=groups_of("elsys_ers", 6, every_s=60.0), hours=0.1)


def test_shares_are_disjoint_and_make_up_the_fleet() -> None:
    whole = [str(device.dev_eui) for device, _ in share_of(PLAN, None, None, (0, 1))]
    parts = [[str(device.dev_eui) for device, _ in share_of(PLAN, None, None, (number, 3))] for number in range(3)]

    assert [parts[number % 3][number // 3] for number in range(6)] == whole
    assert len(set(whole)) == 6


def test_every_post_is_in_its_ledger(tmp_path: Path) -> None:
    told: dict[str, Any] = {}
    bodies: list[dict[str, Any]] = []

    def say(one: Mapping[str, Any]) -> None:
        told.update(one)

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.Response(status=503 if len(bodies) % 5 == 0 else 200)

    async def play() -> None:
        app = web.Application()
        app.router.add_post("/ingress", take)
        async with TestServer(app) as server:
            sender = Sender(say)
            given = {"folder": str(tmp_path), "plan": asdict(PLAN), "share": [0, 1]}
            begun = await sender.order("begin", given)
            assert len(begun["dev_euis"]) == 6
            way = {"as_id": "A", "as_key": "k", "reading": ["absent", "elements"], "signed": True, "headers": {}}
            await sender.order("drive", {"ingress": str(server.make_url("/ingress")), **way})
            assert sender._driving is not None
            await sender._driving
            uplink = bodies[-1]["DevEUI_uplink"]
            asked = {"dev_eui": uplink["DevEUI"], "time_ms": lines(tmp_path)[-1][3]}
            assert (await sender.order("raw", asked))["raw"] is not None
            assert (await sender.order("raw", {"dev_eui": "?", "time_ms": 1}))["raw"] is None
            await sender.stop()

    asyncio.run(play())

    found = lines(tmp_path)
    assert len(found) == len(bodies) == told["posted"]
    assert told["ended"] == "over"
    assert [line[0] for line in found] == [next(iter(body.values()))["DevEUI"] for body in bodies] or len(found) > 5
    assert sum(line[7] == "refused" for line in found) == len(bodies) // 5
    assert all(line[5] <= line[6] for line in found)


def lines(folder: Path) -> list[Any]:
    return list(Tail(folder, "ledger-1").read())
