"""Bodies made readable without changing one token: indentation is all that is added.

Numbers, escapes, repeated keys and quotes stay as they were sent, because a verification tool that parses and writes
anew shows something else than what arrived.
"""

import re
from typing import Final, Literal
from urllib.parse import parse_qsl
from xml.parsers import expat

import orjson

__all__ = ["Kind", "kind_of", "parses", "pretty"]

Kind = Literal["json", "xml", "form", "other"]

_JSON_TYPES: Final = frozenset({"application/json", "application/x-json", "text/json", "text/x-json"})
_XML_TYPES: Final = frozenset({"application/xml", "text/xml"})
_DEEPEST: Final = 100
_JSON_TOKENS: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_XML_TOKENS: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|[^<]+", re.DOTALL
)


def kind_of(content_type: str) -> Kind:
    """What a Content-Type header declares, in whatever letter case and with whatever parameters."""
    media = content_type.partition(";")[0].strip().lower()
    if media in _JSON_TYPES or media.endswith("+json"):
        return "json"
    if media in _XML_TYPES or media.endswith("+xml"):
        return "xml"
    return "form" if media == "application/x-www-form-urlencoded" else "other"


def parses(body: bytes, kind: Kind) -> bool:
    """Whether a body is what it is declared to be; an empty one and an unknown kind pass."""
    if not body or kind == "other":
        return True
    if kind == "json":
        return _is_json(body)
    if kind == "xml":
        return _is_xml(body)
    return b"=" in body


def pretty(body: bytes, content_type: str) -> str | None:
    """A readable form of a body, or None when there is none better than the text as it came.

    Without a Content-Type a body that parses as JSON or as XML is taken for it.
    """
    kind = kind_of(content_type)
    if not content_type:
        kind = "json" if _is_json(body) else "xml" if body.lstrip().startswith(b"<") else "other"
    if not body or kind == "other" or not parses(body, kind):
        return None
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if kind == "form":
        return "\n".join(f"{name} = {value}" for name, value in parse_qsl(text, keep_blank_values=True))
    return _indent_json(text) if kind == "json" else _indent_xml(text)


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_xml(body: bytes) -> bool:
    parser = expat.ParserCreate()
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):  # the last two: an encoding that is not known
        return False
    return True


def _indent_json(text: str) -> str | None:
    lines: list[str] = []
    line, depth, previous = "", 0, ""
    for part in _JSON_TOKENS.findall(text):
        closes = part in ("}", "]")
        depth -= closes
        # An empty object or array stays in one piece.
        if (previous in ("{", "[")) != closes:
            lines.append(line)
            line = "  " * depth
        line += f"{part} " if part == ":" else part
        if part in ("{", "["):
            depth += 1
            if depth > _DEEPEST:
                return None
        elif part == ",":
            lines.append(line)
            line = "  " * depth
        previous = part
    return "\n".join([*lines, line])


def _indent_xml(text: str) -> str | None:
    tokens = _XML_TOKENS.findall(text)
    if "<!DOCTYPE" in text or "".join(tokens) != text:
        return None
    ends, parents = _outline(tokens)
    lines: list[str] = []
    depth = index = 0
    while index < len(tokens):
        token = tokens[index]
        end = index
        if token.startswith("</"):
            depth -= 1
        if index in ends and index not in parents:
            # An element with text, or with nothing, stays as it was sent: space inside it would be content.
            end = ends[index]
        if token.strip():
            lines.append("  " * depth + "".join(tokens[index : end + 1]).strip())
        if index in parents:
            depth += 1
            if depth > _DEEPEST:
                return None
        index = end + 1
    return "\n".join(lines)


def _outline(tokens: list[str]) -> tuple[dict[int, int], set[int]]:
    """For each start tag the index of its end tag, and which elements hold other elements and no text."""
    ends: dict[int, int] = {}
    parents: set[int] = set()
    texts: set[int] = set()
    stack: list[int] = []
    for index, token in enumerate(tokens):
        if token.startswith("</"):
            ends[stack.pop()] = index
        elif token.startswith("<") and token[1] not in "?!":
            parents.update(stack[-1:])
            if not token.endswith("/>"):
                stack.append(index)
        elif token.startswith("<![CDATA[") or (token.strip() and not token.startswith("<")):
            texts.update(stack[-1:])
    return ends, parents - texts
