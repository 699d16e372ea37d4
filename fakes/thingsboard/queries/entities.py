"""Entity queries: which devices a dashboard shows, in which order, and which values of them (EntityDataQuery).

Only devices can be found. What asks for other entities, or for what is not listed here, raises Unsupported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, get_args

from uplab.fakes.thingsboard.queries.predicates import Predicate, QueryError, predicate
from uplab.fakes.thingsboard.state.device import entity_id
from uplab.fakes.thingsboard.state.payloads import Value, value_of
from uplab.fakes.thingsboard.state.profiles import Unsupported
from uplab.fakes.thingsboard.state.tenant import CUSTOMER_USER, Device, Scope, State, User

__all__ = ["ATTRIBUTE_SCOPES", "Key", "Query", "QueryError", "Unsupported", "latest", "parse_query", "row"]

Key = tuple[str, str]  # type (TIME_SERIES, ATTRIBUTE, ...) and name
_Filter = Callable[[Device], bool]
_MOST_ROWS: Final = 10_000

ATTRIBUTE_SCOPES: Final[dict[str, tuple[Scope, ...]]] = {
    "ATTRIBUTE": get_args(Scope),
    "CLIENT_ATTRIBUTE": ("CLIENT_SCOPE",),
    "SHARED_ATTRIBUTE": ("SHARED_SCOPE",),
    "SERVER_ATTRIBUTE": ("SERVER_SCOPE",),
}
_FIELDS: Final[dict[str, Callable[[Device], object]]] = {
    "createdTime": lambda device: device.created_ms,
    "entityType": lambda _device: "DEVICE",
    "name": lambda device: device.name,
    "type": lambda device: device.type,
    "label": lambda device: device.label or "",
    "displayName": lambda device: device.label or device.name,
}
# Fields of other entities: empty for a device, as in ThingsBoard (EntityKeyMapping).
_EMPTY_FIELDS: Final = frozenset(
    "title firstName lastName email region country state city address address2 zip phone".split()  # noqa: SIM905
)
_KEY_TYPES: Final = frozenset({"TIME_SERIES", "ENTITY_FIELD", *ATTRIBUTE_SCOPES})


@dataclass(slots=True)
class Query:
    """A query that was read: `size` rows of page `number`, in `order`, with `fields` and the latest value of `keys`."""

    fits: _Filter
    fields: list[Key]
    keys: list[Key]
    number: int = 0
    size: int = 100
    text: str = ""
    order: tuple[Key, bool] | None = None  # the key, and whether it is descending
    dynamic: bool = False

    def found(self, state: State, user: User) -> list[Device]:
        """The devices that fit and that the user may see, in their order."""
        devices = [
            device
            for device in state.devices_of(user.tenant_id)
            if (user.authority != CUSTOMER_USER or device.customer_id == user.customer_id)
            and self.fits(device)
            and (not self.text or self.text in device.name.lower() or self.text in (device.label or "").lower())
        ]
        if self.order:
            key, descending = self.order
            devices.sort(key=lambda device: _sortable(latest(state, device, key)[1]), reverse=descending)
        return devices

    def page(self, state: State, user: User) -> tuple[list[Device], dict[str, Any]]:
        """The devices of the page, and what is said of the whole list."""
        found = self.found(state, user)
        start = self.number * self.size
        shown = found[start : start + self.size]
        return shown, {
            "totalPages": -(-len(found) // self.size),
            "totalElements": len(found),
            "hasNext": start + self.size < len(found),
        }


def latest(state: State, device: Device, key: Key) -> tuple[int, Value | None]:
    """The time (ms) and value of a key of a device; (0, None) when there is none."""
    kind, name = key
    if kind == "TIME_SERIES":
        return device.series.latest(name) or (0, None)
    if kind == "ENTITY_FIELD":
        return state.now(), _field(device, name)
    for scope in ATTRIBUTE_SCOPES[kind]:
        found = device.attributes(scope, state.now()).get(name)
        if found:
            return found
    return 0, None


def row(state: State, device: Device, keys: list[Key]) -> dict[str, Any]:
    """A device as the answer shows it."""
    values: dict[str, dict[str, Any]] = {}
    for key in keys:
        ts, value = latest(state, device, key)
        text = "" if value is None else value_of(value, strict=False)
        values.setdefault(key[0], {})[key[1]] = {"ts": ts, "value": text}
    return {"entityId": entity_id("DEVICE", device.id), "latest": values, "timeseries": {}, "aggLatest": {}}


def _field(device: Device, name: str) -> Value:
    if name in _FIELDS:
        found = _FIELDS[name](device)
        return found if isinstance(found, int) else str(found)
    if name == "additionalInfo":
        return device.additional_info
    return ""


def _sortable(value: Value | None) -> tuple[int, float, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 1, 0.0, "" if value is None else str(value).lower()
    return 0, float(value), ""


# --- reading --------------------------------------------------------------------------------------------------------


def parse_query(state: State, asked: Any, *, counts: bool = False) -> Query:
    """A query (`counts`: only to be counted); raises QueryError for what is none and Unsupported for too much."""
    if not isinstance(asked, dict):
        raise QueryError("Query is empty!")
    fits = _all_of(_entity_filter(asked.get("entityFilter")), _key_filters(state, asked))
    if counts:
        return Query(fits, [], [], size=_MOST_ROWS)
    link = asked.get("pageLink") or {}
    if not isinstance(link, dict):
        raise QueryError("pageLink must be an object")
    size, number = link.get("pageSize", 100), link.get("page", 0)
    if not isinstance(size, int) or not isinstance(number, int) or size < 1 or number < 0:
        raise QueryError("Page link page size must be greater than zero, and its page not negative")
    return Query(
        fits,
        _keys(asked.get("entityFields")),
        _keys(asked.get("latestValues")),
        number,
        min(size, _MOST_ROWS),
        str(link.get("textSearch") or "").lower(),
        _order(link.get("sortOrder")),
        link.get("dynamic") is True,
    )


def _all_of(first: _Filter, second: _Filter) -> _Filter:
    return lambda device: first(device) and second(device)


def _keys(asked: Any) -> list[Key]:
    return [_key(one) for one in asked or ()]


def _key(asked: Any) -> Key:
    if not isinstance(asked, dict) or not isinstance(asked.get("key"), str):
        raise QueryError("a key needs a type and a key")
    kind, name = asked.get("type"), asked["key"]
    if kind not in _KEY_TYPES:
        raise Unsupported(f"keys of the type {kind}")
    if kind == "ENTITY_FIELD" and not (name in _FIELDS or name == "additionalInfo" or name in _EMPTY_FIELDS):
        raise Unsupported(f"the entity field {name}")
    return kind, name


def _order(asked: Any) -> tuple[Key, bool] | None:
    if not asked:
        return None
    if not isinstance(asked, dict):
        raise QueryError("sortOrder must be an object")
    return _key(asked.get("key")), str(asked.get("direction") or "ASC").upper() == "DESC"


def _entity_filter(asked: Any) -> _Filter:
    if not isinstance(asked, dict):
        raise QueryError("Entity filter is empty!")
    kind = asked.get("type")
    make = _ENTITY_FILTERS.get(str(kind))
    if make is None:
        raise Unsupported(f"entity filters of the type {kind}")
    return make(asked)


def _only_devices(kind: object) -> None:
    if kind != "DEVICE":
        raise Unsupported(f"queries for {kind}")


def _single(asked: dict[str, Any]) -> _Filter:
    wanted = asked.get("singleEntity")
    if not isinstance(wanted, dict):
        raise QueryError("singleEntity is empty!")
    _only_devices(wanted.get("entityType"))
    return lambda device: device.id == wanted.get("id")


def _listed(asked: dict[str, Any]) -> _Filter:
    _only_devices(asked.get("entityType"))
    wanted = frozenset(map(str, asked.get("entityList") or ()))
    return lambda device: device.id in wanted


def _named(asked: dict[str, Any]) -> _Filter:
    _only_devices(asked.get("entityType"))
    begins = _begins(asked.get("entityNameFilter"))
    return lambda device: begins(device.name)


def _typed(asked: dict[str, Any]) -> _Filter:
    _only_devices(asked.get("entityType"))
    return lambda _device: True


def _device_typed(asked: dict[str, Any]) -> _Filter:
    types = frozenset(asked.get("deviceTypes") or ([asked["deviceType"]] if asked.get("deviceType") else ()))
    begins = _begins(asked.get("deviceNameFilter"))
    return lambda device: device.type in types and begins(device.name)


def _begins(text: object) -> Callable[[str], bool]:
    # A prefix, in whatever letter case; `%` is SQL's wildcard in ThingsBoard, and stands for anything here too.
    wanted = str(text or "").lower()
    inner = wanted.strip("%")
    if "%" in inner:
        raise Unsupported("a name filter with % inside")
    if wanted.startswith("%"):
        return lambda name: inner in name.lower()
    return lambda name: name.lower().startswith(inner)


_ENTITY_FILTERS: Final[dict[str, Callable[[dict[str, Any]], _Filter]]] = {
    "singleEntity": _single,
    "entityList": _listed,
    "entityName": _named,
    "entityType": _typed,
    "deviceType": _device_typed,
}


def _key_filters(state: State, asked: dict[str, Any]) -> _Filter:
    filters: list[tuple[Key, Predicate]] = []
    for one in asked.get("keyFilters") or ():
        if not isinstance(one, dict):
            raise QueryError("a key filter must be an object")
        filters.append((_key(one.get("key")), predicate(one.get("predicate"))))
    every = any if asked.get("keyFiltersOperation") == "OR" and filters else all

    def fits(device: Device) -> bool:
        return every(holds(latest(state, device, key)[1]) for key, holds in filters)

    return fits
