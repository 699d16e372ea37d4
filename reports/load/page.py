"""report.html of a load: one file that opens from disk, needs no network and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from uplab.reports.load.plots import HEIGHT, WIDTH, Bars, Plot, bars, plot
from uplab.reports.load.words import MEANINGS, anomaly, duration, seen, verdict
from uplab.reports.pages import environment
from uplab.reports.text import SIGNS, one_line

__all__ = ["write_load"]


def write_load(result: Mapping[str, Any], path: Path) -> None:
    """Writes the report of a load by its result."""
    templates = environment()
    templates.filters.update(
        line=one_line,
        duration=duration,
        anomaly=anomaly,
        seen=seen,
        sign=lambda outcome: SIGNS[outcome],
        count=lambda number: f"{number:,}",
    )
    page = templates.get_template("load.html").render(
        load=result,
        verdict=verdict(result),
        meanings=MEANINGS,
        plots=_plots(result),
        width=WIDTH,
        height=HEIGHT,
    )
    path.write_text(page, encoding="utf-8")


def _plots(result: Mapping[str, Any]) -> list[Plot | Bars]:
    """Those for which there is something to show."""
    series, bands = result["series"], result["bands"]
    at_s, width_s, groups = series["at_s"], series["width_s"], series["groups"]

    def over_time(title: str, columns: Mapping[str, Sequence[float | None]], tell: Any, **how: Any) -> Plot | None:
        return plot(title, at_s, columns, bands, tell=tell, width_s=width_s, **how)

    rates = {"accepted": series["accepted_per_s"]}
    rates |= {f"delivered, {name}": series[f"delivered_per_s {name}"] for name in groups}
    if any(series["not_accepted_per_s"]):
        rates["not accepted"] = series["not_accepted_per_s"]
    latencies = {f"{name} p{share}": series[f"p{share}_s {name}"] for name in groups for share in (50, 99)}
    found = [
        over_time("Uplinks a second", rates, _rate),
        over_time("Latency, from acceptance to arrival", latencies, duration, logarithmic=True),
        bars("How long they took", result["latencies"], tell=duration),
        over_time("Waiting: accepted and not yet delivered", {"waiting": series["waiting"]}, _count),
        over_time("Memory of the forwarder", {"memory": series["memory_bytes"]}, _bytes),
        over_time("Open files of the forwarder", {"open files": series["files"]}, _count),
        over_time("Processors that the forwarder used", {"cores": _cores(series["cpu_s"], width_s)}, _cores_told),
    ]
    return [one for one in found if one is not None]


def _cores(cpu_s: Sequence[float | None], width_s: float) -> list[float | None]:
    """How many processors were in use, from the sums; nothing where there was another process before."""
    found: list[float | None] = [None]
    for before, now in pairwise(cpu_s):
        found.append((now - before) / width_s if before is not None and now is not None and now >= before else None)
    return found[: len(cpu_s)]


def _rate(value: float) -> str:
    return f"{value:,.0f}/s" if value >= 10 or not value else f"{value:.1f}/s"


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _cores_told(value: float) -> str:
    return f"{value:.2f}"


def _bytes(value: float) -> str:
    return f"{value / 1e6:,.0f} MB"
