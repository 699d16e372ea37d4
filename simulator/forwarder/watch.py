"""Watches the low message rate alarms of all connections, and makes an event of each hour that was too quiet."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterator

from uplab.simulator.forwarder.clock import Clock
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.store.alarm import HOUR_S, Alarm, next_check
from uplab.simulator.forwarder.store.metrics import Metrics

__all__ = ["Watch"]


class Watch:
    """Sleeps until the next hour that is to be judged."""

    def __init__(self, clock: Clock, metrics: Metrics, runners: Callable[[], Collection[Runner]]) -> None:
        """Watch whatever connections there are at each moment."""
        self._clock, self._metrics, self._runners = clock, metrics, runners
        self._changed = asyncio.Event()
        self._after: dict[int, tuple[list[Alarm], float]] = {}  # by connection: its alarms, and until when it is judged
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
        while True:
            self._changed.clear()
            self._look_anew()
            due = min((at for _, _, at in self._checks()), default=None)
            wait_s = None if due is None else self._clock.until_s(due)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait_s)
                continue
            for runner, alarm, at in list(self._checks()):
                if at == due:
                    self._judge(runner, alarm, at)
                    self._after[runner.id] = (runner.connection.body.alarms, at)

    def _look_anew(self) -> None:
        """An hour that was running when its alarm was set says nothing: alarms begin with the next full one."""
        active = [runner for runner in self._runners() if runner.connection.body.active]
        known, begin = self._after, self._clock.now() + HOUR_S
        self._after = {}
        for runner in active:
            alarms = runner.connection.body.alarms
            before, after = known.get(runner.id, (None, begin))
            self._after[runner.id] = (alarms, after if before == alarms else begin)

    def _checks(self) -> Iterator[tuple[Runner, Alarm, float]]:
        for runner in self._runners():
            alarms, after = self._after.get(runner.id, ([], 0.0))
            for alarm in alarms:
                if (at := next_check(alarm, after)) is not None:
                    yield runner, alarm, at

    def _judge(self, runner: Runner, alarm: Alarm, at: float) -> None:
        count = self._metrics.between(runner.id, "uplinksDelivered", at - HOUR_S, at)
        if count >= alarm.uplink_rate_min_per_hour:
            return
        message = f"{count} uplinks in the past hour are fewer than {alarm.uplink_rate_min_per_hour}"
        if alarm.message:
            message = f"{alarm.message} ({message})"
        runner.note(runner.event("LOW_RATE_ALARM", "warning", message, uplinks=count))
