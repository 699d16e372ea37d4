"""The device API over HTTP: the access token stands in the path (DeviceApiController)."""

from typing import Any

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.mqtt.device_api import attributes_asked_for
from uplab.fakes.thingsboard.rest.routing import ANYBODY, OK, ApiError, Call, PlainError, Route
from uplab.fakes.thingsboard.state.credentials import ACCESS_TOKEN
from uplab.fakes.thingsboard.state.payloads import PayloadError, attributes, parse, read, telemetry
from uplab.fakes.thingsboard.state.tenant import Device, Scope

__all__ = ["ROUTES"]


def _device(call: Call) -> Device:
    """The device of the token; raises PlainError 401 without a text."""
    found = call.state.device_with(call.ids["deviceToken"])
    if found is None or found.credentials.type != ACCESS_TOKEN:
        raise PlainError(401)
    found.last_activity_ms = call.state.now()
    return found


def _malformed(error: PayloadError) -> ApiError:
    # A syntax error of Gson is none of the exceptions that get a status of their own.
    return ApiError(500, 2, str(error))


def _telemetry(call: Call) -> Answer:
    device, now_ms = _device(call), call.state.now()
    try:
        entries = read(call.request.body, lambda tree, raw: telemetry(tree, now_ms, raw))
    except PayloadError as error:
        raise _malformed(error) from None
    for ts, values in entries:
        device.series.save(ts, values)
    return OK


def _save_attributes(call: Call) -> Answer:
    device = _device(call)
    try:
        values = read(call.request.body, attributes)
    except PayloadError as error:
        raise _malformed(error) from None
    device.save_attributes("CLIENT_SCOPE", values, call.state.now())
    return OK


def _attributes(call: Call) -> Answer:
    device = _device(call)
    asked = {scope: call.query.get(name, "") for name, scope in _KEYS.items()}
    everything = not any(asked.values())
    found: dict[str, Any] = {}
    for scope, keys in asked.items():
        wanted = keys.split(",") if keys else []
        values = attributes_asked_for(call.state, device, scope, wanted, everything=everything)
        if values:
            found[scope.split("_")[0].lower()] = values
    return json_answer(200, found)


def _claim(call: Call) -> Answer:
    _device(call)
    try:
        tree = parse(call.request.body) if call.request.body else {}
    except PayloadError as error:
        raise _malformed(error) from None
    if not isinstance(tree, dict):
        raise _malformed(PayloadError("a claim must be an object or empty"))
    return OK


_KEYS: dict[str, Scope] = {"clientKeys": "CLIENT_SCOPE", "sharedKeys": "SHARED_SCOPE"}

ROUTES = (
    Route("POST", "/api/v1/{deviceToken}/telemetry", _telemetry, ANYBODY),
    Route("POST", "/api/v1/{deviceToken}/attributes", _save_attributes, ANYBODY),
    Route("GET", "/api/v1/{deviceToken}/attributes", _attributes, ANYBODY),
    Route("POST", "/api/v1/{deviceToken}/claim", _claim, ANYBODY),
)
