"""What stands at the end of a connection: the message that goes out, and what the destination said to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

__all__ = ["Answer", "AnswerKind", "Outgoing", "Sink"]

AnswerKind = Literal["delivered", "refused", "unreachable", "unclear", "authentication_failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How one attempt ended.

    `refused`: the destination said no to this message. `unreachable`: it was certainly not handed over. `unclear`: it
    may have been taken. `authentication_failed`: the account, not the message, was refused.
    """

    kind: AnswerKind
    status: int | None = None
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether the destination took it."""
        return self.kind == "delivered"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message in the form in which it leaves."""

    dev_eui: str
    f_cnt: int | None
    time: str  # ISO 8601: the document's own, or that of its acceptance; empty where the document's own is none
    document: dict[str, Any]  # as it goes out: payload and downlinkUrl are in it
    body: bytes  # the same as JSON text, its numbers written as they came
    headers: Mapping[str, str] = field(default_factory=dict)  # patterns resolved
    query: str = ""  # the tunnel's parameters under lrcCompliance, percent-encoded
    topic: str = ""  # patterns resolved
    note: str = ""  # what its user should know of it once it is delivered
    traceparent: str = ""  # of the post that brought it (W3C Trace Context), where it had one


class Sink(Protocol):
    """A destination that a connection delivers to; no method raises, and none lasts longer than its timeout."""

    async def open(self) -> Answer:
        """Reach the destination and log in, as far as its protocol has either."""

    async def deliver(self, outgoing: Outgoing) -> Answer:
        """Hand over one message and wait for what the destination says."""

    async def close(self) -> None:
        """Let go of everything; `open` may be called again afterwards."""
