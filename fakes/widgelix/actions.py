"""What people do with Widgelix, the same through the REST API and the pages: checked values in, changes of state out.

What needs I/O comes back as a command: `PostDownlink` and `MakeReport`, which the server performs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from uplab.fakes.widgelix.device import Device, DeviceType, Downlink
from uplab.fakes.widgelix.documents import DocumentError, dev_eui_of
from uplab.fakes.widgelix.errors import ConflictError, InvalidError, NotFoundError
from uplab.fakes.widgelix.fields import FROM_CODEC, REPOSITORY, Field, TypeDraft
from uplab.fakes.widgelix.history import Message
from uplab.fakes.widgelix.ranges import range_of
from uplab.fakes.widgelix.state import WidgelixState
from uplab.fakes.widgelix.times import iso

__all__ = [
    "MakeReport",
    "PostDownlink",
    "add_device",
    "add_type",
    "chosen_fields",
    "fields_from_lines",
    "load_type",
    "make_report",
    "set_connectivity",
    "start_downlink",
]

_NAME_CHARS_MAX = 200
_URL_CHARS_MAX = 2000
_PAYLOAD_BYTES_MAX: Final = 242  # LoRaWAN RP002: the largest application payload of any data rate
_PORTS: Final = range(1, 225)  # what IoT Flow documents for FPort
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class PostDownlink:
    """To do: post `body` to `url`, and note at `device` what became of the downlink."""

    device: Device
    downlink: Downlink
    body: bytes

    @property
    def url(self) -> str:
        """Where to post."""
        return self.downlink.url


@dataclass(frozen=True, slots=True)
class MakeReport:
    """To do: write the chosen fields of these messages as .xlsx; `about` goes on its second sheet."""

    fields: tuple[str, ...]
    messages: Sequence[Message]
    about: tuple[tuple[str, str], ...]
    file_name: str


def add_type(state: WidgelixState, organisation: str, members: Mapping[str, Any]) -> DeviceType:
    """Add a device type from `name`, `description`, `manufacturer`, `codec` and `fields`.

    Raises InvalidError, ConflictError.
    """
    entries = members.get("fields")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidError("fields", "expected a list of objects with name and source")
    fields = tuple(
        Field(_text(entry, "name", f"fields[{at}].name"), _text(entry, "source", f"fields[{at}].source"))
        for at, entry in enumerate(entries)
    )
    draft = TypeDraft(
        name=_text(members, "name"),
        description=_text(members, "description", default=""),
        manufacturer=_text(members, "manufacturer", default=""),
        codec=_text(members, "codec", default="elsys"),
        fields=fields,
    )
    return state.add_type(organisation, draft)


def load_type(state: WidgelixState, organisation: str, members: Mapping[str, Any]) -> DeviceType:
    """Add a device type from the repository by its `name`; raises InvalidError, NotFoundError, ConflictError."""
    name = _text(members, "name")
    if name not in REPOSITORY:
        raise NotFoundError(f"the repository has {', '.join(REPOSITORY)}, but no {name!r}")
    return state.add_type(organisation, REPOSITORY[name])


def add_device(state: WidgelixState, organisation: str, members: Mapping[str, Any]) -> Device:
    """Add a device from `name`, `deviceId` (a DevEUI in either case) and `deviceTypeId`.

    Raises InvalidError, ConflictError.
    """
    name = _text(members, "name")
    try:
        dev_eui = dev_eui_of(members.get("deviceId"))
    except DocumentError as error:
        raise InvalidError("deviceId", str(error)) from None
    type_id = _text(members, "deviceTypeId")
    try:
        return state.add_device(organisation, name=name, dev_eui=dev_eui, type_id=type_id)
    except NotFoundError as error:
        raise InvalidError("deviceTypeId", str(error)) from None


def set_connectivity(state: WidgelixState, device: Device, members: Mapping[str, Any]) -> None:
    """Set `networkServer`, `downlinkUrl` and `downlinkPort`; the last two may be null. Raises InvalidError."""
    server = _text(members, "networkServer", default="ACTILITY")
    if server != "ACTILITY":
        raise InvalidError("networkServer", f"expected ACTILITY, not {server!r}")
    url = members.get("downlinkUrl") or None
    if url is not None:
        url = _text(members, "downlinkUrl", chars_max=_URL_CHARS_MAX)
        _check_url(url)
    state.connect(device, downlink_url=url, downlink_port=_port(members.get("downlinkPort")))


def start_downlink(state: WidgelixState, device: Device, members: Mapping[str, Any]) -> PostDownlink:
    """Begin a downlink of `payload_hex` to the device's downlink URL.

    The body is the documented DevEUI_downlink; what the real Widgelix posts is not public. Without a port the FPort
    is left out, and the connection's own downlinkPort decides. Raises InvalidError, or ConflictError without a URL.
    """
    payload_hex = members.get("payload_hex")
    if not isinstance(payload_hex, str) or not _HEX.fullmatch(payload_hex):
        raise InvalidError("payload_hex", "expected bytes as pairs of hexadecimal digits")
    if len(payload_hex) > 2 * _PAYLOAD_BYTES_MAX:
        raise InvalidError("payload_hex", f"expected at most {_PAYLOAD_BYTES_MAX} bytes, not {len(payload_hex) // 2}")
    connectivity = device.connectivity
    if connectivity is None or connectivity.downlink_url is None:
        raise ConflictError("the device's connectivity has no downlink URL")
    now, port = state.now(), connectivity.downlink_port
    downlink = device.start_downlink(payload_hex, port, connectivity.downlink_url, now)
    content: dict[str, Any] = {"Time": iso(now), "DevEUI": device.dev_eui, "FPort": port, "payload_hex": payload_hex}
    if port is None:
        del content["FPort"]
    return PostDownlink(device, downlink, orjson.dumps({"DevEUI_downlink": content}))


def make_report(
    state: WidgelixState, device: Device, fields: Sequence[str], parameters: Mapping[str, str]
) -> MakeReport:
    """Choose what a report holds; `parameters` are `from`, `to`, `range`. Raises InvalidError."""
    chosen = chosen_fields(device, fields, name="fields")
    if not chosen:
        raise InvalidError("fields", f"choose one or more of {', '.join(device.type.field_names)}")
    now = state.now()
    span = range_of(parameters, now)
    about = (
        ("Device", device.name),
        ("Device Id", device.dev_eui),
        ("Device Type", device.type.name),
        ("Fields", ", ".join(chosen)),
        ("From", iso(span.start) if span.start else "the beginning"),
        ("To", iso(span.end) if span.end else "the end"),
        ("Time zone", "UTC"),
        ("Created", iso(now)),
        ("Messages no longer kept", str(device.history.dropped)),
    )
    file_name = f"report-{device.dev_eui}-{now:%Y%m%dT%H%M%SZ}.xlsx"
    return MakeReport(chosen, device.history.between(span.start, span.end), about, file_name)


def chosen_fields(device: Device, names: Sequence[str], *, name: str = "field") -> tuple[str, ...]:
    """Return the fields that parameters name, repeated or with commas; raises InvalidError for an unknown one."""
    chosen = dict.fromkeys(part.strip() for text in names for part in text.split(",") if part.strip())
    known = device.type.field_names
    for field in chosen:
        if field not in known:
            raise InvalidError(name, f"expected some of {', '.join(known)}, not {field!r}")
    return tuple(chosen)


def _text(
    members: Mapping[str, Any],
    name: str,
    field: str | None = None,
    *,
    default: str | None = None,
    chars_max: int = _NAME_CHARS_MAX,
) -> str:
    value = members.get(name)
    if value is None and default is not None:
        return default
    field = field or name
    if not isinstance(value, str):
        raise InvalidError(field, "is missing" if value is None else "expected a text")
    value = value.strip()
    if not value and default is None:
        raise InvalidError(field, "is empty")
    if len(value) > chars_max:
        raise InvalidError(field, f"expected at most {chars_max} characters, not {len(value)}")
    return value


def _port(value: object) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value not in _PORTS:
        raise InvalidError("downlinkPort", "expected a whole number from 1 to 224")
    return value


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong or any(char.isspace() or not char.isprintable() for char in url):
        raise InvalidError("downlinkUrl", "expected an address that begins with http:// or https://")


def fields_from_lines(text: str) -> list[dict[str, str]]:
    """Read the fields of a device type from lines such as "temperature = codec" or "level = $.level"."""
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    return [{"name": name.strip(), "source": source.strip() or FROM_CODEC} for name, _, source in pairs]
