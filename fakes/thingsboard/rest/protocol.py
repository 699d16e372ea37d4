"""The REST API without a socket: authentication, routing, errors. The handlers live in the `rest_...` modules."""

from collections.abc import Awaitable

import orjson

from uplab.fakes.messages import Answer, Request, json_answer
from uplab.fakes.thingsboard.rest import commands as rest_rpc
from uplab.fakes.thingsboard.rest import dashboards as rest_dashboards
from uplab.fakes.thingsboard.rest import device_api as rest_device_api
from uplab.fakes.thingsboard.rest import devices as rest_devices
from uplab.fakes.thingsboard.rest import telemetry as rest_telemetry
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.routing import (
    ANYBODY,
    AUTHENTICATION,
    TOKEN_EXPIRED,
    ApiError,
    Board,
    Call,
    PlainError,
    Route,
    Router,
    error_answer,
    forbidden,
    plain,
    unauthorized,
)
from uplab.fakes.thingsboard.rest.tokens import TokenError
from uplab.fakes.thingsboard.state.tenant import User

__all__ = ["Rest"]

_BAD_LOGIN = "Invalid username or password"


class Rest:
    """Answers requests to `/api/...`."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._router = Router()
        for routes in (
            _ROUTES,
            rest_devices.ROUTES,
            rest_telemetry.ROUTES,
            rest_rpc.ROUTES,
            rest_device_api.ROUTES,
            rest_dashboards.ROUTES,
        ):
            self._router.add(routes)

    def handle(self, request: Request) -> Answer | Awaitable[Answer]:
        """The answer to a request; an awaitable where a device has to answer first."""
        try:
            route, ids = self._router.find(request.method, request.path)
            user = None if route.who is ANYBODY else self._authenticate(request)
            if user is not None and user.authority not in route.who:
                raise forbidden()
            return route.handler(Call(self._board, request, ids, user))
        except ApiError as error:
            return error_answer(error.status, error.code, error.message, self._board.state.now())
        except PlainError as error:
            return plain(error.status, error.text)

    def _authenticate(self, request: Request) -> User:
        header = request.header("X-Authorization") or request.header("Authorization")
        if not header.startswith("Bearer "):
            raise unauthorized("Authentication failed")
        try:
            return self._board.tokens.user(header[len("Bearer ") :])
        except TokenError as error:
            raise _token_error(error) from None


def _token_error(error: TokenError) -> ApiError:
    if error.expired:
        return unauthorized("Token has expired", TOKEN_EXPIRED)
    return unauthorized(_BAD_LOGIN, AUTHENTICATION)


def _object(body: bytes) -> dict[str, object]:
    """The body of a login; whatever is wrong with it is a failed authentication."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise unauthorized("Authentication failed")
    return value


def _login(call: Call) -> Answer:
    fields = _object(call.request.body)
    username, password = fields.get("username"), fields.get("password")
    if not isinstance(username, str) or not username.strip() or not isinstance(password, str) or not password:
        raise unauthorized("Authentication failed")
    user = call.state.users.get(username.lower())
    if user is not None and user.locked:
        raise unauthorized("User account is locked due to security policy")
    if user is None or user.password != password:
        raise unauthorized(_BAD_LOGIN)
    if not user.enabled:
        raise unauthorized("User account is not active")
    return json_answer(200, call.board.tokens.pair(user))


def _refresh(call: Call) -> Answer:
    token = _object(call.request.body).get("refreshToken")
    if not isinstance(token, str) or not token:
        raise unauthorized("Authentication failed")
    try:
        return json_answer(200, call.board.tokens.pair(call.board.tokens.refreshed(token)))
    except TokenError as error:
        raise _token_error(error) from None


def _no_get(call: Call) -> Answer:  # noqa: ARG001 - the shape of a handler
    raise unauthorized("Authentication method not supported")


def _me(call: Call) -> Answer:
    return json_answer(200, views.user(call.user))


def _logout(call: Call) -> Answer:  # noqa: ARG001
    return Answer()


_ROUTES = (
    Route("POST", "/api/auth/login", _login, ANYBODY),
    Route("GET", "/api/auth/login", _no_get, ANYBODY),
    Route("POST", "/api/auth/token", _refresh, ANYBODY),
    Route("GET", "/api/auth/token", _no_get, ANYBODY),
    Route("GET", "/api/auth/user", _me),
    Route("POST", "/api/auth/logout", _logout),
)
