"""The network server's downlink interface without its socket: a signed query in, a status and a text out."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.parse import unquote_plus

from uplab.simulator import hops
from uplab.simulator.clock import parse_iso
from uplab.simulator.emit import Emit, ignore
from uplab.simulator.lorawan.ids import DevEUI
from uplab.simulator.network.downlink_queue import Queued, Rejected

__all__ = ["Answer", "Lrc", "Queues", "downlink_token"]

_QUEUED, _MALFORMED, _REJECTED = 200, 400, 350
_SIGNED = frozenset(
    {
        "DevEUI",
        "FPort",
        "Payload",
        "AS_ID",
        "Time",
        "Confirmed",
        "FlushDownlinkQueue",
        "ValidityTime",
        "CorrelationID",
        "RetryIneligibleGateways",  # for multicast; harmless here
    }
)
_ENCRYPTED_BY_APPLICATION = frozenset({"FCntDn", "AFCntDn"})
_HEX16 = re.compile(r"[0-9A-Fa-f]{16}")
_TOKEN = re.compile(r"[0-9A-Fa-f]{64}")
_DECIMAL = re.compile(r"[0-9]{1,9}")


class Answer(NamedTuple):
    """What the application server is told: 200 queued, 350 rejected, 400 not understood, each with a text."""

    status: int
    text: str


class Queues(Protocol):
    """The part of the network server that takes downlinks."""

    def enqueue(
        self,
        dev_eui: str,
        f_port: int,
        payload: bytes,
        *,
        confirmed: bool = False,
        flush: bool = False,
        valid_until_s: float | None = None,
        correlation_id: str | None = None,
        now: float,
    ) -> Queued | Rejected:
        """Queue a downlink for the device."""
        ...

    def flush(self, dev_eui: str) -> Queued | Rejected:
        """Empty the device's queue."""
        ...


class _MalformedError(Exception):
    """The query is not understood; the text names the parameter."""


class _RejectedError(Exception):
    """The query is understood and refused; the text is the cause."""


def downlink_token(query: str, key: str) -> str:
    """Return the token of a decoded query string without `Token`; the key counts letter for letter, case included."""
    return hashlib.sha256(f"{query}{key}".encode()).hexdigest()


class Lrc:
    """Checks who asks and what, and hands downlinks to the network server.

    `as_keys` maps each known AS_ID to its key.
    `max_deviation_s` is how far Time may be from now, None for any distance.
    """

    def __init__(
        self,
        queues: Queues,
        as_keys: Mapping[str, str],
        *,
        max_deviation_s: float | None = 600.0,
        emit: Emit = ignore,
    ) -> None:
        self.as_keys = dict(as_keys)
        self.max_deviation_s = max_deviation_s
        self._queues = queues
        self._emit = emit

    def answer(self, raw_query: str, *, now: float) -> Answer:
        """Return the answer to a POST with this query string, as it was received, percent signs and all."""
        fields: dict[str, str] = {}
        try:
            signed = _parse(raw_query, fields)
            if not _HEX16.fullmatch(fields.get("DevEUI", "")):
                raise _MalformedError(f"DevEUI: expected 16 hexadecimal digits, got {fields.get('DevEUI')!r}")
            f_port_text = fields.get("FPort")
            if f_port_text is not None and not _DECIMAL.fullmatch(f_port_text):
                raise _MalformedError(f"FPort: expected a number, got {f_port_text!r}")
            self._authenticate(fields, signed, now)
            outcome = self._queue(fields, now)
        except _MalformedError as error:
            return self._refuse(_MALFORMED, str(error), fields)
        except _RejectedError as error:
            return self._refuse(_REJECTED, str(error), fields)
        if isinstance(outcome, Rejected):
            return Answer(_REJECTED, outcome.cause)
        return Answer(_QUEUED, "Request queued by LRC")

    def _authenticate(self, fields: Mapping[str, str], signed: str, now: float) -> None:
        as_id = fields.get("AS_ID")
        if as_id is None:
            raise _RejectedError("AS_ID is missing")
        key = self.as_keys.get(as_id)
        if key is None:
            raise _RejectedError(f"AS_ID {as_id!r} is unknown")
        time = fields.get("Time")
        if time is None:
            raise _RejectedError("Time is missing")
        token = fields.get("Token")
        if token is None:
            raise _RejectedError("Token is missing")
        if not _TOKEN.fullmatch(token):
            raise _RejectedError("Token is malformed: expected 64 hexadecimal digits")
        # The digest is compared in lower case, because hexadecimal is; the key is never changed.
        if not hmac.compare_digest(token.lower(), downlink_token(signed, key)):
            raise _RejectedError("Token does not fit the query")
        moment = _moment("Time", time)
        if self.max_deviation_s is not None and abs(now - moment) > self.max_deviation_s:
            raise _RejectedError(f"Time deviates by {now - moment:.0f} s, at most {self.max_deviation_s:.0f} s allowed")

    def _queue(self, fields: Mapping[str, str], now: float) -> Queued | Rejected:
        for name in _ENCRYPTED_BY_APPLICATION & fields.keys():
            raise _RejectedError(f"{name}: payloads must not be encrypted, the network server holds the AppSKey")
        flush = _flag(fields, "FlushDownlinkQueue")
        confirmed = _flag(fields, "Confirmed")
        dev_eui = DevEUI(fields["DevEUI"])
        payload_text = fields.get("Payload")
        if payload_text is None:
            if flush:
                return self._queues.flush(dev_eui)
            raise _RejectedError("Payload is missing")
        if "FPort" not in fields:
            raise _RejectedError("FPort is missing")
        return self._queues.enqueue(
            dev_eui,
            int(fields["FPort"]),
            _payload(payload_text),
            confirmed=confirmed,
            flush=flush,
            valid_until_s=_valid_until(fields.get("ValidityTime"), now),
            correlation_id=_correlation_id(fields.get("CorrelationID")),
            now=now,
        )

    def _refuse(self, status: int, cause: str, fields: Mapping[str, str]) -> Answer:
        if self._emit is not ignore:
            f_port = fields.get("FPort", "")
            said = hops.network_downlink(
                dev_eui=fields.get("DevEUI"),
                f_port=int(f_port) if _DECIMAL.fullmatch(f_port) else None,
                payload_hex=fields.get("Payload"),
                correlation_id=fields.get("CorrelationID"),
                outcome="rejected",
                cause=cause,
            )
            self._emit(*said)
        return Answer(status, cause)


def _parse(raw_query: str, fields: dict[str, str]) -> str:
    """Fill in the decoded fields and return what the token is made of: the decoded query as it came, without Token."""
    signed = []
    for part in raw_query.split("&"):
        raw_name, equals, raw_value = part.partition("=")
        # A bare "+" is a space here, as for every server that reads a query as a form. A sender that leaves the "+" of
        # a time zone as it is has signed something else than what it sent, and is told so by the token.
        name, value = unquote_plus(raw_name), unquote_plus(raw_value)
        if not equals or not name:
            raise _MalformedError(f"query: expected name=value, got {part!r}")
        if name in fields:
            raise _MalformedError(f"{name}: given twice")
        if name != "Token" and name not in _SIGNED and name not in _ENCRYPTED_BY_APPLICATION:
            raise _MalformedError(f"{name}: unknown parameter")
        fields[name] = value
        if name != "Token":
            signed.append(f"{name}={value}")
    return "&".join(signed)


def _flag(fields: Mapping[str, str], name: str) -> bool:
    value = fields.get(name, "0")
    if value not in ("0", "1"):
        raise _RejectedError(f"{name}: expected 0 or 1, got {value!r}")
    return value == "1"


def _payload(text: str) -> bytes:
    if not text:
        raise _RejectedError("Payload is empty")
    if len(text) % 2:
        raise _RejectedError(f"Payload: odd number of hexadecimal digits ({len(text)})")
    try:
        payload = bytes.fromhex(text)
    except ValueError:
        payload = b""
    if payload.hex() != text.lower():  # fromhex forgives spaces
        raise _RejectedError("Payload: expected hexadecimal digits")
    return payload


def _moment(name: str, text: str) -> float:
    try:
        return parse_iso(text)
    except ValueError as error:
        raise _RejectedError(f"{name}: {error}") from error


def _valid_until(text: str | None, now: float) -> float | None:
    if text is None:
        return None
    until = now + int(text) if _DECIMAL.fullmatch(text) else _moment("ValidityTime", text)
    if until < now:
        raise _RejectedError(f"ValidityTime: already expired {now - until:.0f} s ago")
    return until


def _correlation_id(text: str | None) -> str | None:
    if text is not None and not _HEX16.fullmatch(text):
        raise _RejectedError(f"CorrelationID: expected 16 hexadecimal digits, got {text!r}")
    return text
