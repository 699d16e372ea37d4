"""What a fleet is and what happens to it: from a file, or from the words of a command line; PlanError names the place.

A plan is written in TOML: hours, start, seed, gateways, loss, ramp_h, join_within_s at the top, and tables [[devices]],
[[outage]] and [[storm]] as often as wanted.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from uplab.simulator.clock import parse_iso
from uplab.simulator.errors import SimulatorError
from uplab.simulator.fleets.curve import CURVES
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
    "read_plan",
]

MOST_DEVICES: Final = 10_000_000
MOST_BYTES: Final = 1_000_000  # of a plan
MOST_HOURS: Final = 24.0 * 366
MOST_GATEWAYS: Final = 100
LEAST_EVERY_S: Final = 1.0


class PlanError(SimulatorError):
    """A plan cannot be read: one line with file, line and key."""


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
    _whole(1, MOST_DEVICES)("--devices", devices)
    shares: dict[str, float] = {}
    for part in text.split(","):
        model, _, share = part.strip().partition(":")
        _known_model("--models", model)
        if model in shares:
            raise PlanError(f"--models: {model} is there twice")
        shares[model] = _number(f"--models: {model}", share or "1", 0.0, math.inf, "a share")
    whole = sum(shares.values())
    if whole <= 0:
        raise PlanError("--models: the shares come to nothing")
    counts = {model: int(devices * share / whole) for model, share in shares.items()}
    # What rounding leaves goes to the largest remainders, so that there are just as many as were asked for.
    rest = sorted(shares, key=lambda model: (counts[model] - devices * shares[model] / whole, model))
    for model in rest[: devices - sum(counts.values())]:
        counts[model] += 1
    return tuple(Group(model=model, count=count, **given) for model, count in counts.items() if count)


def read_plan(path: Path) -> Plan:
    """Read a plan from TOML; PlanError."""
    try:
        raw = path.read_bytes()[: MOST_BYTES + 1]
        if len(raw) > MOST_BYTES:
            raise PlanError(f"{path}: a plan has at most {MOST_BYTES} bytes")
        text = raw.decode()
        given = tomllib.loads(text)
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise PlanError(f"{path}: byte {error.start} is no UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PlanError(f"{path}: {str(error) or 'too deeply nested'}") from None
    return _Reader(path, text).plan(given)


class _Reader:
    """One file; what is wrong is named with its line."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def plan(self, given: Mapping[str, Any]) -> Plan:
        tables = {"devices": (Group, _GROUP), "outage": (Outage, _OUTAGE), "storm": (Storm, _STORM)}
        top = {name: value for name, value in given.items() if name not in tables}
        made: dict[str, tuple[Any, ...]] = {}
        for name, (kind, checks) in tables.items():
            rows = given.get(name, [])
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise self._wrong(f"write [[{name}]] for each, not [{name}]", name)
            made[name] = tuple(
                kind(**self._checked(row, checks, name, number, _needed(kind))) for number, row in enumerate(rows)
            )
        if not made["devices"]:
            raise self._wrong("there are no [[devices]]", "")
        values = self._checked(top, _TOP, "", 0, frozenset())
        if "start" in values:
            values["start_s"] = values.pop("start")
        plan = Plan(groups=made["devices"], outages=made["outage"], storms=made["storm"], **values)
        if plan.devices > MOST_DEVICES:
            raise self._wrong(f"{plan.devices} devices, of at most {MOST_DEVICES}", "count", "devices")
        for number, outage in enumerate(plan.outages):
            if outage.gateway > plan.gateways:
                raise self._wrong(
                    f"gateway {outage.gateway} of {plan.gateways}: there is none", "gateway", "outage", number
                )
        return plan

    def _checked(
        self, row: Mapping[str, Any], checks: Mapping[str, _Check], table: str, number: int, needed: frozenset[str]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in row.items():
            if key not in checks:
                raise self._wrong(f"there is no {key}; there are {', '.join(checks)}", key, table, number)
            try:
                values[key] = checks[key](key, value)
            except PlanError as error:
                raise self._wrong(str(error), key, table, number) from None
        if missing := sorted(needed - values.keys()):
            raise self._wrong(f"[[{table}]] needs {' and '.join(missing)}", "", table, number)
        return values

    def _wrong(self, words: str, key: str, table: str = "", number: int = 0) -> PlanError:
        """The complaint with the line of the key, or of its table."""
        line, seen = 0, -1
        inside = not table
        for at, text in enumerate(self._lines, 1):
            heading = re.match(r"\s*\[\[?\s*([\w-]+)", text)
            if heading:
                inside = bool(table) and heading[1] == table
                seen += inside
                inside = inside and seen == number
                line = at if inside or (heading[1] == key and not line) else line
            elif inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", text):
                line = at
                break
        return PlanError(f"{self._path}{f', line {line}' if line else ''}: {words}")


_Check = Callable[[str, Any], Any]


def _needed(kind: type[Any]) -> frozenset[str]:
    return frozenset(one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING)


def _number(where: str, value: Any, least: float, most: float, what: str = "a number") -> float:
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not least <= number <= most or not math.isfinite(number):
        bounds = f" from {least:g}" + (f" to {most:g}" if math.isfinite(most) else "")
        raise PlanError(f"{where}: expected {what}{bounds}, got {value!r}")
    return number


def _between(least: float, most: float) -> _Check:
    return lambda key, value: _number(key, value, least, most)


def _whole(least: int, most: int) -> _Check:
    def check(key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise PlanError(f"{key}: expected a whole number from {least} to {most}, got {value!r}")
        return value

    return check


def _known_model(key: str, value: Any) -> str:
    if not isinstance(value, str) or value not in MODELS:
        raise PlanError(f"{key}: {value!r} is no model; there are {', '.join(MODELS)}")
    return value


def _known_curve(key: str, value: Any) -> str:
    if not isinstance(value, str) or value not in CURVES:
        raise PlanError(f"{key}: {value!r} is no curve; there are {', '.join(CURVES)}")
    return value


def _instant(key: str, value: Any) -> float:
    try:
        return parse_iso(value.isoformat() if isinstance(value, datetime) else str(value))
    except ValueError as error:
        raise PlanError(f"{key}: {error}") from None


def _seed(key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise PlanError(f"{key}: expected a number or a text, got {value!r}")
    return str(value)


_GROUP: Final[Mapping[str, _Check]] = {
    "model": _known_model,
    "count": _whole(1, MOST_DEVICES),
    "every_s": _between(LEAST_EVERY_S, MOST_HOURS * 3600),
    "jitter": _between(0.0, 1.0),
    "curve": _known_curve,
    "confirmed": _between(0.0, 1.0),
}
_OUTAGE: Final[Mapping[str, _Check]] = {
    "gateway": _whole(1, MOST_GATEWAYS),
    "from_h": _between(0.0, MOST_HOURS),
    "minutes": _between(0.0, MOST_HOURS * 60),
}
_STORM: Final[Mapping[str, _Check]] = {
    "at_h": _between(0.0, MOST_HOURS),
    "share": _between(0.0, 1.0),
    "within_s": _between(0.0, MOST_HOURS * 3600),
}
_TOP: Final[Mapping[str, _Check]] = {
    "hours": _between(0.001, MOST_HOURS),
    "start": _instant,
    "seed": _seed,
    "gateways": _whole(1, MOST_GATEWAYS),
    "loss": _between(0.0, 1.0),
    "ramp_h": _between(0.0, MOST_HOURS),
    "join_within_s": _between(0.0, MOST_HOURS * 3600),
}


def group_of(**each: Any) -> Group:
    """What devices of the user's own have in common; PlanError names the option."""
    return Group(model="", count=0, **_options(each, _GROUP))


def _options(given: Mapping[str, Any], checks: Mapping[str, _Check]) -> dict[str, Any]:
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


def _parts(option: str, text: str, checks: Mapping[str, _Check]) -> dict[str, Any]:
    """Numbers between colons, one for each of the keys."""
    parts = text.split(":")
    if len(parts) != len(checks):
        raise PlanError(f"{option}: expected {':'.join(checks)}, got {text!r}")
    values = {}
    for (key, check), part in zip(checks.items(), parts, strict=True):
        number: Any = int(part) if re.fullmatch(r"[0-9]{1,9}", part) else part
        values[key] = check(f"{option} {text!r}: {key}", number)
    return values
