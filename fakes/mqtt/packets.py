"""MQTT control packets as values: 3.1, 3.1.1 and 5 (OASIS MQTT 3.1.1 §3 and MQTT 5 §3).

What only MQTT 5 knows (properties, reason codes) is at its default in the older versions.
"""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "V3_1",
    "V3_1_1",
    "V5",
    "Auth",
    "Connack",
    "Connect",
    "Disconnect",
    "Malformed",
    "Packet",
    "Pingreq",
    "Pingresp",
    "Properties",
    "Puback",
    "Pubcomp",
    "Publish",
    "Pubrec",
    "Pubrel",
    "Suback",
    "Subscribe",
    "Subscription",
    "Unsuback",
    "Unsubscribe",
    "Will",
]

V3_1, V3_1_1, V5 = 3, 4, 5

# (identifier, value) in the order of the wire; a user property's value is a pair of strings (MQTT 5 §2.2.2).
Properties = tuple[tuple[int, int | str | bytes | tuple[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Will:
    """What a client wants published when its connection breaks; ThingsBoard ignores it."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Connect:
    """CONNECT; `level` is the protocol level: 3, 4 or 5."""

    level: int
    client_id: str
    clean: bool = True
    keep_alive_s: int = 0
    username: str | None = None
    password: bytes | None = None
    will: Will | None = None
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Connack:
    """CONNACK; `code` is a return code (3.x) or a reason code (5)."""

    session_present: bool = False
    code: int = 0
    properties: Properties = ()


class Publish(NamedTuple):
    """PUBLISH; `packet_id` is 0 with QoS 0. A named tuple, because there are many of them and its making is cheap."""

    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int = 0
    retain: bool = False
    dup: bool = False
    properties: Properties = ()


class Puback(NamedTuple):
    """PUBACK; a named tuple like the PUBLISH that it answers."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Pubrec:
    """PUBREC."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Pubrel:
    """PUBREL."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Pubcomp:
    """PUBCOMP."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic filter and its options byte; the low two bits are the QoS asked for (MQTT 5 §3.8.3.1)."""

    topic: str
    options: int = 0

    @property
    def qos(self) -> int:
        """The QoS asked for."""
        return self.options & 3


@dataclass(frozen=True, slots=True)
class Subscribe:
    """SUBSCRIBE."""

    packet_id: int
    subscriptions: tuple[Subscription, ...]
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Suback:
    """SUBACK, one code for each filter in their order."""

    packet_id: int
    codes: tuple[int, ...]
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """UNSUBSCRIBE."""

    packet_id: int
    topics: tuple[str, ...]
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Unsuback:
    """UNSUBACK; `codes` only in MQTT 5."""

    packet_id: int
    codes: tuple[int, ...] = ()
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Pingreq:
    """PINGREQ."""


@dataclass(frozen=True, slots=True)
class Pingresp:
    """PINGRESP."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """DISCONNECT; sent by a server only in MQTT 5."""

    code: int = 0
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Auth:
    """AUTH, MQTT 5 only."""

    code: int = 0
    properties: Properties = ()


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not a packet: the stream broke the protocol here, and nothing after it can be read.

    `code` is the reason code of MQTT 5 for it (0x81 malformed packet, 0x82 protocol error, 0x95 packet too large).
    """

    reason: str
    code: int = 0x81


Packet = (
    Connect
    | Connack
    | Publish
    | Puback
    | Pubrec
    | Pubrel
    | Pubcomp
    | Subscribe
    | Suback
    | Unsubscribe
    | Unsuback
    | Pingreq
    | Pingresp
    | Disconnect
    | Auth
)
