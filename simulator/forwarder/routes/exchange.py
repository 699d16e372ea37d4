"""What all routes share: reading a body, documenting refusals, and cutting a list into pages."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
from fastapi import Query, Request, Response

from simulator.forwarder.invalid import InvalidError
from simulator.forwarder.problem import SCHEMA

__all__ = [
    "BODY_MAX_BYTES",
    "Page",
    "PerPage",
    "TooLargeError",
    "body_bytes",
    "created",
    "json_body",
    "paged",
    "reply",
    "request_body",
    "responses",
]

BODY_MAX_BYTES = 1_000_000
PER_PAGE = 20

_TEXTS = {
    400: "The request is wrong; the message names the field",
    401: "The access token is missing or has expired",
    403: "Not allowed",
    404: "There is no such thing",
    405: "This method is not possible here",
    413: "The body is too large",
    503: "The state cannot be written at the moment, or the network server cannot be reached",
}

Page = Annotated[int | None, Query(ge=1, le=1_000_000)]
PerPage = Annotated[int | None, Query(alias="perPage", ge=1, le=100)]


class TooLargeError(Exception):
    """A body that is larger than it may be."""


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document refusals."""
    content = {"application/json": {"schema": SCHEMA}}
    return {status: {"description": _TEXTS[status], "content": content} for status in statuses}


def created(parameter: str, *operations: str) -> dict[int | str, dict[str, Any]]:
    """Document the answer of a creation: its id is what these operations take."""
    links = {name: {"operationId": name, "parameters": {parameter: "$response.body#/id"}} for name in operations}
    return {201: {"description": "Created; the whole resource", "links": links}}


def request_body(*schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Document a body, since routes read it themselves so that every refusal has the same form."""
    inlined = [_inlined(schema, schema.get("$defs", {})) for schema in schemas]
    schema = inlined[0] if len(inlined) == 1 else {"oneOf": inlined}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Put definitions where they are referred to, since a body in the middle of a description has no place for them."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    kept = {name: value for name, value in schema.items() if name not in ("$defs", "discriminator")}
    return {name: _inlined(value, definitions) for name, value in kept.items()}


async def body_bytes(request: Request, max_bytes: int) -> bytes:
    """Read a body; TooLargeError."""
    chunks, size = [], 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise TooLargeError(f"the body is larger than {max_bytes} bytes")
    return b"".join(chunks)


async def json_body(request: Request, max_bytes: int = BODY_MAX_BYTES) -> object:
    """Read a JSON body, whatever its media type says; InvalidError or TooLargeError."""
    try:
        return orjson.loads(await body_bytes(request, max_bytes))
    except orjson.JSONDecodeError as error:
        raise InvalidError("", f"the body is no JSON: {error.msg} at character {error.pos}") from None


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(body), status, headers, "application/json")


def paged(request: Request, items: Sequence[object], page: int | None, per_page: int | None) -> Response:
    """Answer with one page and the documented headers; with the whole list when no page is asked for."""
    total = len(items)
    per_page = per_page or (PER_PAGE if page else max(total, 1))
    page, pages = page or 1, max(1, -(-total // per_page))
    headers = {"X-Total": total, "X-Total-Pages": pages, "X-Per-Page": per_page, "X-Page": page}
    links = {"first": 1, "last": pages}
    if page < pages:
        headers["X-Next-Page"] = links["next"] = page + 1
    if page > 1:
        headers["X-Prev-Page"] = links["prev"] = min(page - 1, pages)
    texts = {name: str(value) for name, value in headers.items()}
    path = request.url.path
    texts["Link"] = ", ".join(f'<{path}?page={n}&perPage={per_page}>; rel="{rel}"' for rel, n in links.items())
    return reply(items[(page - 1) * per_page : page * per_page], headers=texts)
