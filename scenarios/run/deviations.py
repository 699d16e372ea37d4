"""Deviations that were agreed on: what may fail for now, why, by whom, and until when.

The file is TOML, a table `[[deviation]]` for each: one of `clause` (or a whole row), `cause` (the id that reports give)
or `scenario`, and `reason`, `ticket`, `owner`, `until` (the last day on which it holds).
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.run.exit_codes import ERROR, FAILED, PASSED, UNKNOWN
from uplab.scenarios.run.gate import JUDGED, KnownFailing, read_known_failing
from uplab.scenarios.run.options import option
from uplab.scenarios.run.requirement_ids import nearest_ids, requirement_id

__all__ = ["Deviation", "Deviations", "agreed", "read_deviations"]

_KINDS = ("clause", "cause", "scenario")
_TOLD = ("reason", "ticket", "owner")
_CAUSE = re.compile(r"[0-9a-f]{6}")

Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation; `kind` says what `id` is: a clause or row, a cause, or a scenario."""

    kind: str
    id: str
    reason: str
    ticket: str
    owner: str
    until: dt.date

    @property
    def name(self) -> str:
        """How a line names it: HTTP-16.a (IOT-412)."""
        return f"{self.id} ({self.ticket})"

    def explains(self, id_: str, record: Mapping[str, Any], cause: str | None) -> frozenset[int]:
        """The failed verdicts of a scenario that it explains, by their place; all of them where it is not by clause."""
        failed = {n for n, one in enumerate(record["verdicts"]) if one["outcome"] == "failed"} or {-1}
        if self.kind == "cause":
            return frozenset(failed if cause == self.id else ())
        if self.kind == "scenario":
            return frozenset(failed if self._names(id_, record) else ())
        return frozenset(n for n in failed if all(self._covers(one) for one in _clauses_of(record, n)))

    def concerns(self, id_: str, record: Mapping[str, Any]) -> bool:
        """Whether the scenario could have shown it. Which scenarios show a cause is known only when it is there."""
        if self.kind == "scenario":
            return self._names(id_, record)
        return self.kind == "clause" and any(self._covers(one) for one in record["requirements"])

    def _covers(self, clause: str) -> bool:
        """Whether it is this clause, or one of this row."""
        return clause == self.id or clause.startswith(f"{self.id}.")

    def _names(self, id_: str, record: Mapping[str, Any]) -> bool:
        return self.id in (id_, f"{record.get('path')}::{id_.partition('::')[2]}")


def _clauses_of(record: Mapping[str, Any], verdict: int) -> Sequence[str]:
    """The clause that a verdict breaks; of a failure without one every clause that its scenario names."""
    said = record["verdicts"][verdict]["requirement"] if verdict >= 0 else None
    return (said,) if said else record["requirements"] or ("",)


@dataclass
class Deviations:
    """The deviations of a file. `lines` says what of them makes the run red, `states` what became of each."""

    agreed: tuple[Deviation, ...]
    lines: list[str] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)

    def judge(self, scenarios: Records, code: int, *, causes: Callable[[], Mapping[str, str]], today: dt.date) -> int:
        """The exit code without the failures that a deviation explains; one that is overdue explains none, and is red.

        `causes` gives each scenario's cause, and is asked only where a deviation names one.
        """
        if code not in JUDGED:
            return code
        known = causes() if any(one.kind == "cause" for one in self.agreed) else {}
        failed = {id_: one for id_, one in scenarios.items() if one["outcome"] == "failed"}
        valid = [one for one in self.agreed if one.until >= today]
        excused = {id_ for id_, record in failed.items() if _explained(valid, id_, record, known.get(id_))}
        for one in self.agreed:
            met = [id_ for id_, record in failed.items() if one.explains(id_, record, known.get(id_))]
            self.states.append(_as_data(one, _state(one, met, scenarios, today), met))
            if one.until < today:
                self.lines.append(f"deviation {one.name}: it was agreed on until {one.until}; owner: {one.owner}")
        rest = {one["outcome"] for id_, one in scenarios.items() if id_ not in excused}
        if self.lines or "failed" in rest or (code == FAILED and not failed):  # something outside of every scenario
            return FAILED
        return ERROR if "error" in rest else UNKNOWN if "unknown" in rest else PASSED


def _explained(valid: Sequence[Deviation], id_: str, record: Mapping[str, Any], cause: str | None) -> bool:
    """Whether each of its failures is explained by one of the deviations."""
    failed = {n for n, one in enumerate(record["verdicts"]) if one["outcome"] == "failed"} or {-1}
    return failed == {n for one in valid for n in one.explains(id_, record, cause)}


def _state(one: Deviation, met: Sequence[str], scenarios: Records, today: dt.date) -> str:
    if one.until < today:
        return "overdue"
    if met:
        return "met"
    outcomes = {record["outcome"] for id_, record in scenarios.items() if one.concerns(id_, record)}
    return "passes again" if "passed" in outcomes and outcomes <= {"passed", "not applicable"} else "not seen"


def _as_data(one: Deviation, state: str, met: Sequence[str]) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("kind", "id", *_TOLD)}
    return {**told, "until": one.until.isoformat(), "state": state, "scenarios": list(met)}


def agreed(config: pytest.Config) -> tuple[KnownFailing | None, Deviations | None]:
    """What may fail, as one of two options says: scenarios by their ids, or deviations with their reasons."""
    known, deviations = option(config, "--known-failing"), option(config, "--deviations")
    if known and deviations:
        raise pytest.UsageError("--known-failing and --deviations say the same in two ways: give one of them")
    if known and Path(known).suffix != ".toml":
        return read_known_failing(Path(known)), None
    name = "--known-failing" if known else "--deviations"
    given = known or deviations
    return None, read_deviations(Path(given), name) if given else None


def read_deviations(path: Path, name: str = "--deviations") -> Deviations:
    """Reads the file; UsageError with one line that names the place and what is wrong there."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise pytest.UsageError(f"{name} {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise pytest.UsageError(f"{name} {path}: it is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise pytest.UsageError(f"{name} {path}: it is no TOML: {error}") from None
    rows = stored.pop("deviation", [])
    if stored or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        known = "it holds tables [[deviation]] and nothing else"
        raise pytest.UsageError(f"{name} {path}: {known}" + (f", not {next(iter(stored))!r}" if stored else ""))
    found = []
    for number, row in enumerate(rows, 1):
        one = _deviation(row)
        if isinstance(one, str):
            raise pytest.UsageError(f"{name} {path}: deviation {number}: {one}")
        found.append(one)
    return Deviations(tuple(found))


def _deviation(row: Mapping[str, Any]) -> Deviation | str:
    """A deviation, or in words what is wrong with it."""
    if unknown := [key for key in row if key not in (*_KINDS, *_TOLD, "until")]:
        return f"there is no {unknown[0]!r}; it has {', '.join((*_KINDS, *_TOLD))} and until"
    kinds = [kind for kind in _KINDS if kind in row]
    if len(kinds) != 1:
        return f"it names one of {', '.join(_KINDS)}, not {' and '.join(kinds) or 'none'}"
    [kind] = kinds
    for key in (kind, *_TOLD):
        if not isinstance(row.get(key), str) or not row[key].strip():
            return f"{key} must be a text" if key in row else f"{key} is missing"
    until = row.get("until")
    if not isinstance(until, dt.date) or isinstance(until, dt.datetime):
        return "until must be a date without quotes, as 2027-03-31" if "until" in row else "until is missing"
    id_: str | None = row[kind].strip()
    if kind == "clause":
        id_ = requirement_id(row[kind])
        if id_ is None:
            return f"there is no clause {row[kind]}; {nearest_ids(row[kind])}"
    if kind == "cause" and not _CAUSE.fullmatch(row[kind].strip()):
        return f"a cause is six hexadecimal digits, as reports give it, not {row[kind]!r:.40}"
    reason, ticket, owner = (row[key].strip() for key in _TOLD)
    return Deviation(kind, str(id_), reason, ticket, owner, until)
