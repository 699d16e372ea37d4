"""One MQTT session, and the commands that the protocol gives back to whoever holds the sockets."""

from dataclasses import dataclass, field

import orjson

from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.topics import matches
from uplab.fakes.thingsboard.state.rpc import Rpc
from uplab.fakes.thingsboard.state.tenant import Device

__all__ = ["Close", "CloseLater", "Command", "Later", "Send", "Session"]


@dataclass(slots=True, eq=False)
class Session:
    """What is known of one connection; `device` is None until its CONNECT is accepted."""

    id: int
    level: int = 0
    client_id: str = ""
    username: str | None = None
    device: Device | None = None
    gateway: bool = False
    # Who the gateway speaks for, by the name that the gateway uses: a device that is renamed keeps its old one here.
    children: dict[str, Device] = field(default_factory=dict)
    granted: dict[str, int] = field(default_factory=dict)  # filter to QoS
    rpc_topic: str | None = None  # set while server RPC is subscribed
    attribute_topic: str | None = None  # set while attribute updates are subscribed
    max_packet_bytes: int | None = None
    waiting: int = 0  # answers that are still to come
    awaiting: dict[int, Rpc] = field(default_factory=dict)  # by packet id: commands whose PUBACK is still to come
    provisions: bool = False  # a device without credentials, which may do nothing but ask for some
    chunk_bytes: dict[str, int] = field(default_factory=dict)  # by request: what a device asked for first
    closed: bool = False
    _packet_id: int = 0
    _names: dict[str, set[str]] = field(default_factory=dict)  # by device id: the names among the children

    @property
    def v5(self) -> bool:
        """Whether it speaks MQTT 5."""
        return self.level == p.V5

    def adopt(self, name: str, device: Device) -> None:
        """Speak for a device under that name from now on."""
        self.children[name] = device
        self._names.setdefault(device.id, set()).add(name)

    def disown(self, device: Device) -> None:
        """Speak for a device no longer, under none of its names."""
        for name in self._names.pop(device.id, ()):
            self.children.pop(name, None)

    def push(self, topic: str, value: object) -> p.Publish:
        """A PUBLISH to this session, at the QoS granted for its topic; 1 without a subscription."""
        qos = next((qos for wanted, qos in self.granted.items() if matches(wanted, topic)), 1)
        if qos:
            self._packet_id = self._packet_id % 0xFFFF + 1
        payload = value if isinstance(value, bytes) else orjson.dumps(value)
        return p.Publish(topic, payload, qos, self._packet_id if qos else 0)


@dataclass(frozen=True, slots=True)
class Send:
    """Send a packet to a session."""

    session: int
    packet: p.Packet


@dataclass(frozen=True, slots=True)
class Close:
    """Close a session's connection."""

    session: int
    reason: str


@dataclass(frozen=True, slots=True)
class CloseLater:
    """Close a session's connection after so many seconds."""

    session: int
    delay_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Send a packet to a session after so many seconds, if it is still there."""

    session: int
    delay_s: float
    packet: p.Packet


Command = Send | Close | CloseLater | Later
