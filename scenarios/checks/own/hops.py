"""The lines of a history as an author's check sees them: one class for each hop, whose fields are its facts.

Made of the vocabulary in history/hops.py by `python -m tests.scenarios.checks.own.typed_hops`; what they mean and their
units stand there and in HISTORY.md. A fact that a stored history may lack is None there. Lists and objects are frozen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = [
    "BY_HOP",
    "ApiAnswered",
    "ApiAsked",
    "ConnectionGiven",
    "DestinationAcknowledged",
    "DestinationAnswered",
    "DestinationArrived",
    "DestinationClosed",
    "DestinationConnected",
    "DestinationPublished",
    "DestinationPushed",
    "DeviceReceived",
    "DeviceSent",
    "DownlinkPosted",
    "FaultDelivered",
    "FaultPlanned",
    "ForwarderEnded",
    "GatewayHeard",
    "GatewaySent",
    "Hop",
    "NetworkDocument",
    "NetworkDownlink",
    "NetworkJoined",
    "NetworkRefused",
    "PageStep",
    "ScenarioSaw",
    "TunnelAnswered",
    "TunnelSent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What every line has: its number, its time in seconds (monotonic) and as ISO 8601, its documents, its bytes."""

    hop: ClassVar[str] = ""
    seq: int
    monotonic_s: float
    wall: str
    ids: tuple[str, ...]
    raw: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSent(Hop):
    """A device begins to transmit a frame."""

    hop: ClassVar[str] = "device.sent"
    dev_eui: str
    f_cnt: int | None
    f_port: int | None
    payload_hex: str
    phy_hex: str
    time: str
    m_type: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayHeard(Hop):
    """A gateway demodulates the frame."""

    hop: ClassVar[str] = "gateway.heard"
    lrr_id: str
    dev_eui: str
    rssi_dbm: float
    snr_db: float
    esp_dbm: float
    phy_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySent(Hop):
    """A gateway transmits a downlink frame."""

    hop: ClassVar[str] = "gateway.sent"
    lrr_id: str
    dev_eui: str
    window: str
    phy_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReceived(Hop):
    """A device has taken a downlink."""

    hop: ClassVar[str] = "device.received"
    dev_eui: str
    f_port: int | None
    payload_hex: str
    f_cnt_down: int
    window: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkJoined(Hop):
    """The network server lets a device in."""

    hop: ClassVar[str] = "network.joined"
    dev_eui: str
    dev_addr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRefused(Hop):
    """The network server refuses a frame."""

    hop: ClassVar[str] = "network.refused"
    reason: str
    phy_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDocument(Hop):
    """The network server makes a document."""

    hop: ClassVar[str] = "network.document"
    root: str
    dev_eui: Any
    f_cnt: Any
    time: Any
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDownlink(Hop):
    """The network server queues a downlink, or rejects it."""

    hop: ClassVar[str] = "network.downlink"
    dev_eui: str | None
    f_port: int | None
    payload_hex: str | None
    correlation_id: str | None
    outcome: str
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelSent(Hop):
    """A document is posted to the forwarder's ingress."""

    hop: ClassVar[str] = "tunnel.sent"
    attempt: int
    dev_eui: Any
    f_cnt: Any
    url: str
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelAnswered(Hop):
    """The post is over."""

    hop: ClassVar[str] = "tunnel.answered"
    attempt: int
    outcome: str
    status: int | None
    reason: str
    headers: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationArrived(Hop):
    """A request has arrived at a destination, whole or cut off."""

    hop: ClassVar[str] = "destination.arrived"
    fake: str
    exchange: int
    method: str
    url: str
    host: str
    headers: tuple[tuple[str, str], ...]
    size: int
    complete: bool
    delivery: bool
    malformed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationAnswered(Hop):
    """The exchange is over."""

    hop: ClassVar[str] = "destination.answered"
    exchange: int
    fake: str
    status: int | None
    written: bool
    headed: bool | None = None
    returned: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationConnected(Hop):
    """An MQTT CONNECT came, and was answered."""

    hop: ClassVar[str] = "destination.connected"
    fake: str
    session: int
    username: str | None
    client_id: str
    level: int | None = None
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationPublished(Hop):
    """An MQTT PUBLISH came."""

    hop: ClassVar[str] = "destination.published"
    fake: str
    session: int
    exchange: int
    topic: str
    level: int | None = None
    qos: int
    retain: bool | None = None
    duplicate: bool | None = None
    packet_id: int
    properties: tuple[tuple[str, Any], ...] | None = None
    members: tuple[tuple[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationAcknowledged(Hop):
    """An acknowledgement was written."""

    hop: ClassVar[str] = "destination.acknowledged"
    fake: str
    session: int
    exchange: int
    kind: str
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationPushed(Hop):
    """A broker has handed a message to a client."""

    hop: ClassVar[str] = "destination.pushed"
    fake: str
    session: int
    topic: str
    level: int
    qos: int
    retain: bool
    duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationClosed(Hop):
    """An MQTT connection has ended."""

    hop: ClassVar[str] = "destination.closed"
    fake: str
    session: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlanned(Hop):
    """A fake is told to misbehave from now on."""

    hop: ClassVar[str] = "fault.planned"
    fake: str
    faults: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultDelivered(Hop):
    """A planned fault has happened."""

    hop: ClassVar[str] = "fault.delivered"
    fault: str
    exchange: int
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownlinkPosted(Hop):
    """A DevEUI_downlink was posted to a connection, and answered."""

    hop: ClassVar[str] = "downlink.posted"
    dev_eui: Any
    f_port: Any
    payload_hex: Any
    correlation_id: Any
    url: str
    status: int
    answer: str
    headers: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwarderEnded(Hop):
    """The run has ended the forwarder's process, to start it again."""

    hop: ClassVar[str] = "forwarder.ended"
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionGiven(Hop):
    """The forwarder has a connection by another way than its API."""

    hop: ClassVar[str] = "connection.given"
    way: str
    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSaw(Hop):
    """A scenario has looked at something that is judged next."""

    hop: ClassVar[str] = "scenario.saw"
    place: str
    what: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStep(Hop):
    """A user has taken a step on a page, or could not."""

    hop: ClassVar[str] = "page.step"
    page: str
    step: str
    done: bool
    cause: str | None
    picture: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAsked(Hop):
    """A request goes to the forwarder's API."""

    hop: ClassVar[str] = "api.asked"
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswered(Hop):
    """The API has answered it."""

    hop: ClassVar[str] = "api.answered"
    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...] | None = None


BY_HOP: Mapping[str, type[Hop]] = {
    one.hop: one
    for one in (
        DeviceSent,
        GatewayHeard,
        GatewaySent,
        DeviceReceived,
        NetworkJoined,
        NetworkRefused,
        NetworkDocument,
        NetworkDownlink,
        TunnelSent,
        TunnelAnswered,
        DestinationArrived,
        DestinationAnswered,
        DestinationConnected,
        DestinationPublished,
        DestinationAcknowledged,
        DestinationPushed,
        DestinationClosed,
        FaultPlanned,
        FaultDelivered,
        DownlinkPosted,
        ForwarderEnded,
        ConnectionGiven,
        ScenarioSaw,
        PageStep,
        ApiAsked,
        ApiAnswered,
    )
}
"""Each class by the name of its hop."""
