"""The faults that a scenario plans: set at a fake, taken back at its end, and asked for whether they happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Fault, as_data
from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.history.history import Event
from uplab.scenarios.under_test.hops import fault_planned
from uplab.scenarios.under_test.ways.reach import NotApplicableError

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["Faults", "planned"]


class Faulty(Protocol):
    """A fake that can misbehave."""

    name: str
    behaviour: Behaviour


class Faults:
    """Sets faults at fakes and knows which of them have happened."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._planned: dict[str, Fault] = {}
        self._touched: list[Faulty] = []

    def plan(self, *faults: Fault, at: Faulty | None = None) -> None:
        """Makes a fake (posthere unless one is named) misbehave; what was planned for it before ends."""
        if self._lab.way.shared:
            raise NotApplicableError("a fault would meet every connection of the fixed set, not the scenario's alone")
        fake = at or self._lab.posthere
        self._set(fake, Behaviour(faults))  # not every destination takes faults: then none was planned
        self._planned |= {fault.id: fault for fault in faults}
        self._touched.append(fake)

    def heal(self) -> None:
        """Makes all fakes well for whatever comes from now on; an answer under way ends as it was planned."""
        for fake in self._touched:
            self._set(fake, Behaviour())

    def happened(self, *, count: int = 1, after_s: float = 0.0) -> list[Event]:
        """Waits until so many faults have happened, and returns them; fewer when the time is up.

        `after_s` is what has to pass before, by what was configured.
        """
        self._lab.hand_over()
        timeout_s = after_s + self._lab.deadlines.delivery_s
        return self._lab.history.wait_for(lambda e: e.hop == "fault.delivered", count=count, timeout_s=timeout_s)

    @property
    def missing(self) -> list[str]:
        """The planned faults that never happened."""
        seen = {event.facts["fault"] for event in self._lab.history.events if event.hop == "fault.delivered"}
        return [id_ for id_ in self._planned if id_ not in seen]

    def _set(self, fake: Faulty, behaviour: Behaviour) -> None:
        self._lab.loop.call(lambda: setattr(fake, "behaviour", behaviour))
        self._lab.history.emit(*fault_planned(fake=fake.name, faults=[as_data(fault) for fault in behaviour.faults]))


@contextmanager
def planned(lab: Lab) -> Iterator[Faults]:
    """Faults for one scenario; at its end CheckUnknown when one of them did not happen: then nothing was proven."""
    faults = Faults(lab)
    try:
        yield faults
    finally:
        faults.heal()
    if faults.missing:
        raise CheckUnknown(f"planned and never met, so nothing is proven: {', '.join(faults.missing)}")
