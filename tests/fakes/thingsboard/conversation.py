"""Talks to the protocol without a socket: packet in, what each session gets out."""

from dataclasses import dataclass, field

import orjson

from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.protocol import Protocol
from uplab.fakes.thingsboard.mqtt.session import Close, CloseLater, Command, Later, Send, Session
from uplab.fakes.thingsboard.state.tenant import State

NOW_MS = 1_700_000_000_000
Out = p.Packet | str  # a packet, or why the session was closed


@dataclass
class Conversation:
    """A protocol with a clock that stands still, and what was sent to each of its sessions."""

    now_ms: int = NOW_MS
    later: list[Later | CloseLater] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = State(now=lambda: self.now_ms)
        self.protocol = Protocol(self.state)
        self._sessions = 0
        self._out: dict[int, list[Out]] = {}

    def client(
        self, username: str | None, password: str | None = None, *, level: int = 4, client_id: str = "c"
    ) -> Session:
        """A session that has sent CONNECT."""
        self._sessions += 1
        session = Session(self._sessions)
        secret = None if password is None else password.encode()
        connect = p.Connect(level, client_id, username=username, password=secret)
        self.obey(self.protocol.receive(session, connect))
        return session

    def gateway(self, *, level: int = 4) -> Session:
        """The demo account's gateway, connected."""
        session = self.client("tenant@thingsboard.org", "tenant", level=level)
        self.heard(session)
        return session

    def device(self, name: str = "D1", *, level: int = 4) -> Session:
        """A device of its own, connected by its access token."""
        device = self.state.device_named(self.state.demo.id, name) or self.state.add_device(self.state.demo.id, name)
        session = self.client(device.credentials.id, level=level)
        self.heard(session)
        return session

    def say(self, session: Session, packet: p.Packet | p.Malformed) -> list[Out]:
        """Send a packet as that client; what it gets back."""
        self.obey(self.protocol.receive(session, packet))
        return self.heard(session)

    def publish(self, session: Session, topic: str, value: object, *, qos: int = 1) -> list[Out]:
        """Publish JSON (or bytes as they are) with packet id 7; what the client gets back."""
        payload = value if isinstance(value, bytes) else orjson.dumps(value)
        return self.say(session, p.Publish(topic, payload, qos, 7 if qos else 0))

    def heard(self, session: Session) -> list[Out]:
        """What this client got since it was last asked."""
        return self._out.pop(session.id, [])

    def obey(self, commands: list[Command]) -> None:
        """Note what goes to whom."""
        for command in commands:
            match command:
                case Send(to, packet):
                    self._out.setdefault(to, []).append(packet)
                case Close(to, reason):
                    self._out.setdefault(to, []).append(reason)
                case Later() | CloseLater():
                    self.later.append(command)

    def latest(self, name: str, key: str) -> object:
        """The latest (ts, value) of a device."""
        device = self.state.device_named(self.state.demo.id, name)
        return device.series.latest(key) if device else None
