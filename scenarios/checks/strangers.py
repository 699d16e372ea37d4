"""What arrived where uplinks were awaited, and in which none was recognised: its beginning, and where was looked."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.identity import where_looked
from uplab.scenarios.history.pointers import Pointers
from uplab.scenarios.history.secrets import redact_text

__all__ = ["Strange", "Strangers"]

_BEGINNING = 160  # bytes of the first of them that are shown
_ENCODING = 40  # characters of a Content-Encoding that are shown
_LAST_MS = 253_402_300_799_999  # of the year 9999


class Strange(NamedTuple):
    """What is said of them, and what to try."""

    happened: str
    advice: str


class Strangers:
    """Keeps of all arrivals without an id their number, the first one's beginning, and the first with a wrong ts."""

    def __init__(self, pointers: Pointers | None = None) -> None:
        self.pointers = Pointers(*pointers) if pointers is not None else None
        self.count = 0
        self._first: tuple[str, bytes] | None = None
        self._awaited: set[str] = set()
        self._wrong_ts = ""
        self._packed = ""  # the Content-Encoding of the first
        self._several = ""  # what a profile says of a first that holds several values

    def expect(self, dev_eui: str) -> None:
        """Something of this device is awaited."""
        self._awaited.add(dev_eui.upper())

    def see(self, event: Event) -> None:
        """One arrival that is of no uplink."""
        raw = event.raw or b""
        self.count += 1
        if self._first is None:
            self._first = ("message" if event.hop == "destination.published" else "request", raw[:_BEGINNING])
            self._packed = _encoding_of(event)
            listed = self.pointers is not None and (self.pointers.lines or self.pointers.each is not None)
            self._several = "" if listed else _several_in(raw)
        self._wrong_ts = self._wrong_ts or self._under_which_ts(raw)

    def told(self) -> Strange | None:
        """None where there were none."""
        if self._first is None:
            return None
        kind, raw = self._first
        if self._wrong_ts:
            return Strange(self._wrong_ts, "ts is the uplink's Time in whole milliseconds since 1970")
        came = f"1 {kind} came" if self.count == 1 else f"{self.count} {kind}s came"
        if self._packed:
            return Strange(
                f"{came} in which no uplink was recognised: the first is packed (Content-Encoding: {self._packed})",
                "send the document as it is: no destination has said that it unpacks what it gets",
            )
        shown = " ".join(redact_text(raw.decode(errors="replace")).split())
        return Strange(
            f"{came} in which no uplink was recognised, the first: {shown}; looked {where_looked(self.pointers)}",
            "where its output has another form, name in the profile's [format] where it has DevEUI, counter and time"
            + self._several,
        )

    def _under_which_ts(self, raw: bytes) -> str:
        """Of telemetry of a device that is awaited: the time under which it came."""
        try:
            told = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return ""
        for device, points in told.items() if isinstance(told, dict) else ():
            if device.upper() in self._awaited and isinstance(points, list):
                for point in points:
                    if isinstance(point, dict) and "ts" in point:
                        ts = f"its ts is {text_of(point['ts']):.40}"
                        return f"telemetry of {device} arrived under {_day(point['ts'])}: {ts}"
        return ""


def _several_in(raw: bytes) -> str:
    """What a profile says of a body that holds several JSON values; empty where it does not."""
    if raw.lstrip()[:1] == b"[":
        return ', of each in the list: each = ""'
    first, _, rest = raw.strip().partition(b"\n")
    try:
        values = [orjson.loads(first), orjson.loads(rest.partition(b"\n")[0])]
    except orjson.JSONDecodeError:
        return ""
    return ", of each line: lines = true" if all(isinstance(value, dict) for value in values) else ""


def _encoding_of(event: Event) -> str:
    """How the body of a request is packed; empty where it is not."""
    said = [str(value) for name, value in event.facts.get("headers", ()) if str(name).lower() == "content-encoding"]
    return redact_text(", ".join(one for one in said if one.lower() not in ("", "identity")))[:_ENCODING]


def _day(ts: Any) -> str:
    if isinstance(ts, bool) or not isinstance(ts, int | float) or not 0 <= ts <= _LAST_MS:
        return "no time"
    return datetime.fromtimestamp(ts / 1000, UTC).isoformat(timespec="seconds")
