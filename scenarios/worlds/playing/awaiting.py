"""Waits for all deliveries of many worlds at once: each document at each place, until it was taken there."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.identity import REFUSED

if TYPE_CHECKING:
    from uplab.scenarios.history.history import History

__all__ = ["TIME", "Awaited", "Deliveries"]

TIME: Final = re.compile(rb"\d{13}")
"""A moment in milliseconds since 1970."""

_ROOTED: Final = (b'{"DevEUI_', b'{"BS_')

Place = tuple[str, str]


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


class Deliveries:
    """What was taken where, from its making on: each line of the history is read once, however often is waited."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._seen = history.mark
        self._here: dict[object, Place] = {}
        self._whole: set[object] = set()  # what came with its root, be it known or the forwarder's own report
        self._taken: Counter[tuple[str, Place]] = Counter()  # by id
        self._told: set[bytes] = set()  # times of which ThingsBoard was told
        self._alone: Counter[Place] = Counter()  # what came there without an id, or may have
        self._either: set[str] = set()  # ids of what may come with or without it
        self._number: dict[Awaited, int] = {}  # of payloads alone: which of their place it is
        self._numbers: Counter[Place] = Counter()

    def await_all(self, awaited: Iterable[Awaited], *, timeout_s: float) -> list[Awaited]:
        """Waits until all of them are taken, or the time is up; those that are not."""
        left = deque(awaited)
        for one in left:
            if one.alone and one not in self._number:
                place = _place(one.to[0])
                self._numbers[place] += one.copies
                self._number[one] = self._numbers[place]
                self._either.add(one.id)

        def met(event: Event) -> bool:
            self._see(event)
            return self._all(left)

        if not self._all(left):
            self._history.wait_for(met, timeout_s=timeout_s, since=self._seen)
        return [one for one in left if not self._has(one)]

    def _all(self, left: deque[Awaited]) -> bool:
        while left and self._has(left[0]):
            left.popleft()
        return not left

    def _has(self, one: Awaited) -> bool:
        if one.nameless:
            return str(one.ts).encode() in self._told
        if one.alone:
            return self._alone[_place(one.to[0])] >= self._number[one]
        return sum(self._taken[one.id, _place(to)] for to in one.to) >= one.copies

    def _see(self, event: Event) -> None:
        """Takes in one more line; one that was seen before says nothing new."""
        if event.seq <= self._seen:
            return
        self._seen = event.seq
        facts = event.facts
        if event.hop in ("destination.arrived", "destination.published"):
            place = str(facts.get("fake")), str(facts.get("topic") or str(facts.get("url", "")).partition("?")[0])
            self._here[facts["exchange"]] = place
            if (event.raw or b"").lstrip().startswith(_ROOTED):
                self._whole.add(facts["exchange"])
            if place[0] == "thingsboard":
                self._told.update(TIME.findall(event.raw or b""))
        elif event.hop in ("destination.answered", "destination.acknowledged"):
            place = self._here.pop(facts["exchange"], ("", ""))
            if _taken(event):
                self._taken.update((id_, place) for id_ in event.ids)
                whole = facts["exchange"] in self._whole
                if (not event.ids and not whole) or not self._either.isdisjoint(event.ids):
                    self._alone[place] += 1


def _place(to: Route) -> Place:
    return to.fake, to.path


def _taken(event: Event) -> bool:
    facts = event.facts
    if event.hop == "destination.acknowledged":
        return int(facts.get("code") or 0) < REFUSED
    whole = facts.get("written") or facts.get("headed")
    return bool(whole) and 200 <= int(facts["status"] or 0) < 300
