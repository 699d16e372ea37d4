"""What the pages show, made from what the API shows: badges, settings, rings and events, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from uplab.simulator.forwarder.connections.connection import Configuration
from uplab.simulator.forwarder.connections.parameter import secrets_of
from uplab.simulator.forwarder.pages.form import MASK, Kinds, tells_secret

__all__ = [
    "PERIODS",
    "Badge",
    "ConnectionView",
    "EventRow",
    "Ring",
    "Setting",
    "badge",
    "connection_view",
    "event_row",
    "ring",
    "settings",
]

Tone = Literal["good", "busy", "bad", "off"]

PERIODS = {"1h": 1, "1d": 24}
"""The periods that metrics are shown for, and their hours."""

TONES: dict[str, Tone] = {
    "OPENED": "good",
    "OPENING": "busy",
    "AUTHENTICATING": "busy",
    "CLOSING": "busy",
    "DEACTIVATED": "off",
}  # any other state is an error, as the platform's own health states have it

DOCUMENTATION = "https://docs.thingpark.com/thingpark-x/latest/Connector/"

# Common parameter -> its label, in the order in which they are shown. What is the connector's own stands before these.
LABELS: dict[str, str] = {
    "createDevices": "Create devices",
    "sendMetadata": "Send metadata",
    "sendRawDecodedFormat": "Send raw decoded format",
    "uplinkTimeValidity": "Uplink validity",
    "downlinkEnabled": "Downlink enabled",
    "downlinkAsId": "Downlink AS ID",
    "downlinkAsKey": "Downlink AS key",
    "downlinkPort": "Downlink port",
    "reconnectStrategy": "Reconnect strategy",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A state and how it looks."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter that is no field of a form: its values are one for most, and one for each header."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """A number and the parts that it falls into: (name, tone, count, share in percent, percent before it)."""

    title: str
    total: int
    parts: tuple[tuple[str, Tone, int, float, float], ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it stands in the list."""

    time: str
    severity: str
    kind: str
    message: str
    device: str


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection as its page shows it."""

    id: str
    name: str
    description: str
    kind: str
    badge: Badge
    downlink_url: str
    documentation_url: str
    startup_time: str
    notice: str
    settings: tuple[Setting, ...]


def badge(state: str) -> Badge:
    """Return the badge of a state; underscores become blanks."""
    return Badge(state.replace("_", " "), TONES.get(state, "bad"))


def connection_view(resource: Mapping[str, Any], kinds: Kinds) -> ConnectionView:
    """Make the page's view of a connection from the resource that the API shows."""
    configuration = resource.get("configuration") or {}
    kind = kinds.of(resource)
    name = kind.name if kind else str(resource.get("connectorId"))
    return ConnectionView(
        id=str(resource.get("id", "")),
        name=str(resource.get("name", "")),
        description=str(configuration.get("description") or ""),
        kind=name,
        badge=badge(str(resource.get("state", ""))),
        downlink_url=str(resource.get("downlinkUrl") or ""),
        documentation_url=f"{DOCUMENTATION}{kind.documentation if kind else ''}",
        startup_time=_clock(str(resource.get("startupTime") or "")),
        notice=str(resource.get("notice") or ""),
        settings=settings(resource, kinds),
    )


def settings(resource: Mapping[str, Any], kinds: Kinds) -> tuple[Setting, ...]:
    """Return the parameters that are set and are no field of its form, known ones first; no secret is among them."""
    configuration = resource.get("configuration") or {}
    kind = kinds.of(resource)
    fields = {"description"} | ({field.key for field in kind.fields} if kind else set())
    labels = {**kind.labels, **LABELS} if kind else LABELS
    secrets = secrets_of(kind.configuration if kind else Configuration)
    rest = {key: value for key, value in configuration.items() if key not in fields and value is not None}
    if taken := {field.header.lower() for field in kind.fields if field.header} if kind else set():
        headers = rest.pop("headers", None) or {}
        others = {name: text for name, text in headers.items() if name.lower() not in taken}
        rest |= {"headers": others} if others else {}
    known = [key for key in labels if key in rest]
    return tuple(
        Setting(
            labels.get(key, key), _shown(key, rest[key], key in secrets or (key not in labels and tells_secret(key)))
        )
        for key in (*known, *(key for key in rest if key not in labels))
    )


def _shown(key: str, value: Any, secret: bool) -> tuple[str, ...]:
    if secret:
        return (MASK,)
    if key == "headers" and isinstance(value, Mapping):
        return tuple(_header(str(name), str(text)) for name, text in value.items())
    if isinstance(value, bool):
        return ("on" if value else "off",)
    return (str(value),)


def _header(name: str, value: str) -> str:
    return f"{name}: {MASK if tells_secret(name) else value}"


def ring(title: str, total: int, parts: Sequence[tuple[str, Tone, int]]) -> Ring:
    """Divide a ring by its parts; without any part it stays empty."""
    whole = sum(count for _, _, count in parts)
    drawn: list[tuple[str, Tone, int, float, float]] = []
    before = 0.0
    for name, tone, count in parts:
        share = 100 * count / whole if whole else 0.0
        drawn.append((name, tone, count, round(share, 3), round(before, 3)))
        before += share
    return Ring(title, total, tuple(drawn))


def event_row(event: Mapping[str, Any]) -> EventRow:
    """Make a row from an event that the API shows."""
    return EventRow(
        time=_clock(str(event.get("time", ""))),
        severity=str(event.get("severity", "info")),
        kind=str(event.get("type", "")).replace("_", " ").capitalize(),
        message=str(event.get("message", "")),
        device=str(event.get("devEUI") or ""),
    )


def _clock(iso: str) -> str:
    """Return an ISO 8601 time as people read it, to the second."""
    date, _, time = iso.partition("T")
    return f"{date} {time[:8]}" if time else iso
