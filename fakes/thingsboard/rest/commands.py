"""The REST API of commands to devices: one-way and two-way, the present paths and the older ones, and persistent ones.

A device that cannot be reached is waited for until the timeout: 504 on the present paths; on the older ones 408 when
it was sent and not answered, 409 when it was never sent (RpcV2Controller, RpcV1Controller). A persistent command is
answered at once with its id, under which its state is read.
"""

import asyncio
import uuid
from collections.abc import Awaitable
from typing import Any

import orjson

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.devices import the_device
from uplab.fakes.thingsboard.rest.routing import (
    OK,
    TENANT,
    ApiError,
    Call,
    PlainError,
    Route,
    bad_request,
    forbidden,
    not_found,
)
from uplab.fakes.thingsboard.state.rpc import STATES, Record, Rpc
from uplab.fakes.thingsboard.state.tenant import TENANT_ADMIN, Device

__all__ = ["ROUTES"]

_NOT_FOUND = "Device with requested id wasn't found!"


def _target(call: Call) -> Device:
    """The device of the path; what is wrong with it is told in plain text here, but for an id that is none."""
    try:
        return the_device(call, call.ids["deviceId"])
    except ApiError as error:
        if error.status == 400:
            raise
        raise PlainError(error.status, _NOT_FOUND if error.status == 404 else error.message) from None


def _call(call: Call, *, oneway: bool, timed_out: int, unreachable: int) -> Answer | Awaitable[Answer]:
    fields = call.text()
    method = fields.get("method")
    if not isinstance(method, str):
        raise bad_request("Invalid request body")
    device = _target(call)
    if fields.get("persistent") is True:
        return _persist(call, device, fields, oneway=oneway, timed_out=timed_out)
    done: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    rpc = call.board.links.rpcs.open(
        device,
        method,
        fields.get("params"),
        oneway=oneway,
        done=lambda payload: None if done.done() else done.set_result(payload),
    )
    return _converse(call, rpc, done, (_timeout_s(call, fields), timed_out, unreachable))


def _persist(call: Call, device: Device, fields: dict[str, Any], *, oneway: bool, timed_out: int) -> Answer:
    links, retries = call.board.links, fields.get("retries")
    retries = retries if isinstance(retries, int) else None
    record = links.persist(
        device,
        fields["method"],
        fields.get("params"),
        oneway=oneway,
        for_ms=round(_timeout_s(call, fields) * 1000),
        retries=retries,
        identifier=_request_id(fields),
        additional_info=fields.get("additionalInfo"),
    )
    params = fields.get("params")
    rpc = links.rpcs.open(device, fields["method"], params, oneway=oneway, record=record, retries=retries)
    if record.status == "EXPIRED":
        return Answer(timed_out)
    call.board.act(links.call(rpc))
    return json_answer(200, {"rpcId": record.id})


def _request_id(fields: dict[str, Any]) -> str | None:
    given = fields.get("requestUUID")
    if given is None:
        return None
    try:
        return str(uuid.UUID(str(given)))
    except ValueError:
        raise bad_request("Invalid request body") from None


async def _converse(call: Call, rpc: Rpc, done: asyncio.Future[bytes | None], ending: tuple[float, int, int]) -> Answer:
    """Send a command and wait for its reply; `ending` is the timeout in s and what it is answered with."""
    timeout_s, timed_out, unreachable = ending
    try:
        call.board.act(call.board.links.call(rpc))
        async with asyncio.timeout(timeout_s):
            return _answer(await done)
    except TimeoutError:
        return Answer(timed_out if rpc.sent else unreachable)
    finally:
        call.board.links.rpcs.give_up(rpc)


def _timeout_s(call: Call, fields: dict[str, Any]) -> float:
    ends = fields.get("expirationTime")
    if isinstance(ends, int):
        return max(0.0, (ends - call.state.now()) / 1000)
    wanted = fields.get("timeout")
    timeout_ms = float(wanted) if isinstance(wanted, int | float) else call.board.rpc_default_timeout_ms
    return max(call.board.rpc_min_timeout_ms, timeout_ms) / 1000


def _answer(payload: bytes | None) -> Answer:
    if not payload:
        return OK
    try:
        return json_answer(200, orjson.loads(payload))
    except orjson.JSONDecodeError:
        return Answer(406)


def _oneway(call: Call) -> Answer | Awaitable[Answer]:
    return _call(call, oneway=True, timed_out=504, unreachable=504)


def _twoway(call: Call) -> Answer | Awaitable[Answer]:
    return _call(call, oneway=False, timed_out=504, unreachable=504)


def _old_oneway(call: Call) -> Answer | Awaitable[Answer]:
    return _call(call, oneway=True, timed_out=408, unreachable=409)


def _old_twoway(call: Call) -> Answer | Awaitable[Answer]:
    return _call(call, oneway=False, timed_out=408, unreachable=409)


# --- persistent commands ------------------------------------------------------------------------------------------


def _record(call: Call) -> Record:
    """The record of the path, of a device that the user may see; raises ApiError 400, 403 or 404."""
    identifier = call.ids["rpcId"]
    try:
        found = call.board.links.rpcs.record(str(uuid.UUID(identifier)))
    except ValueError:
        raise bad_request(f"Invalid UUID string: {identifier}") from None
    if found is None:
        raise not_found(f"Rpc with id [{identifier}] is not found")
    if found.tenant_id != call.user.tenant_id:
        raise forbidden()
    the_device(call, found.device_id)
    return found


def _get(call: Call) -> Answer:
    return json_answer(200, views.rpc(_record(call)))


def _delete(call: Call) -> Answer:
    call.board.links.rpcs.delete(_record(call))
    return OK


def _of_device(call: Call) -> Answer:
    number, size = call.page()
    wanted = call.query.get("rpcStatus")
    if wanted is not None and wanted not in STATES:
        raise bad_request(f"Method parameter 'rpcStatus': Failed to convert value '{wanted}'")
    if wanted == "DELETED":
        raise bad_request("RpcStatus: DELETED")
    found = call.board.links.rpcs.records(_target(call))
    shown = call.sorted(
        [one for one in found if wanted is None or one.status == wanted],
        {
            "createdTime": lambda one: one.created_ms,
            "expirationTime": lambda one: one.expiration_ms,
            "status": lambda one: one.status,
        },
    )
    return json_answer(200, views.page(shown, number, size, views.rpc))


ROUTES = (
    Route("POST", "/api/rpc/oneway/{deviceId}", _oneway, TENANT),
    Route("POST", "/api/rpc/twoway/{deviceId}", _twoway, TENANT),
    Route("POST", "/api/plugins/rpc/oneway/{deviceId}", _old_oneway, TENANT),
    Route("POST", "/api/plugins/rpc/twoway/{deviceId}", _old_twoway, TENANT),
    Route("GET", "/api/rpc/persistent/{rpcId}", _get, TENANT),
    Route("DELETE", "/api/rpc/persistent/{rpcId}", _delete, frozenset({TENANT_ADMIN})),
    Route("GET", "/api/rpc/persistent/device/{deviceId}", _of_device, TENANT, refuses=("textSearch",)),
)
