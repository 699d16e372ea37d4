"""Makes deliveries of a world fail: at its own places the first few, where all worlds deliver those of its device."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import ANY, Fault, FirstN, JsonPointer, Trigger, as_data
from uplab.scenarios.under_test.hops import fault_planned
from uplab.scenarios.worlds.space.faults import faults_of

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab
    from uplab.scenarios.worlds import plan as p

__all__ = ["mend", "plan_fault"]

_FAKES: Final = {"widgelix": "widgelix", "mqtt": "thingsboard", "mqtts": "thingsboard", "broker": "broker"}


def plan_fault(lab: Lab, id_: str, step: p.Fault, to: str, path: str, dev_eui: str | None) -> None:
    """The fault of a step at the fake of a connection; `path` is its path, or the beginning of its topics."""
    name = _FAKES.get(to, "posthere")
    trigger: Trigger = FirstN(step.times)
    if to == "widgelix":
        trigger = JsonPointer("/DevEUI_uplink/DevEUI", dev_eui)
    elif to in ("mqtt", "mqtts"):
        trigger = JsonPointer(f"/{dev_eui}", ANY)
    fault = Fault(id_, trigger, faults_of(to)[step.kind], only=path)
    fake = getattr(lab, name)
    lab.loop.call(lambda: fake.behaviour.add(fault))
    lab.history.emit(*fault_planned(fake=name, faults=[as_data(fault)]))


def mend(lab: Lab) -> None:
    """A fault that no delivery met is no later scenario's."""
    for name in ("posthere", *sorted(set(_FAKES.values()))):
        lab.loop.call(partial(setattr, getattr(lab, name), "behaviour", Behaviour()))
