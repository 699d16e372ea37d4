"""Worlds that are a little smaller than one: without some of its steps, connections, devices, options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.plan import Plan

__all__ = ["smaller"]


def smaller(plan: Plan) -> Iterator[tuple[str, Plan]]:
    """What is left out, in words, and the world without it; much before little. Each of them is a whole world."""
    for what, data in _without(plan):
        try:
            yield what, Plan.model_validate(data)
        except ValidationError:  # what is left does not hang together
            continue


def _without(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    data = plan.model_dump()
    yield from _steps(plan, data)
    for name in plan.connections:
        yield f"connection {name}", _without_connection(data, name)
    for name in plan.devices:
        yield f"device {name}", _without_device(data, name)
    for at in range(len(plan.flows)):
        if not any(isinstance(step, p.Unbind) for step in plan.steps):
            yield f"flow {at}", {**data, "flows": _less(data["flows"], at, 1)}
    if plan.login:
        yield "the login", {**data, "login": False}
    for at, look in enumerate(plan.look):
        yield f"the look at {look}", {**data, "look": _less(data["look"], at, 1)}
    yield from _plainer_connections(plan, data)
    yield from _plainer_parts(plan, data)


def _steps(plan: Plan, data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Halves, quarters, … and single steps, from the end."""
    size = len(plan.steps)
    while size > 1:
        size = (size + 1) // 2
        for at in range(((len(plan.steps) - 1) // size) * size, -1, -size):
            rest = _less(data["steps"], at, size)
            words = f"steps {at} to {min(at + size, len(plan.steps)) - 1}" if size > 1 else _said(at, plan.steps[at])
            yield words, {**data, "steps": rest}
    if len(plan.steps) == 1:
        yield _said(0, plan.steps[0]), {**data, "steps": ()}


def _said(at: int, step: p.Step) -> str:
    whose = getattr(step, "device", None) or getattr(step, "connection", None)
    return f"step {at} ({step.do}{f' {whose}' if whose else ''})"


def _less(items: Any, at: int, size: int) -> tuple[Any, ...]:
    return (*items[:at], *items[at + size :])


def _without_connection(data: dict[str, Any], name: str) -> dict[str, Any]:
    flows = [{**one, "connections": tuple(c for c in one["connections"] if c != name)} for one in data["flows"]]
    steps = [one for one in data["steps"] if name not in (one.get("connection"), one.get("through"))]
    return {
        **data,
        "connections": {key: one for key, one in data["connections"].items() if key != name},
        "flows": tuple(one for one in flows if one["connections"]),
        "steps": tuple(steps),
    }


def _without_device(data: dict[str, Any], name: str) -> dict[str, Any]:
    flows = [{**one, "devices": tuple(d for d in one["devices"] if d != name)} for one in data["flows"]]
    return {
        **data,
        "devices": {key: one for key, one in data["devices"].items() if key != name},
        "flows": tuple(one for one in flows if one["devices"]),
        "steps": tuple(one for one in data["steps"] if one.get("device") != name),
    }


def _plainer_connections(plan: Plan, data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Without an option, wherever it stands: in what is made, and in what it becomes."""
    keys = dict.fromkeys(key for one in plan.connections.values() for key in one.configuration)
    for key in keys:
        yield f"the option {key}", _configured(data, lambda held, key=key: held["configuration"].pop(key, None))
    plain = p.Connection()
    for field in ("suffix", "name", "active"):
        if any(getattr(one, field) != getattr(plain, field) for one in plan.connections.values()):
            value = getattr(plain, field)
            yield f"the {field} of connections", _configured(data, lambda h, f=field, v=value: h.update({f: v}))


def _configured(data: dict[str, Any], change: Any) -> dict[str, Any]:
    def changed(held: dict[str, Any]) -> dict[str, Any]:
        new = {**held, "configuration": dict(held["configuration"])}
        change(new)
        return new

    steps = tuple(
        {**one, "to": changed(one["to"])} if one["do"] == "change" and one["to"] is not None else one
        for one in data["steps"]
    )
    return {**data, "connections": {name: changed(one) for name, one in data["connections"].items()}, "steps": steps}


def _plainer_parts(plan: Plan, data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Devices, flows and steps with their defaults."""
    for name, device in plan.devices.items():
        for field, value in (("counter", 0), ("model", "elsys_ers")):
            if getattr(device, field) != value:
                devices = {**data["devices"], name: {**data["devices"][name], field: value}}
                yield f"the {field} of device {name}", {**data, "devices": devices}
    for part, items in (("flow", plan.flows), ("step", plan.steps)):
        for at, one in enumerate(items):
            for field, info in type(one).model_fields.items():
                if info.is_required() or field == "do" or getattr(one, field) == info.default:
                    continue
                kept = list(data[f"{part}s"])
                kept[at] = {**kept[at], field: info.default}
                yield f"{field} of {part} {at}", {**data, f"{part}s": tuple(kept)}
