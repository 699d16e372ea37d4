"""Downlinks: from a DevEUI_downlink document to the signed query of the network server, and back to a report."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from uplab.simulator.forwarder.clock import parse_iso
from uplab.simulator.forwarder.connections.connection import Configuration
from uplab.simulator.forwarder.documents.document import DOWNLINK, Document, is_dev_eui, read_document
from uplab.simulator.forwarder.documents.drivers import BUILT_IN, DriverError
from uplab.simulator.forwarder.documents.token import sign
from uplab.simulator.forwarder.invalid import InvalidError, refuse_unknown, require_object

__all__ = ["DOWNLINK_SCHEMA", "ROOT", "Downlink", "downlink_query", "parse_downlink", "read_downlink", "rejected"]

ROOT = DOWNLINK

_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"enum": [0, 1, "0", "1"]}
_COUNTER: dict[str, Any] = {"type": ["integer", "string"]}
_FIELDS: dict[str, dict[str, Any]] = {
    "Time": {"type": "string", "format": "date-time"},
    "DevEUI": {"type": "string", "pattern": "^[0-9A-Fa-f]{16}$"},
    "FPort": {"type": ["integer", "string"], "minimum": 1, "maximum": 224},
    "payload_hex": {"type": "string", "pattern": "^([0-9A-Fa-f]{2})+$"},
    "payload": {"type": "object"},
    "FCntDn": _COUNTER,
    "AFCntDn": _COUNTER,
    "Confirmed": _FLAG,
    "FlushDownlinkQueue": _FLAG,
    "RetryIneligibleGateways": _FLAG,
    "ValidityTime": {"type": ["integer", "string"]},
    "AS_ID": _TEXT,
    "AS_KEY": _TEXT,
    "Token": _TEXT,
    "CorrelationID": _TEXT,
    "DriverCfg": {"type": "object"},
}
DOWNLINK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [ROOT],
    "additionalProperties": False,
    "properties": {
        ROOT: {"type": "object", "required": ["DevEUI"], "additionalProperties": False, "properties": _FIELDS}
    },
}
"""The documented fields (Downlink Message page), for the API's description."""

Encode = Callable[[dict[str, Any] | None, object], tuple[int, bytes]]
"""FPort and bytes of a downlink object, by the driver that a DriverCfg names; DriverError."""

_HEX_PAIRS = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_TOKEN = re.compile(r"[0-9A-Fa-f]{64}")
_LOWEST_PORT, _HIGHEST_PORT = 1, 224
_COUNTER_MAX = 2**32 - 1
_VALIDITY_MAX_S = 999_999_999


@dataclass(frozen=True, slots=True)
class Downlink:
    """A downlink that is right in itself; whether it can be sent is for the network server to say."""

    dev_eui: str
    f_port: int | None  # None when it only empties the queue
    payload_hex: str | None
    parameters: tuple[tuple[str, str], ...]  # the optional ones, in the order in which they go into the query
    time: str | None
    as_id: str | None
    as_key: str | None
    token: str | None
    correlation_id: str | None


def parse_downlink(raw: object) -> dict[str, Any]:
    """Check a document's shape and give its content; InvalidError names the field."""
    document = require_object(raw, "the body")
    refuse_unknown(document, (ROOT,))
    if ROOT not in document or len(document) > 1:
        raise InvalidError(ROOT, f"the body must have {ROOT} as its only root")
    content = require_object(document[ROOT], ROOT)
    refuse_unknown(content, _FIELDS, field=ROOT)
    for name in content:
        if name not in _FIELDS:
            raise InvalidError(_path(name), f"{_path(name)} is unknown")
    dev_eui = content.get("DevEUI")
    if dev_eui is None:
        raise InvalidError(_path("DevEUI"), f"{_path('DevEUI')} is mandatory")
    if not isinstance(dev_eui, str) or not is_dev_eui(dev_eui):
        raise InvalidError(_path("DevEUI"), f"{_path('DevEUI')} must be 16 hexadecimal digits")
    if "payload" in content and "payload_hex" in content:
        raise InvalidError(_path("payload_hex"), f"{_path('payload_hex')} and payload exclude each other")
    return content


def read_downlink(
    content: Mapping[str, Any],
    configuration: Configuration,
    driver: dict[str, Any] | None,
    encode: Encode = BUILT_IN.encode,
) -> Downlink:
    """Make a downlink of a checked content; `driver` is the device's DriverCfg. InvalidError names the field."""
    flush = _flag(content, "FlushDownlinkQueue")
    f_port, payload_hex = _payload(content, driver, encode)
    if payload_hex is None:
        if flush != "1":
            raise InvalidError(
                _path("payload_hex"), f"{_path('payload_hex')} or payload is mandatory, unless FlushDownlinkQueue is 1"
            )
        f_port = _port(content.get("FPort"))
    else:
        f_port = _port(content.get("FPort")) or _port(configuration.downlink_port) or f_port
        if f_port is None:
            raise InvalidError(
                _path("FPort"), f"{_path('FPort')} is mandatory, because the connection has no downlinkPort"
            )
    validity = _validity(content.get("ValidityTime"))
    optional = (
        ("Confirmed", _flag(content, "Confirmed")),
        ("FlushDownlinkQueue", flush),
        ("ValidityTime", validity),
        ("CorrelationID", _text(content, "CorrelationID")),
        ("RetryIneligibleGateways", _flag(content, "RetryIneligibleGateways")),
        ("FCntDn", _counter(content, "FCntDn")),
        ("AFCntDn", _counter(content, "AFCntDn")),
    )
    return Downlink(
        content["DevEUI"].upper(),
        f_port,
        payload_hex,
        tuple((name, value) for name, value in optional if value is not None),
        _time(content),
        _text(content, "AS_ID"),
        _text(content, "AS_KEY"),
        _token(content),
        _text(content, "CorrelationID"),
    )


def downlink_query(downlink: Downlink, as_id: str | None, as_key: str | None, now: str) -> list[tuple[str, str]]:
    """Give the decoded query for the network server; AS_ID and key count where the downlink has none of its own.

    A Token that the downlink brings is passed on as it is: only its maker knows the key.
    """
    pairs = [("DevEUI", downlink.dev_eui)]
    if downlink.f_port is not None:
        pairs.append(("FPort", str(downlink.f_port)))
    if downlink.payload_hex is not None:
        pairs.append(("Payload", downlink.payload_hex))
    as_id, as_key = downlink.as_id or as_id, downlink.as_key or as_key
    if as_id is None:
        return [*pairs, *downlink.parameters]
    pairs += [("AS_ID", as_id), ("Time", downlink.time or now), *downlink.parameters]
    if downlink.token is not None:
        return [*pairs, ("Token", downlink.token)]
    return [*pairs, ("Token", sign(pairs, as_key))] if as_key is not None else pairs


def rejected(downlink: Downlink, cause: str, status: int, customer: object, now: str) -> Document:
    """Make the DevEUI_downlink_Rejected report that tells the destination why."""
    content = {
        "Time": now,
        "DevEUI": downlink.dev_eui,
        "FPort": downlink.f_port,
        "DeliveryStatus": status,
        "DownlinkRejectionCause": cause,
        "CustomerID": customer,
        "CorrelationID": downlink.correlation_id,
    }
    report = {"DevEUI_downlink_Rejected": {name: value for name, value in content.items() if value is not None}}
    return read_document(orjson.dumps(report))


def _path(name: str) -> str:
    return f"{ROOT}.{name}"


def _payload(
    content: Mapping[str, Any], driver: dict[str, Any] | None, encode: Encode
) -> tuple[int | None, str | None]:
    """Give the bytes as hexadecimal digits, and the port that the driver wants, if it was asked."""
    if "payload_hex" in content:
        payload_hex = content["payload_hex"]
        if not isinstance(payload_hex, str) or not _HEX_PAIRS.fullmatch(payload_hex):
            raise InvalidError(_path("payload_hex"), f"{_path('payload_hex')} must be pairs of hexadecimal digits")
        return None, payload_hex
    if "payload" not in content:
        return None, None
    override = content.get("DriverCfg")
    if override is not None and not isinstance(override, dict):
        raise InvalidError(_path("DriverCfg"), f"{_path('DriverCfg')} must be an object")
    try:
        f_port, payload = encode(override or driver, content["payload"])
    except DriverError as error:
        raise InvalidError(_path("payload"), f"{_path('payload')} cannot be encoded: {error}") from None
    return f_port, payload.hex()


def _port(value: object) -> int | None:
    if value is None:
        return None
    number = _number(value)
    if number is None or not _LOWEST_PORT <= number <= _HIGHEST_PORT:
        raise InvalidError(_path("FPort"), f"{_path('FPort')} must be a number from 1 to 224")
    return number


def _counter(content: Mapping[str, Any], name: str) -> str | None:
    if (value := content.get(name)) is None:
        return None
    number = _number(value)
    if number is None or number > _COUNTER_MAX:
        raise InvalidError(_path(name), f"{_path(name)} must be a counter of 32 bits")
    return str(number)


def _flag(content: Mapping[str, Any], name: str) -> str | None:
    value = content.get(name)
    if value is None:
        return None
    if type(value) not in (int, str) or value not in (0, 1, "0", "1"):  # neither true nor 1.0
        raise InvalidError(_path(name), f"{_path(name)} must be 0 or 1")
    return str(value)


def _text(content: Mapping[str, Any], name: str) -> str | None:
    value = content.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value or len(value) > 256 or not value.isprintable():
        raise InvalidError(_path(name), f"{_path(name)} must be a string of 1 to 256 printable characters")
    return value


def _token(content: Mapping[str, Any]) -> str | None:
    token = _text(content, "Token")
    if token is not None and not _TOKEN.fullmatch(token):
        raise InvalidError(_path("Token"), f"{_path('Token')} must be 64 hexadecimal digits")
    return token


def _time(content: Mapping[str, Any]) -> str | None:
    time = _text(content, "Time")
    if time is not None and parse_iso(time) is None:
        raise InvalidError(_path("Time"), f"{_path('Time')} must be an ISO 8601 time with its offset")
    return time


def _validity(value: object) -> str | None:
    if value is None:
        return None
    number = _number(value)
    if number is not None and number <= _VALIDITY_MAX_S:
        return str(number)
    if not isinstance(value, str) or parse_iso(value) is None:
        name = _path("ValidityTime")
        raise InvalidError(name, f"{name} must be an ISO 8601 time or a number of seconds")
    return value


def _number(value: object) -> int | None:
    """Read a whole number, which some documents write as a string; not below zero."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        return int(value)
    return value if isinstance(value, int) and value >= 0 else None
