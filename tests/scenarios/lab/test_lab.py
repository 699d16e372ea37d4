"""The lab's start and stop with a failure at each step: nothing stays open, and nobody waits for ever."""

from __future__ import annotations

import inspect
import pkgutil
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios import small_forwarder
from uplab.scenarios.lab.false_hosts import PORTS
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.lab.ports import PortError
from uplab.scenarios.under_test.profile import Features, Profile
from uplab.scenarios.under_test.target import RunOptions

COMMAND = shlex.join([sys.executable, "-P", small_forwarder.__file__])

STARTS = [
    "uplab.scenarios.lab.downstream.load_authority",
    "uplab.scenarios.lab.downstream.browser",
    "uplab.fakes.posthere.server.PosthereServer.listen",
    "uplab.fakes.widgelix.server.WidgelixServer.listen",
    "uplab.fakes.thingsboard.server.ThingsBoardServer.listen_http",
    "uplab.fakes.thingsboard.server.ThingsBoardServer.listen_mqtt",
    "uplab.scenarios.lab.downstream.FalseHosts.start",
    "uplab.simulator.network.tunnel.NetworkRim.start",
    "uplab.scenarios.lab.lab.ForwarderProcess.start",
    "uplab.scenarios.lab.ways.reaching.ForwarderApi",
    "uplab.simulator.network.tunnel.Tunnel.start",
]
STOPS = [
    "uplab.fakes.posthere.server.PosthereServer.stop",
    "uplab.fakes.widgelix.server.WidgelixServer.stop",
    "uplab.fakes.thingsboard.server.ThingsBoardServer.stop",
    "uplab.scenarios.lab.downstream.FalseHosts.stop",
    "uplab.simulator.network.tunnel.NetworkRim.stop",
    "uplab.simulator.network.tunnel.Tunnel.stop",
    "uplab.scenarios.lab.ways.reaching.ForwarderApi.close",
    "uplab.scenarios.lab.lab.Upstream.stop",
]


class BrokenError(Exception):
    """What the test lets happen."""


def fails(*_: Any, **__: Any) -> Any:
    raise BrokenError


def does_and_fails(original: Any) -> Any:
    """Does what it should, and fails then."""

    def call(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        if not inspect.isawaitable(result):
            raise BrokenError

        async def end() -> None:
            await result
            raise BrokenError

        return end()

    return call


@pytest.fixture
def threads() -> set[threading.Thread]:
    """Those that were there before."""
    return set(threading.enumerate())


def lab_in(folder: Path, base_port: int = 0) -> Lab:
    return Lab(
        RunOptions(1, Profile(name="small", features=Features(api=True)), command=COMMAND, base_port=base_port),
        folder=folder,
    )


def nothing_is_left(lab: Lab, before: set[threading.Thread]) -> None:
    assert {one.name for one in threading.enumerate() if one not in before and one.name == "uplab-lab"} == set()
    assert lab._process is None or lab._process.pid is None
    for address in lab.resolve.values():
        host, _, port = address.partition(":")
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind((host, int(port)))


@pytest.mark.parametrize("step", STARTS)
def test_step_of_the_start_that_fails_leaves_nothing(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: set[threading.Thread]
) -> None:
    monkeypatch.setattr(step, fails)
    lab = lab_in(tmp_path)

    with pytest.raises(BrokenError):
        lab.start()
    monkeypatch.undo()

    nothing_is_left(lab, threads)


@pytest.mark.parametrize("step", STOPS)
def test_step_of_the_stop_that_fails_keeps_no_other_one(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: set[threading.Thread]
) -> None:
    monkeypatch.setattr(step, does_and_fails(pkgutil.resolve_name(step)))
    lab = lab_in(tmp_path)
    lab.start()
    assert lab.forwarder.pid is not None

    with pytest.raises(BrokenError):
        lab.stop()

    monkeypatch.undo()
    nothing_is_left(lab, threads)
    lab.stop()  # once more is allowed, and has nothing to do


@pytest.mark.parametrize("place", [0, 3, 8, 9, 10, 13])
def test_port_that_is_taken_is_named_with_its_use(
    place: int, tmp_path: Path, free_ports: int, threads: set[threading.Thread]
) -> None:
    lab = lab_in(tmp_path, free_ports)
    port = free_ports + place
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(PortError) as caught:
            lab.start()

    said = str(caught.value)
    assert said.startswith(f"port {port} of 127.0.0.1 is in use already; ")
    assert f"--base-port N, with N to N+{PORTS - 1} all free (it was {free_ports})" in said
    nothing_is_left(lab, threads)


OPEN = """
import asyncio, sys
from uplab.scenarios.lab import loop as module
module._STOP_S = 0.2
loop = module.LoopThread()
async def listen():
    await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
loop.run(listen())
loop.stop()
print("stopped")
"""


def test_loop_that_cannot_be_closed_keeps_nobody() -> None:
    """With a server that is still open, uvloop's closing never returns."""
    command = [sys.executable, "-c", OPEN]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout) == (0, "stopped\n")
