"""A fleet's documents to an ingress: each device's one after the other, many devices side by side."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from uplab.simulator.fleets.day import Published
from uplab.simulator.network.documents import Document
from uplab.simulator.network.tunnel import Outcome, Tunnel

__all__ = ["Driven", "Pace", "drive"]

_LANES: Final = 64  # as many as the tunnel posts at once
_WAITING: Final = 8  # documents in a lane before the fleet has to wait


@dataclass(frozen=True, slots=True)
class Pace:
    """As fast as the ingress takes them, or so many documents a second, or the fleet's hours so many times as fast."""

    rate: float | None = None
    speed: float | None = None


@dataclass(slots=True)
class Driven:
    """What the ingress said: outcomes, statuses, and the first words of refusals with how often each came."""

    outcomes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    MOST_REASONS = 20

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self.outcomes[outcome.kind] += 1
        self.statuses[str(outcome.status or "none")] += 1
        if outcome.kind != "accepted":
            reason = outcome.reason[:200]
            known = reason in self.reasons or len(self.reasons) < self.MOST_REASONS
            self.reasons[reason if known else "other"] += 1

    def told(self) -> dict[str, Any]:
        """As data, for the ledger."""
        return {name: dict(getattr(self, name).most_common()) for name in ("outcomes", "statuses", "reasons")}


async def drive(
    published: Iterator[Published],
    tunnel: Tunnel,
    pace: Pace,
    *,
    begins_s: float,
    told: Callable[[Document, Outcome, int], None],
) -> None:
    """Post everything; what was given to a lane is posted also when the fleet is stopped. `tunnel` has been started.

    `told` gets each document with how its post ended, and when it began: microseconds of the monotonic clock.
    """
    lanes: list[asyncio.Queue[Document | None]] = [asyncio.Queue(_WAITING) for _ in range(_LANES)]

    async def post(lane: asyncio.Queue[Document | None]) -> None:
        while (document := await lane.get()) is not None:
            sent_us = time.monotonic_ns() // 1000
            told(document, await tunnel.post(document), sent_us)

    posting = [asyncio.create_task(post(lane)) for lane in lanes]
    began_s, number = time.monotonic(), 0
    try:
        for at_s, document in published:
            due_s = began_s
            if pace.rate is not None:
                due_s += number / pace.rate
            elif pace.speed is not None:
                due_s += (at_s - begins_s) / pace.speed
            if (wait_s := due_s - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            number += 1
            await lanes[_lane_of(document)].put(document)
    finally:
        for lane in lanes:
            await lane.put(None)
        await asyncio.gather(*posting)


def _lane_of(document: Document) -> int:
    """A device's own lane, so that nothing of it overtakes."""
    content = next(iter(document.values()))
    return zlib.crc32(str(content.get("DevEUI")).encode()) % _LANES
