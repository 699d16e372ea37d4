"""Which of the interesting conditions a run has reached, and which of them were judged there.

How good a search is says not the number of its runs, but what it has met. *Reached* counts documents, connections and
moments that meet a condition; *judged* those of them of which a check has said something: a document that arrived, and
so was held against what was sent, or that a verdict names; of connections and moments those of a scenario that has
judged anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from uplab.scenarios.checks.conditions.connections import OF_CONNECTIONS
from uplab.scenarios.checks.conditions.moments import OF_MOMENTS, Moments
from uplab.scenarios.checks.conditions.uplinks import JOIN, OF_READINGS, OF_REPORTS, OF_ROOTS, is_join, reading_of
from uplab.scenarios.checks.deliveries import ARRIVALS
from uplab.scenarios.checks.standing.connections import resources
from uplab.scenarios.history.identity import find_report
from uplab.simulator.thingpark.documents import UPLINK

if TYPE_CHECKING:
    from uplab.scenarios.checks.verdict import Verdict
    from uplab.scenarios.history.event import Event

__all__ = ["TABLE", "Reached", "Row", "Totals"]


class Row(NamedTuple):
    """A condition as reports know it."""

    name: str
    about: str
    source: str


TABLE: Final[tuple[Row, ...]] = (
    *(Row(one.name, one.about, one.source) for one in OF_REPORTS),
    *(Row(one.name, one.about, one.source) for one in OF_READINGS),
    Row(*JOIN),
    *(Row(one.name, one.about, one.source) for one in OF_ROOTS),
    *(Row(one.name, one.about, one.source) for one in OF_CONNECTIONS),
    *(Row(*one) for one in OF_MOMENTS),
)
"""Every condition, in the order of reports."""


class Reached:
    """Sees the lines of a run; `take` says what a scenario has met. What it keeps is of the scenario that runs."""

    def __init__(self) -> None:
        self._moments = Moments()
        self.begin()

    def begin(self) -> None:
        """Another scenario begins."""
        self._on = True
        self._documents: dict[str, set[str]] = {}  # by condition: the documents that meet it
        self._others: Counter[str] = Counter()
        self._arrived: set[str] = set()
        self._moments.begin()

    def over(self) -> None:
        """What comes from now on, until the next one begins, only takes away what the scenario had made."""
        self._on = False

    def see(self, event: Event) -> None:
        """Takes in one more line."""
        if not self._on:
            return
        self._others.update(self._moments.see(event))
        if event.hop == "tunnel.sent":
            for name in _of_document(event.raw):
                self._documents.setdefault(name, set()).update(event.ids)
        elif event.hop in ARRIVALS:
            self._arrived.update(event.ids)
        elif event.hop == "connection.given" or (event.hop == "api.asked" and event.facts["method"] in ("POST", "PUT")):
            for body in resources(event.raw):
                self._others.update(one.name for one in OF_CONNECTIONS if one.holds(body))

    def take(self, verdicts: Sequence[Verdict]) -> dict[str, tuple[int, int]]:
        """Each condition that the scenario has reached: how often, and how often of them it was judged."""
        judged = [verdict for verdict in verdicts if verdict.outcome in ("passed", "failed") and verdict.examined]
        named = self._arrived.union(*(_ids_of(verdict) for verdict in judged))
        found = {name: (len(ids), len(ids & named)) for name, ids in self._documents.items()}
        found |= {name: (count, count if judged else 0) for name, count in self._others.items()}
        self.begin()
        self.over()
        return found


def _ids_of(verdict: Verdict) -> Iterable[str]:
    asked = (verdict.question or {}).get("ids")
    return (*verdict.ids, *(asked if isinstance(asked, list) else ()))


def _of_document(raw: bytes | None) -> Iterator[str]:
    try:
        found = find_report(orjson.loads(raw or b""))
    except orjson.JSONDecodeError:
        return
    if found is None:
        return
    root, report = found
    yield from (one.name for one in OF_ROOTS if one.holds(root))
    if root == UPLINK and is_join(report):
        yield JOIN[0]
    elif root == UPLINK:
        yield from (one.name for one in OF_REPORTS if one.holds(report))
        reading = reading_of(report)
        yield from (one.name for one in OF_READINGS if one.holds(reading))


class Totals:
    """What all scenarios of a run have met together."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}

    def add(self, taken: Mapping[str, Sequence[int]]) -> None:
        """Takes in what one scenario has met."""
        for name, (reached, judged) in taken.items():
            before = self._counts.get(name, (0, 0))
            self._counts[name] = before[0] + reached, before[1] + judged

    def rows(self) -> list[dict[str, Any]]:
        """Every condition of the table with its counts, as plain data; 0 where it was never met."""
        return [
            {**row._asdict(), "reached": reached, "judged": judged}
            for row in TABLE
            for reached, judged in [self._counts.get(row.name, (0, 0))]
        ]

    def not_judged(self, names: Iterable[str]) -> list[str]:
        """Those of these conditions that were never judged."""
        return [name for name in names if not self._counts.get(name, (0, 0))[1]]
