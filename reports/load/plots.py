"""Plots of a load as geometry: lines over time, bands where something was out of order, bars of a distribution.

Pure numbers in a box of `WIDTH` by `HEIGHT` units, which the page puts into SVG.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

__all__ = ["HEIGHT", "WIDTH", "Bars", "Box", "Line", "Plot", "bars", "plot"]

WIDTH: Final = 960
HEIGHT: Final = 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 16, 14, 30
_MOST_TICKS: Final = 8
_EDGE: Final = 1.2
_LEAST_S: Final = 1e-4  # what is shorter stands at the edge: it arrived before the ingress had answered

Tell = Callable[[float], str]
Number = float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A series: its name, its number among those of the plot, and its stretches, each as SVG has a polyline."""

    name: str
    number: int
    stretches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with words for a pointer over it."""

    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over time; `x_ticks` and `y_ticks` are places with what is written there."""

    title: str
    lines: tuple[Line, ...]
    bands: tuple[Box, ...]
    tips: tuple[Box, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    floor: float = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Bars:
    """A distribution: for each series its bars."""

    title: str
    series: tuple[tuple[str, int, tuple[Box, ...]], ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    floor: float = HEIGHT - _BOTTOM


def plot(
    title: str,
    at_s: Sequence[float],
    columns: Mapping[str, Sequence[Number]],
    bands: Sequence[Mapping[str, Any]],
    *,
    tell: Tell,
    width_s: float,
    logarithmic: bool = False,
) -> Plot | None:
    """The columns over time; None where there is nothing in them. Where a value is None a line is broken."""
    known = [value for column in columns.values() for value in column if value is not None]
    if not known or not at_s:
        return None
    if logarithmic:
        least = max(min(known), _LEAST_S)
        low, high = 10 ** math.floor(math.log10(least)), 10 ** math.ceil(math.log10(max(*known, least * 10)))
        y_values = [10.0**e for e in range(round(math.log10(low)), round(math.log10(high)) + 1)]
        y_of: Callable[[float], float] = _scale(
            math.log10(low), math.log10(high), HEIGHT - _BOTTOM, _TOP, math.log10, low
        )
    else:
        y_values = _round_ticks(max(known))
        y_of = _scale(0.0, y_values[-1] or 1.0, HEIGHT - _BOTTOM, _TOP)
    ends_s = at_s[-1] + width_s
    x_of = _scale(0.0, ends_s, _LEFT, WIDTH - _RIGHT)
    middles = [x_of(one + width_s / 2) for one in at_s]
    lines = tuple(
        Line(name, number, tuple(_stretches(middles, column, y_of)))
        for number, (name, column) in enumerate(columns.items())
    )
    x_ticks = tuple((x_of(one), _clock(one)) for one in _time_ticks(ends_s))
    boxes = tuple(_band(one, x_of, ends_s) for one in bands)
    tips = tuple(_tips(at_s, columns, x_of, width_s, tell))
    return Plot(title, lines, boxes, tips, x_ticks, tuple((y_of(value), tell(value)) for value in y_values))


def bars(title: str, columns: Mapping[str, Sequence[Sequence[float]]], *, tell: Tell) -> Bars | None:
    """Each column's [least, most, count], on a scale of logarithms, as shares of its own sum."""
    every = [bar for column in columns.values() for bar in column]
    if not every:
        return None
    low = max(min(bar[0] for bar in every), _LEAST_S)
    high = max(low * 10, *(bar[1] for bar in every))
    columns = {name: _from(low, column) for name, column in columns.items()}
    x_of = _scale(math.log10(low), math.log10(high), _LEFT, WIDTH - _RIGHT, math.log10, low)
    shares = {name: sum(bar[2] for bar in column) or 1.0 for name, column in columns.items()}
    highest = max(bar[2] / shares[name] for name, column in columns.items() for bar in column)
    y_values = _round_ticks(highest)
    y_of = _scale(0.0, y_values[-1], HEIGHT - _BOTTOM, _TOP)
    series = []
    for number, (name, column) in enumerate(columns.items()):
        boxes = []
        for least, most, count in column:
            x, y, share = x_of(least), y_of(count / shares[name]), count / shares[name]
            words = f"{name}: {tell(least)} to {tell(most)}: {count:,.0f}, {share:.2%}"
            boxes.append(Box(x, y, max(0.5, x_of(most) - x - 0.6), HEIGHT - _BOTTOM - y, words))
        series.append((name, number, tuple(boxes)))
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    x_ticks = tuple((x_of(10.0**e), tell(10.0**e)) for e in decades) or ((x_of(low), tell(low)),)
    return Bars(title, tuple(series), x_ticks, tuple((y_of(value), f"{value:.1%}") for value in y_values))


def _from(low: float, column: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    """The bars from there on; all that is shorter is one bar at the edge."""
    shorter = sum(bar[2] for bar in column if bar[1] <= low)
    edge = [[low, low * _EDGE, shorter]] if shorter else []
    return [*edge, *(bar for bar in column if bar[1] > low)]


def _scale(
    low: float,
    high: float,
    begin: float,
    end: float,
    of: Tell | Callable[[float], float] = float,
    least: float = -math.inf,
) -> Callable[[float], float]:
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return begin + (float(of(max(value, least))) - low) / span * (end - begin)

    return place


def _stretches(xs: Sequence[float], column: Sequence[Number], y_of: Callable[[float], float]) -> Iterator[str]:
    for there, points in groupby(zip(xs, column, strict=True), key=lambda one: one[1] is not None):
        if there:
            found = [f"{x:.1f},{y_of(value):.1f}" for x, value in points if value is not None]
            yield " ".join(found * 2 if len(found) == 1 else found)  # one point alone is drawn as a dot


def _tips(
    at_s: Sequence[float],
    columns: Mapping[str, Sequence[Number]],
    x_of: Callable[[float], float],
    width_s: float,
    tell: Tell,
) -> Iterator[Box]:
    for number, at in enumerate(at_s):
        seen = ((name, column[number]) for name, column in columns.items())
        told = [f"{name} {tell(value)}" for name, value in seen if value is not None]
        if told:
            x = x_of(at)
            yield Box(x, _TOP, x_of(at + width_s) - x, HEIGHT - _BOTTOM - _TOP, f"{_clock(at)}: {', '.join(told)}")


def _band(band: Mapping[str, Any], x_of: Callable[[float], float], ends_s: float) -> Box:
    begins, ends = band["begins_s"], band["ends_s"]
    x = x_of(min(begins, ends_s))
    words = f"{_clock(begins)} to {_clock(ends) if ends is not None else 'the end'}: {band['words']}"
    return Box(
        x, _TOP, max(2.0, x_of(min(ends_s if ends is None else ends, ends_s)) - x), HEIGHT - _BOTTOM - _TOP, words
    )


def _round_ticks(most: float) -> list[float]:
    """From 0 to at least the largest, in steps of 1, 2 or 5."""
    if most <= 0:
        return [0.0, 1.0]
    step = 10 ** math.floor(math.log10(most / 3))
    step *= next(one for one in (1, 2, 5, 10) if most / (step * one) <= 4.5)
    return [step * number for number in range(math.ceil(most / step - 1e-9) + 1)]


_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


def _time_ticks(ends_s: float) -> list[float]:
    step = next(
        (one for one in _STEPS_S if ends_s / one <= _MOST_TICKS), 86_400 * math.ceil(ends_s / 86_400 / _MOST_TICKS)
    )
    return [step * number for number in range(int(ends_s // step) + 1)]


def _clock(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d} h"
