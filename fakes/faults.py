"""Faults as frozen data: what goes wrong at a fake (the action), and when (the trigger).

`as_data` and `from_data` carry a fault through JSON, so that a stored run can be repeated with the same faults.
"""

import base64
import typing
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Final, Literal

__all__ = [
    "ANY",
    "Action",
    "Always",
    "Close",
    "Delay",
    "Drip",
    "Endless",
    "EveryNth",
    "Fault",
    "FirstN",
    "Garbage",
    "HalfAnswer",
    "Hang",
    "HugeBody",
    "JsonPointer",
    "Kind",
    "Nth",
    "Redirect",
    "RefuseConnect",
    "RepeatPuback",
    "ResetAfterBody",
    "ResetBeforeBody",
    "Share",
    "Status",
    "TakeOver",
    "Trigger",
    "WithholdPingresp",
    "WithholdPuback",
    "as_data",
    "describe",
    "from_data",
]

Kind = Literal["head", "request", "connect", "publish", "subscribe", "ping"]

# --- triggers: when -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Always:
    """Each occasion."""


@dataclass(frozen=True, slots=True)
class Nth:
    """The nth occasion only, counted from 1."""

    n: int


@dataclass(frozen=True, slots=True)
class FirstN:
    """The first n occasions."""

    n: int


@dataclass(frozen=True, slots=True)
class EveryNth:
    """The nth occasion, the 2nth, and so on."""

    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share p (0 to 1) of the occasions, drawn from a seed: the same seed chooses the same ones."""

    p: float
    seed: int


ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class JsonPointer:
    """Occasions whose body is JSON with `value` at `pointer` (RFC 6901), at the given attempt.

    `attempt` counts the occasions with that value from 1; None means all of them. The value "*" (`ANY`) stands for
    whatever is found there, and then each value found has an attempt count of its own.
    """

    pointer: str
    value: str | int | float | bool | None = ANY
    attempt: int | None = 1


Trigger = Always | Nth | FirstN | EveryNth | Share | JsonPointer

# --- actions: what --------------------------------------------------------------------------------------------------
# `kinds` are the occasions at which an action makes sense, the usual one first. `handled` says whether the service
# takes the message in all the same: then it is the answer that is lost, and not the message.


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with a status code of one's own; `retry_after` becomes the header of that name."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request",)
    code: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    retry_after: str | None = None
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait `s` seconds, then do `then`, or answer (acknowledge) as usual."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request", "publish", "connect", "head")
    s: float
    then: "Action | None" = None


@dataclass(frozen=True, slots=True)
class Hang:
    """Never answer and leave the connection open."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request", "publish", "connect", "head")
    handled: bool = False


@dataclass(frozen=True, slots=True)
class ResetBeforeBody:
    """Send a TCP reset when the head is read and the body is not."""

    kinds: ClassVar[tuple[Kind, ...]] = ("head",)


@dataclass(frozen=True, slots=True)
class ResetAfterBody:
    """Send a TCP reset instead of an answer."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request",)
    handled: bool = False


@dataclass(frozen=True, slots=True)
class HalfAnswer:
    """Write the first `bytes` bytes of the usual answer, head included, then close; None: half of it."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request",)
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Drip:
    """Write the usual answer (the PUBACK) at this many bytes a second; `body`: the head at once, then so many."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request", "publish")
    bytes_per_s: float
    body: int | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer with a redirection to another place."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request",)
    location: str
    code: int = 302
    handled: bool = False


@dataclass(frozen=True, slots=True)
class HugeBody:
    """Answer with the usual status and a body of this many bytes."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request",)
    bytes: int


@dataclass(frozen=True, slots=True)
class Endless:
    """Answer with the usual status and a body that does not end: `bytes` at once, then one every tenth of a second."""

    kinds: ClassVar[tuple[Kind, ...]] = ("request",)
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class RefuseConnect:
    """Answer CONNECT with this return code (MQTT 3.1.1 §3.2.2.3; a reason code in MQTT 5) and close."""

    kinds: ClassVar[tuple[Kind, ...]] = ("connect",)
    code: int


@dataclass(frozen=True, slots=True)
class RefuseSubscribe:
    """Refuse each subscription of a SUBSCRIBE (MQTT 3.1.1 §3.9.3, 0x80; not authorised in MQTT 5), and go on."""

    kinds: ClassVar[tuple[Kind, ...]] = ("subscribe",)


@dataclass(frozen=True, slots=True)
class WithholdPuback:
    """Send no PUBACK."""

    kinds: ClassVar[tuple[Kind, ...]] = ("publish",)
    handled: bool = True


@dataclass(frozen=True, slots=True)
class RepeatPuback:
    """Send the PUBACK this many times."""

    kinds: ClassVar[tuple[Kind, ...]] = ("publish",)
    times: int = 2


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection without a PUBACK (a CONNACK); with a TCP reset when asked."""

    kinds: ClassVar[tuple[Kind, ...]] = ("publish", "connect")
    handled: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Act as if a second client had come with the same identity: end this session as the service does then."""

    kinds: ClassVar[tuple[Kind, ...]] = ("publish",)
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Garbage:
    """Write bytes that are no MQTT in the place of a PUBACK (a CONNACK)."""

    kinds: ClassVar[tuple[Kind, ...]] = ("publish", "connect")
    handled: bool = False
    bytes: bytes = bytes(16)  # packets of a type that there is none of


@dataclass(frozen=True, slots=True)
class WithholdPingresp:
    """Answer no PINGREQ, and go on."""

    kinds: ClassVar[tuple[Kind, ...]] = ("ping",)


Action = (
    Status
    | Delay
    | Hang
    | ResetBeforeBody
    | ResetAfterBody
    | HalfAnswer
    | Drip
    | Redirect
    | HugeBody
    | Endless
    | RefuseConnect
    | RefuseSubscribe
    | WithholdPuback
    | RepeatPuback
    | Close
    | TakeOver
    | Garbage
    | WithholdPingresp
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and when.

    `on` is the kind of occasion (default: the usual one of the action). With `only`, just the occasions whose URL
    (path and query) or topic begins with it are counted and touched. Raises ValueError when the parts do not fit.
    """

    id: str
    trigger: Trigger
    action: Action
    on: Kind | None = None
    only: str = ""

    def __post_init__(self) -> None:
        step: Action | None = self.action
        while step is not None:
            if self.kind not in step.kinds:
                raise ValueError(f"fault {self.id}: {type(step).__name__} cannot happen at a {self.kind}")
            step = step.then if isinstance(step, Delay) else None
        if self.kind in ("head", "connect", "subscribe", "ping") and isinstance(self.trigger, JsonPointer):
            raise ValueError(f"fault {self.id}: a JSON pointer needs a body, and a {self.kind} has none")
        if isinstance(self.trigger, Share) and not 0 <= self.trigger.p <= 1:
            raise ValueError(f"fault {self.id}: p must be 0 to 1, not {self.trigger.p}")
        if isinstance(self.trigger, Nth | FirstN | EveryNth) and self.trigger.n < 1:
            raise ValueError(f"fault {self.id}: n must be 1 or more, not {self.trigger.n}")

    @property
    def kind(self) -> Kind:
        """The kind of occasion at which this fault can happen."""
        if self.on is not None:
            return self.on
        last = self.action
        while isinstance(last, Delay) and last.then is not None:
            last = last.then
        return last.kinds[0]


def describe(action: Action) -> str:
    """An action as one line, without the values that are as by default."""
    shown = [f"{f.name}={getattr(action, f.name)!r}" for f in fields(action) if getattr(action, f.name) != f.default]
    return f"{type(action).__name__}({', '.join(shown)})"


_BY_NAME: Final[dict[str, type]] = {part.__name__: part for part in (*typing.get_args(Trigger | Action), Fault)}


def as_data(part: Fault | Trigger | Action) -> dict[str, Any]:
    """A fault, or a part of one, as JSON-ready data: its type's name and the values that are not as by default."""
    data: dict[str, Any] = {"type": type(part).__name__}
    for f in fields(part):
        value = getattr(part, f.name)
        if value == f.default and f.default is not MISSING:
            continue
        if isinstance(value, bytes):
            value = {"base64": base64.b64encode(value).decode()}
        elif type(value).__name__ in _BY_NAME:
            value = as_data(value)
        elif isinstance(value, tuple):
            value = [list(pair) for pair in value]
        data[f.name] = value
    return data


def from_data(data: dict[str, Any]) -> Any:
    """What `as_data` was given; raises ValueError when a type or a field is unknown or missing."""
    values = dict(data)
    name = values.pop("type", None)
    if name not in _BY_NAME:
        raise ValueError(f"type: {name!r} is no part of a fault; known are {', '.join(sorted(_BY_NAME))}")
    for key, value in values.items():
        if isinstance(value, dict):
            values[key] = base64.b64decode(value["base64"]) if "base64" in value else from_data(value)
        elif isinstance(value, list):
            values[key] = tuple(tuple(pair) for pair in value)
    try:
        return _BY_NAME[name](**values)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
