"""What some documents do at one destination: they do not arrive, or they arrive with this in them, or without that."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from uplab.scenarios.checks.asked.pointer import Shown, as_stored, parsed, wrong_in
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.deliveries import ARRIVALS, Arrivals, Delivery, Route, some
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = ["Carries", "NoneArrives", "Posts", "Tried", "WithoutHeaders"]

_MOST = 500  # characters


class _AtOnePlace(Check):
    """A fold over what of these documents arrives at a place; it keeps what is wrong of it."""

    hops = ARRIVALS

    def __init__(self, promised: str, ids: Sequence[str], to: Route) -> None:
        self._promised = promised
        self._ids = set(ids)
        self._to = to
        self._arrivals = Arrivals(to)
        self._met: dict[str, None] = {}
        self._wrong: dict[str, str] = {}

    @property
    def promised(self) -> str:
        """The scenario's own words."""
        return self._promised

    def see(self, event: Event) -> None:
        """One arrival more."""
        delivery = self._arrivals.see(event)
        if delivery is None or delivery.answered is not None:
            return
        for id_ in delivery.ids:
            if id_ in self._ids:
                self._met[id_] = None
                if wrong := self.wrong(delivery):
                    self._wrong.setdefault(id_, wrong)

    def wrong(self, delivery: Delivery) -> str | None:
        """What is wrong with one arrival, in words."""
        raise NotImplementedError

    def verdict(self) -> Verdict:
        """Of what did not arrive nothing can be said."""
        missing = [id_ for id_ in self._ids if id_ not in self._met]
        if self._wrong:
            happened = "; ".join(f"{id_} {wrong}" for id_, wrong in list(self._wrong.items())[:5])
            return self.broken(len(self._met), redact_text(happened)[:_MOST], list(self._wrong))
        if missing or not self._ids:
            return self.says(
                "unknown", len(self._met), f"never arrived at {self._to}: {some(sorted(missing)) or 'none was named'}"
            )
        return self.says("passed", len(self._met), f"{len(self._met)} of {len(self._ids)} at {self._to}")

    def asked(self) -> dict[str, Any]:
        """Which documents, and where."""
        return {"promised": self._promised, "ids": sorted(self._ids), "to": asdict(self._to)}


class NoneArrives(_AtOnePlace):
    """None of these documents arrives at the place. That nothing more comes is for a barrier to prove."""

    name = "none arrives"
    promise = "what a connection is not to deliver does not arrive at its destination"
    source = ("COM-22", "HTTP-03", "CONTRACT 3")
    advice = "which flows and connections stood when it was accepted?"
    asks = "which of these documents arrived there all the same?"

    def wrong(self, delivery: Delivery) -> str:
        """It is there."""
        return f"arrived at {delivery.arrived.wall}, expected nothing"

    def verdict(self) -> Verdict:
        """Silence is what was promised."""
        if self._wrong or not self._ids:
            return super().verdict()
        return self.says("passed", len(self._ids), f"none of {len(self._ids)} arrived at {self._to}")


class Carries(_AtOnePlace):
    """Each of these documents arrives with these fields, by their JSON pointers."""

    name = "carries"
    promise = "what is delivered holds what the documents say of it"
    source = ("HTTP-15", "CONTRACT 4")
    asks = "what stands in these fields of what is delivered?"

    def __init__(self, promised: str, ids: Sequence[str], to: Route, shown: Shown) -> None:
        super().__init__(promised, ids, to)
        self._shown: Shown = as_stored(dict(shown))

    def wrong(self, delivery: Delivery) -> str | None:
        """The fields that are something else."""
        return wrong_in(parsed(delivery.arrived.raw), self._shown) or None

    def asked(self) -> dict[str, Any]:
        """With the fields."""
        return {**super().asked(), "shown": dict(self._shown)}


class WithoutHeaders(_AtOnePlace):
    """Each of these documents arrives without these headers."""

    name = "without headers"
    promise = "a header that is not configured any more is not sent"
    source = ("HTTP-02", "CONTRACT 3")
    asks = "which of these headers came all the same?"

    def __init__(self, promised: str, ids: Sequence[str], to: Route, names: Sequence[str]) -> None:
        super().__init__(promised, ids, to)
        self._names = sorted(name.lower() for name in names)

    def wrong(self, delivery: Delivery) -> str | None:
        """The headers that are there."""
        there = {str(name).lower() for name, _ in delivery.arrived.facts.get("headers", ())}
        found = [name for name in self._names if name in there]
        return f"came with {', '.join(found)}, expected none of {', '.join(self._names)}" if found else None

    def asked(self) -> dict[str, Any]:
        """With the headers."""
        return {**super().asked(), "names": self._names}


class Tried(_AtOnePlace):
    """Each of these documents arrives at the place so often, whether it is taken there or not."""

    name = "tried"
    promise = "what is not taken is tried as often as the documents say, and what is taken once"
    source = ("HTTP-16", "CONTRACT 4")
    asks = "how often did each of these documents arrive there?"

    def __init__(self, promised: str, ids: Sequence[str], to: Route, least: int, most: int) -> None:
        super().__init__(promised, ids, to)
        self._least, self._most = least, most
        self._times = dict.fromkeys(sorted(self._ids), 0)

    def wrong(self, delivery: Delivery) -> str | None:
        """Counts; what is too often is known at once."""
        for id_ in self._ids.intersection(delivery.ids):
            self._times[id_] += 1
            if self._times[id_] > self._most:
                return f"was tried more than {self._most} times"
        return None

    def verdict(self) -> Verdict:
        """Too seldom is as wrong as too often."""
        told = ", ".join(f"{id_} {count} times" for id_, count in list(self._times.items())[:5])
        wrong = [id_ for id_, count in self._times.items() if not self._least <= count <= self._most]
        if wrong or not self._ids:
            often = f"{self._least}" if self._least == self._most else f"{self._least} to {self._most}"
            told = f"{told or 'none was named'}, expected {often} of each"
            return self.broken(len(self._ids), told, wrong)
        return self.says("passed", len(self._ids), told)

    def asked(self) -> dict[str, Any]:
        """With the numbers."""
        return {**super().asked(), "least": self._least, "most": self._most}


class Posts(_AtOnePlace):
    """Each of these documents arrives by POST, as JSON."""

    name = "posts"
    promise = "one POST for each document, with Content-Type application/json"
    source = ("HTTP-15", "CONTRACT 4")
    asks = "by which method, and with which Content-Type, does each document come?"

    def wrong(self, delivery: Delivery) -> str | None:
        """Another method or type."""
        facts = delivery.arrived.facts
        types = [str(said) for name, said in facts.get("headers", ()) if str(name).lower() == "content-type"]
        json = bool(types) and all(said.lower().startswith("application/json") for said in types)
        if facts.get("method") == "POST" and json:
            return None
        return f"came by {facts.get('method')} as {', '.join(types) or 'of no type'}, expected POST as application/json"
