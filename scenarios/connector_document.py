"""Cuts the examples out of the vendored connector documents, so that scenarios use their words verbatim."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["example_body", "text"]


@cache
def text(name: str) -> str:
    """The document as it was published: "http.md", "widgelix.md" or "thingsboard.md"."""
    return (files("scenarios") / "documents" / name).read_text(encoding="utf-8")


def example_body(name: str) -> dict[str, Any]:
    """The body of the document's own example of POST /connections; ValueError where the document has none."""
    found = re.search(r"```json\s*POST /connections\s*(\{.*?\})\s*```", text(name), re.DOTALL)
    if found is None:
        raise ValueError(f"{name} shows no POST /connections")
    body: dict[str, Any] = json.loads(found.group(1))
    return body
