"""The device API over HTTP: the access token stands in the path (DeviceApiController).

A long poll is answered by the first command (the first change of shared attributes), and with 408 when none comes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from uplab.fakes.messages import Answer, json_answer, text_answer
from uplab.fakes.thingsboard.mqtt import firmware
from uplab.fakes.thingsboard.mqtt.device_api import attributes_asked_for
from uplab.fakes.thingsboard.rest.routing import ANYBODY, OK, ApiError, Call, PlainError, Route, bad_request
from uplab.fakes.thingsboard.state.claims import offer
from uplab.fakes.thingsboard.state.credentials import ACCESS_TOKEN
from uplab.fakes.thingsboard.state.package import chunk
from uplab.fakes.thingsboard.state.payloads import PayloadError, attributes, parse, read, telemetry
from uplab.fakes.thingsboard.state.provisioning import provision
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


def _admit(call: Call, device: Device, points: int) -> None:
    # Its callback answers whatever went wrong with 500, too many messages as well (HttpOkCallback).
    limits = call.state.limits
    if not limits.off and not limits.allow_message("device", device.id, call.state.now, points):
        raise PlainError(500)


def _telemetry(call: Call) -> Answer:
    device, now_ms = _device(call), call.state.now()
    try:
        entries = read(call.request.body, lambda tree, raw: telemetry(tree, now_ms, raw))
    except PayloadError as error:
        raise _malformed(error) from None
    _admit(call, device, sum(len(values) for _, values in entries))
    for ts, values in entries:
        device.save_telemetry(ts, values)
    return OK


def _save_attributes(call: Call) -> Answer:
    device = _device(call)
    try:
        values = read(call.request.body, attributes)
    except PayloadError as error:
        raise _malformed(error) from None
    _admit(call, device, 0)
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
    device = _device(call)
    try:
        offer(call.state, device, parse(call.request.body) if call.request.body else {})
    except PayloadError as error:
        raise _malformed(error) from None
    return OK


# --- long polls -----------------------------------------------------------------------------------------------------

_POLL_MS: Final = 60_000  # transport.http.request_timeout
_LONGEST_POLL_MS: Final = 300_000  # transport.http.max_request_timeout
_REPLY_S: Final = 60.0  # how long the rule chain may take to answer a device's own RPC


async def _poll(
    call: Call, device: Device, begin: Callable[[Device, Callable[[dict[str, Any] | None], None]], None]
) -> Answer:
    timeout_ms = min(call.number("timeout", 0) or _POLL_MS, _LONGEST_POLL_MS)
    come: asyncio.Future[dict[str, Any] | None] = asyncio.get_running_loop().create_future()

    def poll(value: dict[str, Any] | None) -> None:
        if not come.done():
            come.set_result(value)

    try:
        begin(device, poll)
        async with asyncio.timeout(timeout_ms / 1000):
            value = await come
        return text_answer(403, "Device was deleted!") if value is None else json_answer(200, value)
    except TimeoutError:
        return Answer(408)
    finally:
        call.board.links.end_poll(device, poll)


def _next_command(call: Call) -> Awaitable[Answer]:
    return _poll(call, _device(call), call.board.links.poll_rpc)


def _next_attributes(call: Call) -> Awaitable[Answer]:
    return _poll(call, _device(call), call.board.links.poll_attributes)


def _reply(call: Call) -> Answer:
    device, number = _device(call), call.ids["requestId"]
    if not (number.isascii() and number.isdigit()):
        raise bad_request(f"Method parameter 'requestId': Failed to convert value '{number}'")
    call.board.links.rpcs.replied(device, int(number[:11]), call.request.body)
    return OK


def _ask(call: Call) -> Awaitable[Answer]:
    """A device's own RPC: the default rule chain has no answer to any method."""
    _device(call)
    try:
        asked = parse(call.request.body)
    except PayloadError as error:
        raise _malformed(error) from None
    if not isinstance(asked, dict) or not isinstance(asked.get("method"), str) or "params" not in asked:
        raise _malformed(PayloadError("an RPC must be an object with method and params"))
    return _never_answered()


async def _never_answered() -> Answer:
    await asyncio.sleep(_REPLY_S)
    return json_answer(200, {"error": "timeout"})


# --- firmware and provisioning --------------------------------------------------------------------------------------


def _firmware(call: Call) -> Answer:
    device = _device(call)
    wanted = [call.query.get(name) for name in ("title", "version")]
    if None in wanted:
        raise bad_request("Required request parameters 'title' and 'version' are not present")
    package = firmware.assigned(call.state, device)
    if package is None:
        raise PlainError(404)
    if wanted != [package.fields["title"], package.fields["version"]]:
        raise PlainError(400)
    data = chunk(package, max(0, call.number("size", 0)), max(0, call.number("chunk", 0)))
    name = str(package.file.get("fileName"))
    headers = (
        ("Content-Disposition", f"attachment;filename={name}"),
        ("x-filename", name),
        ("Content-Type", str(package.file.get("contentType"))),
    )
    return Answer(200, data, headers)


def _software(call: Call) -> Answer:
    _device(call)
    raise PlainError(404)  # this fake assigns none, and says so where one would be assigned


def _provision(call: Call) -> Answer:
    try:
        return json_answer(200, provision(call.state, parse(call.request.body)))
    except PayloadError as error:
        raise _malformed(error) from None


_KEYS: dict[str, Scope] = {"clientKeys": "CLIENT_SCOPE", "sharedKeys": "SHARED_SCOPE"}

ROUTES = (
    Route("POST", "/api/v1/{deviceToken}/telemetry", _telemetry, ANYBODY),
    Route("POST", "/api/v1/{deviceToken}/attributes", _save_attributes, ANYBODY),
    Route("GET", "/api/v1/{deviceToken}/attributes", _attributes, ANYBODY),
    Route("GET", "/api/v1/{deviceToken}/attributes/updates", _next_attributes, ANYBODY),
    Route("GET", "/api/v1/{deviceToken}/rpc", _next_command, ANYBODY),
    Route("POST", "/api/v1/{deviceToken}/rpc", _ask, ANYBODY),
    Route("POST", "/api/v1/{deviceToken}/rpc/{requestId}", _reply, ANYBODY),
    Route("POST", "/api/v1/{deviceToken}/claim", _claim, ANYBODY),
    Route("GET", "/api/v1/{deviceToken}/firmware", _firmware, ANYBODY),
    Route("GET", "/api/v1/{deviceToken}/software", _software, ANYBODY),
    Route("POST", "/api/v1/provision", _provision, ANYBODY),
)
