"""The body of every refusal: {"code", "message", "field"}; documented are com-4001 for 401 and com-4004 for 404."""

from typing import Any

import orjson

__all__ = ["SCHEMA", "code", "problem"]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "examples": ["com-4000"]},
        "message": {"type": "string"},
        "field": {"type": "string", "description": "The field that is wrong, where one is", "examples": ["name"]},
    },
}


def code(status: int) -> str:
    """Give the code that belongs to a status; the two documented ones show the rule."""
    return f"com-{status // 100 * 1000 + status % 100}"


def problem(status: int, message: str, field: str = "") -> bytes:
    """Write the body of a refusal."""
    body = {"code": code(status), "message": message}
    return orjson.dumps(body | {"field": field} if field else body)
