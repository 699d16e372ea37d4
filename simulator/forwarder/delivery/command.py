"""What delivery decides by and what it orders: the policy, the table of reactions, and the commands as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from uplab.simulator.forwarder.delivery.backlog import Gap, Uplink
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.sink import Answer, AnswerKind

__all__ = [
    "REACTIONS",
    "Cause",
    "Close",
    "Command",
    "Delivered",
    "Drop",
    "Failed",
    "Fetch",
    "GivenUp",
    "LoginFailed",
    "Open",
    "Policy",
    "Post",
    "Reaction",
    "StateChanged",
    "Wake",
]


class Reaction(Enum):
    """What an answer leads to."""

    SETTLE = auto()  # delivered
    LOSE = auto()  # dropped, with its event
    RESEND = auto()  # again in two seconds, three times, then dropped
    BLAME = auto()  # nothing goes out for the blame period, then the same message first
    CLOSE = auto()  # the connection closes, and is tried again by its strategy; the message waits
    LOG_IN = auto()  # the account is refused; nothing goes out until the connection is changed


REACTIONS: dict[Manner, Mapping[AnswerKind, Reaction]] = {
    Manner.BLAME: {"refused": Reaction.BLAME, "unreachable": Reaction.BLAME, "unclear": Reaction.BLAME},
    Manner.LENIENT: {"refused": Reaction.LOSE, "unreachable": Reaction.CLOSE, "unclear": Reaction.CLOSE},
    Manner.STRICT_RESEND: {"refused": Reaction.RESEND, "unreachable": Reaction.CLOSE, "unclear": Reaction.CLOSE},
    Manner.STRICT_CLOSE: {"refused": Reaction.CLOSE, "unreachable": Reaction.CLOSE, "unclear": Reaction.CLOSE},
}
"""The documented generations; no page defines unreachable, so an answer that never came counts as that."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters of a connection that decide about delivery; times in seconds."""

    manner: Manner = Manner.BLAME
    blame_s: float = 30.0
    strategy: str = "NORMAL"
    validity_s: float | None = None
    retention_s: float = 604_800.0
    concurrency: int = 64


class Cause(StrEnum):
    """Why a message was dropped."""

    REFUSED = "refused"
    EXPIRED = "expired"
    RETENTION = "retention"
    FILTERED = "filtered"
    UNSENDABLE = "unsendable"


@dataclass(frozen=True, slots=True)
class Open:
    """Open the sink, and report with `opened`."""


@dataclass(frozen=True, slots=True)
class Close:
    """Wait for what is in flight, close the sink, and report with `closed`."""


@dataclass(frozen=True, slots=True)
class Post:
    """Deliver the message, and report with `answered` (or `unsendable`)."""

    uplink: Uplink
    attempt: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Call `woken` at this instant."""

    at: float


@dataclass(frozen=True, slots=True)
class Fetch:
    """Read the gap from disk, and report with `fetched`."""

    gap: Gap


@dataclass(frozen=True, slots=True)
class Delivered:
    """Take the message off the disk as delivered, and report with `settled`."""

    uplink: Uplink
    attempt: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Take the message off the disk as lost, with an event, and report with `settled`."""

    uplink: Uplink
    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """One attempt failed: an event and a count, whatever becomes of the message."""

    uplink: Uplink
    attempt: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """The destination refused the account."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The connection went from one state to another."""

    old: State
    new: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The reconnect strategy has come to its end; the connection stays closed until somebody starts it."""

    attempts: int


Command = Open | Close | Post | Wake | Fetch | Delivered | Drop | Failed | LoginFailed | StateChanged | GivenUp
