"""The WebSocket subscriptions to one device: each answers once with what there is, and then with what changes.

Answers and updates are a TelemetrySubscriptionUpdate. A deleted key comes as an empty value of the time 0, as in
ThingsBoard.
"""

import uuid
from collections.abc import Callable
from typing import Any, Final, Protocol, get_args

from uplab.fakes.thingsboard.queries.entities import Unsupported
from uplab.fakes.thingsboard.state.aggregation import (
    AGGREGATIONS,
    CALENDAR,
    AggregationError,
    aggregate,
    calendar,
    milliseconds,
    zone,
)
from uplab.fakes.thingsboard.state.payloads import Value, value_of
from uplab.fakes.thingsboard.state.series import Point
from uplab.fakes.thingsboard.state.tenant import CUSTOMER_USER, Device, Scope, State, User

__all__ = [
    "Attributes",
    "History",
    "Send",
    "Subscription",
    "SubscriptionError",
    "TimeSeries",
    "history",
    "not_here",
    "text",
    "turned",
]

Send = Callable[[object], None]
_INTERNAL, _BAD_REQUEST, _UNAUTHORIZED = 1, 2, 3
_LIMIT: Final = 100


class SubscriptionError(ValueError):
    """A command that is refused with a code of SubscriptionErrorCode."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def not_here(what: str) -> str:
    """What is said of a thing that ThingsBoard has and this fake does not."""
    return f"uplab's fake ThingsBoard does not have {what}; the real one has"


class Subscription(Protocol):
    """What a session knows of each."""

    def begin(self, command: dict[str, Any]) -> bool:
        """Answer the command; whether there is more to come. Raises SubscriptionError, QueryError, Unsupported."""

    def refresh(self, *, lists: bool) -> None:
        """Look again at what nobody tells: activity that ended, and the list of devices when `lists`."""

    def end(self) -> None:
        """Follow it no longer."""


def text(value: Value) -> str:
    """A value as updates have it."""
    return str(value_of(value, strict=False))


def _pair(point: Point) -> list[object]:
    return [point[0], text(point[1])]


def history(device: Device, key: str, asked: dict[str, Any], start: int, end: int) -> list[Point]:
    """Points of a window, newest first, aggregated as asked; raises SubscriptionError."""
    name, kind = asked.get("agg") or "NONE", asked.get("intervalType") or "MILLISECONDS"
    limit = asked.get("limit") or _LIMIT
    if name not in AGGREGATIONS:
        raise SubscriptionError(_INTERNAL, f"there is no aggregation {name}")
    if name == "NONE":
        return device.series.history(key, start, end, limit=limit)
    try:
        if kind in CALENDAR:
            interval = calendar(start, end, kind, zone(str(asked.get("timeZoneId") or "")))
        else:
            interval = milliseconds(start, end, int(asked.get("interval") or 0))
        points = device.series.history(key, start, end, limit=1 << 62, newest_first=False)
        return aggregate(points, name, interval)[::-1]
    except AggregationError as error:
        raise SubscriptionError(_INTERNAL, str(error)) from None


# --- one device -----------------------------------------------------------------------------------------------------


class _OfDevice:
    """What TIMESERIES, TIMESERIES_HISTORY and ATTRIBUTES have in common."""

    failure = "Failed to fetch data!"

    def __init__(self, state: State, user: User, cmd_id: int, send: Send) -> None:
        self._state = state
        self._user = user
        self._cmd_id = cmd_id
        self._send = send
        self._device: Device | None = None
        self._keys: frozenset[str] | None = None  # None: all

    def begin(self, command: dict[str, Any]) -> bool:
        if not command.get("entityId"):
            raise SubscriptionError(_BAD_REQUEST, "Device id is empty!")
        keys = command.get("keys")
        self._keys = frozenset(str(keys).split(",")) if keys else None
        self._device = self._found(command)
        self._answer(self._device, command)
        self._device.watch(self)
        return True

    def _found(self, command: dict[str, Any]) -> Device:
        kind = command.get("entityType") or "DEVICE"
        if kind != "DEVICE":
            raise Unsupported(f"subscriptions to {kind}")
        identifier = str(command["entityId"])
        try:
            device = self._state.devices.get(str(uuid.UUID(identifier)))
        except ValueError:
            raise SubscriptionError(_INTERNAL, f"Invalid UUID string: {identifier}") from None
        mine = device is not None and device.tenant_id == self._user.tenant_id
        if device is None:
            raise SubscriptionError(_INTERNAL, self.failure)
        seen = self._user.authority != CUSTOMER_USER or device.customer_id == self._user.customer_id
        if not mine or not seen:
            raise SubscriptionError(_UNAUTHORIZED, "Unauthorized")
        return device

    def _answer(self, device: Device, command: dict[str, Any]) -> None:
        raise NotImplementedError

    def _wanted(self, keys: Any) -> list[str]:
        return [key for key in keys if self._keys is None or key in self._keys]

    def _update(self, data: dict[str, list[list[Any]]]) -> None:
        latest = {key: pairs[-1][0] for key, pairs in data.items() if pairs}
        self._send(
            {"subscriptionId": self._cmd_id, "errorCode": 0, "errorMsg": None, "data": data, "latestValues": latest}
        )

    def refresh(self, *, lists: bool) -> None:
        """Nothing changes here but by events."""

    def end(self) -> None:
        if self._device is not None:
            self._device.unwatch(self)

    def telemetry(self, device: Device, ts: int, values: dict[str, Value]) -> None:
        """Not followed."""

    def attributes(self, device: Device, scope: Scope, ts: int, values: dict[str, Value], deleted: list[str]) -> None:
        """Not followed."""

    def forgotten(self, device: Device, keys: list[str]) -> None:
        """Not followed."""


class TimeSeries(_OfDevice):
    """TIMESERIES: the latest values, or a window of the past, and each value that comes."""

    _latest_only = False

    def _answer(self, device: Device, command: dict[str, Any]) -> None:
        self._latest_only = command.get("scope") == "LATEST_TELEMETRY"
        window = command.get("timeWindow") or 0
        data: dict[str, list[list[Any]]] = {}
        for key in device.series.keys() if self._keys is None else sorted(self._keys):
            if window > 0 and self._keys is not None:
                start = int(command.get("startTs") or 0)
                points = history(device, key, command, start, start + window)
            else:
                point = device.series.latest(key)
                points = [point] if point else []
            if points:
                data[key] = [_pair(point) for point in points]
        self._update(data)

    def telemetry(self, device: Device, ts: int, values: dict[str, Value]) -> None:
        keys = self._wanted(values)
        if self._latest_only:
            keys = [key for key in keys if (device.series.latest(key) or (ts,))[0] <= ts]
        if keys:
            self._update({key: [[ts, text(values[key])]] for key in keys})

    def forgotten(self, device: Device, keys: list[str]) -> None:  # noqa: ARG002 - the shape of a watcher
        if wanted := self._wanted(keys):
            self._update({key: [[0, ""]] for key in wanted})


class History(_OfDevice):
    """TIMESERIES_HISTORY: a window of the past, once."""

    def begin(self, command: dict[str, Any]) -> bool:
        if not command.get("entityId") or not command.get("entityType"):
            raise SubscriptionError(_BAD_REQUEST, "Device id is empty!")
        if not command.get("keys"):
            raise SubscriptionError(_BAD_REQUEST, "Keys are empty!")
        device = self._found(command)
        start, end = int(command.get("startTs") or 0), int(command.get("endTs") or 0)
        data = {}
        for key in str(command["keys"]).split(","):
            if points := history(device, key, command, start, end):
                data[key] = [_pair(point) for point in points]
        self._update(data)
        return False


class Attributes(_OfDevice):
    """ATTRIBUTES: those of one scope, or of all, and each change."""

    failure = "Failed to fetch attributes!"
    _scopes: tuple[Scope, ...] = get_args(Scope)
    _activity: dict[str, Value] = {}  # noqa: RUF012 - replaced, never changed

    def _answer(self, device: Device, command: dict[str, Any]) -> None:
        scope = command.get("scope") or "ANY_SCOPE"
        if scope != "ANY_SCOPE" and scope not in get_args(Scope):
            raise SubscriptionError(_INTERNAL, f"No enum constant TbAttributeSubscriptionScope.{scope}")
        self._scopes = get_args(Scope) if scope == "ANY_SCOPE" else (scope,)
        self._activity = device.activity(self._state.now())
        data: dict[str, list[list[Any]]] = {}
        for one in self._scopes:
            kept = device.attributes(one, self._state.now())
            for key in self._wanted(kept):
                data.setdefault(key, []).append(_pair(kept[key]))
        self._update(data)

    def attributes(
        self,
        device: Device,  # noqa: ARG002 - the shape of a watcher
        scope: Scope,
        ts: int,
        values: dict[str, Value],
        deleted: list[str],
    ) -> None:
        if scope in self._scopes:
            data: dict[str, list[list[Any]]] = {key: [[ts, text(values[key])]] for key in self._wanted(values)}
            data |= {key: [[0, ""]] for key in self._wanted(deleted)}
            if data:
                self._update(data)

    def refresh(self, *, lists: bool) -> None:  # noqa: ARG002 - the shape of a subscription
        device = self._device
        if device is None or "SERVER_SCOPE" not in self._scopes:
            return
        found = device.activity(self._state.now())
        if turned(self._activity, found):
            self._activity = found
            self._update({key: [[device.last_activity_ms, text(found[key])]] for key in self._wanted(found)})


def turned(before: dict[str, Value], now: dict[str, Value]) -> bool:
    """Whether activity changed in more than the time of the last word, which changes with each."""
    return any(before.get(key) != value for key, value in now.items() if key != "lastActivityTime")
