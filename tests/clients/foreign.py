"""Runs foreign programs against a fake ThingsBoard, and counts what they called."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.clients import census
from tests.clients.environments import PYTHON, environment
from uplab.fakes.journal import Journal
from uplab.fakes.relay.rim import Relay
from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.fakes.thingsboard.state.device import Device

PROGRAMS = Path(__file__).parent / "programs"
USERNAME, PASSWORD = "tenant@thingsboard.org", "tenant"
DEADLINE_S = 90.0


@dataclass
class Fake:
    """A fake ThingsBoard on real sockets, and what a program is told of it."""

    server: ThingsBoardServer
    told: dict[str, Any]
    journal: Journal = field(default_factory=Journal)
    relayed: Journal = field(default_factory=Journal)
    """What a relay before it told, where there is one."""

    def device(self, name: str) -> Device:
        """The demo tenant's device of that name, which has to be there."""
        found = self.server.state.device_named(self.server.state.demo.id, name)
        assert found is not None, f"there is no device {name}"
        return found

    def points(self, name: str, key: str) -> list[tuple[int, object]]:
        """All points of a key, oldest first."""
        return list(self.device(name).series.history(key, 0, 1 << 62, limit=10_000, newest_first=False))


@contextlib.asynccontextmanager
async def fake(client: str, *, relay: bool = False, **more: Any) -> AsyncIterator[Fake]:
    """A fake for one client, with a relay before its MQTT port where wanted; what it called enters the census."""
    journal = Journal(200_000)
    server = ThingsBoardServer(emit=journal)
    mqtt, http = await server.listen_mqtt(), await server.listen_http()
    relayed = Journal(200_000)

    async def behind(port: int = mqtt) -> tuple[str, int]:
        return "127.0.0.1", port

    before = Relay(behind, name="relay", emit=relayed)
    if relay:
        mqtt = await before.listen()
    user = server.state.users[USERNAME]
    told = {
        "url": f"http://127.0.0.1:{http}",
        "mqtt": mqtt,
        "username": USERNAME,
        "password": PASSWORD,
        "jwt": server.tokens.pair(user)["token"],
        **more,
    }
    try:
        yield Fake(server, told, journal, relayed)
    finally:
        await before.stop()
        await server.stop()
        census.count(client, journal)


async def started(client: str, program: str, told: dict[str, Any]) -> asyncio.subprocess.Process:
    """A program in its client's environment."""
    folder = environment(client)
    if client in PYTHON:
        command = [str(folder / "bin" / "python"), "-W", "ignore", str(PROGRAMS / program)]
    else:
        command, told = ["node", str(PROGRAMS / program)], {**told, "modules": str(folder)}
    return await asyncio.create_subprocess_exec(
        *command,
        json.dumps(told),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        cwd=folder,
    )


async def ended(process: asyncio.subprocess.Process) -> Any:
    """What a program found, once it has ended well."""
    try:
        out, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        pytest.fail(f"the program did not end in {DEADLINE_S:g} s; it printed\n{out.decode()}\n{err.decode()[-3000:]}")
    if process.returncode:
        pytest.fail(f"the program ended with {process.returncode}:\n{out.decode()}\n{err.decode()[-3000:]}")
    return json.loads(out.decode().strip().splitlines()[-1])


async def run(client: str, program: str, told: dict[str, Any]) -> Any:
    """Run a program to its end; what it found."""
    return await ended(await started(client, program, told))
