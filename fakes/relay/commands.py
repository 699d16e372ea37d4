"""What a relayed conversation asks of whoever holds its two sockets, in the order in which it is to be done."""

from dataclasses import dataclass

from uplab.fakes.hops import Said

__all__ = ["Answer", "Command", "Dial", "Drip", "End", "Forward", "Later", "Tell"]


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect to the broker; what is forwarded meanwhile waits."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Write these bytes to the broker."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Write these bytes to the client; the hops are told once they are handed to its socket, and else never."""

    data: bytes
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Drip:
    """Write these bytes to the client, so many in a second, and before anything else; then tell the hops."""

    data: bytes
    bytes_per_s: float
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell a hop now."""

    said: Said


@dataclass(frozen=True, slots=True)
class Later:
    """Call the conversation's `resume` after so many seconds."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class End:
    """Close both sockets once everything is written; that of the client with a TCP reset when asked."""

    reason: str
    reset: bool = False


Command = Dial | Forward | Answer | Drip | Tell | Later | End
