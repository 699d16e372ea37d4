"""What was done by hand, as a world: a file that `uplab play` plays again, and people can read and change."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from uplab.fakes.faults import as_data
from uplab.scenarios.cli.hand.by_hand import Wish
from uplab.scenarios.worlds.plan import PlanError, plan_of, write_plan
from uplab.scenarios.worlds.space.faults import SHARED, faults_of
from uplab.simulator.payloads import MODELS

__all__ = ["SavingError", "step_of", "world_of"]

_PORTS: Final = {1883: "mqtt", 8883: "mqtts"}
_AT: Final = {
    "posthere": ("http", "https"),
    "widgelix": ("widgelix",),
    "thingsboard": ("mqtt", "mqtts", "rest"),
    "broker": ("broker",),
}
_MOST_TIMES: Final = 5  # of a fault, in a world
_OWN: Final = ("destinationURL", "hostName", "username", "password", "headers")  # what a world makes itself


class SavingError(ValueError):
    """What was done is no world; the text says why, in one line."""


def world_of(
    name: str,
    devices: Mapping[str, str],
    connections: Sequence[Mapping[str, Any]],
    bound: Sequence[tuple[str, str]],
    steps: Sequence[Mapping[str, Any]],
    met: Mapping[str, int] | None = None,
) -> tuple[str, list[str]]:
    """The text of the world, and what of all that it cannot say, in a phrase each; SavingError.

    `devices` are models by DevEUI, `connections` as GET shows them, `bound` pairs of DevEUI and connection. A step has
    what it did, its `dev_eui`, the fields of a world's step, and in `left` what no world has a word for. `met` says how
    often each fault happened, by its id.
    """
    left: list[str] = []
    names = {dev_eui: f"d{n}" for n, dev_eui in enumerate((d for d, model in devices.items() if model in MODELS), 1)}
    strange = [(dev_eui, model) for dev_eui, model in devices.items() if dev_eui not in names]
    left += [f"the device {dev_eui}: its model {model} is none of uplab's" for dev_eui, model in strange]
    numbers = itertools.count(1)
    led: dict[str, str] = {}
    made: dict[str, dict[str, Any]] = {}
    for resource in connections:
        found = _connection(resource)
        if isinstance(found, str):
            left.append(f"the connection {resource.get('name')!r}: {found}")
            continue
        led[str(resource["id"])] = f"c{next(numbers)}"
        made[led[str(resource["id"])]] = found
    if not names or not made:
        raise SavingError("nothing to save yet: make a connection, and send something from a device")
    known = [(names[d], led[c]) for d, c in dict.fromkeys(bound) if d in names and c in led]
    flows = [{"devices": [device], "connections": [connection]} for device, connection in known]
    told = [_fault(s, made, met or {}, left) if s["do"] == "fault" else _step(s, names, led, left) for s in steps]
    world = {
        "world": 1,
        "name": name,
        "why": "done by hand at the desk of uplab up",
        "devices": {names[dev_eui]: {"model": devices[dev_eui]} for dev_eui in names},
        "connections": made,
        "flows": flows,
        "steps": [one for one in told if one is not None],
    }
    try:
        return write_plan(plan_of(orjson.dumps(world).decode())), left
    except PlanError as error:
        raise SavingError(str(error)) from None


def step_of(dev_eui: str, readings: dict[str, Any], wish: Wish) -> dict[str, Any]:
    """An uplink as a step of a world."""
    under = wish.conditions
    wished = {
        "data rate": wish.data_rate,
        "strength": under.rssi_dbm if under else None,
        "time": under.at_s if under else None,
    }
    return {
        "left": [f"the {what} of an uplink of {dev_eui}" for what, value in wished.items() if value is not None],
        "do": "send",
        "dev_eui": dev_eui,
        "readings": readings if wish.payload is None else {},
        "payload_hex": wish.payload.hex() if wish.payload is not None else None,
        "f_port": wish.port,
        "confirmed": wish.confirmed,
        "late": bool(under and under.late),
        "gateways": under.gateways if under else None,
    }


def _connection(resource: Mapping[str, Any]) -> dict[str, Any] | str:
    """A connection of a world, or why there can be none."""
    given = dict(resource.get("configuration") or {})
    rest = {key: value for key, value in given.items() if key not in _OWN and value is not None}
    common = {"name": str(resource.get("name") or "")[:300], "configuration": rest}
    connector = resource.get("connectorId")
    if resource.get("brand") == "WIDGELIX":
        return {"to": "widgelix", **common}
    if connector == "actility-http-iot":
        url = urlsplit(str(given.get("destinationURL", "")))
        if url.hostname != "posthere.io" or url.scheme not in ("http", "https"):
            return "a world delivers to bins of posthere.io"
        headers = {"headers": given["headers"]} if given.get("headers") else {}
        return {"to": url.scheme, **common, "configuration": {**rest, **headers}}
    if connector == "actility-thingsboard-iot":
        port = urlsplit(f"//{given.get('hostName', '')}").port
        return {"to": _PORTS.get(port or 1883, "rest"), **common}
    return f"a world has no connector {connector}"


def _step(
    step: Mapping[str, Any], names: Mapping[str, str], led: Mapping[str, str], left: list[str]
) -> dict[str, Any] | None:
    told = dict(step)
    left += told.pop("left", ())
    if told["do"] == "nothing":
        return None
    dev_eui, connection = told.pop("dev_eui", None), told.pop("connection", None)
    if dev_eui is not None:
        if dev_eui not in names:
            return None
        told["device"] = names[dev_eui]
    if connection is not None:
        if connection not in led:
            return None
        told["through" if told["do"] == "downlink" else "connection"] = led[connection]
    return {key: value for key, value in told.items() if value is not None}


def _fault(
    step: Mapping[str, Any], made: Mapping[str, Mapping[str, Any]], met: Mapping[str, int], left: list[str]
) -> dict[str, Any] | None:
    """A fault as a step: as often as it happened, at the one connection that leads there. Never met, it did nothing."""
    fake, fault = step["fake"], step["fault"]
    times, action = met.get(fault["id"], 0), fault["action"]
    if not times:
        return None
    leading = [name for name, one in made.items() if one["to"] in _AT[fake]]
    kinds = [] if len(leading) != 1 else faults_of(made[leading[0]]["to"])
    kind = next((name for name in kinds if as_data(faults_of(made[leading[0]]["to"])[name]) == action), None)
    if kind is None or made[leading[0]]["to"] in SHARED or times > _MOST_TIMES:
        left.append(f"the fault {action['type']} at {fake}, met {times} times")
        return None
    return {"do": "fault", "connection": leading[0], "kind": kind, "times": times}
