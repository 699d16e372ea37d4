"""A world as data: devices, connections, flows and a sequence of steps. One JSON file, which people write too.

It may come from a stranger: everything in it has a type, a bound and no address but those of the lab's own fakes.
Whatever is wrong is one PlanError of one line, with the place.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from uplab.scenarios.history.bounds import bounded, open_regular, parse
from uplab.scenarios.worlds.space.documents import ROOTS
from uplab.scenarios.worlds.space.faults import SHARED, faults_of
from uplab.scenarios.worlds.space.refusals import REFUSALS
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
    "Plan",
    "PlanError",
    "Post",
    "Refuse",
    "Restart",
    "Send",
    "Step",
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
_MOST_BYTES: Final = 1_000_000
_MOST_VALUES: Final = 20_000

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
Suffix = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._%-]*)*(\?[A-Za-z0-9._%=&-]*)?$", max_length=200)]


To = Literal["http", "https", "widgelix", "mqtt", "mqtts", "rest", "broker"]
Trouble = Literal["password", "nobody", "unknown authority", "wrong host", "expired"]


class PlanError(Exception):
    """A world cannot be read; the text names the file, the place and what is wrong there."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Device(_Part):
    """A simulated device: `counter` is the FCntUp of its next uplink; one that has not `joined` has a step for that."""

    model: str = "elsys_ers"
    region: str = "EU868"
    counter: Annotated[int, Field(ge=0, le=4_294_967_290)] = 0
    joined: bool = True


class Connection(_Part):
    """A connection. `to` says by which connector and transport; HTTP goes to a bin of this world, with `suffix`.

    `topic` is the pattern of a broker's topic, below a level of this world's own. With `trouble` it cannot deliver: the
    password is wrong, nobody listens there, or the certificate cannot be trusted.
    """

    to: To = "https"
    suffix: Suffix = ""
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._{}/-]{1,80}$")] = "{DevEUI}/uplink"
    trouble: Trouble | None = None
    name: Annotated[str, Field(max_length=300)] = "world"
    active: bool | None = None
    configuration: Annotated[dict[str, Any], Field(max_length=40)] = {}


class Flow(_Part):
    """POST /flows: `case` is how the keys are written, `times` how often each of them stands there."""

    devices: Annotated[tuple[Name, ...], Field(min_length=1, max_length=40)]
    connections: Annotated[tuple[Name, ...], Field(min_length=1, max_length=12)]
    case: Literal["lower", "upper"] = "lower"
    times: Annotated[int, Field(ge=1, le=3)] = 1
    by: Literal["key", "tags"] = "key"


class Send(_Part):
    """An uplink over the air: a measurement with these `readings`, or `payload_hex` at `f_port`."""

    do: Literal["send"] = "send"
    device: Name
    readings: Annotated[dict[str, Any], Field(max_length=20)] = {}
    payload_hex: Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$", max_length=484)] | None = None
    f_port: Annotated[int, Field(ge=1, le=223)] | None = None
    confirmed: bool = False
    late: bool = False
    gateways: Annotated[int, Field(ge=1, le=10)] | None = None
    texts: bool = False
    times: Annotated[int, Field(ge=1, le=20)] = 1


class Post(_Part):
    """A document of the network's that no frame leads to. `change` alters its report; null takes a member away.

    `copies` is how often it is posted; `age_s` how old its Time is, `offset` how that is written.
    """

    do: Literal["post"] = "post"
    device: Name
    root: str = "uplink"
    change: Annotated[dict[str, Any], Field(max_length=60)] = {}
    copies: Annotated[int, Field(ge=1, le=3)] = 1
    age_s: Annotated[float, Field(ge=0, le=3_000_000)] = 0.0
    offset: Annotated[str, Field(pattern=r"^[+-]\d\d:\d\d$")] = "+00:00"
    lower: bool = False
    reverse: bool = False


class Join(_Part):
    """The device joins (again): its documents are told, its counters begin anew."""

    do: Literal["join"] = "join"
    device: Name


class Air(_Part):
    """Something goes wrong on the air, by its name: what the network server drops stays away, the rest comes once."""

    do: Literal["air"] = "air"
    device: Name
    trouble: Annotated[str, Field(max_length=40)]


class Downlink(_Part):
    """A DevEUI_downlink to the connection's URL; DevEUI is the device's, in small letters where `lower` says so.

    Or `by` a command that is given in ThingsBoard, or a message on the connection's topic at the broker.
    """

    do: Literal["downlink"] = "downlink"
    device: Name
    through: Name
    fields: Annotated[dict[str, Any], Field(max_length=20)]
    lower: bool = False
    by: Literal["url", "command", "topic"] = "url"


class Change(_Part):
    """PUT of the connection: with a new whole configuration, or with what GET gave where there is none."""

    do: Literal["change"] = "change"
    connection: Name
    to: Connection | None = None


class Delete(_Part):
    """DELETE of the connection."""

    do: Literal["delete"] = "delete"
    connection: Name


class Bind(_Part):
    """One more flow."""

    do: Literal["bind"] = "bind"
    flow: Flow


class Unbind(_Part):
    """DELETE of a flow, by its number from 0 in the order in which they were made."""

    do: Literal["unbind"] = "unbind"
    flow: Annotated[int, Field(ge=0, le=200)]


class Refuse(_Part):
    """A request that must be refused, a row of the table of refusals; it has no effect."""

    do: Literal["refuse"] = "refuse"
    row: Annotated[str, Field(max_length=80)]
    connection: Name | None = None
    device: Name | None = None


class Fault(_Part):
    """The next `times` deliveries to the connection's bin, or at the broker, fail in this way.

    In ThingsBoard and Widgelix, which all worlds share, it is the first attempt of each document of `device`.
    """

    do: Literal["fault"] = "fault"
    connection: Name
    kind: Annotated[str, Field(max_length=40)]
    times: Annotated[int, Field(ge=1, le=5)] = 1
    device: Name | None = None


class Wait(_Part):
    """Until everything that was accepted is delivered."""

    do: Literal["wait"] = "wait"


class Restart(_Part):
    """The forwarder is stopped, or killed, and started again with its state."""

    do: Literal["restart"] = "restart"
    kill: bool = False


Step = Annotated[
    Send | Post | Join | Air | Downlink | Change | Delete | Bind | Unbind | Refuse | Fault | Wait | Restart,
    Field(discriminator="do"),
]
Look = Literal["shown", "list", "metrics", "events"]


class Plan(_Part):
    """A whole world. `drawn` says by which values it was drawn, for the table of what was reached.

    `rate` is how fast the forwarder's clock goes, for what waits for minutes.
    """

    world: Literal[1] = FORMAT
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
    why: Annotated[str, Field(max_length=500)] = ""
    drawn: Annotated[dict[str, str], Field(max_length=100)] = {}
    rate: Literal[1, 600] = 1
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
    return part in ("send", "post", "join", "downlink", "change", "delete", "bind", "unbind", "refuse", "fault") or (
        part in ("wait", "restart")
    )


def write_plan(plan: Plan) -> str:
    """The file's text: each device, connection, flow and step is a line of its own; what is as by default is left."""
    data = plan.model_dump(mode="json", exclude_defaults=True)
    lines = ["{", f'  "world": {FORMAT},', f'  "name": {_text(plan.name)},']
    if plan.rate != 1:
        lines.append(f'  "rate": {plan.rate},')
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
