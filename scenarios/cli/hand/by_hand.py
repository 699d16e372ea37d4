"""What somebody asks of one device at the lab's desk, and what became of it: accepted, delivered where, received."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from uplab.scenarios.checks.deliveries import deliveries, place_of
from uplab.scenarios.history.identity import find_report
from uplab.scenarios.lab.lab import Lab
from uplab.simulator.air import Conditions
from uplab.simulator.lorawan.region import REGIONS
from uplab.simulator.payloads.recorded import Recorded, RecordedUplink
from uplab.simulator.troubles.table import TROUBLES

__all__ = ["ByHandError", "Wish", "became", "hex_bytes", "payload_of", "read_recorded", "read_wish"]

FATE_S: Final = 3.0  # how long a delivery is waited for before it is "not yet"
_LOOK_S: Final = 0.05
_WITH_AIR: Final = ("region", "class", "data_rate", "air")
_KNOWN: Final = ("payload_hex", "port", "confirmed", "late", "gateways", "rssi", "at", *_WITH_AIR)


class ByHandError(ValueError):
    """A wish that cannot be carried out; one line."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How one uplink shall be; None and False where nothing is wished.

    `region` and `device_class` are those of a device that has none yet; `air` is what goes wrong, by its name.
    """

    payload: bytes | None = None
    port: int | None = None
    confirmed: bool = False
    conditions: Conditions | None = None
    region: str | None = None
    device_class: str | None = None
    data_rate: int | None = None
    air: str | None = None


def read_wish(given: Mapping[str, Any]) -> Wish:
    """Reads what a client of the desk asks for; ByHandError names what is wrong."""
    told = {name: given[name] for name in _KNOWN if given.get(name) is not None and given[name] is not False}
    port, payload = told.get("port"), None
    if port is not None and not (isinstance(port, int) and 1 <= port <= 223):
        raise ByHandError(f"the port is 1 to 223, not {port!r}")
    if "payload_hex" in told:
        payload = hex_bytes(told["payload_hex"], "the payload")
    conditions: dict[str, Any] = {name: told[name] for name in ("late", "gateways") if name in told}
    if "rssi" in told:
        if not isinstance(told["rssi"], int | float) or not -150 <= told["rssi"] <= 0:
            raise ByHandError(f"the RSSI is -150 to 0 dBm, not {told['rssi']!r}")
        conditions["rssi_dbm"] = float(told["rssi"])
    if "at" in told:
        conditions["at_s"] = _instant_s(told["at"])
    if not isinstance(told.get("gateways", 1), int):
        raise ByHandError(f"gateways takes a whole number, not {told['gateways']!r}")
    under = Conditions(**conditions) if conditions else None
    return Wish(payload, port, bool(told.get("confirmed")), under, **_of_the_device(told))


def _of_the_device(told: Mapping[str, Any]) -> dict[str, Any]:
    """Region, class, data rate and trouble of a wish; ByHandError names what there is none of."""
    tables = {"region": tuple(REGIONS), "class": ("A", "C"), "air": tuple(TROUBLES)}
    for name, table in tables.items():
        if name in told and told[name] not in table:
            raise ByHandError(f"there is no {name} {told[name]!r:.60}; there are {', '.join(table)}")
    rate = told.get("data_rate")
    if rate is not None and (not isinstance(rate, int) or isinstance(rate, bool)):
        raise ByHandError(f"the data rate is a whole number, not {rate!r:.60}")
    if "air" in told and (beside := [name for name in told if name not in _WITH_AIR]):
        raise ByHandError(f"{told['air']} makes its own uplinks: leave {', '.join(beside)} away")
    names = {"region": "region", "class": "device_class", "data_rate": "data_rate", "air": "air"}
    return {names[name]: told[name] for name in names if name in told}


def read_recorded(name: str, given: Any) -> Recorded | None:
    """Reads the model that a codec's client brings along, None where it brings none; ByHandError."""
    if given is None:
        return None
    try:
        producer, module, version = map(str, given["application"])
        uplinks = tuple(
            RecordedUplink(str(one["place"]), int(one["port"]), bytes.fromhex(one["payload_hex"]))
            for one in given["uplinks"]
        )
    except (KeyError, TypeError, ValueError):
        raise ByHandError("recorded takes application, and uplinks with place, port and payload_hex") from None
    if not uplinks:
        raise ByHandError("recorded has no uplinks")
    return Recorded(name, (producer, module, version), uplinks)


def hex_bytes(text: Any, what: str) -> bytes:
    """Bytes of hexadecimal digits, with blanks or without; ByHandError says what they should have been."""
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        raise ByHandError(f"{what} is made of pairs of hexadecimal digits, not {text!r:.60}") from None


def _instant_s(text: Any) -> float:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ByHandError(f"a time is ISO 8601, such as 2026-05-04T03:02:01+00:00, not {text!r:.60}") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _fates(lab: Lab, mark: int, id_: str) -> list[str]:
    """Where a document has come since a mark of the history, in words; one line for each place."""
    found: dict[str, str] = {}
    for one in deliveries(lab.history.since(mark)):
        if id_ not in one.ids or one.answered is None:
            continue
        facts = one.answered.facts
        told = facts.get("status") or "acknowledged"
        place, done = place_of(one.arrived), "delivered to" if one.delivered else "refused by"
        found[place] = f"{done} {place} ({told})"
    return list(found.values())


def payload_of(lab: Lab, mark: int, id_: str) -> Any:
    """The decoded payload with which a document arrived anywhere over HTTP since a mark; None where it came without."""
    for one in deliveries(lab.history.since(mark)):
        try:
            found = find_report(orjson.loads(one.arrived.raw or b"")) if id_ in one.ids else None
        except orjson.JSONDecodeError:
            continue
        if found is not None and "payload" in found[1]:
            return found[1]["payload"]
    return None


def became(lab: Lab, mark: int, id_: str, places: int) -> list[str]:
    """The same, once it has come to as many places, or after FATE_S; then it says that it is not there yet."""
    until = time.monotonic() + FATE_S
    told = _fates(lab, mark, id_)
    while len(told) < places and time.monotonic() < until:
        threading.Event().wait(_LOOK_S)
        told = _fates(lab, mark, id_)
    if len(told) < places:
        told.append(f"not yet delivered to {places - len(told)} of {places} after {FATE_S:g} s")
    return told
