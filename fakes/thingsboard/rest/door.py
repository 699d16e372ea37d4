"""What a request meets before any handler, as in ThingsBoard: its size, its login, its method, its media type.

Sizes are those of `max_payload_size` in thingsboard.yml, paths without a login those of its security configuration;
media types and methods are answered as Spring answers them.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode

from uplab.fakes.messages import Answer, Request, json_answer
from uplab.fakes.thingsboard.rest.routing import FORM, not_here

__all__ = ["as_read", "is_open", "method", "turned_away"]

_OPEN: Final = re.compile(
    r"/api/(?:auth/(?:login|token)|auth/login/public|noauth/.*|license/.*|images/public/.*|v1/.*"
    r"|admin/mail/oauth2/code|device-connectivity/[^/]+/certificate/download)"
)
_LARGEST: Final = ((re.compile(r"/api/v1/[^/]+/rpc(?:/.*)?"), 65_536), (re.compile(r"/api/.*"), 16_777_216))


def is_open(path: str) -> bool:
    """Whether a path needs no login."""
    return _OPEN.fullmatch(path) is not None


def method(request: Request) -> str:
    """The method by which the handler is found: who asks for the head of an answer asks as GET does."""
    return "GET" if request.method == "HEAD" else request.method


def turned_away(request: Request) -> Answer | None:
    """The answer to a body that is too large; raises ApiError for what is asked from a page of another origin.

    ThingsBoard answers such pages (spring.mvc.cors). This fake does not: its demo login is public, so that any page of
    the internet could read through the browser of whoever runs it.
    """
    if request.method == "OPTIONS" and request.header("Origin") and request.header("Access-Control-Request-Method"):
        raise not_here("requests from pages of other origins (CORS)")
    limit = next((most for place, most in _LARGEST if place.fullmatch(request.path)), 0)
    if 0 < limit < request.size:
        return json_answer(413, f"Payload size exceeds the limit of {limit} bytes")
    if request.cut:
        raise not_here(f"bodies of more than {len(request.body)} bytes")
    return None


def as_read(request: Request) -> Request:
    """The request with the body that a handler of text gets: of a form, as curl sends it unasked, no JSON is left."""
    kind = request.header("Content-Type").partition(";")[0].strip().lower()
    if kind != FORM or request.method != "POST" or not request.body or request.path.startswith("/api/auth/"):
        return request
    pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)
    return request._replace(body=urlencode(pairs).encode())
