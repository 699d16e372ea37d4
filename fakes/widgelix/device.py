"""What Widgelix knows of one device: its type, connectivity, messages, events and downlinks; all bounded."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime

from uplab.fakes.widgelix.documents import Notice, Uplink
from uplab.fakes.widgelix.fields import Field, TypeDraft, read
from uplab.fakes.widgelix.history import History, Message, Scalar

__all__ = ["Connectivity", "Device", "DeviceType", "Downlink", "Event"]

_EVENTS_KEPT = 200
_DOWNLINKS_KEPT = 200


@dataclass(frozen=True, slots=True)
class DeviceType:
    """How the payloads of a kind of device are read; belongs to one organisation."""

    id: str
    organisation: str
    draft: TypeDraft

    @property
    def name(self) -> str:
        """The name people see."""
        return self.draft.name

    @property
    def fields(self) -> tuple[Field, ...]:
        """The values that this type takes out of an uplink."""
        return self.draft.fields

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the values, in their order."""
        return tuple(field.name for field in self.draft.fields)


@dataclass(frozen=True, slots=True)
class Connectivity:
    """How a device is reached through a network server; `token` is the Widgelix key of its uplinks."""

    network_server: str = "ACTILITY"
    token: str | None = None
    downlink_url: str | None = None
    downlink_port: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something reported about a device other than an uplink; times in UTC."""

    time: datetime
    received: datetime
    kind: str
    facts: dict[str, Scalar | None]


@dataclass(frozen=True, slots=True)
class Downlink:
    """A downlink and what became of its POST: "pending", "sent" (a 2xx came), "refused" (another) or "failed"."""

    id: str
    time: datetime
    payload_hex: str
    f_port: int | None
    url: str
    status: str = "pending"
    http_status: int | None = None
    detail: str | None = None


@dataclass(slots=True)
class Device:
    """One device of an organisation; `dev_eui` is in upper case."""

    id: str
    organisation: str
    name: str
    dev_eui: str
    type: DeviceType
    history: History
    connectivity: Connectivity | None = None
    last_seen: datetime | None = None
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=_EVENTS_KEPT))
    events_total: int = 0
    downlinks: deque[Downlink] = field(default_factory=lambda: deque(maxlen=_DOWNLINKS_KEPT))
    downlinks_total: int = 0
    _sequence: int = 0

    def accept(self, document: Uplink | Notice, received: datetime) -> None:
        """Take a document in: an uplink into the history, anything else into the events."""
        time = document.time or received
        if isinstance(document, Uplink):
            self._sequence += 1
            readings, error = read(self.type.draft.codec, self.type.fields, document)
            self.history.add(
                Message(
                    time=time,
                    sequence=self._sequence,
                    received=received,
                    f_cnt_up=document.f_cnt_up,
                    f_port=document.f_port,
                    payload_hex=document.payload_hex,
                    names=self.type.field_names,
                    readings=readings,
                    error=error,
                )
            )
            self._seen(time)
            return
        self.events.append(Event(time, received, document.kind, dict(document.facts)))
        self.events_total += 1
        if document.heard:
            self._seen(time)

    def _seen(self, time: datetime) -> None:
        # A message that was late on its way says nothing new about when the device was last heard.
        self.last_seen = time if self.last_seen is None else max(self.last_seen, time)

    def start_downlink(self, payload_hex: str, f_port: int | None, url: str, now: datetime) -> Downlink:
        """Keep a downlink that is about to be posted."""
        self.downlinks_total += 1
        downlink = Downlink(f"{self.id}-{self.downlinks_total}", now, payload_hex, f_port, url)
        self.downlinks.append(downlink)
        return downlink

    def end_downlink(self, downlink_id: str, status: str, http_status: int | None, detail: str | None) -> None:
        """Note what became of a downlink; one that is no longer kept is passed over."""
        for at, downlink in enumerate(self.downlinks):
            if downlink.id == downlink_id:
                self.downlinks[at] = replace(downlink, status=status, http_status=http_status, detail=detail)
