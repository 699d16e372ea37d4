import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from tests.simulator.forwarder.store.test_alarm import OFFICE
from uplab.simulator.forwarder.clock import Clock
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.store.alarm import Alarm
from uplab.simulator.forwarder.store.metrics import Metrics
from uplab.simulator.forwarder.watch import Watch

MONDAY_9_S = datetime.fromisoformat("2026-01-05T09:00:00+01:00").timestamp()
RATE = 36_000.0  # an hour is a tenth of a second


class Listener:
    """Plays a connection with one alarm, and keeps the events that are made for it."""

    def __init__(self, number: int = 8, *, active: bool = True) -> None:
        alarms = [Alarm.model_validate(OFFICE | {"uplinkRateMinPerHour": 2})]
        self.id = number
        self.connection = SimpleNamespace(body=SimpleNamespace(active=active, alarms=alarms))
        self.events: list[dict[str, Any]] = []
        self.heard = asyncio.Event()

    def event(self, kind: str, severity: str, message: str, **facts: Any) -> dict[str, Any]:
        return {"kind": kind, "severity": severity, "message": message, **facts}

    def note(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self.heard.set()


def watched(listeners: Sequence[Listener], metrics: Metrics) -> Watch:
    clock = Clock(MONDAY_9_S - 1800, time.monotonic(), RATE)
    watch = Watch(clock, metrics, lambda: cast(Sequence[Runner], listeners))
    watch.start()
    return watch


def test_quiet_hour_makes_an_event() -> None:
    async def run() -> None:
        metrics = Metrics()
        metrics.add(8, "uplinksDelivered", MONDAY_9_S + 60)
        listener = Listener()
        watch = watched([listener], metrics)
        await asyncio.wait_for(listener.heard.wait(), 5)
        await watch.stop()
        assert listener.events[0] == {
            "kind": "LOW_RATE_ALARM",
            "severity": "warning",
            "message": "Low rate during business day... (1 uplinks in the past hour are fewer than 2)",
            "uplinks": 1,
        }

    asyncio.run(run())


def test_busy_hour_makes_none() -> None:
    async def run() -> None:
        metrics = Metrics()
        metrics.add(8, "uplinksDelivered", MONDAY_9_S + 60, 2)
        listener = Listener()
        watch = watched([listener], metrics)
        await asyncio.wait_for(listener.heard.wait(), 5)
        await watch.stop()
        assert listener.events[0]["uplinks"] == 0  # the second hour; the first was busy enough

    asyncio.run(run())


def test_hour_that_ran_already_is_not_judged() -> None:
    async def run() -> None:
        clock = Clock(MONDAY_9_S + 6 * 3600 + 60, time.monotonic(), RATE)
        metrics = Metrics()
        metrics.add(8, "uplinksDelivered", MONDAY_9_S + 7 * 3600 + 60, 2)
        listeners: list[Listener] = []
        watch = Watch(clock, metrics, lambda: cast(Sequence[Runner], listeners))
        watch.start()
        listeners.append(Listener())
        watch.changed()
        await asyncio.wait_for(listeners[0].heard.wait(), 5)
        await watch.stop()
        assert clock.now() >= MONDAY_9_S + 9 * 3600, "neither 15 to 16, which ran, nor 16 to 17, which was busy"
        assert len(listeners[0].events) == 1

    asyncio.run(run())


def test_connection_that_comes_later_is_watched_too() -> None:
    async def run() -> None:
        listeners = [Listener(7, active=False)]
        watch = watched(listeners, Metrics())
        listeners.append(Listener())
        watch.changed()
        await asyncio.wait_for(listeners[1].heard.wait(), 5)
        await watch.stop()
        assert listeners[0].events == []

    asyncio.run(run())
