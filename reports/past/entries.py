"""What earlier runs came to: a line for each in a small file beside them, which CI can keep."""

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from uplab.reports.causes import Cause
from uplab.reports.fields import MOST
from uplab.reports.run import Run
from uplab.reports.text import counted
from uplab.scenarios.history.bounds import TooMuchError, bounded, open_regular

try:
    import fcntl
except ImportError:  # no POSIX: there a run that ends at the same moment may cut the other's line, which reading tells
    fcntl = None  # type: ignore[assignment]

__all__ = ["FILE", "KEPT", "Entry", "entry_of", "note", "read_past"]

FILE = "past.jsonl"
FORMAT = 1
_CAUSE = re.compile(r"[0-9a-f]{6}")
KEPT = 500  # runs: more than a year of nightly ones
_MOST_BYTES, _MOST_VALUES = 256_000_000, 8_000_000  # of the file: six hundred runs of a thousand scenarios are a sixth


@dataclass(frozen=True, slots=True)
class Entry:
    """One earlier run. `passed` and `bad` are ids of scenarios, `causes` the ids of those behind each cause."""

    name: str
    started: str
    forwarder: str
    version: str | None
    whole: bool
    exit_code: int
    duration_s: float
    passed: frozenset[str]
    bad: frozenset[str]
    causes: dict[str, tuple[str, ...]]
    carried_ms: tuple[float, float] | None = None
    """The middle and the 95th of a hundred times from the post to the first arrival; None where nobody measured it."""

    @property
    def green(self) -> bool:
        """Whether the run was a pass."""
        return self.exit_code == 0


def note(run: Run, found: Sequence[Cause]) -> None:
    """Adds the run with its causes to the file beside it, once; the oldest go when there are many.

    OSError where it cannot.
    """
    path = run.folder.resolve().parent / FILE
    line = orjson.dumps(_as_dict(entry_of(run, found)), option=orjson.OPT_APPEND_NEWLINE)
    with _locked(path) as file:
        file.seek(0)
        lines = file.read().splitlines(keepends=True)
        if any(_named(one) == run.name for one in lines):
            return
        if lines and not lines[-1].endswith(b"\n"):  # the run before was cut off while it wrote
            line = b"\n" + line
        if len(lines) >= KEPT + KEPT // 5:
            aside = path.with_name(f".{FILE}.{os.getpid()}")
            aside.write_bytes(b"".join(lines[-KEPT:]) + line)
            aside.replace(path)
        else:
            file.write(line)


def _locked(path: Path) -> IO[bytes]:
    """The file, opened, and nobody else's until it is closed: two runs may end at once."""
    while True:
        file = path.open("a+b")
        if fcntl is None:
            return file
        fcntl.flock(file, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()  # the other run has put a shorter file in the place of this one meanwhile


def read_past(folder: Path) -> tuple[tuple[Entry, ...], str | None]:
    """The runs noted in the folder, oldest first, and a complaint in one line about those that cannot be read."""
    path = folder / FILE
    try:
        with bounded(open_regular(path), _MOST_BYTES, _MOST_VALUES) as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return (), None
    except (OSError, TooMuchError) as error:
        return (), f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
    entries: list[Entry] = []
    bad: list[tuple[int, Exception]] = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(_read(orjson.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            bad.append((number, error))
    if not bad:
        return tuple(entries), None
    number, first = bad[0]
    why = str(first) if type(first) is ValueError else "it is no run"
    return tuple(entries), f"{path}: {counted(len(bad), 'line')} left out, the first is line {number}: {why}"


def entry_of(run: Run, found: Sequence[Cause]) -> Entry:
    """What is noted of a run and its causes."""
    bad = [one for one in run.scenarios if one.outcome in ("failed", "error", "unknown")]
    why = {cause.id: tuple(scenario.id for scenario in cause.scenarios) for cause in found}
    passed = frozenset(one.id for one in run.of("passed"))
    return Entry(
        run.name,
        run.started,
        run.forwarder.name,
        run.forwarder.version,
        run.selection is None,
        run.exit_code,
        run.duration_s,
        passed,
        frozenset(one.id for one in bad),
        why,
        next(((leg.p50_ms, leg.p95_ms) for leg in run.latency if leg.leg == "carried"), None),
    )


def _as_dict(entry: Entry) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "run": entry.name,
        "started": entry.started,
        "forwarder": entry.forwarder,
        "version": entry.version,
        "whole": entry.whole,
        "exit_code": entry.exit_code,
        "duration_s": entry.duration_s,
        "passed": sorted(entry.passed),
        "bad": sorted(entry.bad),
        "causes": {id_: list(scenarios) for id_, scenarios in entry.causes.items()},
        "carried_ms": list(entry.carried_ms) if entry.carried_ms else None,
    }


def _read(stored: dict[str, Any]) -> Entry:
    if stored["format"] != FORMAT:
        raise ValueError(f"it has the format {stored['format']!r}, and this uplab reads {FORMAT}")
    return Entry(
        str(stored["run"]),
        str(stored["started"]),
        str(stored["forwarder"]),
        None if stored["version"] is None else str(stored["version"]),
        bool(stored["whole"]),
        int(_number(stored["exit_code"])),
        _number(stored["duration_s"]),
        frozenset(_texts(stored["passed"])),
        frozenset(_texts(stored["bad"])),
        dict(_causes(stored["causes"])),
        _pair(stored.get("carried_ms")),  # younger than the format: a run before it has none
    )


def _causes(stored: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for id_, scenarios in stored.items():
        behind = tuple(_texts(scenarios))
        if not _CAUSE.fullmatch(id_) or not behind:
            raise TypeError
        yield id_, behind


def _texts(values: list[Any]) -> Iterator[str]:
    for value in values:
        if not isinstance(value, str):
            raise TypeError
        yield value


def _pair(values: Any) -> tuple[float, float] | None:
    if values is None:
        return None
    middle, high = values
    return _number(middle), _number(high)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MOST <= value <= MOST:
        raise TypeError
    return float(value)


def _named(line: bytes) -> str | None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return str(orjson.loads(line)["run"])
    return None
