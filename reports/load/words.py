"""A load in words: what came of it, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from uplab.reports.text import visible

__all__ = ["MEANINGS", "anomaly", "duration", "seen", "summary", "verdict"]

MEANINGS: Final = {
    "lost": "accepted, and never taken by its destination",
    "twice": "came again, although its destination had taken it",
    "out of order": "taken after a later one of its device, or while another was open",
    "altered": "arrived with another content than it was posted with",
    "misplaced": "arrived where its device is not bound",
    "invented": "arrived, and nobody had posted it",
    "leaked": "refused at the ingress, yet delivered",
}
"""Each kind of broken promise, in the order in which they are told."""

_SHOWN: Final = 3


def duration(seconds: float | None) -> str:
    """For people: 0.42 ms, 17 ms, 1.25 s, 4 min 10 s."""
    if seconds is None:
        return "-"
    if seconds < 0.01:
        return f"{seconds * 1000:.2f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 120 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def verdict(result: Mapping[str, Any]) -> str:
    """The outcome in a sentence."""
    whole, outcome = result["whole"], result["outcome"]
    broken = [f"{whole[kind]:,} {kind}" for kind in MEANINGS if whole[kind]]
    if outcome == "passed":
        return f"passed: {whole['delivered']:,} uplinks accepted, each delivered once, in order and unaltered"
    if broken:
        return f"{outcome}: {', '.join(broken)}"
    if result["trouble"]:
        return f"{outcome}: {result['trouble'].splitlines()[0]}"
    unmet = [one["words"] for one in result["expected"] if one["outcome"] == outcome]
    if unmet:
        return f"{outcome}: expected {', '.join(unmet)}"
    if not result["outcomes"]["accepted"]:
        return "unknown: nothing was accepted"
    return f"{outcome}: {result['unknown']:,} could not be decided"


def anomaly(one: Mapping[str, Any]) -> str:
    """One that broke a promise, in a line."""
    who = visible(str(one["dev_eui"])) or "nobody"
    which = "" if one["f_cnt"] is None else f", FCntUp {one['f_cnt']}"
    when = "" if one["time_ms"] is None else f", {_iso(one['time_ms'])}"
    return f"{who}{which}{when} at {visible(one['place'])}: {visible(one['words'])}"


def _iso(time_ms: int) -> str:
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return f"{time_ms} ms"


def summary(result: Mapping[str, Any]) -> Iterator[str]:
    """What a terminal shows at the end, line by line."""
    whole, outcomes = result["whole"], result["outcomes"]
    posted = sum(outcomes.values())
    yield f"{visible(verdict(result))}{' (stopped)' if result['stopped'] else ''}"
    seconds = result["duration_s"]
    rate = f", {whole['delivered'] / seconds:,.0f}/s" if seconds else ""
    said = ", ".join(f"{count:,} {name}" for name, count in outcomes.items() if count) or "nothing"
    yield f"  posted  {posted:,} in {duration(seconds)}{rate}: {said}"
    for name, of in result["groups"].items():
        times = f"p50 {duration(of['p50_s'])}, p99 {duration(of['p99_s'])}, at most {duration(of['max_s'])}"
        more = f", {of['repeated']:,} again after an end or a fault" if of["repeated"] else ""
        yield f"  {name:<7} {of['delivered']:,} of {of['owed']:,} delivered, {of['late']:,} late{more}; {times}"
    for kind in [*MEANINGS, "unknown"]:
        found: Sequence[Mapping[str, Any]] = result["anomalies"].get(kind, ())
        yield from (f"  {kind:<7} {anomaly(one)}" for one in found[:_SHOWN])
    if result["unknown"]:
        yield f"  unknown {result['unknown']:,} could not be decided"
    for one in result["expected"]:
        if one["outcome"] != "passed" and one["words"].partition(" = ")[0] not in MEANINGS:
            yield f"  {one['outcome']:<7} expected {visible(one['words'])}, seen {seen(one['seen'])}"
    yield from _about(result)


def _about(result: Mapping[str, Any]) -> Iterator[str]:
    """What it cost and what was in the way."""
    yield from (f"  grows   {one['words']}" for one in result["growth"] if one["verdict"] == "grows")
    known = {name: used for name, used in result.get("cpu_us_each", {}).items() if used is not None}
    if known:
        parts = ", ".join(f"{name} {used:,.0f}" for name, used in known.items())
        yield f"  CPU     {sum(known.values()):,.0f} us for each uplink: {parts}"
    if result.get("apart"):
        yield "  clocks  of several machines: latencies hold what they differ by"
    if result["trouble"]:
        yield f"  trouble {visible(result['trouble'].splitlines()[0])}"


def seen(value: float | None) -> str:
    """What was seen of an expectation."""
    return "nothing" if value is None else f"{value:,.6g}"
