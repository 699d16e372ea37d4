"""ThingPark documents as the ingest reads them: bytes to an `Uplink` or a `Notice`. No state and no clock.

Numbers may come as numbers or as strings (both regimes are in use), times with any offset.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from uplab.simulator.thingpark.documents import ROOTS, UPLINK, Root, time_of, whole

__all__ = ["DocumentError", "Notice", "Uplink", "dev_eui_of", "parse", "parse_time"]

_DEV_EUI = re.compile(r"[0-9A-Fa-f]{16}")
_HEX = re.compile(r"(?:\s*[0-9A-Fa-f]{2})*\s*")  # some platforms put blanks between the bytes
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FACT_CHARS_MAX = 200
_FACTS_MAX = 40


class DocumentError(ValueError):
    """A document that the ingest does not take; the text names the member and says why."""


@dataclass(frozen=True, slots=True)
class Uplink:
    """What one `DevEUI_uplink` says; `time` is in UTC, `payload` is what a driver decoded, if any.

    An uplink that says no time, or says it as a number, is as of its arrival.
    """

    dev_eui: str
    time: datetime | None
    f_cnt_up: int | None
    f_port: int | None
    payload_hex: str
    payload: Any
    decode_error: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Any other report; `facts` are its plain members, `heard` says that the device itself spoke.

    `dev_eui` is empty for the alarm of a base station, which is about no device.
    """

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
    roots = [name for name in document if name in ROOTS]
    if len(roots) != 1:
        found = f"{', '.join(roots)}" if roots else "none"
        raise DocumentError(f"expected one root such as {UPLINK}, found {found}")
    root, content = ROOTS[roots[0]], document[roots[0]]
    if not isinstance(content, dict):
        raise DocumentError(f"{root.name}: is not an object")
    if root.name != UPLINK:
        return _notice(root, content, root.kind, heard=False)
    if "rawJoinRequest" in content or _whole(content, "MType", root.name) == 0:
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


def _time(root: Root, content: dict[str, Any]) -> datetime | None:
    told = time_of(root, content)
    if told is None or isinstance(told[1], int | float):
        return None
    return _named(root.name, told[0], parse_time, content)  # type: ignore[no-any-return]


def _uplink(kind: Root, content: dict[str, Any]) -> Uplink:
    root = kind.name
    payload_hex = content.get("payload_hex") or ""  # an uplink of MAC commands only has none
    if not isinstance(payload_hex, str) or not _HEX.fullmatch(payload_hex):
        raise DocumentError(f"{root}.payload_hex: expected hexadecimal bytes, not {_short(payload_hex)}")
    error = content.get("payloadDecodedError")
    return Uplink(
        dev_eui=_named(root, "DevEUI", dev_eui_of, content),
        time=_time(kind, content),
        f_cnt_up=_whole(content, "FCntUp", root),
        f_port=_whole(content, "FPort", root),
        payload_hex="".join(payload_hex.split()).lower(),
        payload=content.get("payload"),
        decode_error=None if error is None else _error_text(error),
    )


def _notice(root: Root, content: dict[str, Any], kind: str, *, heard: bool) -> Notice:
    about_device = root.device == "DevEUI" or content.get("DevEUI") is not None
    plain = [(key, value) for key, value in content.items() if not isinstance(value, dict | list)]
    return Notice(
        dev_eui=_named(root.name, "DevEUI", dev_eui_of, content) if about_device else "",
        time=_time(root, content),
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
    if value is None or value == "":  # the untyped form writes what is absent as an empty text
        return None
    number = whole(value)
    if number is None or not 0 <= number <= 0xFFFF_FFFF:
        raise DocumentError(f"{root}.{name}: expected a whole number from 0 to 4294967295, not {_short(value)}")
    return number


def _fact(value: str | float | bool | None) -> str | float | bool | None:
    return value[:_FACT_CHARS_MAX] if isinstance(value, str) else value


def _error_text(error: object) -> str:
    if isinstance(error, dict):
        return f"{error.get('code', '')} {error.get('message', '')}".strip()[:_FACT_CHARS_MAX]
    return str(error)[:_FACT_CHARS_MAX]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
