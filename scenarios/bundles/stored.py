"""A stored run, in its folder or packed into a bundle: what was said of each scenario, and its history.

It may come from a stranger. Nothing in it is believed beyond its types, no name in it leads out of it, and whatever is
broken in it is one StoredError.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from uplab.scenarios.bundles.bundle import Bundle, Kind, Member, StoredError, opened_as
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.hops import FORMAT
from uplab.scenarios.history.lines import between_file
from uplab.scenarios.history.reader import read_history
from uplab.scenarios.history.shared_ids import put_back

__all__ = ["StoredError", "StoredRun", "open_stored", "stored_run"]

_MOST_SCENARIOS: Final = 20_000
_MOST_VERDICTS: Final = 10_000  # of one scenario
_MOST_IDS: Final = 10_000_000  # that all questions of a run name; a list that several share counts for each


class _Stored(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Verdict(_Stored):
    check: str
    outcome: str
    hop: str | None = None
    question: dict[str, Any] | None = None


class _Scenario(_Stored):
    id: str
    title: str = ""
    outcome: str = ""
    path: str | None = None
    worker: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "main"
    history: Annotated[str, Field(pattern=r"^history/[A-Za-z0-9_-]+\.jsonl$")] | None = None
    verdicts: Annotated[list[_Verdict], Field(max_length=_MOST_VERDICTS)]


class _Record(_Stored):
    seed: int
    namespace: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{4})?$")] = ""
    scenarios: Annotated[list[_Scenario], Field(max_length=_MOST_SCENARIOS)]


_RUN: Final = Kind("run of uplab", "run.json", FORMAT, _Record)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """run.json as it was written, with the types that its readers rely on, and where the histories stand."""

    path: Path
    record: dict[str, Any]
    bundle: Bundle
    format: int
    whole: bool = True

    @property
    def scenarios(self) -> list[dict[str, Any]]:
        """The records of the scenarios."""
        found: list[dict[str, Any]] = self.record["scenarios"]
        return found

    def history(self, scenario: dict[str, Any]) -> list[Event]:
        """What happened in a scenario, none where it came to nothing; StoredError when its file is gone or broken."""
        name = scenario.get("history")
        return self._read(name) if name else []

    def between(self, worker: str) -> list[Event]:
        """What a worker told between its scenarios; none where that is not stored, as in a bundle."""
        name = between_file(worker)
        return self._read(name) if self.bundle.has(name) else []

    def _read(self, name: str) -> list[Event]:
        with self.bundle.broken_is_said(f"the history {name}"):
            if not self.bundle.has(name):
                raise StoredError(f"{self.path}: the history {name} is missing")
            return list(read_history(Member(name, self.bundle), self.format))


def open_stored(path: Path) -> StoredRun:
    """Opens a run's folder, or a bundle; StoredError when it is neither."""
    try:
        return stored_run(Bundle(path), whole=path.is_dir())
    except FileNotFoundError:
        raise StoredError(f"{path}: there is no such file or folder") from None


def stored_run(bundle: Bundle, *, whole: bool) -> StoredRun:
    """A run that is a bundle, or a part of one; `whole` where all that happened is in it, and not one scenario only."""
    bundle, record, number = opened_as(bundle, _RUN)
    path = bundle.path
    try:
        record["scenarios"] = [put_back(one) for one in record["scenarios"]]
    except ValueError as error:
        raise StoredError(f"{path}: run.json holds no run of uplab: {error}") from None
    if sum(map(_ids_of, record["scenarios"])) > _MOST_IDS:
        raise StoredError(f"{path}: run.json asks about more than {_MOST_IDS:,} documents")
    return StoredRun(path, record, bundle, number, whole)


def _ids_of(scenario: Mapping[str, Any]) -> int:
    """How many ids the questions of a scenario name."""
    lists = [(verdict.get("question") or {}).get("ids") for verdict in scenario["verdicts"]]
    return sum(len(ids) for ids in lists if isinstance(ids, list))
