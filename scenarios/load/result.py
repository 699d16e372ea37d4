"""What came of a load, as data: for its report, its summary and its exit code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.load.expect import DEFAULTS, Expectation, met
from uplab.scenarios.load.growth import Growth, Sample, growth
from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.plan import LoadPlan
from uplab.scenarios.under_test.target import RunOptions

__all__ = ["FORMAT", "Band", "Facts", "judged_alone", "result_of"]

FORMAT = 1


@dataclass(slots=True)
class Band:
    """From when to when something was out of order; None where it lasted to the end."""

    begins_s: float
    ends_s: float | None
    words: str


@dataclass(slots=True)
class Facts:
    """What was seen beside the uplinks."""

    bands: list[Band] = field(default_factory=list)
    restarted_s: list[float] = field(default_factory=list)
    memory: list[Sample] = field(default_factory=list)
    files: list[Sample] = field(default_factory=list)
    trouble: str = ""
    died: str = ""
    posted_s: float = 0.0
    duration_s: float = 0.0
    stopped: bool = False
    complete: bool = True
    apart: bool = False
    cpu_s: dict[str, float] = field(default_factory=dict)
    most_held: int = 0
    disk_bytes: int = 0
    machine: str = ""
    downlinks: dict[str, Any] = field(default_factory=dict)
    _cpu_s: dict[int, float] = field(default_factory=dict)

    def note_cpu(self, pid: int, used_s: float) -> None:
        """What a process of the forwarder had used at its last look: one that was restarted has had several."""
        self._cpu_s[pid] = max(used_s, self._cpu_s.get(pid, 0.0))

    @property
    def forwarder_cpu_s(self) -> float:
        """Of all its processes."""
        return sum(self._cpu_s.values())


def result_of(plan: LoadPlan, options: RunOptions, judge: Judge, facts: Facts) -> dict[str, Any]:
    """Everything that a report tells."""
    grown = _growths(judge, facts)
    posted = sum(judge.outcomes.values())
    cpu: dict[str, float | None] = {**facts.cpu_s}
    if not facts.memory:
        cpu["forwarder"] = None  # it runs elsewhere, or was too short to look at
    result = {
        **_judged(judge),
        "forwarder_name": redact_text(options.forwarder_name),
        "seed": plan.fleet.seed,
        "devices": len(plan.fleet.groups) and plan.fleet.devices,
        "pace": _pace(plan),
        "processes": plan.processes,
        "posted_s": round(facts.posted_s, 3),
        "duration_s": round(facts.duration_s, 3),
        "stopped": facts.stopped,
        "complete": facts.complete,
        "apart": facts.apart,
        "trouble": redact_text(facts.trouble),
        "died": redact_text(facts.died),
        "bands": [{"begins_s": b.begins_s, "ends_s": b.ends_s, "words": b.words} for b in facts.bands],
        "forwarder": _most(facts),
        "growth": [one.as_data() for one in grown],
        "growing": sum(one.verdict == "grows" for one in grown),
        "cpu_s": cpu,
        "cpu_us_each": {
            name: used / posted * 1e6 if used is not None and posted else None for name, used in cpu.items()
        },
        "disk_bytes_each": facts.disk_bytes / posted if posted else None,
        "most_held": facts.most_held,
        "machine": facts.machine,
        "downlinks": facts.downlinks,
    }
    return _concluded(result, plan.expectations)


def judged_alone(judge: Judge, expectations: tuple[Expectation, ...], **more: Any) -> dict[str, Any]:
    """The same of a load that was stored: nothing is known of the forwarder but what it delivered."""
    about = {
        "duration_s": len(judge.series.moments) * judge.series.width_us / 1e6,
        "forwarder": {},
        "growth": [],
        "growing": 0,
        "bands": [],
        "trouble": "",
        "died": "",
        "stopped": False,
    }
    return _concluded({**_judged(judge), **about, **more}, expectations)


def _judged(judge: Judge) -> dict[str, Any]:
    groups = dict(zip(judge.groups, judge.tallies, strict=True))
    whole = judge.whole
    return {
        "format": FORMAT,
        "outcomes": dict(judge.outcomes),
        "whole": whole.as_data(),
        "groups": {name: tally.as_data() for name, tally in groups.items()},
        "unknown": judge.unknown,
        "anomalies": {kind: [one.as_data() for one in found] for kind, found in judge.anomalies.items() if found},
        "worst": judge.worst(),
        "series": judge.series.as_data(),
        "latencies": {name: [list(bar) for bar in tally.sketch.bars()] for name, tally in groups.items()},
    }


def _growths(judge: Judge, facts: Facts) -> list[Growth]:
    width_s = judge.series.width_us / 1e6
    latency, count = [], 0
    for number, moment in enumerate(judge.series.moments):
        count += sum(moment.delivered)
        middles = [s.quantile_s(0.5) for s in moment.sketches if s.count >= 5]
        if middles:
            latency.append(Sample(number * width_s, count, max(one for one in middles if one is not None)))
    measured = (("memory", facts.memory), ("open files", facts.files), ("latency p50", latency))
    return [growth(name, samples, facts.restarted_s) for name, samples in measured if samples]


def _most(facts: Facts) -> dict[str, Any]:
    if not facts.memory:
        return {}
    return {
        "most_memory": max(one.value for one in facts.memory),
        "most_files": max(one.value for one in facts.files),
    }


def _pace(plan: LoadPlan) -> str:
    if plan.rate is not None:
        return f"{plan.rate:g} uplinks a second"
    if plan.speed is not None:
        return f"its own hours, {plan.speed:g} times as fast"
    return "as fast as the ingress takes them"


def _concluded(result: dict[str, Any], expectations: tuple[Expectation, ...]) -> dict[str, Any]:
    """With what was expected, and the outcome: failed before unknown before passed."""
    said = {(one.group, one.measure) for one in expectations}
    asked = [*expectations, *(one for one in DEFAULTS if (None, one.measure) not in said)]
    found = [met(one, result) for one in asked]
    result["expected"] = [one.as_data() for one in found]
    outcomes = {one.outcome for one in found}
    if "failed" in outcomes or result["died"]:
        outcome = "failed"
    elif result["trouble"] or "unknown" in outcomes or result["unknown"] or not result["outcomes"]["accepted"]:
        outcome = "unknown"
    else:
        outcome = "passed"
    result["outcome"] = outcome
    return result
