"""/oauth/token: client credentials against an access token; and the check that the other routes make."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.api.oauth import Guard
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.problem import problem
from uplab.simulator.forwarder.web.exchange import body_bytes, reply, responses
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["UnauthorisedError", "authorised", "oauth"]

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"enum": ["client_credentials"]},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                    },
                }
            }
        },
    }
}


class UnauthorisedError(Exception):
    """A request without a valid access token."""


def authorised(guard: Guard, token_url: str) -> Callable[[Request], None]:
    """Make the check of an access token."""

    def check(request: Request) -> None:
        if not guard.admits(request.headers.get("authorization")):
            raise UnauthorisedError(f"the access token is missing, wrong or expired; POST {token_url} gives one")

    return check


def oauth(guard: Guard) -> Routes:
    """Make the route that issues tokens; in an open API it gives one to everybody."""
    routes = Routes("/oauth", tag="OAuth")

    @routes.post("/tokenSwagger", hidden=True)  # public clients were seen to ask here
    @routes.post(
        "/token",
        operation_id="getToken",
        summary="Get an access token",
        body=lambda: _FORM,
        responses=responses(400, 401, 413),
    )
    async def token(request: Request) -> Response:
        try:
            form = parse_qs((await body_bytes(request, 65_536)).decode(), max_num_fields=20)
        except ValueError:
            raise InvalidError("", "the body is no form") from None
        if form.get("grant_type") != ["client_credentials"]:
            raise InvalidError("grant_type", "grant_type must be client_credentials")
        client_id, client_secret = _basic(request.headers.get("authorization")) or (
            form.get("client_id", [""])[0],
            form.get("client_secret", [""])[0],
        )
        answer = guard.issue(client_id, client_secret)
        if answer is None:
            return Response(problem(401, "client_id or client_secret is wrong"), 401, media_type="application/json")
        return reply(answer, headers={"Cache-Control": "no-store"})

    return routes


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, client_secret
