"""What a fleet is and what happens to it: from a file, or from the words of a command line; PlanError names the place.

A plan is written in TOML: hours, start, seed, gateways, loss, ramp_h, join_within_s at the top, and tables [[devices]],
[[outage]] and [[storm]] as often as wanted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from uplab.simulator.clock import parse_iso
from uplab.simulator.fleets.curve import CURVES
from uplab.simulator.fleets.tables import Checks, PlanError, Tables, between, number, one_of, seed, whole
from uplab.simulator.payloads import MODELS

__all__ = [
    "MOST_DEVICES",
    "Group",
    "Outage",
    "Plan",
    "PlanError",
    "Storm",
    "checked",
    "group_of",
    "groups_of",
    "plan_of",
    "read_plan",
]

MOST_DEVICES: Final = 10_000_000
MOST_HOURS: Final = 24.0 * 366
MOST_GATEWAYS: Final = 100
LEAST_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """So many devices of one model, each sending every `every_s` seconds at full rate.

    Intervals vary by `jitter`, a share of them, to both sides; the curve says what is left of the rate at each hour.
    The share `confirmed` of the uplinks asks for an acknowledgement.
    """

    model: str
    count: int
    every_s: float = 600.0
    jitter: float = 0.1
    curve: str = "flat"
    confirmed: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """The way of a gateway to the network is cut from an hour on, for so many minutes; it keeps what it hears."""

    gateway: int
    from_h: float
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """A share of the devices joins anew within so many seconds, as after a power cut."""

    at_h: float
    share: float = 1.0
    within_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A fleet over some hours. `start_s` in seconds since 1970; times of outages and storms count from it.

    Devices join within `join_within_s`, and begin to send within `ramp_h`, evenly. `loss` is the share of receptions
    that fail at each gateway.
    """

    groups: tuple[Group, ...]
    hours: float = 24.0
    start_s: float = 1_767_225_600.0  # 2026-01-01T00:00:00Z
    seed: str = "1"
    gateways: int = 2
    loss: float = 0.0
    ramp_h: float = 0.0
    join_within_s: float = 0.0
    outages: tuple[Outage, ...] = field(default=())
    storms: tuple[Storm, ...] = field(default=())

    @property
    def devices(self) -> int:
        """How many devices there are."""
        return sum(group.count for group in self.groups)


def groups_of(text: str, devices: int, **given: Any) -> tuple[Group, ...]:
    """Divide so many devices by `elsys_ers:70,abeeway_position:30`; shares need not be hundredths. PlanError."""
    given = _options(given, _GROUP)
    whole(1, MOST_DEVICES)("--devices", devices)
    shares: dict[str, float] = {}
    for part in text.split(","):
        model, _, share = part.strip().partition(":")
        _known_model("--models", model)
        if model in shares:
            raise PlanError(f"--models: {model} is there twice")
        shares[model] = number(f"--models: {model}", share or "1", 0.0, math.inf, "a share")
    total = sum(shares.values())
    if total <= 0:
        raise PlanError("--models: the shares come to nothing")
    counts = {model: int(devices * share / total) for model, share in shares.items()}
    # What rounding leaves goes to the largest remainders, so that there are just as many as were asked for.
    rest = sorted(shares, key=lambda model: (counts[model] - devices * shares[model] / total, model))
    for model in rest[: devices - sum(counts.values())]:
        counts[model] += 1
    return tuple(Group(model=model, count=count, **given) for model, count in counts.items() if count)


def read_plan(path: Path) -> Plan:
    """Read a plan from TOML; PlanError."""
    tables = Tables.read(path)
    made = {name: tables.each(name, kind, checks) for name, (kind, checks) in _TABLES.items()}
    if not made["devices"]:
        raise tables.wrong("there are no [[devices]]", "")
    values = tables.top(_TOP, _TABLES)
    if "start" in values:
        values["start_s"] = values.pop("start")
    plan = Plan(groups=made["devices"], outages=made["outage"], storms=made["storm"], **values)
    if plan.devices > MOST_DEVICES:
        raise tables.wrong(f"{plan.devices} devices, of at most {MOST_DEVICES}", "count", "devices")
    for at, outage in enumerate(plan.outages):
        if outage.gateway > plan.gateways:
            words = f"gateway {outage.gateway} of {plan.gateways}: there is none"
            raise tables.wrong(words, "gateway", "outage", at)
    return plan


def plan_of(data: Mapping[str, Any]) -> Plan:
    """The plan of which `dataclasses.asdict` made this: it goes from one process to another as JSON."""
    kinds: dict[str, type[Any]] = {"groups": Group, "outages": Outage, "storms": Storm}
    made = {name: tuple(kind(**one) for one in data[name]) for name, kind in kinds.items()}
    return Plan(**{**data, **made})


def _instant(key: str, value: Any) -> float:
    try:
        return parse_iso(value.isoformat() if isinstance(value, datetime) else str(value))
    except ValueError as error:
        raise PlanError(f"{key}: {error}") from None


_known_model = one_of(MODELS, "model")
_known_curve = one_of(CURVES, "curve")

_GROUP: Final[Checks] = {
    "model": _known_model,
    "count": whole(1, MOST_DEVICES),
    "every_s": between(LEAST_EVERY_S, MOST_HOURS * 3600),
    "jitter": between(0.0, 1.0),
    "curve": _known_curve,
    "confirmed": between(0.0, 1.0),
}
_OUTAGE: Final[Checks] = {
    "gateway": whole(1, MOST_GATEWAYS),
    "from_h": between(0.0, MOST_HOURS),
    "minutes": between(0.0, MOST_HOURS * 60),
}
_STORM: Final[Checks] = {
    "at_h": between(0.0, MOST_HOURS),
    "share": between(0.0, 1.0),
    "within_s": between(0.0, MOST_HOURS * 3600),
}
_TABLES: Final[Mapping[str, tuple[type[Any], Checks]]] = {
    "devices": (Group, _GROUP),
    "outage": (Outage, _OUTAGE),
    "storm": (Storm, _STORM),
}
_TOP: Final[Checks] = {
    "hours": between(0.001, MOST_HOURS),
    "start": _instant,
    "seed": seed,
    "gateways": whole(1, MOST_GATEWAYS),
    "loss": between(0.0, 1.0),
    "ramp_h": between(0.0, MOST_HOURS),
    "join_within_s": between(0.0, MOST_HOURS * 3600),
}


def group_of(**each: Any) -> Group:
    """What devices of the user's own have in common; PlanError names the option."""
    return Group(model="", count=0, **_options(each, _GROUP))


def _options(given: Mapping[str, Any], checks: Checks) -> dict[str, Any]:
    names = {"every_s": "--every", "ramp_h": "--ramp", "join_within_s": "--join-within"}
    return {name: checks[name](names.get(name, f"--{name}"), value) for name, value in given.items()}


def checked(
    plan: Plan, *, outages: Sequence[str] | None = None, storms: Sequence[str] | None = None, **changes: Any
) -> Plan:
    """The plan with what a command line says otherwise; PlanError names the option.

    Outages are written GATEWAY:FROM_H:MINUTES, storms AT_H:SHARE:SECONDS; they come to those of the plan.
    """
    values = _options({name: value for name, value in changes.items() if value is not None}, _TOP)
    if "start" in values:
        values["start_s"] = values.pop("start")
    count = values.get("gateways", plan.gateways)
    more_outages = tuple(Outage(**_parts("--outage", one, _OUTAGE)) for one in outages or ())
    for outage in (*plan.outages, *more_outages):
        if outage.gateway > count:
            raise PlanError(f"--outage: gateway {outage.gateway} of {count}: there is none")
    more_storms = tuple(Storm(**_parts("--storm", one, _STORM)) for one in storms or ())
    return replace(plan, **values, outages=plan.outages + more_outages, storms=plan.storms + more_storms)


def _parts(option: str, text: str, checks: Checks) -> dict[str, Any]:
    """Numbers between colons, one for each of the keys."""
    parts = text.split(":")
    if len(parts) != len(checks):
        raise PlanError(f"{option}: expected {':'.join(checks)}, got {text!r}")
    values = {}
    for (key, check), part in zip(checks.items(), parts, strict=True):
        number: Any = int(part) if re.fullmatch(r"[0-9]{1,9}", part) else part
        values[key] = check(f"{option} {text!r}: {key}", number)
    return values
