"""ThingPark documents as the ingest reads them: bytes to an `Uplink` or a `Notice`. No state and no clock.

Numbers may come as numbers or as strings (both regimes are in use), times with any offset.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

__all__ = ["DocumentError", "Notice", "Uplink", "dev_eui_of", "parse", "parse_time"]

_UPLINK = "DevEUI_uplink"
# Roots beside the uplink that the network server is documented to send.
_NOTICES: Final = {
    "DevEUI_notification": "notification",
    "DevEUI_location": "location",
    "DevEUI_downlink_Sent": "downlink sent",
    "DevEUI_downlink_Rejected": "downlink rejected",
    "DevEUI_multicast_summary": "multicast summary",
    "DevEUI_alarm": "alarm",
}
# The reports do not agree on the name of their time.
_TIMES: Final = ("Time", "DevLocTime", "LastUpdateTime", "CreationTime")
_DEV_EUI = re.compile(r"[0-9A-Fa-f]{16}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_DIGITS = re.compile(r"[0-9]{1,10}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FACT_CHARS_MAX = 200
_FACTS_MAX = 40


class DocumentError(ValueError):
    """A document that the ingest does not take; the text names the member and says why."""


@dataclass(frozen=True, slots=True)
class Uplink:
    """What one `DevEUI_uplink` says; `time` is in UTC, `payload` is what a driver decoded, if any."""

    dev_eui: str
    time: datetime
    f_cnt_up: int | None
    f_port: int | None
    payload_hex: str
    payload: Any
    decode_error: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Any other report about a device; `facts` are its plain members, `heard` says that the device itself spoke."""

    dev_eui: str
    time: datetime | None
    kind: str
    heard: bool
    facts: dict[str, str | float | bool | None]


def parse(body: bytes) -> Uplink | Notice:
    """Read a document; raises DocumentError when it is none that a device can be found by."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DocumentError(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise DocumentError("the body is not a JSON object")
    # Other members may stand beside the root: some platforms put downlinkUrl there.
    roots = [name for name in document if name == _UPLINK or name in _NOTICES]
    if len(roots) != 1:
        found = f"{', '.join(roots)}" if roots else "none"
        raise DocumentError(f"expected one root such as {_UPLINK}, found {found}")
    root, content = roots[0], document[roots[0]]
    if not isinstance(content, dict):
        raise DocumentError(f"{root}: is not an object")
    if root != _UPLINK:
        return _notice(root, content, _NOTICES[root], heard=False)
    if "rawJoinRequest" in content or _whole(content, "MType", root) == 0:
        return _notice(root, content, "join", heard=True)
    return _uplink(root, content)


def dev_eui_of(value: object) -> str:
    """Return a DevEUI in upper case; raises DocumentError when it is not 16 hexadecimal digits."""
    if not isinstance(value, str) or not _DEV_EUI.fullmatch(value):
        raise DocumentError(f"expected 16 hexadecimal digits, not {_short(value)}")
    return value.upper()


def parse_time(value: object) -> datetime:
    """Return an ISO 8601 time with an offset as UTC; raises DocumentError for any other."""
    if not isinstance(value, str):
        raise DocumentError(f"expected an ISO 8601 time, not {_short(value)}")
    try:
        time = datetime.fromisoformat(value)
        if time.tzinfo is None:
            raise DocumentError(f"{_short(value)} has no offset from UTC")
        time = time.astimezone(UTC)
    except DocumentError:
        raise
    except (ValueError, OverflowError):
        raise DocumentError(f"expected an ISO 8601 time, not {_short(value)}") from None
    if time < _EPOCH:
        raise DocumentError(f"{_short(value)} is before 1970")
    return time


def _uplink(root: str, content: dict[str, Any]) -> Uplink:
    payload_hex = content.get("payload_hex") or ""  # an uplink of MAC commands only has none
    if not isinstance(payload_hex, str) or not _HEX.fullmatch(payload_hex):
        raise DocumentError(f"{root}.payload_hex: expected hexadecimal bytes, not {_short(payload_hex)}")
    error = content.get("payloadDecodedError")
    return Uplink(
        dev_eui=_named(root, "DevEUI", dev_eui_of, content),
        time=_named(root, "Time", parse_time, content),
        f_cnt_up=_whole(content, "FCntUp", root),
        f_port=_whole(content, "FPort", root),
        payload_hex=payload_hex.lower(),
        payload=content.get("payload"),
        decode_error=None if error is None else _error_text(error),
    )


def _notice(root: str, content: dict[str, Any], kind: str, *, heard: bool) -> Notice:
    name = next((name for name in _TIMES if name in content), None)
    plain = [(key, value) for key, value in content.items() if not isinstance(value, dict | list)]
    return Notice(
        dev_eui=_named(root, "DevEUI", dev_eui_of, content),
        time=None if name is None else _named(root, name, parse_time, content),
        kind=kind,
        heard=heard,
        facts={key[:_FACT_CHARS_MAX]: _fact(value) for key, value in plain[:_FACTS_MAX]},
    )


def _named(root: str, name: str, read: Any, content: dict[str, Any]) -> Any:
    if name not in content:
        raise DocumentError(f"{root}.{name}: is missing")
    try:
        return read(content[name])
    except DocumentError as error:
        raise DocumentError(f"{root}.{name}: {error}") from None


def _whole(content: dict[str, Any], name: str, root: str) -> int | None:
    value = content.get(name)
    if value is None:
        return None
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 0xFFFF_FFFF:
        raise DocumentError(f"{root}.{name}: expected a whole number from 0 to 4294967295, not {_short(value)}")
    return value


def _fact(value: str | float | bool | None) -> str | float | bool | None:
    return value[:_FACT_CHARS_MAX] if isinstance(value, str) else value


def _error_text(error: object) -> str:
    if isinstance(error, dict):
        return f"{error.get('code', '')} {error.get('message', '')}".strip()[:_FACT_CHARS_MAX]
    return str(error)[:_FACT_CHARS_MAX]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
