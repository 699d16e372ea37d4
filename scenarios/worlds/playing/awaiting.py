"""Waits for all deliveries of many worlds at once: each document at each place, until it was taken there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.identity import REFUSED

if TYPE_CHECKING:
    from uplab.scenarios.history.history import History

__all__ = ["Awaited", "await_all"]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A document that is to be taken at one of these places; where it is `nameless`, `ts`, its time in ms, tells of it.

    Of a payload that comes alone (`alone`) nobody can say whose it is: there so many are awaited at the place.
    """

    id: str
    to: tuple[Route, ...]
    ts: int | None = None
    nameless: bool = False
    alone: bool = False
    copies: int = 1


def await_all(history: History, awaited: Iterable[Awaited], *, timeout_s: float) -> list[Awaited]:
    """Waits until all of them are taken, or the time is up; those that are not."""
    left = _Left(awaited)
    if left.missing:
        history.wait_for(left.see, timeout_s=timeout_s)
    return left.missing


class _Left:
    """A fold over the history: what has not been taken yet."""

    def __init__(self, awaited: Iterable[Awaited]) -> None:
        self._by_id: dict[tuple[str, str, str], list[Awaited]] = {}
        self._by_ts: dict[bytes, Awaited] = {}
        self._alone: dict[tuple[str, str], list[Awaited]] = {}
        self._counts: dict[Awaited, int] = {}
        self._here: dict[object, tuple[str, str]] = {}
        for one in awaited:
            self._counts[one] = one.copies
            if one.nameless:
                self._by_ts[str(one.ts).encode()] = one
                continue
            for route in one.to:
                if one.alone:
                    self._alone.setdefault((route.fake, route.path), []).append(one)
                self._by_id.setdefault((one.id, route.fake, route.path), []).append(one)

    @property
    def missing(self) -> list[Awaited]:
        """Those that were not taken yet."""
        return [one for one, count in self._counts.items() if count > 0]

    def see(self, event: Event) -> bool:
        """Takes in one more line; whether all were taken."""
        facts = event.facts
        if event.hop in ("destination.arrived", "destination.published"):
            place = str(facts.get("fake")), str(facts.get("topic") or str(facts.get("url", "")).partition("?")[0])
            self._here[facts["exchange"]] = place
            if self._by_ts and facts.get("fake") == "thingsboard":
                self._told(event.raw or b"")
        elif event.hop in ("destination.answered", "destination.acknowledged"):
            place = self._here.pop(facts["exchange"], ("", ""))
            if _taken(event):
                self._take(event.ids, place)
        return not any(count > 0 for count in self._counts.values())

    def _told(self, raw: bytes) -> None:
        for ts in [ts for ts in self._by_ts if ts in raw]:
            self._counts[self._by_ts.pop(ts)] = 0

    def _take(self, ids: tuple[str, ...], place: tuple[str, str]) -> None:
        for id_ in ids:
            for one in self._by_id.get((id_, *place), ()):
                self._counts[one] -= 1
        if not ids and (waiting := self._alone.get(place)):
            first = next((one for one in waiting if self._counts[one] > 0), None)
            if first is not None:
                self._counts[first] -= 1


def _taken(event: Event) -> bool:
    facts = event.facts
    if event.hop == "destination.acknowledged":
        return int(facts.get("code") or 0) < REFUSED
    whole = facts.get("written") or facts.get("headed")
    return bool(whole) and 200 <= int(facts["status"] or 0) < 300
