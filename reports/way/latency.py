"""Latency over the run: for each scenario the middle and the longest time from the post to the first arrival.

Pure geometry in a box of `WIDTH` by `HEIGHT` units; times stand on a logarithmic scale, since a fault makes seconds of
milliseconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from uplab.reports.run import Scenario
from uplab.reports.text import counted, one_line

__all__ = ["HEIGHT", "Bar", "Chart", "chart"]

HEIGHT = 190
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 960, 60, 12, 8, 24
_MOST = 600  # scenarios that are drawn; more would be less than a unit wide each


@dataclass(frozen=True, slots=True)
class Bar:
    """One scenario: from its middle to its longest time; `words` say both."""

    id: str
    x: float
    middle: float
    longest: float
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, the levels that are written at the left (y, words), and the times below (x, words)."""

    bars: tuple[Bar, ...]
    levels: tuple[tuple[float, str], ...]
    times: tuple[tuple[float, str], ...]


def chart(scenarios: Sequence[Scenario]) -> Chart | None:
    """Draws those in which something was carried, by when they ended; None where there are fewer than two."""
    told = sorted((one for one in scenarios if one.latency is not None), key=lambda one: one.ended_s)
    if len(told) < 2:
        return None
    step = math.ceil(len(told) / _MOST)
    shown = told[::step]
    legs = [one.latency for one in shown if one.latency is not None]
    low = math.floor(math.log10(max(0.01, min(leg.p50_ms for leg in legs))))
    high = max(low + 1, math.ceil(math.log10(max(0.1, *(leg.most_ms for leg in legs)))))
    last_s = max(1.0, told[-1].ended_s)

    def y_of(ms: float) -> float:
        share = (math.log10(max(ms, 10**low)) - low) / (high - low)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)

    def x_of(at_s: float) -> float:
        return round(_LEFT + at_s / last_s * (_WIDTH - _LEFT - _RIGHT), 1)

    bars = tuple(
        Bar(one.id, x_of(one.ended_s), y_of(leg.p50_ms), y_of(leg.most_ms), one.outcome, _words(one))
        for one, leg in zip(shown, legs, strict=True)
    )
    levels = tuple((y_of(10.0**power), _ms(10.0**power)) for power in range(low, high + 1))
    times = tuple((x_of(last_s * n / 4), f"{last_s * n / 4:.0f} s") for n in range(5))
    return Chart(bars, levels, times)


def _words(one: Scenario) -> str:
    leg = one.latency
    assert leg is not None
    times = f"{_ms(leg.p50_ms)}, at most {_ms(leg.most_ms)}"
    return one_line(f"{one.suite}: {one.title}: {counted(leg.count, 'uplink')}, {times}", 200)


def _ms(ms: float) -> str:
    return f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms"
