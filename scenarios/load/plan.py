"""What a load is made of: fleet, pace, destinations, and what goes wrong when. From TOML, or from a command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from uplab.fakes.faults import Action, Always, Close, Delay, Fault, HalfAnswer, Hang, ResetAfterBody, Share, Status
from uplab.scenarios.load.expect import Expectation, read_expectation
from uplab.simulator.fleets.plan import MOST_HOURS, Group, Plan, checked, group_of, groups_of, read_plan
from uplab.simulator.fleets.tables import Check, Checks, PlanError, Tables, between, one_of, seed, whole

__all__ = ["DESTINATIONS", "FAULTS", "Disturbance", "LoadPlan", "Restart", "Target", "load_plan", "read_load_plan"]

DESTINATIONS: Final = {"http": "HTTP, at the fake posthere", "thingsboard": "ThingsBoard over MQTT, at the fake one"}
MOST_CONNECTIONS: Final = 1000
MOST_PROCESSES: Final = 64
MOST_SECONDS: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Destinations of one kind: so many connections, to which a share of the devices is bound evenly.

    A fake ThingsBoard is one account, so that it has one connection.
    """

    kind: str
    connections: int = 1
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """A destination misbehaves from a moment of the load on, for so many seconds; `share` of what arrives meets it."""

    destination: str
    at_s: float
    for_s: float
    kind: str
    code: int = 503
    delay_s: float = 1.0
    share: float = 1.0

    @property
    def words(self) -> str:
        """For people, as "status 503"."""
        more = {"status": f" {self.code}", "slow": f" by {self.delay_s:g} s"}.get(self.kind, "")
        return f"{self.kind}{more}" + (f" for {self.share:.0%}" if self.share < 1 else "")

    def fault(self, number: int) -> Fault | None:
        """What the fake is told; None where it is gone as a whole."""
        action = FAULTS[self.kind][self.destination](self)
        if action is None:
            return None
        trigger = Always() if self.share >= 1 else Share(self.share, number)
        return Fault(f"load-{number}", trigger, action, "publish" if self.destination == "thingsboard" else None)


def _status(one: Disturbance) -> Action:
    return Status(one.code)


FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "status": {"http": _status},
    "slow": dict.fromkeys(DESTINATIONS, lambda one: Delay(one.delay_s)),
    "hang": dict.fromkeys(DESTINATIONS, lambda _: Hang()),
    "reset": {"http": lambda _: ResetAfterBody(), "thingsboard": lambda _: Close(reset=True)},
    "half": {"http": lambda _: HalfAnswer()},
    "down": dict.fromkeys(DESTINATIONS, lambda _: None),
}
"""What may go wrong, and what the fakes call it; down: nobody listens there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The forwarder is ended at a moment of the load, and started again: `how` is stop (SIGTERM) or kill."""

    at_s: float
    how: str = "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """A load. `rate` in uplinks a second, `speed` in its own hours; neither: as fast as the ingress takes them.

    It ends after `seconds`, or with the fleet's hours. `own` are devices of a CSV, which have `group` in common.
    """

    fleet: Plan
    own: Path | None = None
    group: Group | None = None
    rate: float | None = None
    speed: float | None = None
    seconds: float | None = None
    processes: int = 1
    targets: tuple[Target, ...] = (Target(kind="http"),)
    disturbances: tuple[Disturbance, ...] = ()
    restarts: tuple[Restart, ...] = ()
    downlinks_per_s: float = 0.0
    late_after_s: float | None = None
    blame_s: int = 1
    expectations: tuple[Expectation, ...] = ()


def _expected(key: str, value: Any) -> tuple[Expectation, ...]:
    if isinstance(value, tuple):
        return value  # a plan's, which were read with their line
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise PlanError(f'{key}: expected a list of texts, such as ["p99 < 2s", "lost = 0"], got {value!r}')
    return tuple(read_expectation(key, one) for one in value)


def _path(key: str, value: Any) -> Path:
    if not isinstance(value, str) or not value:
        raise PlanError(f"{key}: expected the name of a file, got {value!r}")
    return Path(value)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise PlanError(f"{key}: expected a text, got {value!r}")
    return value


_destination = one_of(DESTINATIONS, "destination")
_seconds = between(0.0, MOST_SECONDS)
_LOAD: Final[Mapping[str, Check]] = {
    "rate": between(0.001, 1e6),
    "speed": between(0.001, 1e6),
    "minutes": between(0.001, MOST_SECONDS / 60),
    "processes": whole(1, MOST_PROCESSES),
    "downlinks_per_s": between(0.0, 1000.0),
    "late_after_s": between(0.001, 86_400.0),
    "blame_s": whole(0, 3600),
    "expect": _expected,
}
_FLEET: Final[Mapping[str, Check]] = {
    "fleet": _path,
    "devices": whole(1, 10_000_000),
    "models": _text,
    "every_s": between(1.0, MOST_HOURS * 3600),
    "jitter": between(0.0, 1.0),
    "curve": _text,
    "confirmed": between(0.0, 1.0),
    "hours": between(0.001, MOST_HOURS),
    "seed": seed,
}
_TARGET: Final[Checks] = {
    "kind": _destination,
    "connections": whole(1, MOST_CONNECTIONS),
    "share": between(0.0, 1e6),
}
_FAULT: Final[Checks] = {
    "destination": _destination,
    "at_s": _seconds,
    "for_s": _seconds,
    "kind": one_of(FAULTS, "fault"),
    "code": whole(200, 599),
    "delay_s": between(0.0, 3600.0),
    "share": between(0.0, 1.0),
}
_RESTART: Final[Checks] = {"at_s": _seconds, "how": one_of({"kill": 1, "stop": 1}, "way to end")}
_TABLES: Final = {
    "destination": (Target, _TARGET),
    "fault": (Disturbance, _FAULT),
    "restart": (Restart, _RESTART),
}
_EACH: Final = ("every_s", "jitter", "curve", "confirmed")


def read_load_plan(path: Path) -> dict[str, Any]:
    """What a plan in TOML says, for `load_plan`; PlanError names file and line."""
    tables = Tables.read(path)
    made = {name: tables.each(name, kind, checks) for name, (kind, checks) in _TABLES.items()}
    given = tables.top({**_FLEET, **_LOAD}, _TABLES)
    if "fleet" in given:
        given["fleet"] = path.parent / given["fleet"]
    for name, rows, fits in (("destination", made["destination"], _fits_target), ("fault", made["fault"], _fits)):
        for at, row in enumerate(rows):
            if why := fits(row):
                raise tables.wrong(why, "kind" if name == "fault" else "connections", name, at)
    return {**given, **{name: rows for name, rows in made.items() if rows}}


def _fits_target(target: Target) -> str | None:
    if target.kind == "thingsboard" and target.connections > 1:
        return "connections: a fake ThingsBoard is one account, and has 1"
    return None


def _fits(fault: Disturbance) -> str | None:
    known = FAULTS[fault.kind]
    return None if fault.destination in known else f"kind: {fault.kind} is a fault of {' and '.join(known)} alone"


def load_plan(given: Mapping[str, Any]) -> LoadPlan:
    """A load by what a plan and a command line say; PlanError names what does not fit together.

    Keys are those of the plan; of a command line `to`, `faults` and `restarts` are texts.
    """
    told = {name: value for name, value in given.items() if value is not None}
    values = {name: check(f"--{name}", told[name]) for name, check in _LOAD.items() if name in told}
    fleet, own, group = _fleet(told)
    if "rate" in values and "speed" in values:
        raise PlanError("name either rate or speed")
    seconds = values.pop("minutes", 0.0) * 60 or None
    if seconds is not None and "hours" not in told and "fleet" not in told:
        fleet = replace(fleet, hours=MOST_HOURS)  # the minutes end it
    targets = tuple(_target(one) for one in told.get("to") or ()) or told.get("destination") or (Target(kind="http"),)
    if len({one.kind for one in targets}) < len(targets):
        raise PlanError("--to: a destination is there twice; give it more connections: http:3")
    if sum(one.share for one in targets) <= 0:
        raise PlanError("--to: the shares come to nothing")
    faults = (*told.get("fault", ()), *map(_disturbance, told.get("faults") or ()))
    for one in faults:
        if one.destination not in {target.kind for target in targets}:
            raise PlanError(f"fault: nothing goes to {one.destination}; name it with --to")
    restarts = (*told.get("restart", ()), *map(_restart, told.get("restarts") or ()))
    expectations = values.pop("expect", ())
    return LoadPlan(
        fleet=fleet,
        own=own,
        group=group,
        seconds=seconds,
        targets=targets,
        disturbances=tuple(sorted(faults, key=lambda one: one.at_s)),
        restarts=tuple(sorted(restarts, key=lambda one: one.at_s)),
        expectations=expectations,
        **values,
    )


def _fleet(told: Mapping[str, Any]) -> tuple[Plan, Path | None, Group | None]:
    each = {name: told[name] for name in _EACH if name in told}
    changes = {name: told[name] for name in ("hours", "seed") if name in told}
    if ("devices" in told) == ("fleet" in told):
        raise PlanError("name either devices or a fleet: --devices 1000, or --fleet FILE")
    if "devices" in told:
        return (
            checked(Plan(groups=groups_of(told.get("models", "elsys_ers"), told["devices"], **each)), **changes),
            None,
            None,
        )
    path = Path(told["fleet"])
    if path.suffix.lower() == ".csv":
        if not path.is_file():
            raise PlanError(f"{path}: there is no such file")
        return checked(Plan(groups=()), **changes), path, group_of(**each)
    return checked(read_plan(path), **changes), None, None


def _target(text: str) -> Target:
    """KIND[:CONNECTIONS[:SHARE]]."""
    kind, *rest = text.split(":")
    if len(rest) > 2:
        raise PlanError(f"--to: expected KIND:CONNECTIONS:SHARE, got {text!r}")
    made = Target(
        kind=_destination("--to", kind),
        connections=_TARGET["connections"](f"--to {text!r}: connections", _whole(rest[0] if rest else "1")),
        share=_TARGET["share"](f"--to {text!r}: share", rest[1] if len(rest) > 1 else 1.0),
    )
    if why := _fits_target(made):
        raise PlanError(f"--to {text!r}: {why}")
    return made


def _disturbance(text: str) -> Disturbance:
    """DESTINATION:AT_S:FOR_S:KIND, where KIND is as "status 503" or "slow 0.5"."""
    parts = text.split(":")
    if len(parts) != 4:
        raise PlanError(f"--fault: expected DESTINATION:AT_S:FOR_S:KIND, got {text!r}")
    kind, _, more = parts[3].strip().partition(" ")
    values: dict[str, Any] = {"destination": parts[0], "at_s": parts[1], "for_s": parts[2], "kind": kind}
    if more:
        if kind not in ("status", "slow"):
            raise PlanError(f"--fault {text!r}: {kind} takes nothing more, and there is {more!r}")
        values["code" if kind == "status" else "delay_s"] = _whole(more)
    read = {name: _FAULT[name](f"--fault {text!r}: {name}", value) for name, value in values.items()}
    made = Disturbance(**read)
    if why := _fits(made):
        raise PlanError(f"--fault {text!r}: {why}")
    return made


def _restart(text: str) -> Restart:
    """AT_S[:HOW]."""
    at_s, _, how = text.partition(":")
    values = {"at_s": at_s, "how": how or "kill"}
    return Restart(**{name: _RESTART[name](f"--restart {text!r}: {name}", value) for name, value in values.items()})


def _whole(text: str) -> Any:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text
