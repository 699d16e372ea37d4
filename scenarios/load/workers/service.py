"""A part of a load as a process of its own: orders come as lines of JSON on stdin, what happens goes to stdout.

Its first order is `begin`. When stdin ends, because somebody wants no more or the parent has gone, the part ends in
order: what is under way is finished and written.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson
import uvloop

__all__ = ["Say", "Service", "cpu_s", "pause", "serve"]

Say = Callable[[Mapping[str, Any]], None]
"""Tells the parent one thing."""


class Service(Protocol):
    """What a part does: `order` answers with what is told the parent, `stop` finishes."""

    async def order(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do one thing."""

    async def stop(self) -> None:
        """Finish what is under way."""


def cpu_s() -> float:
    """What this process has used of processors so far, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def pause(seconds: float) -> None:
    """Let the others go on for so long: who tells something every now and then waits for nothing else."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()


def serve(make: Callable[[Say], Service]) -> None:
    """Run a part to its end."""
    gc.set_threshold(50_000, 20, 100)  # what is kept is kept for long: looking through it all the time finds nothing
    uvloop.run(_serve(make))


async def _serve(make: Callable[[Say], Service]) -> None:
    loop = asyncio.get_running_loop()
    orders: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    rest = b""

    def read() -> None:
        nonlocal rest
        raw = os.read(sys.stdin.fileno(), 1 << 16)
        *lines, rest = (rest + raw).split(b"\n")
        for line in lines:
            orders.put_nowait(orjson.loads(line))
        if not raw:
            loop.remove_reader(sys.stdin.fileno())
            orders.put_nowait(None)

    loop.add_reader(sys.stdin.fileno(), read)
    service = make(_say)
    try:
        while (order := await orders.get()) is not None:
            _say({"answer": order["order"], **await _carried_out(service, order)})
    finally:
        await service.stop()
        _say({"stopped": True, "cpu_s": cpu_s()})


async def _carried_out(service: Service, order: dict[str, Any]) -> Mapping[str, Any]:
    """What came of an order; whatever it is that goes wrong, who asked must hear of it."""
    try:
        return await service.order(order["order"], order)
    except Exception as error:  # noqa: BLE001 - as above
        return {"error": f"{type(error).__name__}: {error}"}


def _say(told: Mapping[str, Any]) -> None:
    raw = memoryview(orjson.dumps(told) + b"\n")
    while raw:  # a pipe takes what it has room for
        try:
            raw = raw[os.write(sys.stdout.fileno(), raw) :]
        except BrokenPipeError:
            return  # nobody listens any more
