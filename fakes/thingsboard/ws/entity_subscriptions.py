"""The WebSocket subscriptions to an entity query: ENTITY_DATA, a page of devices, and ENTITY_COUNT."""

from typing import Any, Final

from uplab.fakes.thingsboard.queries.entities import ATTRIBUTE_SCOPES, Key, Query, Unsupported, parse_query, row
from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.series import Point
from uplab.fakes.thingsboard.state.tenant import Device, Scope, State, User
from uplab.fakes.thingsboard.ws.aggregates import aggregates
from uplab.fakes.thingsboard.ws.subscriptions import Send, history, text, turned

__all__ = ["PARTS", "EntityCountSubscription", "EntityDataSubscription"]

PARTS: Final = ("historyCmd", "latestCmd", "tsCmd", "aggHistoryCmd", "aggTsCmd")
_ALLOWED: Final = 10_000  # max_entities_per_data_subscription


def _ts_value(point: Point) -> dict[str, object]:
    return {"ts": point[0], "value": text(point[1])}


class EntityDataSubscription:
    """ENTITY_DATA: a page of devices with values, their past when asked, and what changes among them."""

    def __init__(self, state: State, user: User, cmd_id: int, send: Send) -> None:
        self._state = state
        self._user = user
        self._cmd_id = cmd_id
        self._send = send
        self._query: Query
        self._devices: list[Device] = []
        self._latest: dict[Key, None] = {}
        self._series: frozenset[str] = frozenset()
        self._told: dict[tuple[str, Key], tuple[int, str]] = {}
        self._activity: dict[str, dict[str, Value]] = {}
        self._watches = False

    def begin(self, command: dict[str, Any]) -> bool:
        self._query = parse_query(self._state, command.get("query"))
        self._part(command)
        self._answer(command, first=True)
        return True

    def more(self, command: dict[str, Any]) -> None:
        """Another command for the same query: its values or their past; the answer is an update."""
        watched = self._watches
        self._part(command)
        if self._watches and not watched:
            self._watch()
        self._answer(command, first=False)

    def _part(self, command: dict[str, Any]) -> None:
        latest, series = command.get("latestCmd"), command.get("tsCmd")
        if latest is not None:
            for one in latest.get("keys") or ():
                if one.get("type") not in (*ATTRIBUTE_SCOPES, "TIME_SERIES", "ENTITY_FIELD"):
                    raise Unsupported(f"keys of the type {one.get('type')}")
            self._latest = {(str(one["type"]), str(one["key"])): None for one in latest.get("keys") or ()}
        if series is not None:
            self._series = frozenset(map(str, series.get("keys") or ()))
        aggregated = command.get("aggTsCmd")
        if aggregated is not None:  # what comes is told as it is: the dashboard adds it to its aggregate
            self._series |= {str(one.get("key")) for one in aggregated.get("keys") or ()}
        self._watches = self._watches or latest is not None or series is not None or aggregated is not None

    def _answer(self, command: dict[str, Any], *, first: bool) -> None:
        if first:
            self._find()
        rows = [self._row(device) for device in self._devices]
        for name in ("historyCmd", "tsCmd"):
            asked = command.get(name)
            if asked is not None:
                start = int(asked.get("startTs") or 0)
                end = (
                    int(asked.get("endTs") or 0) if name == "historyCmd" else start + int(asked.get("timeWindow") or 0)
                )
                for device, shown in zip(self._devices, rows, strict=True):
                    for key in map(str, asked.get("keys") or ()):
                        points = history(device, key, asked, start, end)
                        shown["timeseries"][key] = [_ts_value(point) for point in points]
        for name in ("aggHistoryCmd", "aggTsCmd"):
            if command.get(name) is not None:
                for device, shown in zip(self._devices, rows, strict=True):
                    shown["aggLatest"] |= aggregates(device, command[name])
        if first:
            self._reply({"data": rows, **self._page}, None)
        else:
            self._reply(None, rows)

    def _row(self, device: Device) -> dict[str, Any]:
        keys = [*self._query.fields, *dict.fromkeys([*self._query.keys, *self._latest])]
        shown = row(self._state, device, keys)
        for kind, values in shown["latest"].items():
            for key, value in values.items():
                self._told[device.id, (kind, key)] = (value["ts"], value["value"])
        return shown

    def _find(self) -> None:
        self._unwatch()
        self._devices, self._page = self._query.page(self._state, self._user)
        if self._watches:
            self._watch()

    def _watch(self) -> None:
        for device in self._devices:
            device.watch(self)
            self._activity[device.id] = device.activity(self._state.now())

    def _unwatch(self) -> None:
        for device in self._devices:
            device.unwatch(self)
        self._told.clear()
        self._activity.clear()

    def _reply(self, data: Any, update: Any) -> None:
        self._send(
            {
                "cmdId": self._cmd_id,
                "errorCode": 0,
                "errorMsg": None,
                "cmdUpdateType": "ENTITY_DATA",
                "data": data,
                "update": update,
                "allowedEntities": _ALLOWED,
            }
        )

    def _changed(self, device: Device, latest: dict[str, Any] | None, timeseries: dict[str, Any] | None) -> None:
        entity = {"entityType": "DEVICE", "id": device.id}
        self._reply(None, [{"entityId": entity, "latest": latest, "timeseries": timeseries, "aggLatest": None}])

    def _latest_changed(self, device: Device, kind: str, ts: int, values: dict[str, Value]) -> None:
        found = {}
        for key in (key for one, key in self._latest if one == kind and key in values):
            told = self._told.get((device.id, (kind, key)))
            point = (ts, text(values[key]))
            # Neither what is older than what was shown, nor the same again (TbEntityDataSubCtx); 0 is a deletion.
            if told is None or not ts or (ts >= told[0] and point != told):
                self._told[device.id, (kind, key)] = point
                found[key] = {"ts": ts, "value": point[1]}
        if found:
            self._changed(device, {kind: found}, None)

    def telemetry(self, device: Device, ts: int, values: dict[str, Value]) -> None:
        """Values came: the latest ones that are shown, and those of the time series."""
        self._latest_changed(device, "TIME_SERIES", ts, values)
        wanted = {key: [{"ts": ts, "value": text(value)}] for key, value in values.items() if key in self._series}
        if wanted:
            self._changed(device, None, wanted)

    def attributes(self, device: Device, scope: Scope, ts: int, values: dict[str, Value], deleted: list[str]) -> None:
        """Attributes changed, or are gone."""
        for kind, scopes in ATTRIBUTE_SCOPES.items():
            if scope in scopes:
                self._latest_changed(device, kind, ts, values)
                self._latest_changed(device, kind, 0, dict.fromkeys(deleted, ""))

    def forgotten(self, device: Device, keys: list[str]) -> None:
        """Telemetry keys are gone."""
        self._latest_changed(device, "TIME_SERIES", 0, dict.fromkeys(keys, ""))

    def refresh(self, *, lists: bool) -> None:
        """Send the page anew when other devices stand in it, and what time alone has changed."""
        if lists:
            found, page = self._query.page(self._state, self._user)
            if page != self._page or found != self._devices or self._fields_changed():
                self._find()
                self._reply({"data": [self._row(device) for device in self._devices], **self._page}, None)
        if self._latest and self._watches:
            for device in self._devices:
                activity = device.activity(self._state.now())
                if turned(self._activity.get(device.id, {}), activity):
                    self._activity[device.id] = activity
                    for kind in ("ATTRIBUTE", "SERVER_ATTRIBUTE"):
                        self._latest_changed(device, kind, device.last_activity_ms, activity)

    def _fields_changed(self) -> bool:
        for device in self._devices:
            for kind, name in self._query.fields:
                if kind != "ENTITY_FIELD":
                    continue
                told = self._told.get((device.id, (kind, name)))
                shown = row(self._state, device, [(kind, name)])["latest"][kind][name]["value"]
                if told is not None and told[1] != shown:
                    return True
        return False

    def end(self) -> None:
        """Follow it no longer."""
        self._unwatch()


class EntityCountSubscription:
    """ENTITY_COUNT: how many devices fit a query, and when that changes."""

    def __init__(self, state: State, user: User, cmd_id: int, send: Send) -> None:
        self._state = state
        self._user = user
        self._cmd_id = cmd_id
        self._send = send
        self._query: Query
        self._count = -1

    def begin(self, command: dict[str, Any]) -> bool:
        self._query = parse_query(self._state, command.get("query"), counts=True)
        self.refresh(lists=True)
        return True

    def refresh(self, *, lists: bool) -> None:
        count = len(self._query.found(self._state, self._user)) if lists else self._count
        if count != self._count:
            self._count = count
            head = {"cmdId": self._cmd_id, "errorCode": 0, "errorMsg": None}
            self._send({**head, "cmdUpdateType": "COUNT_DATA", "count": count})

    def end(self) -> None:
        """Nothing is followed but the list of devices."""
