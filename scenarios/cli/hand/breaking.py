"""Breaks a destination for a while: every fault that there is, planned at a fake of the lab that is up."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import types
import typing
from typing import TYPE_CHECKING, Any, Final

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Action, Fault, Trigger, as_data, from_data
from uplab.scenarios.under_test.hops import fault_planned

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["FAKES", "Breaking", "kinds"]

FAKES: Final = ("posthere", "widgelix", "thingsboard", "broker")
MOST_S: Final = 3600.0


def kinds() -> dict[str, list[dict[str, Any]]]:
    """Every trigger and action with its fields, for whoever plans one: name, first line of what it does, fields."""
    return {"triggers": _parts(Trigger), "actions": _parts(Action)}


def _parts(union: Any) -> list[dict[str, Any]]:
    return [
        {
            "type": part.__name__,
            "does": (part.__doc__ or "").partition("\n")[0],
            "fields": [_field(part, one) for one in dataclasses.fields(part)],
        }
        for part in typing.get_args(union)
    ]


def _field(part: type, field: Any) -> dict[str, Any]:
    hint = typing.get_type_hints(part).get(field.name)
    names = [one.__name__ for one in typing.get_args(hint)] if isinstance(hint, types.UnionType) else []
    default = None if field.default is dataclasses.MISSING else field.default
    plain = default if isinstance(default, str | int | float | bool) else None
    needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return {"name": field.name, "type": " or ".join(names) or getattr(hint, "__name__", "value"), "default": plain} | {
        "needed": needed
    }


class Breaking:
    """What is broken now, and until when."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._timers: dict[str, threading.Timer] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def plan(self, fake: str, faults: Any, seconds: Any = None) -> list[dict[str, Any]]:
        """Has a fake misbehave, in the place of what was planned before; ValueError names what cannot be.

        `faults` are as GET /faults of a fake's control gives them; after `seconds` it is well again by itself.
        """
        place = self._fake(fake)
        if not isinstance(faults, list) or not all(isinstance(one, dict) for one in faults):
            raise ValueError('faults takes a list of objects, as {"trigger": {"type": "Always"}, "action": {...}}')
        if seconds is not None and not (isinstance(seconds, int | float) and 0 < seconds <= MOST_S):
            raise ValueError(f"seconds takes a number above 0, up to {MOST_S:g}, not {seconds!r:.40}")
        made = [self._made(one) for one in faults]
        with self._lock:
            self._set(fake, place, made)
            if made and seconds is not None:
                timer = self._timers[fake] = threading.Timer(seconds, self.heal, (fake,))
                timer.daemon = True
                timer.start()
        return self.shown()[fake]

    def heal(self, fake: str) -> None:
        """It is well again for whatever comes from now on."""
        with self._lock:
            self._set(fake, self._fake(fake), [])

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        """The faults in force at each fake, and how often each was met."""
        found = {}
        for name in FAKES:
            behaviour: Behaviour = self._fake(name).behaviour
            found[name] = [{**as_data(one), "met": behaviour.chosen[one.id]} for one in behaviour.faults]
        return found

    def _made(self, one: dict[str, Any]) -> Fault:
        given = {key: value for key, value in one.items() if key not in ("met", "type")}
        fault = from_data({"type": "Fault", "id": f"by hand {next(self._numbers)}", **given})
        assert isinstance(fault, Fault)
        return fault

    def _fake(self, name: str) -> Any:
        if name not in FAKES:
            raise ValueError(f"there is no fake {name!r:.40}; there are {', '.join(FAKES)}")
        return getattr(self._lab, name)

    def _set(self, name: str, fake: Any, faults: list[Fault]) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()
        behaviour = Behaviour(tuple(faults))
        self._lab.loop.call(lambda: setattr(fake, "behaviour", behaviour))
        self._lab.history.emit(*fault_planned(fake=name, faults=[as_data(one) for one in faults]))
