"""Watches the low message rate alarms of all connections, and makes an event of each hour that was too quiet."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterator

from simulator.forwarder.alarm import HOUR_S, Alarm, next_check
from simulator.forwarder.clock import Clock
from simulator.forwarder.metrics import Metrics
from simulator.forwarder.runner import Runner

__all__ = ["Watch"]


class Watch:
    """Sleeps until the next hour that is to be judged."""

    def __init__(self, clock: Clock, metrics: Metrics, runners: Callable[[], Collection[Runner]]) -> None:
        """Watch whatever connections there are at each moment."""
        self._clock, self._metrics, self._runners = clock, metrics, runners
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._run(), name="alarms")

    def changed(self) -> None:
        """Look at the connections anew, because they changed."""
        self._changed.set()

    async def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        since = self._clock.now()
        while True:
            due = min((at for _, _, at in self._checks(since)), default=None)
            self._changed.clear()
            wait_s = None if due is None else self._clock.until_s(due)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait_s)
                continue
            for runner, alarm, at in list(self._checks(since)):
                if at == due:
                    self._judge(runner, alarm, at)
            since = due or since

    def _checks(self, since: float) -> Iterator[tuple[Runner, Alarm, float]]:
        for runner in self._runners():
            if not runner.connection.body.active:
                continue
            for alarm in runner.connection.body.alarms:
                if (at := next_check(alarm, since)) is not None:
                    yield runner, alarm, at

    def _judge(self, runner: Runner, alarm: Alarm, at: float) -> None:
        count = self._metrics.between(runner.id, "uplinksDelivered", at - HOUR_S, at)
        if count >= alarm.uplink_rate_min_per_hour:
            return
        message = f"{count} uplinks in the past hour are fewer than {alarm.uplink_rate_min_per_hour}"
        if alarm.message:
            message = f"{alarm.message} ({message})"
        runner.note(runner.event("LOW_RATE_ALARM", "warning", message, uplinks=count))
