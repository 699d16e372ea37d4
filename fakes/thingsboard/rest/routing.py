"""The REST API's bones: routes, what a handler is given, and how errors are answered.

Error bodies and codes are those of ThingsboardErrorResponseHandler; some answers are plain text there, and here.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import orjson

from uplab.fakes.messages import Answer, Request, json_answer, text_answer
from uplab.fakes.thingsboard.mqtt.links import Links
from uplab.fakes.thingsboard.mqtt.session import Command
from uplab.fakes.thingsboard.rest.absent import absent, hidden_by
from uplab.fakes.thingsboard.rest.tokens import Tokens
from uplab.fakes.thingsboard.state.tenant import CUSTOMER_USER, SYS_ADMIN, TENANT_ADMIN, State, User

__all__ = [
    "ANYBODY",
    "BAD_REQUEST",
    "FORM",
    "OK",
    "TENANT",
    "TOO_MANY_REQUESTS",
    "USERS",
    "ApiError",
    "Board",
    "Call",
    "Handler",
    "PlainError",
    "Route",
    "Router",
    "bad_request",
    "check_version",
    "error_answer",
    "forbidden",
    "not_found",
    "not_here",
    "plain",
    "unauthorized",
]

T = TypeVar("T")

# ThingsboardErrorCode
GENERAL, AUTHENTICATION, TOKEN_EXPIRED, PERMISSION_DENIED = 2, 10, 11, 20
BAD_REQUEST, NOT_FOUND, TOO_MANY_REQUESTS, VERSION_CONFLICT = 31, 32, 33, 46

ANYBODY: Final[frozenset[str]] = frozenset()  # no login needed
USERS: Final = frozenset({SYS_ADMIN, TENANT_ADMIN, CUSTOMER_USER})
TENANT: Final = frozenset({TENANT_ADMIN, CUSTOMER_USER})
OK: Final = Answer()  # 200 without a body
FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = re.compile(r"application/(?:json|[\w.-]+\+json)", re.IGNORECASE)
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_FORBIDDEN: Final = "You don't have permission to perform this operation!"


class ApiError(Exception):
    """An answer in ThingsBoard's error form; `allow` are the methods that there are instead."""

    def __init__(self, status: int, code: int, message: str, *, allow: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.allow = status, code, message, allow


class PlainError(Exception):
    """An error answer of plain text, or of nothing."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status, self.text = status, text


def bad_request(message: str) -> ApiError:
    """400 with code 31."""
    return ApiError(400, BAD_REQUEST, message)


def not_found(message: str = "Requested item wasn't found!") -> ApiError:
    """404 with code 32."""
    return ApiError(404, NOT_FOUND, message)


def forbidden() -> ApiError:
    """403 with code 20."""
    return ApiError(403, PERMISSION_DENIED, _FORBIDDEN)


def unauthorized(message: str, code: int = AUTHENTICATION) -> ApiError:
    """401 with code 10, or 11 for a token whose time is over."""
    return ApiError(401, code, message)


def not_here(what: str) -> ApiError:
    """501: ThingsBoard has it and this fake does not. No service says so; a tester has to know whose fault it is."""
    return ApiError(501, GENERAL, f"uplab's fake ThingsBoard does not have {what}; the real one has")


def check_version(fields: dict[str, Any], version: int, what: str) -> None:
    """Refuse to change what somebody else has changed since; who gives no version overwrites; raises ApiError 409."""
    if fields.get("version") not in (None, version):
        raise ApiError(409, VERSION_CONFLICT, f"{what} was already changed by someone else")


def error_answer(status: int, code: int, message: str, now_ms: int, *, allow: tuple[str, ...] = ()) -> Answer:
    """An error as JSON."""
    said = {"status": status, "message": message, "errorCode": code, "timestamp": now_ms}
    return json_answer(status, said, *((("Allow", ", ".join(allow)),) if allow else ()))


@dataclass(frozen=True, slots=True)
class Board:
    """What all handlers work on. `act` performs commands on MQTT sessions; times are in ms."""

    state: State
    links: Links
    tokens: Tokens
    act: Callable[[list[Command]], None]
    rpc_min_timeout_ms: int = 5_000
    rpc_default_timeout_ms: int = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a handler; `ids` are the open parts of the path, by name, `token` is the one that it came with."""

    board: Board
    request: Request
    ids: dict[str, str]
    _user: User | None = None
    token: str = ""

    @property
    def user(self) -> User:
        """Who is logged in."""
        assert self._user is not None, "the route needs no login"
        return self._user

    @property
    def state(self) -> State:
        """What is known."""
        return self.board.state

    @property
    def query(self) -> dict[str, str]:
        """The query by name; of a repeated name the last value."""
        return dict(self.request.query)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number of the query; raises ApiError when it is missing or no number."""
        text = self.query.get(name)
        if text is None:
            if default is None:
                raise bad_request(f"Required request parameter '{name}' for method parameter type int is not present")
            return default
        try:
            return int(text[:20])
        except ValueError:
            raise bad_request(
                f"Method parameter '{name}': Failed to convert value of type 'java.lang.String'"
            ) from None

    def flag(self, name: str) -> bool:
        """A boolean of the query, false by default."""
        return self.query.get(name, "").lower() in ("true", "1", "yes", "on")

    def page(self) -> tuple[int, int]:
        """Number and size of the page that is asked for; raises ApiError."""
        size, number = self.number("pageSize"), self.number("page")
        if size < 1:
            raise bad_request(f"Incorrect page link page size '{size}'. Page size must be greater than zero.")
        if number < 0:
            raise bad_request(f"Incorrect page link page '{number}'. Page must be positive integer.")
        return number, size

    def sorted(self, found: list[T], keys: dict[str, Callable[[T], Any]]) -> list[T]:
        """A list in the order that is asked for (`sortProperty`, `sortOrder`); else oldest first, as it came."""
        wanted, order = self.query.get("sortProperty"), self.query.get("sortOrder", "ASC").upper()
        if order not in ("ASC", "DESC"):
            raise bad_request(f"Unsupported sort order '{order}'! Only 'ASC' or 'DESC' types are allowed.")
        if wanted is None:
            return found
        if wanted not in keys:
            raise not_here(f"the list sorted by {wanted}")
        return sorted(found, key=keys[wanted], reverse=order == "DESC")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, which says that it is JSON (Spring wants that); raises ApiError."""
        given = self.request.header("Content-Type") or "application/octet-stream"
        kind = given.partition(";")[0].strip()
        if not _JSON.fullmatch(kind):
            shown = f"{given};charset=UTF-8" if kind.lower() == FORM and kind == given else given
            raise ApiError(415, BAD_REQUEST, f"Content-Type '{shown:.100}' is not supported")
        return self.text()

    def text(self) -> dict[str, Any]:
        """The body as a JSON object, whatever it says that it is; raises ApiError."""
        try:
            value = orjson.loads(self.request.body)
        except orjson.JSONDecodeError:
            raise bad_request("JSON parse error") from None
        if not isinstance(value, dict):
            raise bad_request("JSON parse error: an object was expected")
        return value


Handler = Callable[[Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, whose open parts stand in braces; `who` may call it (nobody named: without a login).

    `refuses` are the query parameters that ThingsBoard heeds there and this fake does not.
    """

    method: str
    path: str
    handler: Handler
    who: frozenset[str] = USERS
    refuses: tuple[str, ...] = ()


@dataclass(slots=True)
class Router:
    """Finds the handler of a request, a literal path before an open one."""

    _routes: dict[tuple[str, int], list[tuple[list[str], Route]]] = field(default_factory=dict)
    _hidden: dict[tuple[str, str], list[list[str]]] = field(default_factory=dict)

    def add(self, routes: Sequence[Route]) -> None:
        """Add routes."""
        for route in routes:
            parts = route.path.split("/")
            kept = self._routes.setdefault((route.method, len(parts)), [])
            kept.append((parts, route))
            kept.sort(key=lambda one: [part.startswith("{") for part in one[0]])
        for one in routes:
            if "{" in one.path and (hidden := hidden_by(one.method, one.path.split("/"))):
                self._hidden[one.method, one.path] = hidden

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and the open parts of a path; raises ApiError 404 or 405, and 501 where ThingsBoard has more."""
        given = path.split("/")
        for parts, route in self._routes.get((method, len(given)), ()):
            if _fits(parts, given):
                if any(_fits_real(real, given) for real in self._hidden.get((method, route.path), ())):
                    raise not_here(f"{method} {path}")
                pairs = zip(parts, given, strict=True)
                return route, {part[1:-1]: value for part, value in pairs if part.startswith("{")}
        if absent(method, path):
            raise not_here(f"{method} {path}")
        allow = self.methods(path)
        if not allow:
            raise not_found(f"No static resource {path[1:]}.")
        raise ApiError(405, BAD_REQUEST, f"Request method '{method}' is not supported", allow=allow)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path has, here or in ThingsBoard; none where there is no such path."""
        given = path.split("/")
        return tuple(
            method
            for method in _METHODS
            if absent(method, path)
            or any(_fits(parts, given) for parts, _ in self._routes.get((method, len(given)), ()))
        )


def _fits(parts: list[str], given: list[str]) -> bool:
    return all(part == value or (part.startswith("{") and value) for part, value in zip(parts, given, strict=True))


def _fits_real(real: list[str], given: list[str]) -> bool:
    return all(part in ("{}", value) for part, value in zip(real, given, strict=True))


def plain(status: int, text: str) -> Answer:
    """A plain text answer; without a body when there is no text."""
    return text_answer(status, text) if text else Answer(status)
