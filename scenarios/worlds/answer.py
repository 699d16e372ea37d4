"""What a run that doubts says: in a sentence, and in run.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.worlds.reached import reached

__all__ = ["Told", "answer", "kept_of", "take"]


def answer(rows: Sequence[Mapping[str, Any]]) -> str:
    """The whole in a sentence; the rows are as run.json has them."""
    by: dict[str, list[str]] = {}
    for row in rows:
        by.setdefault(str(row["outcome"]), []).append(str(row["kind"]))
    text = f"with this profile a green run excludes {len(by.get('excluded', []))} of {len(rows)} kinds of bugs"
    if blind := by.get("blind"):
        text += f"; blind to {len(blind)}, which were met and not seen: {', '.join(blind)}"
    if unmet := by.get("not met"):
        text += f"; {len(unmet)} were never met, since nothing that is delivered leads to them: {', '.join(unmet)}"
    return text


def kept_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """For run.json: how many kinds are excluded, and each kind with its clause, by what became of it."""
    excluded = sum(row["outcome"] == "excluded" for row in rows)
    found: dict[str, Any] = {"excludes": f"{excluded} of {len(rows)} kinds of bugs"}
    for name, outcome in (("blind_to", "blind"), ("not_met", "not met"), ("excluded", "excluded")):
        found[name] = [_said(row) for row in rows if row["outcome"] == outcome]
    return found


def _said(row: Mapping[str, Any]) -> str:
    by = f", by {', '.join(row['checks'][:3])}" if row.get("checks") else ""
    return f"{row['words']} ({row['clause']}){by}"


@dataclass(frozen=True, slots=True)
class Told:
    """What worlds say of a run: for run.json, for the gate (`excluded` kinds of bugs), and in a sentence."""

    record: dict[str, Any]
    excluded: int
    said: tuple[str, ...]


def take(scenarios: Iterable[dict[str, Any]]) -> Told:
    """By the records of the scenarios; the kinds of bugs that they have played are taken out of these."""
    all_of = list(scenarios)
    doubts = [one for scenario in all_of for one in scenario.pop("doubts", None) or ()]
    record: dict[str, Any] = {"reached": reached([one for scenario in all_of for one in scenario.get("worlds") or ()])}
    if doubts:
        record["doubt"] = kept_of(doubts)
    return Told(record, sum(one["outcome"] == "excluded" for one in doubts), (answer(doubts),) if doubts else ())
