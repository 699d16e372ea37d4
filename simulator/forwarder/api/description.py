"""The description of the API (OpenAPI 3.1), and the page that shows it without any other host."""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from uplab.simulator.forwarder.web.exchange import ID
from uplab.simulator.forwarder.web.routes import Number, Operation, Routes

__all__ = ["describe", "swagger_files", "swagger_page"]

_PARAMETER = re.compile(r"\{(\w+)\}")
_STRING = {"type": "string"}
_PATTERNS = {"connection_id": ID, "flow_id": ID}  # the others are texts
_SCHEME = "OAuth2"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} - Swagger UI</title>
<link rel="stylesheet" href="{files}/swagger-ui.css">
<link rel="icon" href="{files}/favicon.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{files}/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({{url: "{description}", dom_id: "#swagger-ui", deepLinking: true}})</script>
</body>
</html>
"""


def swagger_page(title: str, description: str, files: str) -> str:
    """Make the page that shows what stands at the URL of a description; the URL `files` leads to `swagger_files()`."""
    return _PAGE.format(title=title, description=description, files=files)


def swagger_files() -> Path:
    """Give the folder of Swagger UI's own files, which a package brings; it is found, not imported."""
    found = find_spec("fastapi_offline")
    if found is None or found.origin is None:
        raise RuntimeError("the package fastapi-offline, which brings Swagger UI, is not installed")
    return Path(found.origin).parent / "static"


def describe(title: str, parts: Iterable[Routes], token_url: str | None) -> dict[str, Any]:
    """Describe what has a tag and is not hidden; `token_url` is where guarded ones get their tokens, if they do."""
    paths: dict[str, dict[str, Any]] = {}
    for part in (part for part in parts if part.tag):
        secured = bool(part.guards) and token_url is not None
        for path, operations in part.by_path.items():
            told = {
                method.lower(): _operation(path, operation, part.tag, secured=secured)
                for method, operation in operations.items()
                if not operation.hidden
            }
            if told:
                paths.setdefault(path, {}).update(told)
    described: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": paths}
    if token_url is not None:
        flow = {"clientCredentials": {"tokenUrl": token_url, "scopes": {}}}
        described["components"] = {"securitySchemes": {_SCHEME: {"type": "oauth2", "flows": flow}}}
    return described


def _operation(path: str, operation: Operation, tag: str, *, secured: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"tags": [tag], "summary": operation.summary}
    if operation.operation_id:
        told["operationId"] = operation.operation_id
    if parameters := [*_in_path(path), *_in_query(operation.query)]:
        told["parameters"] = parameters
    if operation.body is not None:
        told |= operation.body()
    told["responses"] = {str(status): answer for status, answer in _responses(operation).items()}
    if secured:
        told["security"] = [{_SCHEME: []}]
    return told


def _in_path(path: str) -> Iterator[dict[str, Any]]:
    for name in _PARAMETER.findall(path):
        pattern = {"pattern": f"^{_PATTERNS[name].pattern}$"} if name in _PATTERNS else {}
        yield {"name": name, "in": "path", "required": True, "schema": _STRING | pattern}


def _in_query(numbers: Iterable[Number]) -> Iterator[dict[str, Any]]:
    for one in numbers:
        schema = {"type": "integer", "minimum": one.least, "maximum": one.most}
        yield {"name": one.name, "in": "query", "required": False, "schema": schema}


def _responses(operation: Operation) -> dict[int, Mapping[str, Any]]:
    kind = operation.media_type
    content = {"content": {kind: {"schema": {} if kind == "application/json" else _STRING}}} if kind else {}
    success = {"description": "Done", **content}
    given = dict(operation.responses)
    return {operation.status: {**success, **given.pop(operation.status, {})}, **dict(sorted(given.items()))}
