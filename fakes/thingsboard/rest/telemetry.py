"""The REST API of telemetry and attributes (TelemetryController). Only devices have any here."""

from typing import Any, get_args

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.rest.devices import the_device
from uplab.fakes.thingsboard.rest.routing import OK, USERS, ApiError, Call, PlainError, Route, bad_request, not_here
from uplab.fakes.thingsboard.state.aggregation import (
    AGGREGATIONS,
    CALENDAR,
    AggregationError,
    Interval,
    aggregate,
    calendar,
    milliseconds,
    zone,
)
from uplab.fakes.thingsboard.state.payloads import (
    PayloadError,
    UnreadableError,
    attributes,
    parse,
    read,
    telemetry,
    value_of,
)
from uplab.fakes.thingsboard.state.series import Point
from uplab.fakes.thingsboard.state.tenant import SYS_ADMIN, Device, Scope

__all__ = ["ROUTES"]

_PREFIX = "/api/plugins/telemetry"
_ENTITY = _PREFIX + "/{entityType}/{entityId}"
_SCOPES = get_args(Scope)
_LONGEST_KEY = 255
# EntityType, as far as AccessValidator looks anything of it up.
_ENTITIES = frozenset(
    (
        *("API_USAGE_STATE", "ASSET", "ASSET_PROFILE", "CUSTOMER", "DEVICE", "DEVICE_PROFILE", "EDGE", "ENTITY_VIEW"),
        *("OTA_PACKAGE", "RPC", "RULE_CHAIN", "TB_RESOURCE", "TENANT", "TENANT_PROFILE", "USER"),
    )
)
_NO_ADMINS = "System administrator is not allowed to perform this operation!"


def _device(call: Call) -> Device:
    """The device of the path; whatever is wrong with it is told in plain text here."""
    kind = call.ids.get("entityType", "DEVICE")
    if kind not in _ENTITIES:
        raise bad_request(f"No enum constant org.thingsboard.server.common.data.EntityType.{kind:.50}")
    if kind != "DEVICE":
        raise not_here(f"telemetry and attributes of a {kind}")
    if call.user.authority == SYS_ADMIN:
        raise PlainError(403, _NO_ADMINS)
    try:
        return the_device(call, call.ids.get("entityId") or call.ids["deviceId"])
    except ApiError as error:
        if error.status == 404:
            raise PlainError(404, "Device with requested id wasn't found!") from None
        if error.status == 403:
            raise PlainError(403, error.message) from None
        raise


def _keys(call: Call) -> list[str]:
    """`key` may come several times; `keys` is one list with commas."""
    several = [value for name, value in call.request.query if name == "key"]
    text = call.query.get("keys", "")
    return several or (text.split(",") if text else [])


def _scope(call: Call) -> Scope:
    for scope in _SCOPES:
        if scope == call.ids["scope"]:
            return scope  # type: ignore[no-any-return]
    raise bad_request(f"Method parameter 'scope': Failed to convert value '{call.ids['scope']}'")


# --- telemetry ------------------------------------------------------------------------------------------------------


def _telemetry_keys(call: Call) -> Answer:
    return json_answer(200, _device(call).series.keys())


def _telemetry_values(call: Call) -> Answer:
    if "startTs" in call.query and "endTs" in call.query:
        return _history(call)
    series, strict = _device(call).series, call.flag("useStrictDataTypes")
    unknown = {"ts": call.state.now(), "value": None}
    found = {}
    for key in _keys(call) or series.keys():
        point = series.latest(key)
        found[key] = [_shown(point, strict=strict) if point else unknown]
    return json_answer(200, found)


def _history(call: Call) -> Answer:
    start, end, limit = call.number("startTs"), call.number("endTs"), call.number("limit", 100)
    series, strict = _device(call).series, call.flag("useStrictDataTypes")
    interval, name = _interval(call, start, end)
    keys, order = _keys(call), call.query.get("orderBy", "DESC")
    if not all(key.strip() for key in keys):
        raise PlainError(400, "Incorrect ReadTsKvQuery. Key can't be empty")
    if interval is None and keys:
        _check_page(limit, order)
    newest_first = order.upper() != "ASC"
    found = {}
    for key in keys:
        if interval is None:
            points = series.history(key, start, end, limit=limit, newest_first=newest_first)
        else:
            every = series.history(key, start, end, limit=1 << 62, newest_first=False)
            points = aggregate(every, name, interval)
        if points:
            found[key] = [_shown(point, strict=strict) for point in points]
    # Whoever counts points has to know when the bound of this fake, and not its subject, cost some.
    lost = (("X-Uplab-Dropped-Points", str(series.dropped)),) if series.dropped else ()
    return json_answer(200, found, *lost)


def _interval(call: Call, start: int, end: int) -> tuple[Interval | None, str]:
    """The intervals to aggregate over (None: the points as they are) and by what; raises ApiError 400."""
    name, kind = call.query.get("agg", "NONE"), call.query.get("intervalType") or "MILLISECONDS"
    length = call.number("interval", 0)
    if name not in AGGREGATIONS:
        raise bad_request(f"No enum constant org.thingsboard.server.common.data.kv.Aggregation.{name}")
    if kind != "MILLISECONDS" and kind not in CALENDAR:
        raise bad_request(f"Method parameter 'intervalType': Failed to convert value '{kind}'")
    try:
        if name == "NONE" or (kind == "MILLISECONDS" and not length):
            return None, name
        if kind == "MILLISECONDS":
            return milliseconds(start, end, length), name
        return calendar(start, end, kind, zone(call.query.get("timeZone", ""))), name
    except AggregationError as error:
        raise PlainError(400, str(error)) from None


def _check_page(limit: int, order: str) -> None:
    """What Spring says of a page that cannot be; where points are aggregated nobody asks for one."""
    if limit < 1:
        raise PlainError(400, "Page size must not be less than one")
    if order.upper() not in ("ASC", "DESC"):
        said = f"Invalid value '{order:.50}' for orders given; Has to be either 'desc' or 'asc' (case insensitive)"
        raise PlainError(400, said)


def _shown(point: Point, *, strict: bool) -> dict[str, Any]:
    return {"ts": point[0], "value": value_of(point[1], strict=strict)}


def _save_telemetry(call: Call) -> Answer:
    ttl = call.ids.get("ttl", "0")
    if not ttl.lstrip("-").isdecimal():
        raise bad_request(f"Method parameter 'ttl': Failed to convert value '{ttl}'")
    # Nothing expires here within a day, as on PostgreSQL: there the history is cleaned up once a day (sql.ttl).
    now_ms = call.state.now()
    try:
        entries = read(call.request.body, lambda tree, raw: telemetry(tree, now_ms, raw, nulls=False))
    except UnreadableError:
        raise PlainError(400, "Unable to parse time series payload: Invalid JSON body!") from None
    except PayloadError as error:
        raise PlainError(400, f"Unable to parse time series payload. Invalid JSON body: {error}") from None
    if not any(values for _, values in entries):
        raise PlainError(400, "No time series data found in request body!")
    device = _device(call)
    for key in {key: None for _, values in entries for key in values}:
        _check_key(key)
    for ts, values in entries:
        device.save_telemetry(ts, values)
    return OK


def _check_key(key: str) -> None:
    """A key as ThingsBoard stores it (KvUtils); raises ApiError 400."""
    if not key.strip():
        raise bad_request("Key can't be null or empty")
    if len(key) > _LONGEST_KEY:
        raise bad_request(f"Validation error: key length must be equal or less than {_LONGEST_KEY}")


def _delete_telemetry(call: Call) -> Answer:
    keys = _keys(call)
    if not keys:
        raise PlainError(400, "Empty keys: []")
    if call.flag("deleteAllDataForKeys"):
        start, end = 0, call.state.now()
    elif "startTs" in call.query and "endTs" in call.query:
        start, end = call.number("startTs"), call.number("endTs")
    else:
        raise PlainError(400, "When deleteAllDataForKeys is false, start and end timestamp values shouldn't be empty")
    latest = call.query.get("deleteLatest", "true").lower() not in ("false", "0", "no", "off")
    _device(call).delete_telemetry(keys, start, end, latest=latest, rewrite=call.flag("rewriteLatestIfDeleted"))
    return OK


# --- attributes -----------------------------------------------------------------------------------------------------


def _attribute_keys(call: Call) -> Answer:
    device = _device(call)
    scopes = [_scope(call)] if "scope" in call.ids else _SCOPES
    return json_answer(200, [key for scope in scopes for key in device.attributes(scope, call.state.now())])


def _attribute_values(call: Call) -> Answer:
    device, keys = _device(call), _keys(call)
    scopes = [_scope(call)] if "scope" in call.ids else _SCOPES
    return json_answer(
        200,
        [
            {"lastUpdateTs": ts, "key": key, "value": value}
            for scope in scopes
            for key, (ts, value) in device.attributes(scope, call.state.now()).items()
            if not keys or key in keys
        ],
    )


def _save_attributes(call: Call) -> Answer:
    scope = _scope(call)
    if scope == "CLIENT_SCOPE":
        raise PlainError(400, f"Invalid scope: {scope}")
    try:
        tree = parse(call.request.body)
    except PayloadError:
        raise PlainError(400, "Invalid JSON") from None
    if not isinstance(tree, dict):
        raise PlainError(400, "Request is not a JSON object")
    try:
        values = read(call.request.body, lambda found, raw: attributes(found, raw, nulls=False))
    except PayloadError as error:
        raise ApiError(500, 2, str(error)) from None
    if not values:
        raise PlainError(400, "No attributes data found in request body!")
    if not all(key.strip() for key in values):
        raise PlainError(400, "Key cannot be blank")
    device = _device(call)
    device.save_attributes(scope, values, call.state.now())
    if scope == "SHARED_SCOPE":
        call.board.act(call.board.links.attributes_changed(device, values))
    return OK


def _delete_attributes(call: Call) -> Answer:
    scope, keys = _scope(call), _keys(call)
    if not keys:
        raise PlainError(400, "Empty keys: []")
    device = _device(call)
    device.delete_attributes(scope, keys, call.state.now())
    if scope == "SHARED_SCOPE":
        call.board.act(call.board.links.attributes_changed(device, {}, keys))
    return OK


ROUTES = (
    Route("GET", f"{_ENTITY}/keys/timeseries", _telemetry_keys, USERS),
    Route("GET", f"{_ENTITY}/values/timeseries", _telemetry_values, USERS),
    Route("GET", f"{_ENTITY}/values/timeseries/history", _history, USERS),
    Route("POST", _ENTITY + "/timeseries/{scope}", _save_telemetry, USERS),
    Route("POST", _ENTITY + "/timeseries/{scope}/{ttl}", _save_telemetry, USERS),
    Route("DELETE", f"{_ENTITY}/timeseries/delete", _delete_telemetry, USERS),
    Route("GET", f"{_ENTITY}/keys/attributes", _attribute_keys, USERS),
    Route("GET", _ENTITY + "/keys/attributes/{scope}", _attribute_keys, USERS),
    Route("GET", f"{_ENTITY}/values/attributes", _attribute_values, USERS),
    Route("GET", _ENTITY + "/values/attributes/{scope}", _attribute_values, USERS),
    Route("POST", _PREFIX + "/{deviceId}/{scope}", _save_attributes, USERS),
    Route("POST", _ENTITY + "/{scope}", _save_attributes, USERS),
    Route("POST", _ENTITY + "/attributes/{scope}", _save_attributes, USERS),
    Route("DELETE", _PREFIX + "/{deviceId}/{scope}", _delete_attributes, USERS),
    Route("DELETE", _ENTITY + "/{scope}", _delete_attributes, USERS),
)
