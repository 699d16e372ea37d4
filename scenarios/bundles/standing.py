"""The standing invariants over a stored run: every worker's histories in the order in which they were told."""

from collections.abc import Iterator
from typing import Any

from uplab.scenarios.bundles.stored import StoredRun
from uplab.scenarios.checks.standing.watch import Found, Watch
from uplab.scenarios.history.event import Event

__all__ = ["broken_again"]


def broken_again(run: StoredRun) -> list[Found] | None:
    """What breaks them by the rules as they are now, each with the scenario of its cause.

    None where the run does not say how it was watched, as those before format 2.
    """
    how = run.record.get("standing")
    if not isinstance(how, dict):
        return None
    workers: dict[str, list[dict[str, Any]]] = {}
    for scenario in run.scenarios:
        if scenario.get("history"):
            workers.setdefault(str(scenario.get("worker", "main")), []).append(scenario)
    found: list[Found] = []
    for worker, scenarios in workers.items():
        fields = how.get("telemetry_fields")
        watch = Watch(
            **{name: how.get(name) is True for name in ("places", "flows", "drivers", "downlinks")},
            **{name: how.get(name) is not False for name in ("one_ts", "documents", "exact")},
            telemetry_fields=[str(name) for name in fields] if isinstance(fields, list) else (),
            namespace=str(how.get("namespace") or ""),
            texts=how.get("texts") is True,
        )
        found += _over(watch, run, worker, sorted(scenarios, key=_ended))
    return found


def _ended(scenario: dict[str, Any]) -> float:
    ended_s = scenario.get("ended_s")
    return ended_s if isinstance(ended_s, int | float) else 0.0


def _over(watch: Watch, run: StoredRun, worker: str, scenarios: list[dict[str, Any]]) -> Iterator[Found]:
    """One worker's run: between two scenarios comes what was told there."""
    between = iter(run.between(worker))
    waiting = next(between, None)
    for scenario in scenarios:
        events = run.history(scenario)
        first = events[0].seq if events else 0
        gap: list[Event] = []
        while waiting is not None and waiting.seq < first:
            gap.append(waiting)
            waiting = next(between, None)
        watch.see(gap)
        breaks = scenario.get("breaks")
        watch.begin(scenario["id"], [str(name) for name in breaks] if isinstance(breaks, list) else ())
        watch.see(events)
        yield from watch.take()
    watch.see([waiting, *between] if waiting is not None else [])
    yield from watch.take()
