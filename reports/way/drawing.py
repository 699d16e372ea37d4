"""The ways of a scenario's documents as a drawing: lanes from the device to the destinations, time from left to right.

Pure geometry in a box of `WIDTH` by `height` units, which the page puts into SVG. Pauses are drawn by their logarithm:
the steps of a tunnel take a fraction of a millisecond, a blame period half a minute, and both must be seen.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from uplab.reports.text import seconds
from uplab.reports.way.faults import Band
from uplab.reports.way.timeline import Row, Timeline

__all__ = ["WIDTH", "Drawing", "Path", "Point", "draw"]

WIDTH = 960
_LEFT, _RIGHT, _TOP, _LANE, _BOTTOM = 118, 24, 26, 30, 12
_ORDER = ("device", "gateway", "network", "tunnel", "forwarder", "API")
_LAST = ("control", "log")
_MOST_PATHS = 24
_MOST_POINTS = 60  # of one way
_TICK = 74  # units between two times that are written
_HALF_MS = 0.0005


@dataclass(frozen=True, slots=True)
class Point:
    """A hop of a way. `row` is its place among the rows of its timeline, `words` what a pointer over it tells."""

    x: float
    y: float
    words: str
    row: int
    delivered: bool = False
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """One document's way; `kind` is "concerned", "good" or "other", `number` its place among those of its kind."""

    id: str
    kind: str
    number: int
    points: tuple[Point, ...]

    @property
    def line(self) -> str:
        """The points as SVG has them in a polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


@dataclass(frozen=True, slots=True)
class Box:
    """A fault as a band over its lane, or an instant with `width` 0."""

    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that a page draws; `lanes` are (y, name), `ticks` (x, time since the first hop in words)."""

    height: int
    lanes: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    bands: tuple[Box, ...]
    paths: tuple[Path, ...]


def draw(
    concerned: Sequence[Timeline],
    good: Sequence[Timeline],
    others: Iterable[Timeline],
    *,
    bands: Sequence[Band] = (),
    log_s: Sequence[float] = (),
) -> Drawing | None:
    """Draws the ways that verdicts name, those that went well, and of the others those of the same time.

    `log_s` are the times of the lines of the forwarder's log. None where there is nothing to draw.
    """
    named = [one for one in concerned if one.id is not None and one.rows][: _MOST_PATHS // 2]
    if not named:
        return None
    well = [one for one in good if one.id is not None and _within(one, named)]
    more = [one for one in others if one.id is not None and _within(one, named) and one not in well]
    kinds = [("concerned", n, one) for n, one in enumerate(named)] + [("good", n, one) for n, one in enumerate(well)]
    kinds += [("other", n, one) for n, one in enumerate(more[: _MOST_PATHS - len(kinds)])]
    rows = {(kind, number): _rows(one) for kind, number, one in kinds}
    times = sorted({at_s for found in rows.values() for _, at_s, _ in found})
    here = [band for band in bands if band.begun_s <= times[-1] and band.ended_s >= times[0]]
    logged = [at_s for at_s in log_s if times[0] <= at_s <= times[-1]]
    x_of = _scale(times)
    lanes = _lanes([row for found in rows.values() for _, _, row in found], here, logged=bool(logged))
    ways = tuple(
        Path(str(one.id), kind, number, _points(one, rows[kind, number], x_of, lanes)) for kind, number, one in kinds
    )
    boxes = [_box(band, times, x_of, lanes) for band in here]
    boxes += [Box(x_of(at_s), lanes["log"] - 5, 0, 10, "the forwarder wrote a line") for at_s in logged]
    return Drawing(
        _TOP + _LANE * len(lanes) + _BOTTOM,
        tuple((y, name) for name, y in lanes.items()),
        tuple(_ticks(times, x_of)),
        tuple(boxes),
        ways,
    )


def _within(one: Timeline, named: Sequence[Timeline]) -> bool:
    """Whether it was under way while one of those that are named was."""
    begun_s, ended_s = min(way.start_s for way in named), max(_end_s(way) for way in named)
    return bool(one.rows) and one.start_s <= ended_s and _end_s(one) >= begun_s


def _end_s(way: Timeline) -> float:
    return way.start_s + max((row.ms or 0.0 for row in way.rows), default=0.0) / 1000


def _rows(way: Timeline) -> list[tuple[int, float, Row]]:
    """Its rows with their places and times; one that was put in, and has no time, stands beside its neighbour."""
    rows = way.rows[:_MOST_POINTS]
    found: list[tuple[int, float, Row]] = []
    before_s = way.start_s
    for number, row in enumerate(rows):
        if row.ms is None:
            then_s = next((way.start_s + one.ms / 1000 for one in rows[number:] if one.ms is not None), None)
            before_s = before_s + _HALF_MS if then_s is None else (before_s + then_s) / 2
        else:
            before_s = way.start_s + row.ms / 1000
        found.append((number, before_s, row))
    return found


def _scale(times: Sequence[float]) -> Callable[[float], float]:
    """Where a time stands: pauses count by their logarithm, from half a millisecond on."""
    weights = [0.15 + math.log1p((then - one) / _HALF_MS) for one, then in pairwise(times)]
    whole = sum(weights) or 1.0
    room = WIDTH - _LEFT - _RIGHT
    places = [float(_LEFT)]
    for weight in weights:
        places.append(places[-1] + weight / whole * room)

    def x_of(at_s: float) -> float:
        at = bisect_left(times, at_s)
        if at == 0 or at == len(times):
            return places[min(at, len(places) - 1)]
        before, after = times[at - 1], times[at]
        return places[at - 1] + (places[at] - places[at - 1]) * (at_s - before) / (after - before)

    return x_of


def _lanes(rows: Sequence[Row], bands: Sequence[Band], *, logged: bool) -> dict[str, float]:
    """Each place with its height on the page, in the order of an uplink's way."""
    named = list(dict.fromkeys([*(row.place for row in rows), *(band.place for band in bands)]))
    named += ["log"] if logged else []
    middle = [name for name in named if name not in _ORDER and name not in _LAST]
    order = [*(name for name in _ORDER if name in named), *middle, *(name for name in _LAST if name in named)]
    return {name: _TOP + _LANE * (n + 0.5) for n, name in enumerate(order)}


def _points(
    way: Timeline,
    rows: Sequence[tuple[int, float, Row]],
    x_of: Callable[[float], float],
    lanes: dict[str, float],
) -> tuple[Point, ...]:
    found = []
    for number, at_s, row in rows:
        when = "" if row.ms is None else f" +{row.ms:g} ms"
        words = f"{way.id}{when} {row.words or row.mark or row.place}"
        place = lanes[row.place]
        found.append(Point(round(x_of(at_s), 1), place, words, number, row.delivered, row.mark is not None))
    return tuple(found)


def _box(band: Band, times: Sequence[float], x_of: Callable[[float], float], lanes: dict[str, float]) -> Box:
    begin, end = x_of(max(band.begun_s, times[0])), x_of(min(band.ended_s, times[-1]))
    y = lanes[band.place] - _LANE / 2 + 2
    return Box(round(begin, 1), y, round(max(2.0, end - begin), 1), _LANE - 4, band.words)


def _ticks(times: Sequence[float], x_of: Callable[[float], float]) -> Iterable[tuple[float, str]]:
    last = -float(_TICK)
    for at_s in times:
        x = x_of(at_s)
        if x - last >= _TICK and x <= WIDTH - _RIGHT:
            last = x
            since_s = at_s - times[0]
            yield round(x, 1), f"{since_s * 1000:.1f} ms" if since_s < 1 else seconds(since_s)
