"""What a page tells of a scenario's documents: their ways, drawn and in rows, the log, and the good one beside the bad.

Hands it out as long as the page's budget of characters lasts; what does not fit is counted and said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from uplab.reports.run import ReportError, Run, Scenario, read_events, read_lines
from uplab.reports.way.beside import Beside, beside
from uplab.reports.way.drawing import Drawing, draw
from uplab.reports.way.faults import Band, Faults
from uplab.reports.way.log import Log, LogLine, read_log
from uplab.reports.way.nearest import Gone, gone, nearest
from uplab.reports.way.timeline import ROWS, Collector, Timeline, Timelines, diverged
from uplab.scenarios.history.event import Event

__all__ = ["Teller", "Told", "Way"]

_ROW = 48  # characters of markup around a row's words
_POINT = 150  # characters of a hop in the drawing
_BESIDE = 3  # documents of one scenario that get a good one beside them
_ELSEWHERE = 6  # histories of other scenarios that are looked through for a good one
_BEFORE_S, _AFTER_S = 0.05, 0.5  # of the log, around a document's way


@dataclass(frozen=True, slots=True)
class Way:
    """One document of which a verdict complains: its rows, its good neighbour, the forwarder's log around its time."""

    timeline: Timeline
    good: Beside | None = None
    log: tuple[LogLine, ...] = ()
    log_more: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario's documents as the page shows them: those that a verdict complains about, and the others."""

    concerned: tuple[Way, ...] = ()
    others: tuple[Timeline, ...] = ()
    left_out: int = 0
    trouble: str | None = None
    drawing: Drawing | None = None

    @property
    def rows(self) -> int:
        """How many rows of the others are shown."""
        return sum(len(timeline.rows) for timeline in self.others)


class Teller:
    """Tells one scenario after the other, within a budget of characters."""

    def __init__(self, run: Run, budget: int) -> None:
        self._run = run
        self._left = budget
        self._logs: dict[str, Log | None] = {}

    def tell(self, scenario: Scenario) -> Told:
        """What is known of a scenario; a history that cannot be read is said in its place, the page goes on."""
        if scenario.history is None:
            return Told(trouble="No history was kept.")
        if self._left <= 0:
            return Told(trouble=f"The page is full; the timelines are in {scenario.history}.")
        wanted = {id_ for verdict in scenario.complaints for id_ in verdict.ids}
        collector, faults = Collector(frozenset(wanted), ROWS), Faults()
        try:
            for line in read_lines(self._run.folder, scenario.history, self._run.format):
                collector.add(line)
                faults.add(line)
            shown, left_out = self._within_budget(collector.finish())
            marked = [_marked(timeline, scenario) for timeline in shown]
            concerned = [timeline for timeline in marked if timeline.id in wanted]
            others = tuple(timeline for timeline in marked if timeline.id not in wanted)
            if not concerned:
                return Told((), others, left_out)
            good = dict(self._good(scenario, [str(one.id) for one in concerned[:_BESIDE]], wanted))
        except ReportError as error:
            return Told(trouble=f"The history cannot be read: {error}")
        ways = tuple(self._way(scenario, one, good.get(str(one.id))) for one in concerned)
        drawing = self._drawn(ways, others, faults.bands, good)
        return Told(ways, others, left_out, None, drawing)

    def _within_budget(self, found: Timelines) -> tuple[Sequence[Timeline], int]:
        shown: list[Timeline] = []
        left_out = found.left_out
        for timeline in found.shown:
            if self._left > 0:
                shown.append(timeline)
                self._left -= sum(_ROW + len(row.words) + len(row.raw or "") for row in timeline.rows)
            else:
                left_out += len(timeline.rows) + timeline.left_out
        return shown, left_out

    def _way(self, scenario: Scenario, timeline: Timeline, good: Beside | None) -> Way:
        log = self._log(scenario.worker)
        if log is None:
            return Way(timeline, good)
        last_ms = max((row.ms or 0.0 for row in timeline.rows), default=0.0)
        begun_s = timeline.start_s - _BEFORE_S
        lines, more = log.between(begun_s, timeline.start_s + last_ms / 1000 + _AFTER_S)
        self._left -= sum(len(line.text) for line in lines)
        return Way(timeline, good, lines, more)

    def _log(self, worker: str) -> Log | None:
        if worker not in self._logs:
            self._logs[worker] = read_log(self._run.folder, worker)
        return self._logs[worker]

    def _drawn(
        self, ways: Sequence[Way], others: Sequence[Timeline], bands: Sequence[Band], good: dict[str, Beside]
    ) -> Drawing | None:
        names = {one.good for one in good.values()}
        well = [timeline for timeline in others if timeline.id in names]
        logged = sorted({line.at_s for way in ways for line in way.log})
        drawing = draw([way.timeline for way in ways], well, others, bands=bands, log_s=logged)
        if drawing is not None:
            self._left -= sum(_POINT * len(path.points) for path in drawing.paths)
        return drawing

    def _good(self, scenario: Scenario, ids: Sequence[str], blamed: set[str]) -> Iterator[tuple[str, Beside]]:
        """By its id what stands beside each of these documents, where one of its kind went well in this run."""
        events = self._events(scenario)
        here = gone(events)
        for id_ in ids:
            bad = here.get(id_)
            if bad is None:
                continue
            found = nearest(bad, here.values(), blamed=blamed)
            if found is not None:
                yield id_, beside(events, events, ids=(found[0].id, id_), near=found[1])
            elif (foreign := self._elsewhere(scenario, bad)) is not None:
                other, theirs, near = foreign
                yield id_, beside(theirs, events, ids=(other.id, id_), near=near)

    def _elsewhere(self, scenario: Scenario, bad: Gone) -> tuple[Gone, Sequence[Event], str] | None:
        """One that went well in another scenario, those of the same suite first."""
        passed = [one for one in self._run.of("passed") if one.history and one.id != scenario.id]
        for other in islice(sorted(passed, key=lambda one: one.suite != scenario.suite), _ELSEWHERE):
            events = self._events(other)
            found = nearest(bad, gone(events).values(), blamed=())
            if found is not None:
                return found[0], events, f"of another device, one that went well in: {other.title}"
        return None

    def _events(self, scenario: Scenario) -> Sequence[Event]:
        return list(read_events(self._run.folder, scenario.history, self._run.format)) if scenario.history else []


def _marked(timeline: Timeline, scenario: Scenario) -> Timeline:
    for verdict in scenario.complaints:
        timeline = diverged(timeline, verdict)
    return timeline
