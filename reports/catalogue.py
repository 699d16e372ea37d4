"""What a run was held against, as it has stored it: documents, rows and their clauses, checks, agreed deviations."""

from dataclasses import dataclass

from uplab.reports.fields import Fields

__all__ = ["Check", "Clause", "Deviation", "Document", "Leg", "Requirement"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a verdict can prove, a part of a row or the whole of it; `label` says how far documents say it."""

    id: str
    text: str
    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of the catalogue. `source`: D in the document, P in the public documentation, O the harness's own.

    Runs of the time before clauses have none: there a row is proven by the scenarios that name it.
    """

    id: str
    document: str
    source: str
    text: str
    subject: str
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """What a check promises, who says so, what it asks in words, and what to try where it fails.

    `standing` ones are asked of the whole run.
    """

    name: str
    standing: bool
    promise: str
    source: tuple[str, ...]
    asks: str
    advice: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """A connector document from which the catalogue is made: its file, title, date, and SHA-256 of its bytes."""

    document: str
    title: str
    date: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """A deviation that was agreed on, as the run met it.

    `kind` says what `id` is: clause, cause or scenario; `state` is "met", "passes again", "overdue" or "not seen";
    `scenarios` are the ids of those in which it was met, `until` its last day in ISO 8601.
    """

    kind: str
    id: str
    reason: str
    ticket: str
    owner: str
    until: str
    state: str
    scenarios: tuple[str, ...]

    @classmethod
    def read(cls, row: Fields) -> "Deviation":
        """From an object of run.json."""
        return cls(
            row.text("kind"),
            row.text("id"),
            row.text("reason"),
            row.text("ticket"),
            row.text("owner"),
            row.text("until"),
            row.text("state"),
            row.texts("scenarios"),
        )

    @property
    def words(self) -> str:
        """How a line names it: deviation IOT-412 until 2027-03-31."""
        return f"deviation {self.ticket} until {self.until}"


@dataclass(frozen=True, slots=True)
class Leg:
    """How long a leg of the way took: of `count` passages the middle one, the 95th of a hundred, the longest."""

    leg: str
    count: int
    p50_ms: float
    p95_ms: float
    most_ms: float

    @classmethod
    def read(cls, row: Fields) -> "Leg":
        """From an object of run.json."""
        times = (row.number(name) for name in ("p50_ms", "p95_ms", "most_ms"))
        return cls(row.text("leg"), row.integer("count"), *times)
