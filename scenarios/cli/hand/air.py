"""Something that goes wrong on the air, at the lab's desk: what must become of each frame, and what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from uplab.scenarios.checks.deliveries import deliveries, place_of
from uplab.scenarios.cli.hand.by_hand import FATE_S
from uplab.scenarios.lab.air.troubled import Frame, Troubled
from uplab.scenarios.lab.lab import Lab

__all__ = ["lines_of", "told", "wait_until"]

_LOOK_S: Final = 0.05

Places = Mapping[str, Sequence[str]]
"""Where each frame was delivered, by id; a place twice where it came twice."""


def told(lab: Lab, mark: int, happened: Troubled, routed: Sequence[str]) -> dict[str, Any]:
    """What became of it, as plain data for a client of the desk; waits for deliveries, FATE_S at most."""
    wanted = [frame for frame in happened.frames if frame.outcome == "accepted"]
    found: dict[str, list[str]] = {}

    def everywhere() -> bool:
        found.update(_delivered(lab, mark))
        return all(len(found.get(one.id, ())) >= len(routed) for one in wanted)

    wait_until(everywhere)
    lines = [_line(one, found, len(routed)) for one in happened.frames]
    row = happened.trouble
    return {
        "air": row.name,
        "does": row.does,
        "oracle": row.oracle,
        "source": f"{row.source}, {row.label}",
        "joined": happened.joined,
        "frames": [line for line, _ in lines],
        "kept": all(right for _, right in lines),
    }


def wait_until(fact: Callable[[], bool]) -> None:
    """Waits for a fact, FATE_S at most."""
    until = time.monotonic() + FATE_S
    while not fact() and time.monotonic() < until:
        threading.Event().wait(_LOOK_S)


def _delivered(lab: Lab, mark: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in deliveries(lab.history.since(mark)):
        for id_ in one.ids if one.delivered else ():
            found.setdefault(id_, []).append(place_of(one.arrived))
    return found


def _line(frame: Frame, found: Places, places: int) -> tuple[str, bool]:
    """One frame in words, and whether everything that must become of it did."""
    begin, came = f"FCntUp {frame.f_cnt} at {frame.time}: ", found.get(frame.id, ())
    if not frame.taken:
        why = frame.reason or "no gateway heard it"
        end = "" if frame.as_wanted else "; it must be accepted"
        end += f"; yet delivered to {', '.join(came)}" if came else ""
        return f"{begin}dropped ({why}){end}", frame.as_wanted and not came
    said = f"{frame.outcome} ({frame.status or 'no answer'})"
    said += "" if frame.as_wanted else "; it must be dropped"
    twice = len(came) != len(set(came))
    where = f", delivered to {', '.join(came)}{', more than once' if twice else ''}" if came else ""
    missing = places - len(set(came)) if frame.outcome == "accepted" else 0
    where += f", not yet delivered to {missing} of {places} after {FATE_S:g} s" if missing > 0 else ""
    return begin + said + where, frame.as_wanted and frame.outcome == "accepted" and not twice and missing <= 0


def lines_of(answer: Mapping[str, Any]) -> list[str]:
    """The answer of the desk for people."""
    head = [f"{answer['air']}: {answer['does']}", f"must be {answer['oracle']} ({answer['source']})"]
    joins = [f"the network server let it in {answer['joined']} times"] if answer["joined"] else []
    return [*head, *joins, *answer["frames"], "as it must be" if answer["kept"] else "not as it must be"]
