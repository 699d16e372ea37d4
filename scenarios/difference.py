"""How two documents differ: as JSON, numbers by value, without what a forwarder may add."""

from decimal import Decimal
from json import loads
from typing import Any

from scenarios.identity import find_report

__all__ = ["difference", "numbers", "without_additions"]

# What a forwarder may add to a document (design: "Unaltered").
ADDED = frozenset({"downlinkUrl", "payload", "payloadDecodedError"})


def difference(expected: Any, received: Any, pointer: str = "") -> str | None:
    """The first place where two JSON values differ, as "pointer: expected, received"; numbers compare by value."""
    if isinstance(expected, dict) and isinstance(received, dict):
        for key, value in expected.items():
            if key not in received:
                return f"{pointer}/{key}: expected {_short(value)}, received nothing"
            found = difference(value, received[key], f"{pointer}/{key}")
            if found:
                return found
        extra = [key for key in received if key not in expected]
        return (
            f"{pointer}/{extra[0]}: not in the network's document, received {_short(received[extra[0]])}"
            if extra
            else None
        )
    if isinstance(expected, list) and isinstance(received, list):
        for index, (one, other) in enumerate(zip(expected, received, strict=False)):
            found = difference(one, other, f"{pointer}/{index}")
            if found:
                return found
        return (
            None
            if len(expected) == len(received)
            else f"{pointer}: expected {len(expected)} elements, received {len(received)}"
        )
    if isinstance(expected, bool) != isinstance(received, bool) or expected != received:
        return f"{pointer}: expected {_short(expected)}, received {_short(received)}"
    return None


def _short(value: Any) -> str:
    text = repr(float(value)) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def numbers(raw: bytes) -> Any:
    """Reads JSON with its fractions as they are written, so that comparing loses no digit."""
    return loads(raw, parse_float=Decimal)


def without_additions(document: Any) -> Any:
    """The received document without what a forwarder may add."""
    found = find_report(document)
    if found is None or found[0] not in document:
        return document
    root, report = found
    kept = {key: value for key, value in report.items() if key not in ADDED}
    if isinstance(kept.get("DriverCfg"), dict):
        kept["DriverCfg"] = {key: value for key, value in kept["DriverCfg"].items() if key != "id"}
    return {**document, root: kept}
