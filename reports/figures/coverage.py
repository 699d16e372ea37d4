"""How far a run has looked: what arrived and no check read, and which conditions were met and judged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from uplab.reports.fields import Fields, ReportError
from uplab.reports.text import counted

__all__ = [
    "Arrived",
    "Met",
    "Unreached",
    "by_subject",
    "reached_in_words",
    "read_arrived",
    "read_conditions",
    "read_unreached",
    "unread_in_words",
]

_FEW = 3  # names in a line of the terminal


@dataclass(frozen=True, slots=True)
class Arrived:
    """Names of one kind (member, header, telemetry) at a destination, and how often one came that nobody read."""

    destination: str
    kind: str
    came: tuple[str, ...]
    unread: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Met:
    """A condition: what meets it, what it is about, who says that it may be met; how often it was met, and judged."""

    name: str
    about: str
    source: str
    reached: int
    judged: int

    @property
    def standing(self) -> str:
        """judged, reached (but nobody said anything of it) or never."""
        return "judged" if self.judged else "reached" if self.reached else "never"


@dataclass(frozen=True, slots=True)
class Unreached:
    """A scenario that was selected, but the run ended before its turn: nothing is known of it."""

    id: str
    title: str
    suite: str
    requirements: tuple[str, ...]


def read_arrived(stored: Any) -> tuple[Arrived, ...]:
    """From run.json, {destination: {kind: {"came": names, "unread": {name: count}}}}; ReportError where it is none."""
    try:
        return tuple(
            Arrived(str(where), str(kind), tuple(map(str, told["came"])), _counts(told["unread"]))
            for where, kinds in (stored or {}).items()
            for kind, told in kinds.items()
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ReportError("run.json: arrived must be an object of what came and what of it was unread") from None


def _counts(stored: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in stored.items()}


def read_conditions(rows: Iterable[Fields]) -> tuple[Met, ...]:
    """From run.json, a row for each condition."""
    return tuple(
        Met(row.text("name"), row.text("about"), row.text("source"), row.integer("reached"), row.integer("judged"))
        for row in rows
    )


def read_unreached(rows: Iterable[Fields]) -> tuple[Unreached, ...]:
    """From run.json, a row for each scenario."""
    return tuple(
        Unreached(one.text("id"), one.text("title"), one.text("suite"), one.texts("requirements")) for one in rows
    )


def by_subject(conditions: Iterable[Met]) -> dict[str, list[Met]]:
    """The conditions by what they are about, in their order."""
    found: dict[str, list[Met]] = {}
    for one in conditions:
        found.setdefault(one.about, []).append(one)
    return found


def unread_in_words(arrived: Iterable[Arrived]) -> str | None:
    """What arrived and nobody read, in a line; None where there is none."""
    found = [f"{name} ({one.destination} {one.kind}, {count:,})" for one, name, count in _unread(arrived)]
    if not found:
        return None
    more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return f"{counted(len(found), 'name')} arrived that no check reads: {', '.join(found[:_FEW])}{more}"


def _unread(arrived: Iterable[Arrived]) -> Iterator[tuple[Arrived, str, int]]:
    for one in arrived:
        for name, count in sorted(one.unread.items(), key=lambda pair: (-pair[1], pair[0])):
            yield one, name, count


def reached_in_words(conditions: Iterable[Met]) -> str | None:
    """How many conditions were judged, in a sentence; None where the run does not say."""
    found = [one.standing for one in conditions]
    if not found:
        return None
    said = f"{found.count('judged')} of {counted(len(found), 'condition')} met and judged"
    if unjudged := found.count("reached"):
        said += f", {unjudged} met and not judged"
    return said
