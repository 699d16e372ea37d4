"""A user's dashboard against a fake ThingsBoard over TLS, as in a lab."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.fakes.thingsboard.state.device import Device
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.suites.thingsboard.dashboard import following

DEADLINE_S = 10.0


class Seen:
    """Where the device's values come by, in the fake's own loop."""

    def __init__(self, loop: LoopThread, device: Device) -> None:
        self._loop, self._device = loop, device

    def save(self, ts: int, **values: Any) -> None:
        """Telemetry of the device."""
        self._loop.call(lambda: self._device.save_telemetry(ts, values))


@pytest.fixture(name="lab")
def a_lab(tmp_path: Path) -> Iterator[Any]:
    authority = trustme.CA()
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("thingsboard.cloud").configure_cert(inside)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    loop = LoopThread()
    server = loop.call(ThingsBoardServer)
    try:
        port = loop.run(server.listen_http("127.0.0.1", 0, inside))
        device = loop.call(lambda: server.state.add_device(server.state.demo.id, "elsys"))
        yield SimpleNamespace(
            loop=loop,
            ca_file=tmp_path / "ca.pem",
            resolve={"thingsboard.cloud:443": f"127.0.0.1:{port}"},
            server=server,
            seen=Seen(loop, device),
            device=device,
        )
        loop.run(server.stop())
    finally:
        loop.stop()


def account(lab: Any, token: str | None = None) -> Any:
    pair = lab.server.tokens.pair(lab.server.state.users["tenant@thingsboard.org"])
    known = {"elsys": {"id": {"id": lab.device.id}}}
    return SimpleNamespace(token=token or pair["token"], device=known.get, devices=lambda: list(known))


def test_values_are_seen_in_their_order(lab: Any) -> None:
    lab.seen.save(1_000, t=1)
    with following(lab, account(lab), "elsys", "t") as dashboard:
        assert dashboard.points == []
        for ts in (2_000, 3_000):
            lab.seen.save(ts, t=ts, other=1)
        lab.loop.run(reached(dashboard.points, 2))

    assert dashboard.points == [(2_000, "2000"), (3_000, "3000")]


async def reached(points: list[Any], count: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        turn = asyncio.Event()
        while len(points) < count:
            asyncio.get_running_loop().call_later(0.01, turn.set)
            await turn.wait()
            turn.clear()


def test_device_that_is_not_there_is_named(lab: Any) -> None:
    with pytest.raises(CheckFailed, match="no device absent"), following(lab, account(lab), "absent", "t"):
        pass


def test_refused_login_is_a_failed_check(lab: Any) -> None:
    with pytest.raises(CheckFailed, match="closed the WebSocket"), following(lab, account(lab, "wrong"), "elsys", "t"):
        pass


def test_thingsboard_that_is_not_there_is_a_failed_check(lab: Any) -> None:
    lab.loop.run(lab.server.stop())
    with pytest.raises(CheckFailed, match="could not be followed"), following(lab, account(lab), "elsys", "t"):
        pass
