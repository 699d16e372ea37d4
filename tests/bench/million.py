"""`python -m tests.bench.million [MESSAGES] [--connections N]`: what the fake ThingsBoard keeps of very many messages.

A million where no number is given, of QoS 1 and 13 values each, of a thousand devices that are all connected at once,
with the bounds that `uplab fake thingsboard` has unless told otherwise. After each tenth the resident memory is told,
and the CPU that a message has cost: both settle once the bound of the history bites. Asserts no time; ends with 1 when
a connection was refused or a message not acknowledged.
"""

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

import orjson

from tests.bench import machine
from tests.bench.mqtt_load import Session, point, publish_packet
from tests.bench.worker import Worker
from uplab.fakes.journal import Journal
from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.fakes.thingsboard.state.series import Budget

__all__ = ["main"]

_PARTS = 10
_LIMIT_S = 900.0  # for one part; a safeguard, and no bar
_TOPIC = b"v1/devices/me/telemetry"
_WINDOW = 8  # messages of one connection without their PUBACK


def _allow_sockets() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class _ThingsBoard:
    """The fake, as it stands alone: its journal and its history bounded."""

    def __init__(self) -> None:
        _allow_sockets()
        self._server = ThingsBoardServer(emit=Journal(10_000), budget=Budget(1_000_000, 100_000))

    async def start(self, devices: int) -> tuple[int, list[str]]:
        """Listen, and return the port and the access tokens of so many devices."""
        state = self._server.state
        made = [state.add_device(state.demo.id, f"D{number}") for number in range(devices)]
        return await self._server.listen_mqtt(), [str(device.credentials.id) for device in made]

    async def kept(self) -> tuple[int, int]:
        """How many points are kept, and how many were dropped for the bound."""
        budget = self._server.state.budget
        return budget.kept, budget.dropped

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()


class _Clients:
    """The sessions of many devices."""

    def __init__(self) -> None:
        _allow_sockets()
        self._sessions: list[Session] = []
        self._made = 0

    async def connect(self, port: int, tokens: Sequence[str]) -> int:
        """Open one for each token, and return how many are open."""
        loop = asyncio.get_running_loop()
        self._sessions = [Session(loop, window=_WINDOW, token=token) for token in tokens]
        for session in self._sessions:
            await loop.create_connection(partial(_itself, session), "127.0.0.1", port)
        await asyncio.gather(*(session.connected for session in self._sessions))
        return sum(session.is_open for session in self._sessions)

    async def publish(self, count: int, limit_s: float) -> int:
        """Publish so many, shared evenly among the sessions; how many were acknowledged."""
        before = sum(session.acknowledged for session in self._sessions)
        share, more = divmod(count, len(self._sessions))
        for number, session in enumerate(self._sessions):
            size = share + (number < more)
            packets = []
            for index in range(size):
                self._made += 1
                packets.append(
                    publish_packet(index % 65_535 + 1, orjson.dumps(point(self._made, f"D{number}")), _TOPIC)
                )
            session.begin(packets)
        try:
            async with asyncio.timeout(limit_s):
                await asyncio.gather(*(session.ended for session in self._sessions))
        except TimeoutError:
            pass  # what was acknowledged by then counts
        return sum(session.acknowledged for session in self._sessions) - before

    async def stop(self) -> None:
        """Close them all."""
        for session in self._sessions:
            session.close()


def _itself(session: Session) -> Session:
    return session


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, and prints one row for each tenth."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.million", description="Very many messages.")
    parser.add_argument("messages", nargs="?", type=int, default=1_000_000, metavar="MESSAGES")
    parser.add_argument("--connections", type=int, default=1_000, metavar="N")
    options = parser.parse_args(arguments)
    print(f"{options.messages:,} messages over {options.connections:,} connections; load {machine.load_1min():.1f}")
    with ExitStack() as stack:
        server = stack.enter_context(Worker("ThingsBoard", _ThingsBoard))
        clients = stack.enter_context(Worker("clients", _Clients))
        port, tokens = server.ask("start", options.connections)
        is_open = clients.ask("connect", port, tokens, timeout_s=_LIMIT_S)
        print(f"{is_open:,} connections open, {machine.memory_mb(server.pid):.0f} MB resident")
        print(f"{'messages':>12}{'kept':>12}{'dropped':>14}{'MB':>8}{'us each':>10}{'/s':>10}", flush=True)
        sent = acknowledged = 0
        for part in range(1, _PARTS + 1):
            size = options.messages * part // _PARTS - sent
            before_s, began_s = server.cpu_s, time.monotonic()
            acknowledged += clients.ask("publish", size, _LIMIT_S, timeout_s=_LIMIT_S + 60)
            cost_us = (server.cpu_s - before_s) / size * 1e6
            sent += size
            kept, dropped = server.ask("kept")
            row = f"{sent:>12,}{kept:>12,}{dropped:>14,}{machine.memory_mb(server.pid):>8.0f}{cost_us:>10.1f}"
            print(f"{row}{size / (time.monotonic() - began_s):>10,.0f}", flush=True)
    if is_open < options.connections or acknowledged < sent:
        print(f"{is_open:,} connections were open, {acknowledged:,} of {sent:,} messages acknowledged", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
