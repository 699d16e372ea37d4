"""The REST API of commands to devices: one-way and two-way, the present paths and the older ones.

A device that cannot be reached is waited for until the timeout: 504 on the present paths; on the older ones 408 when
it was sent and not answered, 409 when it was never sent (RpcV2Controller, RpcV1Controller).
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import orjson

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.rest.devices import the_device
from uplab.fakes.thingsboard.rest.routing import OK, TENANT, ApiError, Call, PlainError, Route, bad_request
from uplab.fakes.thingsboard.state.rpc import Rpc

__all__ = ["ROUTES"]

_NOT_FOUND = "Device with requested id wasn't found!"


def _call(call: Call, *, oneway: bool, timed_out: int, unreachable: int) -> Awaitable[Answer]:
    fields = call.json()
    method = fields.get("method")
    if not isinstance(method, str):
        raise bad_request("Invalid request body")
    try:
        device = the_device(call, call.ids["deviceId"])
    except ApiError as error:
        if error.status == 400:
            raise
        raise PlainError(error.status, _NOT_FOUND if error.status == 404 else error.message) from None
    done: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    rpc = call.board.links.rpcs.open(
        device,
        method,
        fields.get("params"),
        oneway=oneway,
        done=lambda payload: None if done.done() else done.set_result(payload),
    )
    return _converse(call, rpc, done, (_timeout_s(call, fields), timed_out, unreachable))


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


def _oneway(call: Call) -> Awaitable[Answer]:
    return _call(call, oneway=True, timed_out=504, unreachable=504)


def _twoway(call: Call) -> Awaitable[Answer]:
    return _call(call, oneway=False, timed_out=504, unreachable=504)


def _old_oneway(call: Call) -> Awaitable[Answer]:
    return _call(call, oneway=True, timed_out=408, unreachable=409)


def _old_twoway(call: Call) -> Awaitable[Answer]:
    return _call(call, oneway=False, timed_out=408, unreachable=409)


ROUTES = (
    Route("POST", "/api/rpc/oneway/{deviceId}", _oneway, TENANT),
    Route("POST", "/api/rpc/twoway/{deviceId}", _twoway, TENANT),
    Route("POST", "/api/plugins/rpc/oneway/{deviceId}", _old_oneway, TENANT),
    Route("POST", "/api/plugins/rpc/twoway/{deviceId}", _old_twoway, TENANT),
)
