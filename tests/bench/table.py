"""The table that a person reads at the end."""

from collections.abc import Iterable, Sequence

from tests.bench.figures import Bar, Figure, Result

__all__ = ["SLOWER", "number", "render"]

SLOWER = 1.25
"""So many times the rounds of the baseline are more than chance."""

_HEAD = ("figure", "median", "unit", "bar", "", "least to most", "runs")
_RIGHT = (1, 3, 6)


def number(value: float) -> str:
    """A number with three digits that count, or all that stand before the point, in groups of three."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def render(results: Iterable[Result]) -> str:
    """All benchmarks as text, each with its load, its conditions and its problems."""
    listed = list(results)
    rows = [[_row(figure) for figure in result.figures] for result in listed]
    widths = [max(map(len, column)) for column in zip(_HEAD, *(row for some in rows for row in some), strict=True)]
    return "\n".join(line for result, own in zip(listed, rows, strict=True) for line in _block(result, own, widths))


def _block(result: Result, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterable[str]:
    yield f"{result.name}: {result.title}"
    others = "" if result.others_cores is None else f", others used {result.others_cores:.2f} cores meanwhile"
    yield f"  load {result.load_1min:.2f} at its start{others}; {result.duration_s:.0f} s"
    if rows:
        yield _line(_HEAD, widths)
        yield from (_line(row, widths) for row in rows)
    yield from _rounds(result)
    yield from (f"  note: {condition}" for condition in result.conditions)
    yield from (f"  PROBLEM: {problem}" for problem in result.problems)
    yield ""


def _rounds(result: Result) -> Iterable[str]:
    """What each costs in rounds of the calibration loop, beside what it did cost."""
    if result.calibration is None or not result.rounds:
        return
    before, after = result.calibration
    yield f"  in rounds of the calibration loop ({number(before)} a CPU-second before, {number(after)} after):"
    for name, rounds in result.rounds.items():
        was = result.baseline.get(name)
        words = "" if was is None else f", {number(was)} in the baseline"
        if was and rounds > was * SLOWER:
            words += f": SLOWER, {rounds / was:.2f} times as much"
        yield f"    {name}: {number(rounds)}{words}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell.rjust(width) if index in _RIGHT else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"  {'  '.join(padded)}".rstrip()


def _row(figure: Figure) -> tuple[str, ...]:
    spread = f"{number(min(figure.runs))} to {number(max(figure.runs))}"
    return (
        figure.name,
        number(figure.median),
        figure.unit,
        _bar(figure.bar),
        figure.verdict,
        spread,
        str(len(figure.runs)),
    )


def _bar(bar: Bar | None) -> str:
    return "" if bar is None else f"{'>=' if bar.least else '<='} {number(bar.value)}"
