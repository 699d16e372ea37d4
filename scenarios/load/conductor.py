"""A load as it is played: what is written is judged at once, faults and restarts come at their moments, and it ends
when nothing is owed any more, or nothing has come for as long as a delivery may take.
"""

from __future__ import annotations

import base64
import os
import platform
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import orjson

from uplab.scenarios.checks.difference import difference, doubles, numbers, without_additions
from uplab.scenarios.load.files import Writer, now_us
from uplab.scenarios.load.growth import Sample
from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.plan import Disturbance, LoadPlan
from uplab.scenarios.load.reading import SETUP, Reading, judge_of
from uplab.scenarios.load.result import Band, Facts, result_of
from uplab.scenarios.load.stage import Stage
from uplab.scenarios.load.workers.service import cpu_s
from uplab.scenarios.load.workers.worker import Worker, WorkerError
from uplab.scenarios.under_test import group
from uplab.scenarios.under_test.process import ForwarderStartError

__all__ = ["Conductor", "Look", "folder_for"]

TICK_S: Final = 0.1
_SAMPLE_S: Final = 0.5  # so that each moment has one, also where a turn takes its time
_MOST_SAMPLES: Final = 4000
_RAW_S: Final = 10.0
_ENDED_S: Final = 120.0  # for the senders to post what they have begun

Look = Callable[["Conductor"], None]
"""Is shown the load as it stands, every now and then."""


class Conductor:
    """One load on a stage. `stopped` counts how often somebody wanted it to end: the second time nothing is awaited."""

    def __init__(self, stage: Stage, look: Look, stopped: list[int]) -> None:
        self.plan: LoadPlan = stage.plan
        self.begins_us = now_us()
        self.facts = Facts()
        self.phase = "posting"
        self._stage = stage
        self._look = look
        self._stopped = stopped
        profile = stage.options.profile
        self._deadlines = profile.deadlines
        self.setup = {
            "places": [list(place) for place in stage.layout.places],
            "bindings": stage.bindings,
            "late_after_s": self.plan.late_after_s or profile.deadlines.delivery_s,
            "ordered": profile.policy.order != "none",
            "begins_us": self.begins_us,
            "senders": len(stage.senders),
        }
        (stage.folder / SETUP).write_bytes(orjson.dumps(self.setup))
        self.judge: Judge = judge_of(self.setup, begins_us=self.begins_us)
        self._reading = Reading(self.judge, [stage.folder], senders=len(stage.senders))
        self._events = Writer(stage.folder, "events")
        self._down: dict[str, bool] = {}
        self._active: set[int] = set()
        self._open_bands: dict[int, Band] = {}
        self._restarts = list(self.plan.restarts)
        self._restarting: Future[None] | None = None
        # The system ends a forwarder with the thread that has started it: this one lives as long as the load.
        self._one_thread = ThreadPoolExecutor(1, "uplab restart")
        self._restart_failed = ""
        self._last_us = self.begins_us  # when something happened for which may be waited
        self._sampled_s = 0.0
        self._arrivals = 0
        self._costs: dict[str, float] = {}

    # --- what is seen of it -----------------------------------------------------------------------------------------

    @property
    def at_s(self) -> float:
        """Seconds since it began."""
        return (now_us() - self.begins_us) / 1e6

    @property
    def posted(self) -> int:
        """How many posts have begun."""
        told = [worker.told for worker in self._stage.senders]
        return sum(one.get("posted", 0) + one.get("under_way", 0) for one in told)

    @property
    def simulated_s(self) -> float:
        """How far the fleet's own time has come."""
        return max((float(worker.told.get("simulated_s", 0.0)) for worker in self._stage.senders), default=0.0)

    @property
    def share(self) -> float | None:
        """How much of it is over, where that can be said."""
        if self.plan.seconds is not None:
            return min(1.0, self.at_s / self.plan.seconds)
        return min(1.0, self.simulated_s / (self.plan.fleet.hours * 3600))

    @property
    def memory_bytes(self) -> int | None:
        """What the forwarder held when it was last looked at."""
        return int(self.facts.memory[-1].value) if self.facts.memory else None

    # --- the course -------------------------------------------------------------------------------------------------

    def play(self) -> dict[str, Any]:
        """Plays it to its end, ends everything, and gives the result as data."""
        self._costs = self._used()  # to start has cost something, too, and is no uplink's
        self._stage.drive()
        tick = threading.Event()
        told_to_stop = False
        while not self._senders_ended():
            if (self._stopped or self.facts.trouble) and not told_to_stop:
                told_to_stop = True
                for worker in self._stage.senders:
                    worker.end()
            if len(self._stopped) > 1:
                break
            self._turn()
            tick.wait(TICK_S)
        self.phase = "waiting"
        ends_s = self.at_s
        while not self._over():
            self._turn()
            tick.wait(TICK_S)
        return self._finish(ends_s)

    def _turn(self) -> None:
        """Everything that is due now."""
        try:
            self._disturb()
            self._restart()
        except WorkerError as error:
            self._break(str(error))
        self._read()
        self._sample()
        self._watch_parts()
        self._look(self)

    def _read(self) -> None:
        self._reading.look()
        if self.judge.arrivals != self._arrivals:
            self._arrivals = self.judge.arrivals
            self._last_us = now_us()

    def _senders_ended(self) -> bool:
        return all("ended" in worker.told or worker.is_over for worker in self._stage.senders)

    def _over(self) -> bool:
        """Nothing is owed, and what must not come has had its time; or nothing has come for too long."""
        if len(self._stopped) > 1 or self.facts.trouble:
            return True
        if self._restarting is not None or self._active:
            return False
        read = all(tail.ended for tail in self._reading.ledgers)
        quiet_s = (now_us() - self._last_us) / 1e6
        profile = self._stage.options.profile
        if read and self.judge.waiting <= 0:
            return quiet_s >= profile.settle_s
        blames = profile.choices.failure_generation == "blame"
        pause_s = self.plan.blame_s if blames else max(profile.policy.pauses_s)
        return quiet_s >= self._deadlines.delivery_s + pause_s

    def _disturb(self) -> None:
        at_s = self.at_s
        now: dict[str, list[tuple[int, Disturbance]]] = {}
        active = set()
        for number, one in enumerate(self.plan.disturbances):
            begun = number in self._active or self.phase == "posting"
            if begun and one.at_s <= at_s < one.at_s + one.for_s:
                now.setdefault(one.destination, []).append((number, one))
                active.add(number)
        if active == self._active:
            return
        self._down = self._stage.disturb(now, self._down)
        for number in active - self._active:
            one = self.plan.disturbances[number]
            self._open_bands[number] = Band(at_s, None, f"{one.destination}: {one.words}")
            self.facts.bands.append(self._open_bands[number])
        for number in self._active - active:
            self._open_bands.pop(number).ends_s = at_s
            self._last_us = now_us()
        self._active = active

    def _restart(self) -> None:
        if self._restarting is not None and self._restarting.done():
            self._restarting = None
            self._last_us = now_us()
            if self._restart_failed:
                self._break(self._restart_failed)
        due = self._restarts and self.phase == "posting" and self.at_s >= self._restarts[0].at_s
        if not due or self._restarting is not None:
            return
        how = self._restarts.pop(0).how
        self._events.write(["ended", now_us()])
        self._events.flush()
        band = Band(self.at_s, None, "the forwarder was killed" if how == "kill" else "the forwarder was stopped")
        self.facts.bands.append(band)
        self.facts.restarted_s.append(self.at_s)

        def anew() -> None:
            try:
                self._stage.restart(how)
            except ForwarderStartError as error:
                self._restart_failed = str(error)
            band.ends_s = self.at_s

        self._restarting = self._one_thread.submit(anew)

    def _watch_parts(self) -> None:
        """The forwarder must not end by itself; a part of ours that does breaks the load, and blames nobody."""
        process = self._stage.process
        if process is not None and self._restarting is None and process.death():
            self.facts.died = process.tell_death("the load")
            self._break(self.facts.died)
        parts: list[Worker] = [*self._stage.destinations.values(), *self._stage.senders]
        for worker in parts:
            if worker.is_over and "stopped" not in worker.told:
                self._break(f"{worker.name} has ended before the load was over")
            if "error" in worker.told:
                self._break(f"{worker.name}: {worker.told['error']}")

    def _break(self, why: str) -> None:
        self.facts.trouble = self.facts.trouble or why

    # --- the forwarder, as the system sees it -----------------------------------------------------------------------

    def _sample(self) -> None:
        if self.at_s - self._sampled_s < _SAMPLE_S:
            return
        self._sampled_s = self.at_s
        moment = self.judge.series.at(now_us())
        moment.waiting = self.judge.waiting
        process = self._stage.process
        pid = process.pid if process is not None and self._restarting is None else None
        if pid is None:
            return
        memory, files = group.held_bytes(pid), group.open_files(pid)
        if not memory:
            return
        delivered = self.judge.whole.delivered
        moment.memory_bytes, moment.files, moment.cpu_s = memory, files, group.cpu_s(pid)
        self.facts.memory.append(Sample(self.at_s, delivered, memory))
        self.facts.files.append(Sample(self.at_s, delivered, files))
        self.facts.note_cpu(pid, moment.cpu_s)
        for samples in (self.facts.memory, self.facts.files):
            if len(samples) > _MOST_SAMPLES:
                del samples[1::2]

    def _used(self) -> dict[str, float]:
        """Seconds of processors so far, by what has used them."""
        process = self._stage.process
        pid = process.pid if process is not None else None
        return {
            "forwarder": group.cpu_s(pid) if pid is not None else 0.0,
            "senders": sum(worker.cpu_s for worker in self._stage.senders),
            "destinations": sum(worker.cpu_s for worker in self._stage.destinations.values()),
            "judge": cpu_s(),
        }

    # --- the end ----------------------------------------------------------------------------------------------------

    def _finish(self, ends_s: float) -> dict[str, Any]:
        patient = len(self._stopped) < 2 and not self.facts.trouble
        self.phase = "ending"
        self._look(self)
        self._sampled_s = 0.0
        self._sample()
        self._explain()
        for worker in self._stage.senders:
            worker.join(_ENDED_S if len(self._stopped) < 2 else _RAW_S)
        self._stage.stop()
        self._one_thread.shutdown()
        self._events.close("over")
        while self._reading.look():
            pass
        self.judge.finish(complete=self._reading.complete, patient=patient or bool(self.facts.died))
        facts = self.facts
        facts.posted_s, facts.duration_s = ends_s, self.at_s
        facts.stopped, facts.complete, facts.apart = bool(self._stopped), self._reading.complete, self._reading.apart
        used = self._used()
        used["forwarder"] = facts.forwarder_cpu_s
        facts.cpu_s = {name: max(0.0, used[name] - self._costs[name]) for name in used}
        facts.most_held = max(facts.most_held, self.judge.held)
        facts.disk_bytes = sum(path.stat().st_size for path in self._stage.folder.glob("*.ndjson"))
        facts.machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
        return result_of(self.plan, self._stage.options, self.judge, facts)

    def _explain(self) -> None:
        """Of those that were altered, where: the bytes of both sides are known for a while."""
        found = self.judge.anomalies["altered"]
        for at, anomaly in enumerate(found):
            place = next((kind for name, kind in self.judge.places if name == anomaly.place), "")
            try:
                asked = {"dev_eui": anomaly.dev_eui, "time_ms": anomaly.time_ms}
                came = self._stage.destinations[place].ask("raw", timeout_s=_RAW_S, exchange=anomaly.exchange)["raw"]
                posted = [worker.ask("raw", timeout_s=_RAW_S, **asked)["raw"] for worker in self._stage.senders]
            except (WorkerError, KeyError):
                return
            sent = next((one for one in posted if one), None)
            if came and sent:
                exact = self._stage.options.profile.choices.numbers == "exact"
                read = numbers if exact else doubles
                expected, received = (without_additions(read(base64.b64decode(one))) for one in (sent, came))
                if words := difference(expected, received):
                    found[at] = anomaly._replace(words=words)


def folder_for(parent: Path, seed: str) -> Path:
    """A new folder for a load, by date and seed."""
    name = f"{time.strftime('%Y-%m-%dT%H%M%S')}-{seed}"
    for more in ("", *(f"-{number}" for number in range(2, 1000))):
        folder = parent / f"{name}{more}"
        if not folder.exists():
            folder.mkdir(parents=True)
            return folder
    raise FileExistsError(name)
