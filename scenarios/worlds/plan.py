"""A world as data: devices, connections, flows and a sequence of steps. One JSON file, which people write too.

It may come from a stranger: everything in it has a type, a bound and no address but those of the lab's own fakes.
Whatever is wrong is one PlanError of one line, with the place.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import orjson
from pydantic import Field, ValidationError, model_validator

from uplab.scenarios.history.bounds import bounded, open_regular, parse
from uplab.scenarios.worlds.parts import (
    Air,
    Bind,
    Change,
    Connection,
    Delete,
    Device,
    Downlink,
    Fault,
    Flow,
    Join,
    Look,
    Name,
    Part,
    Pass,
    Post,
    Refuse,
    Restart,
    Send,
    Step,
    Take,
    Unbind,
    Wait,
)
from uplab.scenarios.worlds.space.documents import ROOTS
from uplab.scenarios.worlds.space.faults import SHARED, faults_of
from uplab.scenarios.worlds.space.refusals import REFUSALS
from uplab.scenarios.worlds.space.taken import TAKEN
from uplab.simulator.lorawan.region import REGIONS
from uplab.simulator.payloads import MODELS
from uplab.simulator.troubles.table import TROUBLES

__all__ = [
    "FORMAT",
    "Air",
    "Bind",
    "Change",
    "Connection",
    "Delete",
    "Device",
    "Downlink",
    "Fault",
    "Flow",
    "Join",
    "Look",
    "Pass",
    "Plan",
    "PlanError",
    "Post",
    "Refuse",
    "Restart",
    "Send",
    "Step",
    "Take",
    "Unbind",
    "Wait",
    "plan_of",
    "read_plan",
    "write_plan",
]

FORMAT: Final = 1
_LAST_COUNTER: Final = 4_294_967_295
_MOST_OF_AIR: Final = 10  # frames that a trouble of the air takes, at most
_BY: Final = {
    "url": ("http", "https", "widgelix", "mqtt", "mqtts", "rest", "broker"),
    "command": ("mqtt", "mqtts"),
    "topic": ("broker",),
}
_KINDS: Final = tuple(one.model_fields["do"].default for one in get_args(get_args(Step)[0]))
_MOST_BYTES: Final = 1_000_000
_MOST_VALUES: Final = 20_000


class PlanError(Exception):
    """A world cannot be read; the text names the file, the place and what is wrong there."""


class Plan(Part):
    """A whole world. `drawn` says by which values it was drawn, for the table of what was reached.

    `rate` is how fast the forwarder's clock goes, for what waits for minutes. With `login` the forwarder's API wants a
    token, which it gives for a client secret.
    """

    world: Literal[1] = FORMAT
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
    why: Annotated[str, Field(max_length=500)] = ""
    drawn: dict[str, str] = Field(default_factory=dict, max_length=100)
    rate: Literal[1, 600] = 1
    login: bool = False
    devices: Annotated[dict[Name, Device], Field(min_length=1, max_length=20)]
    connections: Annotated[dict[Name, Connection], Field(min_length=1, max_length=12)]
    flows: Annotated[tuple[Flow, ...], Field(max_length=50)]
    steps: Annotated[tuple[Step, ...], Field(max_length=300)]
    look: tuple[Look, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Plan:
        """Each name stands for something; ValueError names the first that does not."""
        flows = len(self.flows)
        for name, device in self.devices.items():
            self._check_device(name, device)
        for place, flow in enumerate(self.flows):
            self._known(f"flows.{place}", flow.devices, flow.connections)
        for place, step in enumerate(self.steps):
            at = f"steps.{place}"
            devices = [getattr(step, "device", None)]
            connections = [getattr(step, "connection", None), getattr(step, "through", None)]
            self._known(at, [one for one in devices if one], [one for one in connections if one])
            self._check_step(at, step)
            if isinstance(step, Bind):
                self._known(at, step.flow.devices, step.flow.connections)
                flows += 1
            if isinstance(step, Unbind) and step.flow >= flows:
                raise ValueError(f"{at}: there is no flow {step.flow}; there are {flows}")
        return self

    def _check_device(self, name: str, device: Device) -> None:
        _among(f"devices.{name}", "model", device.model, MODELS)
        _among(f"devices.{name}", "region", device.region, REGIONS)
        sends = sum(step.times for step in self.steps if isinstance(step, Send) and step.device == name)
        sends += _MOST_OF_AIR * sum(isinstance(step, Air) and step.device == name for step in self.steps)
        if device.counter + sends >= _LAST_COUNTER:
            raise ValueError(f"devices.{name}: its counter ends before its {sends} uplinks and the barrier's do")

    def _check_step(self, at: str, step: Step) -> None:
        if isinstance(step, Post):
            _among(at, "root", step.root, ("uplink", *ROOTS))
        if isinstance(step, Refuse):
            _among(at, "row of refusals", step.row, REFUSALS)
        if isinstance(step, Take):
            _among(at, "body to be taken", step.row, TAKEN)
        if isinstance(step, Pass) and self.rate == 1:
            raise ValueError(f"{at}: minutes pass where the clock is fast: rate 600")
        if isinstance(step, Air):
            _among(at, "trouble", step.trouble, TROUBLES)
        if isinstance(step, Fault):
            _among(at, "fault", step.kind, faults_of(self.connections[step.connection].to))
            if step.device is None and self.connections[step.connection].to in SHARED:
                raise ValueError(f"{at}: a fault there needs a device, since all worlds share that place")
        if isinstance(step, Downlink) and self.connections[step.through].to not in _BY[step.by]:
            raise ValueError(f"{at}: {step.through} takes no downlink by {step.by}")

    def _known(self, at: str, devices: Any, connections: Any) -> None:
        for kind, named, there in (
            ("device", devices, self.devices),
            ("connection", connections, self.connections),
        ):
            for name in named:
                if name not in there:
                    raise ValueError(f"{at}: there is no {kind} {name}; there are {', '.join(there)}")


def _among(at: str, kind: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {len(known)}, as {next(iter(known))}"
        raise ValueError(f"{at}: there is no {kind} {name}; {hint}")


def read_plan(path: Path) -> Plan:
    """The world in a file; PlanError names the place of what is wrong in it."""
    try:
        with bounded(open_regular(path), _MOST_BYTES, _MOST_VALUES) as file:
            value = parse(file.read())
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror or error}") from None
    except orjson.JSONDecodeError as error:
        raise PlanError(f"{path}: no JSON: {error}") from None
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from None
    return _plan(value, str(path))


def plan_of(text: str) -> Plan:
    """The world in a text; PlanError as for a file."""
    try:
        return _plan(parse(text.encode()), "the world")
    except ValueError as error:
        raise PlanError(f"the world: {error}") from None


def _plan(value: Any, path: str) -> Plan:
    if not isinstance(value, dict) or value.get("world") != FORMAT:
        raise PlanError(f'{path}: no world: it must be an object with "world": {FORMAT}')
    try:
        return Plan.model_validate_json(orjson.dumps(value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if not _is_tag(part))
        said = str(first["msg"]).removeprefix("Value error, ")
        raise PlanError(f"{path}: {place or 'the world'}: {said}"[:400]) from None


def _is_tag(part: object) -> bool:
    """Whether a part of a place is pydantic's own: the kind of a step that it has chosen."""
    return part in _KINDS


def write_plan(plan: Plan) -> str:
    """The file's text: each device, connection, flow and step is a line of its own; what is as by default is left."""
    data = plan.model_dump(mode="json", exclude_defaults=True)
    lines = ["{", f'  "world": {FORMAT},', f'  "name": {_text(plan.name)},']
    if plan.rate != 1:
        lines.append(f'  "rate": {plan.rate},')
    if plan.login:
        lines.append('  "login": true,')
    if plan.why:
        lines.append(f'  "why": {_text(plan.why)},')
    if plan.drawn:
        lines.append(f'  "drawn": {_text(data["drawn"])},')
    for key in ("devices", "connections"):
        held = [f"    {_text(name)}: {_text(one)}" for name, one in data[key].items()]
        lines += [f'  "{key}": {{', ",\n".join(held), "  },"]
    for key in ("flows", "steps"):
        held = [f"    {_text(_first(one, part))}" for one, part in zip(data[key], getattr(plan, key), strict=True)]
        lines += [f'  "{key}": [', ",\n".join(held), "  ],"] if held else [f'  "{key}": [],']
    lines.append(f'  "look": {_text(list(plan.look))}')
    return "\n".join([*lines, "}", ""])


def _first(data: dict[str, Any], part: Any) -> dict[str, Any]:
    """A step says first what it does, which is its default."""
    return {"do": part.do, **data} if hasattr(part, "do") else data


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
