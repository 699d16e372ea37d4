"""What the relay costs for each message, beside a bare TCP proxy: `python -m tests.bench.relay`.

Both stand in a process of their own between one client and one server, which are the same for both: messages of QoS 1
with an uplink of 1,200 bytes, 64 without their PUBACK at a time. The CPU is that of the process in the middle alone.
"""

import asyncio
import contextlib
import multiprocessing
import os
import statistics
import time
from multiprocessing.connection import Connection
from typing import Any

from tests.bench.mqtt_load import Session, publish_packet
from uplab.fakes.journal import Journal
from uplab.fakes.relay.rim import Relay

__all__ = ["main", "measured"]

MESSAGES, ROUNDS = 20_000, 5
_PAYLOAD = b'{"DevEUI_uplink":{"DevEUI":"0018B20000000B20","payload":"' + b"x" * 1_140 + b'"}}'
_CONNACK, _LIMIT_S = b"\x20\x02\x00\x00", 120.0


class _Server(asyncio.Protocol):
    """Lets everybody in, and acknowledges every message; those of the load have one length."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._held = b""
        self._in = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        data = self._held + data
        if not self._in:
            self._in, data = True, data[data[1] + 2 :]
            self._transport.write(_CONNACK)
        whole = len(data) // self._length
        at = self._length - len(_PAYLOAD) - 2
        ids = [data[n * self._length + at : n * self._length + at + 2] for n in range(whole)]
        self._held = data[whole * self._length :]
        self._transport.write(b"".join(b"\x40\x02" + one for one in ids))


class _Half(asyncio.Protocol):
    """One side of a bare proxy."""

    def __init__(self, behind: int | None = None, other: "_Half | None" = None) -> None:
        self._behind, self._other = behind, other
        self._transport: Any = None
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        if self._behind is not None:
            asyncio.get_running_loop().create_task(self._dial(self._behind))

    async def _dial(self, port: int) -> None:
        other = _Half(other=self)
        await asyncio.get_running_loop().create_connection(lambda: other, "127.0.0.1", port)
        self._other = other
        other._transport.write(self._waiting)

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._waiting += data
        else:
            self._other._transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._other is not None:
            self._other._transport.close()


def _middle(kind: str, behind: int, pipe: Connection) -> None:
    """The process in the middle: says its port, then its CPU whenever it is asked."""
    import uvloop

    async def run() -> None:
        loop = asyncio.get_running_loop()
        if kind == "relay":

            async def reach() -> tuple[str, int]:
                return "127.0.0.1", behind

            pipe.send(await Relay(reach, name="broker", emit=Journal(10_000)).listen())
        else:
            server = await loop.create_server(lambda: _Half(behind), "127.0.0.1", 0)
            pipe.send(server.sockets[0].getsockname()[1])
        while await loop.run_in_executor(None, pipe.recv):
            pipe.send(time.process_time())

    with contextlib.suppress(EOFError), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def measured(kind: str, count: int) -> float:
    """CPU of what stands in the middle for each of so many messages, in µs."""
    packets = [publish_packet(number % 65_535 + 1, _PAYLOAD) for number in range(count)]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(len(packets[0])), "127.0.0.1", 0)
    here, there = multiprocessing.Pipe()
    arguments = (kind, server.sockets[0].getsockname()[1], there)
    process = multiprocessing.get_context("spawn").Process(target=_middle, args=arguments, daemon=True)
    process.start()

    def ask() -> float:
        here.send(True)
        return float(here.recv())

    try:
        port = await loop.run_in_executor(None, here.recv)
        _, session = await loop.create_connection(lambda: Session(loop), "127.0.0.1", port)
        async with asyncio.timeout(_LIMIT_S):
            await session.connected
            before = await loop.run_in_executor(None, ask)
            session.begin(packets)
            await session.ended
            after = await loop.run_in_executor(None, ask)
        session.close()
        return (after - before) / count * 1e6
    finally:
        process.kill()
        process.join()
        server.close()


def main() -> None:
    """Measure both in turn, and print the medians."""
    found: dict[str, list[float]] = {"proxy": [], "relay": []}
    for _ in range(ROUNDS):
        for kind, figures in found.items():
            figures.append(asyncio.run(measured(kind, MESSAGES)))
    print(f"{MESSAGES:,} messages of {len(_PAYLOAD):,} bytes, QoS 1, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}")
    for kind, figures in found.items():
        spread = f"{min(figures):.1f} to {max(figures):.1f}"
        print(f"  {kind:<6} {statistics.median(figures):6.1f} µs of CPU for each message ({spread})")


if __name__ == "__main__":
    main()
