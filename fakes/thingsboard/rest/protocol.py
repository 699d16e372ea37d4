"""The REST API without a socket: authentication, routing, errors. The handlers live in the `rest_...` modules."""

from collections.abc import Awaitable

from uplab.fakes.messages import Answer, Request
from uplab.fakes.thingsboard.rest import accounts as rest_accounts
from uplab.fakes.thingsboard.rest import commands as rest_rpc
from uplab.fakes.thingsboard.rest import dashboards as rest_dashboards
from uplab.fakes.thingsboard.rest import device_api as rest_device_api
from uplab.fakes.thingsboard.rest import devices as rest_devices
from uplab.fakes.thingsboard.rest import door
from uplab.fakes.thingsboard.rest import firmware as rest_firmware
from uplab.fakes.thingsboard.rest import profiles as rest_profiles
from uplab.fakes.thingsboard.rest import queries as rest_queries
from uplab.fakes.thingsboard.rest import telemetry as rest_telemetry
from uplab.fakes.thingsboard.rest.routing import (
    TOO_MANY_REQUESTS,
    ApiError,
    Board,
    Call,
    PlainError,
    Route,
    Router,
    error_answer,
    forbidden,
    not_found,
    not_here,
    plain,
)
from uplab.fakes.thingsboard.state.tenant import User

__all__ = ["Rest"]


class Rest:
    """Answers requests to `/api/...`."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._router = Router()
        for routes in (
            rest_accounts.ROUTES,
            rest_devices.ROUTES,
            rest_profiles.ROUTES,
            rest_firmware.ROUTES,
            rest_queries.ROUTES,
            rest_telemetry.ROUTES,
            rest_rpc.ROUTES,
            rest_device_api.ROUTES,
            rest_dashboards.ROUTES,
        ):
            self._router.add(routes)

    def handle(self, request: Request) -> Answer | Awaitable[Answer]:
        """The answer to a request; an awaitable where a device has to answer first."""
        try:
            return door.turned_away(request) or self._answer(request)
        except ApiError as error:
            return error_answer(error.status, error.code, error.message, self._board.state.now(), allow=error.allow)
        except PlainError as error:
            return plain(error.status, error.text)

    def _answer(self, request: Request) -> Answer | Awaitable[Answer]:
        user, token = None, ""
        if not door.is_open(request.path):
            user, token = rest_accounts.authenticate(Call(self._board, request, {}))
        if request.method == "OPTIONS":
            return self._options(request)
        route, ids = self._router.find(door.method(request), request.path)
        if user is not None:
            self._check(request, route, user)
        return route.handler(Call(self._board, door.as_read(request), ids, user, token))

    def _options(self, request: Request) -> Answer:
        allow = self._router.methods(request.path)
        if not allow:
            raise not_found(f"No static resource {request.path[1:]}.")
        heads = ("HEAD",) if "GET" in allow else ()
        return Answer(200, b"", (("Allow", ", ".join([*allow, *heads, "OPTIONS"])),))

    def _check(self, request: Request, route: Route, user: User) -> None:
        """Whether the user may call it now, and with these parameters; raises ApiError."""
        state = self._board.state
        if not state.limits.allow("rest", user.tenant_id, state.now):
            raise ApiError(429, TOO_MANY_REQUESTS, "Too many requests for current tenant!")
        if user.authority not in route.who:
            raise forbidden()
        for name, _ in request.query if route.refuses else ():
            if name in route.refuses:
                raise not_here(f"the parameter {name} of {route.path}")
