"""What the pages show, made from what the API shows: badges, settings, rings and events, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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

MASK = "*****"
PERIODS = {"1h": 1, "1d": 24}
"""The periods that metrics are shown for, and their hours."""

TONES: dict[str, Tone] = {
    "OPENED": "good",
    "OPENING": "busy",
    "AUTHENTICATING": "busy",
    "CLOSING": "busy",
    "DEACTIVATED": "off",
}  # any other state is an error, as the platform's own health states have it

SECRET_KEYS = frozenset({"password", "downlinkAsKey", "tiak"})
SECRET_HEADERS = ("authorization", "cookie", "token", "key", "secret", "password")

# Connector (or brand) -> what people call it.
KINDS = {"actility-http-iot": "HTTP", "actility-thingsboard-iot": "ThingsBoard", "WIDGELIX": "Widgelix"}
DOCUMENTATION = "https://docs.thingpark.com/thingpark-x/latest/Connector/"
PAGES = {"HTTP": "HTTP", "ThingsBoard": "THINGSBOARD", "Widgelix": "WIDGELIX"}

# Configuration key -> its label and whether it is mandatory, in the order in which they are shown.
LABELS: dict[str, tuple[str, bool]] = {
    "destinationURL": ("Destination URL", True),
    "hostName": ("Domain Name", True),
    "username": ("Username", True),
    "password": ("Password", True),
    "headers": ("Headers", False),
    "blamePeriod": ("Blame period (s)", False),
    "strictMode": ("Strict mode", False),
    "lrcCompliance": ("Basic HTTP compliance", False),
    "tiak": ("Tunnel interface authentication key", False),
    "createDevices": ("Create devices", False),
    "sendMetadata": ("Send metadata", False),
    "sendRawDecodedFormat": ("Send raw decoded format", False),
    "uplinkTimeValidity": ("Uplink validity", False),
    "downlinkEnabled": ("Downlink enabled", False),
    "downlinkAsId": ("Downlink AS ID", False),
    "downlinkAsKey": ("Downlink AS key", False),
    "downlinkPort": ("Downlink port", False),
    "reconnectStrategy": ("Reconnect strategy", False),
}
NOT_A_SETTING = frozenset({"description"})  # it stands under the name


@dataclass(frozen=True, slots=True)
class Badge:
    """A state and how it looks."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter: its values are one for most, and one for each header."""

    label: str
    values: tuple[str, ...]
    mandatory: bool = False


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
    settings: tuple[Setting, ...]


def badge(state: str) -> Badge:
    """Return the badge of a state; underscores become blanks."""
    return Badge(state.replace("_", " "), TONES.get(state, "bad"))


def connection_view(resource: Mapping[str, Any]) -> ConnectionView:
    """Make the page's view of a connection from the resource that the API shows."""
    configuration = resource.get("configuration") or {}
    brand, connector = str(resource.get("brand")), str(resource.get("connectorId"))
    kind = KINDS.get(brand, KINDS.get(connector, connector))
    return ConnectionView(
        id=str(resource.get("id", "")),
        name=str(resource.get("name", "")),
        description=str(configuration.get("description") or ""),
        kind=kind,
        badge=badge(str(resource.get("state", ""))),
        downlink_url=str(resource.get("downlinkUrl") or ""),
        documentation_url=f"{DOCUMENTATION}{PAGES.get(kind, '')}",
        startup_time=_clock(str(resource.get("startupTime") or "")),
        settings=settings(configuration, widgelix=kind == "Widgelix"),
    )


def settings(configuration: Mapping[str, Any], *, widgelix: bool = False) -> tuple[Setting, ...]:
    """Return the parameters that are set, known ones first; no secret is among the values."""
    known = [key for key in LABELS if configuration.get(key) is not None]
    others = [key for key in configuration if key not in LABELS and key not in NOT_A_SETTING]
    return tuple(_setting(key, configuration[key], widgelix=widgelix) for key in (*known, *others))


def _setting(key: str, value: Any, *, widgelix: bool) -> Setting:
    label, mandatory = LABELS.get(key, (key, False))
    if key in SECRET_KEYS or (key not in LABELS and _tells_secret(key)):
        return Setting(label, (MASK,), mandatory)
    if key == "headers" and isinstance(value, Mapping):
        if widgelix and list(value) == ["Authorization"]:
            return Setting("Widgelix Key", (MASK,), mandatory=True)
        return Setting(label, tuple(_header(str(name), str(text)) for name, text in value.items()), mandatory)
    if isinstance(value, bool):
        return Setting(label, ("on" if value else "off",), mandatory)
    return Setting(label, (str(value),), mandatory)


def _header(name: str, value: str) -> str:
    return f"{name}: {MASK if _tells_secret(name) else value}"


def _tells_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_HEADERS)


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
