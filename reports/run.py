"""A stored run, read into values that every writer shares: `run.json`, and the histories line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from uplab.reports.catalogue import Check, Clause, Deviation, Document, Leg, Requirement
from uplab.reports.doubt import doubt_of
from uplab.reports.fields import OUTCOMES, Fields, ReportError
from uplab.reports.figures.coverage import Arrived, Met, Unreached, read_arrived, read_conditions, read_unreached
from uplab.reports.text import preview, without_pages
from uplab.reports.way.steps import Step, read_step
from uplab.scenarios.history.bounds import RegularFile, TooMuchError, open_regular, read_record
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.hops import FORMAT
from uplab.scenarios.history.reader import HistoryError, format_of, read_history
from uplab.scenarios.history.shared_ids import put_back

__all__ = [
    "OUTCOMES",
    "Check",
    "Clause",
    "Deviation",
    "Document",
    "Forwarder",
    "Leg",
    "Line",
    "ReportError",
    "Requirement",
    "Run",
    "Scenario",
    "Unreached",
    "Verdict",
    "broken_histories",
    "read_events",
    "read_lines",
    "read_run",
    "scenarios_of",
]

_WORKER = re.compile(r"[\w-]+", re.ASCII)
_HISTORY = re.compile(r"history/[\w.-]+\.jsonl", re.ASCII)


@dataclass(frozen=True, slots=True)
class Forwarder:
    """The connector that was under test; `command` is None when it ran elsewhere.

    `version` and `digest` (of what build it is) are None where nobody said them.
    """

    name: str
    command: str | None
    profile: str
    version: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check said; `hop` is where it diverged, `ids` the documents concerned."""

    check: str
    requirement: str | None
    outcome: str
    examined: int
    promised: str
    happened: str
    hop: str | None
    advice: str | None
    ids: tuple[str, ...]
    question: dict[str, Any] | None = field(default=None, hash=False)

    @property
    def standing(self) -> bool:
        """Whether a standing invariant says it, which was asked of the whole run."""
        return "of" in (self.question or {})


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario and its outcome; `history` is a path relative to the run's folder.

    `duration_s` is what passed, `cpu_s` what processors worked for it, forwarder and browser with it.

    Optional in run.json: `promise` (the scenario's own words on what it proves), `path` (its file as a user of the
    command line names it), `line` (where it begins there, from 1), `left` (what it made on the forwarder and could
    not remove), `ended_s` (since the run's start), `latency` (to the first arrival) and `steps` (on pages).
    """

    id: str
    title: str
    suite: str
    requirements: tuple[str, ...]
    outcome: str
    duration_s: float
    worker: str
    reason: str | None
    message: str | None
    history: str | None
    verdicts: tuple[Verdict, ...]
    promise: str | None = None
    path: str | None = None
    line: int | None = None
    left: tuple[str, ...] = ()
    ended_s: float = 0.0
    latency: Leg | None = None
    cpu_s: float = 0.0
    steps: tuple[Step, ...] = ()

    @property
    def file(self) -> str:
        """The file that holds the scenario, relative to the project."""
        return self.id.partition("::")[0]

    @property
    def name(self) -> str:
        """The scenario's name within its file."""
        return self.id.partition("::")[2] or self.id

    @property
    def typed(self) -> str:
        """What names just this scenario on the command line."""
        return f"{self.path}::{self.name}" if self.path else self.id

    @property
    def why(self) -> str | None:
        """The reason, where it says more than the verdicts and the message do."""
        told = self.outcome == "failed" and bool(self.complaints)
        return None if told or (self.reason or "") in (self.message or "") else self.reason

    @property
    def examined(self) -> int:
        """How many things the scenario's checks looked at."""
        return sum(verdict.examined for verdict in self.verdicts)

    @property
    def complaints(self) -> tuple[Verdict, ...]:
        """The verdicts that are no pass, failures first."""
        return tuple(sorted((v for v in self.verdicts if v.outcome != "passed"), key=lambda v: v.outcome != "failed"))


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run as stored; `started` in ISO 8601.

    Optional in run.json: `commit` of the harness, `repeat` (the command that repeats the run), `repeat_one` (the one
    that repeats a scenario, less its name), `gate` (what made the run red although its scenarios may have passed, one
    line each), `selection` (what was asked for, when it was not the whole), `not_reached`, `compare` (the earlier
    run that it is laid beside), `not_promised` (what the profile leaves out, a sentence each), `policy` (its policy of
    delivery in words), `datasheet` (how the forwarder was seen to deliver), `deviations` (what may fail for now),
    `documents` (which ones the catalogue is made from), `machine` (where it ran), `doubt` (what the run excludes),
    `latency` (of each leg of the way), `arrived` (what came, and what of it no check read), `conditions` (what was
    met, and judged) and `reached` (which values of the documented space its worlds had).
    """

    folder: Path
    version: str
    seed: int
    started: str
    duration_s: float
    forwarder: Forwarder
    exit_code: int
    random_order: bool
    commit: str | None
    repeat: str | None
    repeat_one: str | None
    selection: str | None
    gate: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    scenarios: tuple[Scenario, ...]
    unreached: tuple[Unreached, ...] = ()
    format: int = FORMAT
    checks: tuple[Check, ...] = ()
    broken: tuple[Verdict, ...] = ()
    compare: str = "last"
    not_promised: tuple[str, ...] = ()
    policy: str | None = None
    datasheet: tuple[tuple[str, str], ...] = ()
    deviations: tuple[Deviation, ...] = ()
    documents: tuple[Document, ...] = ()
    machine: str | None = None
    doubt: tuple[str, ...] | None = None
    latency: tuple[Leg, ...] = ()
    reached: tuple[tuple[str, str], ...] = ()
    arrived: tuple[Arrived, ...] = ()
    conditions: tuple[Met, ...] = ()

    @property
    def name(self) -> str:
        """The name of its folder, also where a link such as `latest` led there."""
        return self.folder.resolve().name

    def check(self, verdict: Verdict) -> Check | None:
        """What stands beside the check of a verdict; None where the run does not say."""
        return next((c for c in self.checks if (c.name, c.standing) == (verdict.check, verdict.standing)), None)

    def of(self, outcome: str) -> tuple[Scenario, ...]:
        """The scenarios with one outcome, in their order."""
        return tuple(scenario for scenario in self.scenarios if scenario.outcome == outcome)

    @property
    def left(self) -> tuple[tuple[str, Scenario], ...]:
        """What is left on the forwarder, each thing with the scenario that made it there."""
        return tuple((phrase, scenario) for scenario in self.scenarios for phrase in scenario.left)

    def suites(self) -> dict[str, tuple[Scenario, ...]]:
        """The scenarios by suite, both in the order of the run."""
        found: dict[str, list[Scenario]] = {}
        for scenario in self.scenarios:
            found.setdefault(scenario.suite, []).append(scenario)
        return {suite: tuple(scenarios) for suite, scenarios in found.items()}

    def unreached_suites(self) -> dict[str, tuple[Unreached, ...]]:
        """The scenarios that were not reached, by suite."""
        suites = dict.fromkeys(one.suite for one in self.unreached)
        return {suite: tuple(one for one in self.unreached if one.suite == suite) for suite in suites}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history. `raw` is a readable preview of the bytes, `raw_size` their number."""

    seq: int
    monotonic_s: float
    hop: str
    ids: tuple[str, ...]
    facts: dict[str, Any]
    raw: str | None = None
    raw_size: int = 0


def read_run(folder: Path) -> Run:
    """Reads `run.json` of a run's folder; ReportError names what is missing or wrong."""
    record = _load(folder)
    fields = Fields("run.json", record)
    try:
        number = format_of(record)
    except HistoryError as error:
        raise ReportError(f"run.json: {error}") from None
    return Run(
        folder=folder,
        version=fields.text("uplab"),
        seed=fields.integer("seed"),
        started=fields.text("started"),
        duration_s=fields.number("duration_s"),
        forwarder=_forwarder(fields.object("forwarder")),
        exit_code=fields.integer("exit_code"),
        random_order=fields.flag("random_order"),
        commit=fields.optional_text("commit"),
        repeat=fields.optional_text("repeat"),
        repeat_one=fields.optional_text("repeat_one"),
        selection=fields.optional_text("selection"),
        gate=fields.optional_texts("gate"),
        requirements=tuple(_requirement(row) for row in fields.objects("requirements")),
        scenarios=scenarios_of(list(fields.objects("scenarios"))),
        unreached=read_unreached(fields.optional_objects("not_reached")),
        format=number,
        checks=tuple(_check(row) for row in fields.optional_objects("checks")),
        broken=tuple(_verdict(row) for row in fields.optional_objects("broken")),
        compare=fields.optional_text("compare") or "last",
        not_promised=fields.optional_texts("not_promised"),
        policy=fields.optional_text("policy"),
        datasheet=tuple((row.text("what"), row.text("seen")) for row in fields.optional_objects("datasheet")),
        deviations=tuple(Deviation.read(row) for row in fields.optional_objects("deviations")),
        documents=tuple(
            Document(*(row.text(name) for name in ("document", "title", "date", "sha256")))
            for row in fields.optional_objects("documents")
        ),
        machine=fields.optional_text("machine"),
        doubt=doubt_of(fields.optional_plain("doubt")),
        latency=tuple(Leg.read(row) for row in fields.optional_objects("latency")),
        arrived=read_arrived(fields.optional_plain("arrived")),
        conditions=read_conditions(fields.optional_objects("conditions")),
        reached=tuple((row.text("what"), row.text("seen")) for row in fields.optional_objects("reached")),
    )


def _load(folder: Path) -> Any:
    path = folder / "run.json"
    try:
        return read_record(open_regular(path))
    except FileNotFoundError:
        raise ReportError(f"{path} does not exist: is {folder} the folder of a run?") from None
    except (OSError, TooMuchError) as error:
        raise ReportError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except orjson.JSONDecodeError as error:
        raise ReportError(f"{path} is no JSON: {error}") from None


def _forwarder(row: Fields) -> Forwarder:
    name, command = row.text("name"), row.optional_text("command")
    said = row.optional_text("version"), row.optional_text("digest")
    return Forwarder(name, command, row.text("profile"), *said)


def _requirement(row: Fields) -> Requirement:
    clauses = (
        Clause(*(c.text(n) for n in ("id", "text", "subject", "label"))) for c in row.optional_objects("clauses")
    )
    texts = [row.text(name) for name in ("id", "document", "source", "text", "subject")]
    return Requirement(texts[0], texts[1], texts[2], texts[3], texts[4], tuple(clauses))


def _check(row: Fields) -> Check:
    texts = row.text("name"), row.flag("standing"), row.text("promise"), row.texts("source"), row.text("asks")
    return Check(*texts, row.optional_text("advice"))


def scenarios_of(rows: Sequence[Fields] | Sequence[dict[str, Any]]) -> tuple[Scenario, ...]:
    """The scenarios of a run's record, read or still in the making; ReportError where one is none."""
    return tuple(_scenario(row if isinstance(row, Fields) else Fields("run.json", row)) for row in rows)


def _scenario(row: Fields) -> Scenario:
    row = row.changed(put_back)
    return Scenario(
        id=row.text("id"),
        title=row.text("title"),
        suite=row.text("suite"),
        requirements=row.texts("requirements"),
        outcome=row.outcome(),
        duration_s=row.number("duration_s"),
        worker=row.matching("worker", _WORKER),
        reason=row.optional_text("reason"),
        message=without_pages(row.optional_text("message") or "") or None,
        history=row.matching("history", _HISTORY) if row.optional_text("history") is not None else None,
        verdicts=tuple(_verdict(verdict) for verdict in row.objects("verdicts")),
        promise=row.optional_text("promise"),
        path=row.optional_text("path"),
        line=row.optional_integer("line"),
        left=row.optional_texts("left"),
        ended_s=row.optional_number("ended_s") or 0.0,
        latency=next((Leg.read(one) for one in row.optional_object("latency") if one.integer("count")), None),
        cpu_s=row.optional_number("cpu_s") or 0.0,
        steps=tuple(read_step(step) for step in row.optional_objects("steps")),
    )


def _verdict(row: Fields) -> Verdict:
    return Verdict(
        check=row.text("check"),
        requirement=row.optional_text("requirement"),
        outcome=row.outcome(),
        examined=row.integer("examined"),
        promised=row.text("promised"),
        happened=without_pages(row.text("happened")),
        hop=row.optional_text("hop"),
        advice=row.optional_text("advice"),
        ids=row.texts("ids"),
        question=row.optional_plain("question"),
    )


def read_lines(folder: Path, history: str, format_: int = FORMAT) -> Iterator[Line]:
    """The lines of a history with a preview of their bytes, one at a time; raises what `read_events` does."""
    for event in read_events(folder, history, format_):
        raw, size = preview(event.raw)
        yield Line(event.seq, float(event.monotonic_s), event.hop, event.ids, event.facts, raw, size)


def read_events(folder: Path, history: str, format_: int = FORMAT) -> Iterator[Event]:
    """The events of a history, one at a time; ReportError names the file, and the line that is broken."""
    path = folder / history
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ReportError(f"{history} lies outside of the run's folder")
    try:
        yield from read_history(RegularFile(path), format_)
    except HistoryError as error:
        raise ReportError(f"{history.rpartition('/')[0]}/{error}".lstrip("/")) from None
    except OSError as error:
        raise ReportError(f"{history} cannot be read: {error.strerror or error}") from None


def broken_histories(run: Run) -> Iterator[str]:
    """What is wrong with the histories of a run that cannot be read, one line for each."""
    for scenario in run.scenarios:
        try:
            for _ in read_lines(run.folder, scenario.history, run.format) if scenario.history else ():
                pass
        except ReportError as error:
            yield str(error)
