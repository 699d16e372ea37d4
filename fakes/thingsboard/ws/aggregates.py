"""The aggregates of an entity query (`aggHistoryCmd`, `aggTsCmd`): for each key the one value of a window.

Each key is asked with an id of its own, under which its answer stands: `current` for the window, `previous` for the
times that a history's key may name besides. Where nothing lies in a window, SUM and COUNT are 0 at its middle, and the
others an empty value of the time 0 (ReadTsKvQueryResult).
"""

from collections.abc import Iterator
from typing import Any

from uplab.fakes.thingsboard.state.tenant import Device
from uplab.fakes.thingsboard.ws.subscriptions import history, text

__all__ = ["aggregates"]

_EMPTY: dict[str, object] = {"ts": 0, "value": ""}
_ZERO = ("SUM", "COUNT")


def aggregates(device: Device, command: dict[str, Any]) -> dict[str, dict[str, object]]:
    """The answers by the ids of their keys; raises SubscriptionError."""
    start = int(command.get("startTs") or 0)
    end = start + int(command["timeWindow"] or 0) if "timeWindow" in command else int(command.get("endTs") or 0)
    return {str(key.get("id") or 0): dict(_of_key(device, key, start, end)) for key in command.get("keys") or ()}


def _of_key(device: Device, key: dict[str, Any], start: int, end: int) -> Iterator[tuple[str, dict[str, object]]]:
    before, until = key.get("previousStartTs"), key.get("previousEndTs")
    previous = before is not None and until is not None and until >= before
    if key.get("previousValueOnly") is not True:
        yield "current", _value(device, key, start, end)
    if previous:
        yield "previous", _value(device, key, int(before or 0), int(until or 0))
    elif key.get("previousValueOnly") is True:
        yield from (("current", _EMPTY), ("previous", _EMPTY))


def _value(device: Device, key: dict[str, Any], start: int, end: int) -> dict[str, object]:
    asked = {"agg": key.get("agg"), "interval": end - start, "limit": 1}
    points = history(device, str(key.get("key")), asked, start, end)
    if points:
        return {"ts": points[0][0], "value": text(points[0][1])}
    return {"ts": start + (end - start) // 2, "value": "0"} if key.get("agg") in _ZERO else _EMPTY
