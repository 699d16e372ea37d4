"""What a body tells under load: whose document it is, when, which counter, and a digest of all that must stay.

A digest is of the JSON value without what a forwarder may add, so that order of members and the form of a number
(17.0 for 17) change nothing. Numbers count as IEEE doubles, as everywhere where speed is wanted.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from uplab.scenarios.checks.difference import without_additions
from uplab.scenarios.history.identity import find_report
from uplab.simulator.thingpark.documents import ADDED, COUNTERS, ROOTS, UPLINK, device_of, epoch_ms, instant_of, whole

__all__ = ["TELEMETRY", "UPLINKS", "Told", "digest_of", "told_by_document", "told_by_telemetry"]

UPLINKS: Final = "u"
"""The kind of an uplink with a counter; any other document's kind is its root."""

TELEMETRY: Final = "t"
"""The kind of what telemetry tells: any document of that Time, since it does not say which."""

_FRACTION: Final = re.compile(rb"\.0[,\]}]")  # what orjson writes of 17.0
_EXPONENT: Final = re.compile(rb"e[0-9]+[,\]}]")  # and of 1e22
_BYTES: Final = 8


class Told(NamedTuple):
    """Whose document, which kind, counter, milliseconds since 1970, digest; None is what the body does not say."""

    dev_eui: str
    kind: str
    f_cnt: int | None
    time_ms: int | None
    digest: str | None


def digest_of(document: Any) -> str:
    """Sixteen hexadecimal digits; equal JSON values have equal ones."""
    kept = _without_additions(document)
    text = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    if b"\\" in text or _EXPONENT.search(text):
        text = orjson.dumps(_plain(kept), option=orjson.OPT_SORT_KEYS)
    else:
        text = _without_fractions(text)
    return blake2b(text, digest_size=_BYTES).hexdigest()


def _without_additions(document: Any) -> Any:
    """The document as it was, where nothing was added: a copy costs more than a look."""
    report = document.get(UPLINK) if isinstance(document, dict) else None
    if isinstance(report, dict) and report.keys().isdisjoint(ADDED):
        driver = report.get("DriverCfg")
        if not isinstance(driver, dict) or "id" not in driver:
            return document
    return without_additions(document)


def _without_fractions(text: bytes) -> bytes:
    """17 for 17.0, outside of texts: those behind an odd number of quotes; there is no quote within one."""
    parts: list[bytes] = []
    begin = quotes = 0
    for match in _FRACTION.finditer(text):
        at = match.start()
        quotes += text.count(b'"', begin, at)
        if quotes % 2 or not text[at - 1 : at].isdigit():
            parts.append(text[begin : at + 2])
        else:
            parts.append(text[begin:at])
        begin = at + 2
    return b"".join([*parts, text[begin:]]) if parts else text


def told_by_document(document: Any) -> Told | None:
    """What a ThingPark document tells; None where it is none."""
    found = find_report(document)
    if found is None:
        return None
    name, report = found
    root = ROOTS[name]
    try:
        time_ms = epoch_ms(report["Time"]) if "Time" in report else instant_of(root, report)
    except (TypeError, ValueError, OverflowError):
        time_ms = None
    counter = next((whole(report[one]) for one in COUNTERS if report.get(one) is not None), None)
    kind = UPLINKS if name == UPLINK and counter is not None else name
    return Told(device_of(root, report), kind, counter, time_ms, digest_of(document))


def told_by_telemetry(message: Any) -> list[Told]:
    """What ThingsBoard's gateway telemetry tells: for each device one of each ts, with the counter where it names one.

    An uplink may be told in several points of one ts. Its content is another than the document's: it has no digest.
    """
    found: dict[tuple[str, int], Told] = {}
    for device, points in message.items() if isinstance(message, dict) else ():
        for point in points if isinstance(points, list) else ():
            ts = whole(point.get("ts")) if isinstance(point, dict) else None
            if ts is None:
                continue
            before = found.get((device, ts))
            counter = _counter(point.get("values"))
            if before is None or before.f_cnt is None:
                found[device, ts] = Told(str(device).upper(), TELEMETRY, counter, ts, None)
    return list(found.values())


def _counter(values: Any) -> int | None:
    if not isinstance(values, dict):
        return None
    if (usual := values.get("FCntUp")) is not None:
        return whole(usual)
    named = (value for name, value in values.items() if "fcntup" in str(name).lower())
    return next((whole(value) for value in named), None)


def _plain(value: Any) -> Any:
    """Numbers in one form each: a whole one without a fraction."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
