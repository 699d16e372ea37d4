"""The REST API under /api, ours: the real service's own is not public. JSON in, JSON out; API.md lists it too.

POST   /api/login                              {email, password} -> 200 {token}; 401
       all others: Authorization: Bearer <session token>, else 401
POST   /api/logout                             204
GET    /api/device-types                       list; POST {name, description, manufacturer, codec, fields} -> 201
POST   /api/device-types/load                  {name} from the repository -> 201; GET /api/repository lists it
DELETE /api/device-types/{id}                  204; 409 while devices are of that type
GET    /api/devices?deviceId=                  list; POST {name, deviceId, deviceTypeId} -> 201; 409 known already
GET    /api/devices/{id}                       lastSeen, lastEvents, lastValues, connectivity; DELETE -> 204
GET    /api/devices/{id}/history               ?field=&from=&to=&range=&limit=&offset= , oldest first
GET    /api/devices/{id}/events                newest first
PUT    /api/devices/{id}/connectivity          {networkServer: "ACTILITY", downlinkUrl, downlinkPort} -> 200
POST   /api/devices/{id}/connectivity/token    -> 201 {accessToken}; the one before is revoked
GET    /api/devices/{id}/downlinks             newest first; POST {payload_hex} -> 202, status "pending" at first
GET    /api/devices/{id}/report                ?fields=&from=&to=&range=  -> .xlsx

Errors: {"error": text, "field": name or absent} with 400, 401, 404, 405 or 409.
"""

from typing import Any, Final

import orjson

from uplab.fakes.messages import Answer, Request, json_answer
from uplab.fakes.widgelix.actions import (
    add_device,
    add_type,
    chosen_fields,
    load_type,
    make_report,
    set_connectivity,
    start_downlink,
)
from uplab.fakes.widgelix.errors import ConflictError, InvalidError, NotFoundError
from uplab.fakes.widgelix.fields import REPOSITORY
from uplab.fakes.widgelix.ranges import range_of
from uplab.fakes.widgelix.routing import Call, Posting, Reply, Route, find, parameters
from uplab.fakes.widgelix.state import WidgelixState
from uplab.fakes.widgelix.views import device_data, device_row, downlink_data, event_data, message_data, type_data

__all__ = ["PREFIX", "ROUTES", "answer"]

PREFIX: Final = "/api/"
_LIMIT: Final = 1_000
_LIMIT_MAX: Final = 10_000


def answer(state: WidgelixState, request: Request, uplink_url: str) -> Reply:
    """Answer a request under /api."""
    try:
        if request.path == "/api/login":
            return _log_in(state, request)
        session = _session(request)
        account = state.account_of(session)
        if account is None:
            return json_answer(401, {"error": "log in first: POST /api/login"}, ("WWW-Authenticate", "Bearer"))
        found = find(ROUTES, request.method, request.path)
        if isinstance(found, list):
            return _no_route(request, found)
        handler, ids = found
        return handler(Call(state, request, account, session, uplink_url, ids))
    except InvalidError as error:
        return json_answer(400, {"error": str(error), "field": error.field})
    except NotFoundError as error:
        return json_answer(404, {"error": str(error)})
    except ConflictError as error:
        return json_answer(409, {"error": str(error)})


def _session(request: Request) -> str:
    scheme, _, token = request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _no_route(request: Request, methods: list[str]) -> Answer:
    if methods:
        allowed = ", ".join(sorted(methods))
        error = f"{request.path} knows {allowed}, not {request.method}"
        return json_answer(405, {"error": error}, ("Allow", allowed))
    return json_answer(404, {"error": f"there is no {request.path}"})


def _members(request: Request) -> dict[str, Any]:
    try:
        members = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise InvalidError("body", f"the body is not JSON: {error}") from None
    if not isinstance(members, dict):
        raise InvalidError("body", "the body is not a JSON object")
    return members


def _log_in(state: WidgelixState, request: Request) -> Answer:
    if request.method != "POST":
        return _no_route(request, ["POST"])
    members = _members(request)
    for name in ("email", "password"):
        if not isinstance(members.get(name), str):
            raise InvalidError(name, "expected a text")
    token = state.log_in(members["email"], members["password"])
    if token is None:
        return json_answer(401, {"error": "the e-mail address or the password is wrong"})
    return json_answer(200, {"token": token})


def _log_out(call: Call) -> Reply:
    call.state.log_out(call.session)
    return Answer(204)


# --- device types


def _repository(_: Call) -> Reply:
    return json_answer(200, [{"name": name, "description": draft.description} for name, draft in REPOSITORY.items()])


def _types(call: Call) -> Reply:
    return json_answer(200, [type_data(known) for known in call.state.types(call.organisation)])


def _add_type(call: Call) -> Reply:
    return json_answer(201, type_data(add_type(call.state, call.organisation, _members(call.request))))


def _load_type(call: Call) -> Reply:
    return json_answer(201, type_data(load_type(call.state, call.organisation, _members(call.request))))


def _remove_type(call: Call) -> Reply:
    call.state.remove_type(call.organisation, call.ids[0])
    return Answer(204)


# --- devices


def _devices(call: Call) -> Reply:
    wanted = parameters(call.request).get("deviceId", "").upper()
    devices = call.state.devices(call.organisation)
    return json_answer(200, [device_row(device) for device in devices if wanted in ("", device.dev_eui)])


def _add_device(call: Call) -> Reply:
    device = add_device(call.state, call.organisation, _members(call.request))
    return json_answer(201, device_data(device, call.uplink_url))


def _device(call: Call) -> Reply:
    return json_answer(200, device_data(call.device, call.uplink_url))


def _remove_device(call: Call) -> Reply:
    call.state.remove_device(call.organisation, call.ids[0])
    return Answer(204)


def _history(call: Call) -> Reply:
    device, given = call.device, parameters(call.request)
    fields = chosen_fields(device, [value for name, value in call.request.query if name == "field"])
    span = range_of(given, call.state.now())
    limit = _whole(given, "limit", _LIMIT, _LIMIT_MAX)
    offset = _whole(given, "offset", 0, device.history.limit)
    messages = device.history.between(span.start, span.end)
    shown = [message_data(message, fields) for message in messages[offset : offset + limit]]
    return json_answer(200, {"total": len(messages), "dropped": device.history.dropped, "messages": shown})


def _whole(given: dict[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) > most:
        raise InvalidError(name, f"expected a whole number from 0 to {most}, not {text!r}")
    return int(text)


def _events(call: Call) -> Reply:
    device = call.device
    events = [event_data(event) for event in reversed(device.events)]
    return json_answer(200, {"dropped": device.events_total - len(device.events), "events": events})


# --- connectivity and downlinks


def _connect(call: Call) -> Reply:
    device = call.device
    set_connectivity(call.state, device, _members(call.request))
    return json_answer(200, device_data(device, call.uplink_url)["connectivity"])


def _generate(call: Call) -> Reply:
    return json_answer(201, {"accessToken": call.state.generate_token(call.device)})


def _downlinks(call: Call) -> Reply:
    device = call.device
    shown = [downlink_data(downlink) for downlink in reversed(device.downlinks)]
    return json_answer(200, {"dropped": device.downlinks_total - len(device.downlinks), "downlinks": shown})


def _send(call: Call) -> Reply:
    post = start_downlink(call.state, call.device, _members(call.request))
    return Posting(json_answer(202, downlink_data(post.downlink)), post)


def _report(call: Call) -> Reply:
    fields = [value for name, value in call.request.query if name == "fields"]
    return make_report(call.state, call.device, fields, parameters(call.request))


ROUTES: Final = (
    Route("POST", "/api/logout", _log_out),
    Route("GET", "/api/repository", _repository),
    Route("GET", "/api/device-types", _types),
    Route("POST", "/api/device-types", _add_type),
    Route("POST", "/api/device-types/load", _load_type),
    Route("DELETE", "/api/device-types/*", _remove_type),
    Route("GET", "/api/devices", _devices),
    Route("POST", "/api/devices", _add_device),
    Route("GET", "/api/devices/*", _device),
    Route("DELETE", "/api/devices/*", _remove_device),
    Route("GET", "/api/devices/*/history", _history),
    Route("GET", "/api/devices/*/events", _events),
    Route("PUT", "/api/devices/*/connectivity", _connect),
    Route("POST", "/api/devices/*/connectivity/token", _generate),
    Route("GET", "/api/devices/*/downlinks", _downlinks),
    Route("POST", "/api/devices/*/downlinks", _send),
    Route("GET", "/api/devices/*/report", _report),
)
