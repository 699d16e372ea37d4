"""JSON as ThingsBoard reads it: Gson in its lenient mode, so that `{temperature:25}` and `{'a':1}` are fine.

Slow and exact: used only for what the fast parser refuses, or for numbers whose spelling matters. Beyond RFC 8259 it
takes unquoted and single-quoted strings, comments (`//`, `#`, `/* */`), `;` for `,`, `=` and `=>` for `:`, and
nothing for null between the commas of an array (Gson, JsonReader, "lenient").
"""

import re
from typing import Any, Final

from uplab.fakes.thingsboard.state.numbers import number

__all__ = ["JsonError", "parse_lenient"]

_MAX_DEPTH = 200  # Gson 2.12 stops at 255; ours leaves room on Python's stack
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|//[^\r\n]*|#[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_BARE: Final = re.compile(r"[^/\\;#={}\[\]:, \t\f\r\n'\"]+[^/\\;#={}\[\]:, \t\f\r\n]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\Z", re.ASCII)
_QUOTED: Final = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*", re.DOTALL) for quote in "\"'"}
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", **{c: c for c in "'\"\\/\n"}}
_KEYWORDS: Final = {"true": True, "false": False, "null": None}


class JsonError(ValueError):
    """The text is no JSON, not even leniently; the message says what is wrong and where."""


def parse_lenient(text: str) -> Any:
    """Parse a whole document; an empty one is null, as for Gson. Raises JsonError."""
    parser = _Parser(text.removeprefix("\ufeff").removeprefix(")]}'\n"))
    parser.blank()
    if parser.at == len(parser.text):
        return None
    value = parser.value(0)
    parser.blank()
    if parser.at != len(parser.text):
        raise parser.error("more after the end of the document")
    return value


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def error(self, what: str) -> JsonError:
        return JsonError(f"{what} at character {self.at}")

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def peek(self) -> str:
        self.blank()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise self.error(f"nested deeper than {_MAX_DEPTH}")
        match self.peek():
            case "{":
                return self._object(depth)
            case "[":
                return self._array(depth)
            case '"' | "'":
                return self._quoted()
            case _:
                return self._literal(self._bare("a value"))

    def _object(self, depth: int) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        if self.peek() == "}":
            self.at += 1
            return found
        while True:
            name = self._quoted() if self.peek() in ("'", '"') else self._bare("a name")
            if self.peek() not in (":", "="):
                raise self.error("expected ':'")
            self.at += 2 if self.text.startswith("=>", self.at) else 1
            found[name] = self.value(depth + 1)
            if self._ends("}"):
                return found

    def _array(self, depth: int) -> list[Any]:
        self.at += 1
        found: list[Any] = []
        if self.peek() == "]":
            self.at += 1
            return found
        while True:
            found.append(None if self.peek() in (",", ";", "]") else self.value(depth + 1))
            if self._ends("]"):
                return found

    def _ends(self, closing: str) -> bool:
        """Step over what follows an element: the closing bracket, or a separator."""
        mark = self.peek()
        if mark not in (closing, ",", ";"):
            raise self.error(f"expected ',' or '{closing}'")
        self.at += 1
        return mark == closing

    def _quoted(self) -> str:
        quote = self.text[self.at]
        match = _QUOTED[quote].match(self.text, self.at + 1)
        end = match.end() if match else self.at + 1
        if self.text[end : end + 1] != quote:
            raise self.error("string without an end")
        body = self.text[self.at + 1 : end]
        value = _ESCAPE.sub(self._unescape, body) if "\\" in body else body
        self.at = end + 1
        return _whole(value)

    def _unescape(self, match: re.Match[str]) -> str:
        mark = match[1]
        if len(mark) == 5:
            return chr(int(mark[1:], 16))
        if mark not in _ESCAPES:
            raise self.error(f"unknown escape \\{mark} in the string")
        return _ESCAPES[mark]

    def _bare(self, wanted: str) -> str:
        match = _BARE.match(self.text, self.at)
        if not match:
            raise self.error(f"expected {wanted}")
        self.at = match.end()
        return match[0]

    def _literal(self, word: str) -> bool | int | float | str | None:
        if word.lower() in _KEYWORDS:
            return _KEYWORDS[word.lower()]
        if not _NUMBER.match(word):
            return word
        try:
            return number(word)
        except ValueError as error:
            raise self.error(str(error)) from None


def _whole(text: str) -> str:
    """Join surrogate pairs that came as two escapes; a lone half becomes the replacement character."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
