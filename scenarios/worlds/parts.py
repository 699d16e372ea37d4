"""The parts of a world as data: devices, connections, flows, and every step that there is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
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
    "Name",
    "Part",
    "Pass",
    "Post",
    "Refuse",
    "Restart",
    "Send",
    "Step",
    "Take",
    "Unbind",
    "Wait",
]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
Suffix = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._%-]*)*(\?[A-Za-z0-9._%=&-]*)?$", max_length=200)]


To = Literal["http", "https", "widgelix", "mqtt", "mqtts", "rest", "broker"]
Trouble = Literal["password", "locked", "nobody", "unknown authority", "wrong host", "expired"]


class Part(BaseModel):
    """What all of them are: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Device(Part):
    """A simulated device: `counter` is the FCntUp of its next uplink; one that has not `joined` has a step for that."""

    model: str = "elsys_ers"
    region: str = "EU868"
    counter: Annotated[int, Field(ge=0, le=4_294_967_290)] = 0
    joined: bool = True


class Connection(Part):
    """A connection. `to` says by which connector and transport; HTTP goes to a bin of this world, with `suffix`.

    `topic` is the pattern of a broker's topic, below a level of this world's own. With `trouble` it cannot deliver: the
    password is wrong, the account is locked, nobody listens there, or the certificate cannot be trusted. `key` is how
    Widgelix' access token is written.
    """

    to: To = "https"
    suffix: Suffix = ""
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._{}/-]{1,80}$")] = "{DevEUI}/uplink"
    trouble: Trouble | None = None
    key: Literal["raw", "bearer"] = "raw"
    name: Annotated[str, Field(max_length=300)] = "world"
    active: bool | None = None
    configuration: Annotated[dict[str, Any], Field(max_length=40)] = {}


class Flow(Part):
    """POST /flows: `case` is how the keys are written, `times` how often each of them stands there."""

    devices: Annotated[tuple[Name, ...], Field(min_length=1, max_length=40)]
    connections: Annotated[tuple[Name, ...], Field(min_length=1, max_length=12)]
    case: Literal["lower", "upper"] = "lower"
    times: Annotated[int, Field(ge=1, le=3)] = 1
    by: Literal["key", "tags"] = "key"


class Send(Part):
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


class Post(Part):
    """A document of the network's that no frame leads to. `change` alters its report; null takes a member away.

    `copies` is how often it is posted; `age_s` how old its Time is, `offset` how that is written; `pad` is how many
    bytes of text it has besides.
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
    pad: Annotated[int, Field(ge=0, le=700_000)] = 0


class Join(Part):
    """The device joins (again): its documents are told, its counters begin anew."""

    do: Literal["join"] = "join"
    device: Name


class Air(Part):
    """Something goes wrong on the air, by its name: what the network server drops stays away, the rest comes once."""

    do: Literal["air"] = "air"
    device: Name
    trouble: Annotated[str, Field(max_length=40)]


class Downlink(Part):
    """A DevEUI_downlink to the connection's URL; DevEUI is the device's, in small letters where `lower` says so.

    Or `by` a command that is given in ThingsBoard, or a message on the connection's topic at the broker.
    """

    do: Literal["downlink"] = "downlink"
    device: Name
    through: Name
    fields: Annotated[dict[str, Any], Field(max_length=20)]
    lower: bool = False
    by: Literal["url", "command", "topic"] = "url"


class Change(Part):
    """PUT of the connection: with a new whole configuration, or with what GET gave where there is none."""

    do: Literal["change"] = "change"
    connection: Name
    to: Connection | None = None


class Delete(Part):
    """DELETE of the connection."""

    do: Literal["delete"] = "delete"
    connection: Name


class Bind(Part):
    """One more flow."""

    do: Literal["bind"] = "bind"
    flow: Flow


class Unbind(Part):
    """DELETE of a flow, by its number from 0 in the order in which they were made."""

    do: Literal["unbind"] = "unbind"
    flow: Annotated[int, Field(ge=0, le=200)]


class Take(Part):
    """A connection is made of a body that must be taken, a row of the table of these; it is shown, and goes again."""

    do: Literal["take"] = "take"
    row: Annotated[str, Field(max_length=80)]


class Refuse(Part):
    """A request that must be refused, a row of the table of refusals; it has no effect."""

    do: Literal["refuse"] = "refuse"
    row: Annotated[str, Field(max_length=80)]
    connection: Name | None = None
    device: Name | None = None


class Fault(Part):
    """The next `times` deliveries to the connection's bin, or at the broker, fail in this way.

    In ThingsBoard and Widgelix, which all worlds share, it is the first attempt of each document of `device`.
    """

    do: Literal["fault"] = "fault"
    connection: Name
    kind: Annotated[str, Field(max_length=40)]
    times: Annotated[int, Field(ge=1, le=5)] = 1
    device: Name | None = None


class Pass(Part):
    """So many minutes pass on the forwarder's clock, in a world whose clock is fast."""

    do: Literal["pass"] = "pass"
    minutes: Annotated[int, Field(ge=1, le=90)]


class Wait(Part):
    """Until everything that was accepted is delivered."""

    do: Literal["wait"] = "wait"


class Restart(Part):
    """The forwarder is stopped, or killed, and started again with its state."""

    do: Literal["restart"] = "restart"
    kill: bool = False


Step = Annotated[
    Send
    | Post
    | Join
    | Air
    | Downlink
    | Change
    | Delete
    | Bind
    | Unbind
    | Take
    | Refuse
    | Fault
    | Pass
    | Wait
    | Restart,
    Field(discriminator="do"),
]
Look = Literal["shown", "list", "metrics", "events"]
