"""A user's program at the broker, as the scenarios use it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from uplab.fakes.broker.operator import Heard
from uplab.scenarios import Lab
from uplab.scenarios.lab.places.station import Station


class Operator:
    """What the broker's own client would be asked."""

    def __init__(self) -> None:
        self.heard: list[Heard] = [Heard("old", b"{}", 1, False)]
        self.asked: list[Any] = []

    async def subscribe(self, wanted: str) -> None:
        self.asked.append(wanted)

    async def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        self.asked.append((topic, payload, retain))
        self.heard.append(Heard(topic, payload, 1, retain))

    async def wait_for(self, count: int, wanted: str, *, timeout_s: float) -> list[Heard]:
        self.asked.append((count, wanted, timeout_s))
        return list(self.heard)


def test_program_subscribes_publishes_and_hears() -> None:
    operator = Operator()

    async def own() -> Operator:
        return operator

    lab = SimpleNamespace(
        broker=SimpleNamespace(operator=own),
        loop=SimpleNamespace(run=lambda work, **_: asyncio.run(work)),
        deadlines=SimpleNamespace(delivery_s=5),
    )
    station = Station(cast("Lab", lab))
    station.subscribe("a/#")
    station.publish("a/1", {"n": 1})
    station.publish("a/2", b"[]", retain=True)

    assert station.hear(2, "a/#") == [("a/1", {"n": 1}), ("a/2", [])]
    assert operator.asked == ["a/#", ("a/1", b'{"n":1}', False), ("a/2", b"[]", True), (2, "a/#", 5)]
