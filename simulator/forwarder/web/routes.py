"""Who answers which request: operations by path and method, each with what the description of the API says of it.

A description is made when somebody asks for it: most processes are never asked, and all of them have to start.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from uplab.simulator.forwarder.invalid import InvalidError

__all__ = ["Endpoint", "Guard", "Number", "Operation", "Routes"]

Endpoint = Callable[[Request], Awaitable[Response]]
Guard = Callable[[Request], None]
"""Raises for a request that may not pass."""

_NUMBER = re.compile(r"-?[0-9]{1,4000}")  # Python reads no longer ones


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in the query of a request, and its bounds."""

    name: str
    least: int
    most: int

    def read(self, request: Request) -> int | None:
        """Give the number, None where the query has none; InvalidError."""
        text = request.query_params.get(self.name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            raise InvalidError(self.name, f"{self.name} must be an integer")
        number = int(text)
        if number < self.least:
            raise InvalidError(self.name, f"{self.name} must be {self.least} or more")
        if number > self.most:
            raise InvalidError(self.name, f"{self.name} must be {self.most} or less")
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path: who answers, and for the description what it takes and what it may answer."""

    endpoint: Endpoint
    summary: str = ""
    operation_id: str = ""
    status: int = 200
    media_type: str = "application/json"
    """Of the answer; empty where it has no body."""
    query: tuple[Number, ...] = ()
    body: Callable[[], Mapping[str, Any]] | None = None
    """Gives the schema of the body, with its media type around it."""
    responses: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    hidden: bool = False


class Routes:
    """The operations of one resource; those without a tag are in no description."""

    def __init__(self, prefix: str = "", *, tag: str = "", guards: Sequence[Guard] = ()) -> None:
        """Begin with none; the prefix stands before each path, the guards are asked before each operation."""
        self.tag, self.guards = tag, tuple(guards)
        self._prefix = prefix
        self.by_path: dict[str, dict[str, Operation]] = {}

    def get(self, path: str, **told: Any) -> Callable[[Endpoint], Endpoint]:
        """Answer GET by the decorated function; what is told goes into its Operation."""
        return self._add("GET", path, told)

    def post(self, path: str, **told: Any) -> Callable[[Endpoint], Endpoint]:
        """Answer POST, as `get` does."""
        return self._add("POST", path, told)

    def put(self, path: str, **told: Any) -> Callable[[Endpoint], Endpoint]:
        """Answer PUT, as `get` does."""
        return self._add("PUT", path, told)

    def delete(self, path: str, **told: Any) -> Callable[[Endpoint], Endpoint]:
        """Answer DELETE, as `get` does."""
        return self._add("DELETE", path, told)

    def include(self, other: "Routes") -> None:
        """Take over what another one has, below our own prefix."""
        for path, operations in other.by_path.items():
            self.by_path.setdefault(f"{self._prefix}{path}", {}).update(operations)

    def below(self, prefix: str, *guards: Guard) -> "Routes":
        """Give the same operations with a prefix before their paths, behind guards."""
        moved = Routes(prefix, tag=self.tag, guards=guards)
        moved.include(self)
        return moved

    def served(self) -> list[Route]:
        """Give what the framework routes by."""
        return [Route(path, _Served(operations, self.guards)) for path, operations in self.by_path.items()]

    def _add(self, method: str, path: str, told: Mapping[str, Any]) -> Callable[[Endpoint], Endpoint]:
        def add(endpoint: Endpoint) -> Endpoint:
            self.by_path.setdefault(f"{self._prefix}{path}", {})[method] = Operation(endpoint=endpoint, **told)
            return endpoint

        return add


class _Served:
    """One path (an ASGI application)."""

    def __init__(self, operations: Mapping[str, Operation], guards: Sequence[Guard]) -> None:
        self._operations, self._guards = operations, guards

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        operation = self._operations.get(request.method)
        if operation is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._operations))})
        for guard in self._guards:
            guard(request)
        response = await operation.endpoint(request)
        await response(scope, receive, send)
