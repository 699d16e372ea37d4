"""What all routes share: reading a body, documenting refusals, and cutting a list into pages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from uplab.simulator.forwarder.documents.json_text import read_json
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.problem import SCHEMA
from uplab.simulator.forwarder.service import NotFoundError
from uplab.simulator.forwarder.web.routes import Number

__all__ = [
    "BODY_MAX_BYTES",
    "ID",
    "PAGING",
    "TooLargeError",
    "body_bytes",
    "created",
    "json_body",
    "paged",
    "paged_ahead",
    "reply",
    "request_body",
    "responses",
    "shown_id",
    "turned_to",
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

ID = re.compile("[1-9][0-9]{0,17}")
"""An id as resources show it; any other text names nothing, which is a 404."""

PAGING = (Number("page", 1, 1_000_000), Number("perPage", 1, 100))
"""What a request may say of the page that it wants."""


class TooLargeError(Exception):
    """A body that is larger than it may be."""


def shown_id(request: Request, name: str) -> str:
    """Give the id that stands in the path of a request; NotFoundError for what can be none."""
    text = str(request.path_params[name])
    if not ID.fullmatch(text):
        raise NotFoundError(f"there is no such thing: {name} is a decimal number, as the resource shows it")
    return text


def turned_to(request: Request) -> tuple[int | None, int | None]:
    """Give the page that a request asks for, and how many are on one; InvalidError."""
    page, per_page = PAGING
    return page.read(request), per_page.read(request)


def responses(*statuses: int) -> dict[int, dict[str, Any]]:
    """Document refusals."""
    content = {"application/json": {"schema": SCHEMA}}
    return {status: {"description": _TEXTS[status], "content": content} for status in statuses}


def created(parameter: str, *operations: str) -> dict[int, dict[str, Any]]:
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
    """Read a body; TooLargeError, or InvalidError when its sender hung up, who does not hear it any more."""
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                raise TooLargeError(f"the body is larger than {max_bytes} bytes")
    except ClientDisconnect:
        raise InvalidError("", "the body is not complete") from None
    return b"".join(chunks)


async def json_body(request: Request, max_bytes: int = BODY_MAX_BYTES) -> object:
    """Read a JSON body, whatever its media type says; InvalidError or TooLargeError."""
    return read_json(await body_bytes(request, max_bytes))


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(body), status, headers, "application/json")


def paged(request: Request, items: Sequence[object], page: int | None, per_page: int | None) -> Response:
    """Answer with one page and the documented headers; with the whole list when no page is asked for."""
    total = len(items)
    per_page = per_page or (PER_PAGE if page else max(total, 1))
    page, pages = page or 1, max(1, -(-total // per_page))
    turns = {"first": 1, "last": pages}
    if page < pages:
        turns["next"] = page + 1
    if page > 1:
        turns["prev"] = min(page - 1, pages)
    headers = {"X-Total": str(total), "X-Total-Pages": str(pages)} | _turning(request, page, per_page, turns)
    return reply(items[(page - 1) * per_page : page * per_page], headers=headers)


def paged_ahead(request: Request, items: Sequence[object], page: int, per_page: int) -> Response:
    """Answer with one page of a list that nobody counts; `items` has one more than the page, where there is one."""
    turns = {"first": 1}
    if len(items) > per_page:
        turns["next"] = page + 1
    if page > 1:
        turns["prev"] = page - 1
    return reply(items[:per_page], headers=_turning(request, page, per_page, turns))


def _turning(request: Request, page: int, per_page: int, turns: Mapping[str, int]) -> dict[str, str]:
    """Say which page this is and where the others are: at the same address, whatever public name a proxy gives it."""
    headers = {"X-Per-Page": str(per_page), "X-Page": str(page)}
    for name, rel in (("X-Next-Page", "next"), ("X-Prev-Page", "prev")):
        if rel in turns:
            headers[name] = str(turns[rel])
    links = {rel: request.url.include_query_params(page=turn, perPage=per_page).query for rel, turn in turns.items()}
    return headers | {"Link": ", ".join(f'<?{query}>; rel="{rel}"' for rel, query in links.items())}
