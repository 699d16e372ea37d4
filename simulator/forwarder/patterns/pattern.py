"""Patterns in header values: text with `{expression}`, each a JSONPath into the uplink, or alternatives of them.

`{DevEUI}`, `{CustomerData.name|DevEUI|'None'}` and `{$..tags[?(@ =~ /Paris:.*/)]}` are the documented shapes. What they
leave open is decided here: several results are joined with commas; a missing, null or structured result resolves to
nothing, and then the next alternative counts; a pattern whose alternatives all resolve to nothing is unresolved.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["Pattern", "PatternError", "UnresolvedError", "compile_pattern"]

_NAMES = re.compile(r"[^\W\d][\w-]*(\.[^\W\d][\w-]*)*")
MOST_RESOLVED = 8_000
"""Characters that a pattern may give: servers take headers of 8 kB in all."""

_DEPTH = 20  # lists within each other of which a text is made
_SHOWN = 60  # characters of an expression in a message


class PatternError(ValueError):
    """A pattern that is wrong in itself."""


class UnresolvedError(LookupError):
    """A pattern that this document does not resolve."""


@dataclass(frozen=True, slots=True)
class _Literal:
    text: str

    def find(self, _documents: Iterable[Mapping[str, Any]]) -> str | None:
        return self.text


@dataclass(frozen=True, slots=True)
class _Names:
    """The everyday path, names with dots between; the same as JSONPath gives, at a tenth of its price."""

    names: tuple[str, ...]

    def find(self, documents: Iterable[Mapping[str, Any]]) -> str | None:
        for document in documents:
            value: Any = document
            for name in self.names:
                value = value.get(name) if isinstance(value, Mapping) else None
            if (text := _text([value])) is not None:
                return text
        return None


@dataclass(frozen=True, slots=True)
class _Path:
    path: Any
    find_all: Callable[[Any, Mapping[str, Any]], list[Any]]

    def find(self, documents: Iterable[Mapping[str, Any]]) -> str | None:
        for document in documents:
            if (text := _text(self.find_all(self.path, document))) is not None:
                return text
        return None


_Alternative = _Literal | _Names | _Path


@dataclass(frozen=True, slots=True)
class _Expression:
    source: str  # as messages show it
    alternatives: tuple[_Alternative, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A header value, ready to be resolved for each uplink."""

    parts: tuple[str | _Expression, ...]

    @property
    def constant(self) -> bool:
        """Whether it is the same for every uplink."""
        return not any(isinstance(part, _Expression) for part in self.parts)

    def resolve(self, content: Mapping[str, Any], document: Mapping[str, Any]) -> str:
        """Give the text for one uplink, looked up in the root's content first; UnresolvedError names the expression."""
        return "".join(part if isinstance(part, str) else _resolved(part, (content, document)) for part in self.parts)


def compile_pattern(text: str) -> Pattern:
    """Read a header value; PatternError says what is wrong with it."""
    return Pattern(tuple(_parts(text)))


def _resolved(expression: _Expression, documents: tuple[Mapping[str, Any], ...]) -> str:
    for alternative in expression.alternatives:
        try:
            text = alternative.find(documents)
        except OverflowError as error:
            raise UnresolvedError(f"the pattern {{{expression.source}}} {error}") from None
        if text is not None and len(text) > MOST_RESOLVED:
            raise UnresolvedError(f"the pattern {{{expression.source}}} gives more than {MOST_RESOLVED:,} characters")
        if text is not None:
            return text
    raise UnresolvedError(f"the pattern {{{expression.source}}} finds nothing in this document")


def _parts(text: str) -> Iterator[str | _Expression]:
    at = 0
    while at < len(text):
        opening = text.find("{", at)
        plain = text[at:] if opening < 0 else text[at:opening]
        if "}" in plain:
            raise PatternError("a closing brace has no opening one")
        if plain:
            yield plain
        if opening < 0:
            return
        bars, closing = _bars_and_end(text, opening + 1)
        source = text[opening + 1 : closing]
        edges = [opening, *bars, closing]
        pieces = [text[left + 1 : right].strip() for left, right in pairwise(edges)]
        shown = source if len(source) <= _SHOWN else f"{source[:_SHOWN]}..."
        yield _Expression(shown, tuple(_alternative(piece, shown) for piece in pieces))
        at = closing + 1


def _bars_and_end(text: str, start: int) -> tuple[list[int], int]:
    """Find the bars between alternatives and the closing brace, past quotes, brackets and /regular expressions/."""
    bars: list[int] = []
    depth = 0
    at = start
    while at < len(text):
        character = text[at]
        if character in "'\"" or (character == "/" and depth and _follows_match(text, at)):
            at = _end_of_quote(text, at)
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == "|" and depth == 0:
            bars.append(at)
        elif character == "}" and depth == 0:
            return bars, at
        elif character == "{" and depth == 0:
            break
        at += 1
    raise PatternError("an opening brace has no closing one")


def _follows_match(text: str, at: int) -> bool:
    """Whether the operator =~ stands before, past blanks."""
    while text[at - 1].isspace():
        at -= 1
    return text.endswith("=~", 0, at)


def _end_of_quote(text: str, start: int) -> int:
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == text[start]:
            return at
        at += 1
    raise PatternError(f"what begins with {text[start]} does not end")


def _alternative(piece: str, source: str) -> _Alternative:
    if not piece:
        raise PatternError(f"{{{source}}} has an empty expression")
    if piece[0] == piece[-1] == "'" and len(piece) > 1 and "'" not in piece[1:-1]:
        return _Literal(piece[1:-1])
    if _NAMES.fullmatch(piece):
        return _Names(tuple(piece.split(".")))
    path = piece if piece.startswith("$") else f"$.{piece}" if piece[0] != "[" else f"${piece}"
    from uplab.simulator.forwarder.patterns import json_path  # noqa: PLC0415 - large, and most patterns are plain names

    try:
        return _Path(json_path.compile_path(path), json_path.find_all)
    except json_path.PathError as error:
        raise PatternError(f"{{{source}}} is no JSONPath{error}") from None


def _text(values: list[Any], depth: int = _DEPTH) -> str | None:
    texts: list[str] = []
    for value in values:
        if isinstance(value, bool):
            texts.append("true" if value else "false")
        elif isinstance(value, (str, int, float)):
            texts.append(str(value))
        elif isinstance(value, list) and depth and (inner := _text(value, depth - 1)) is not None:
            texts.append(inner)
    return ",".join(texts) if texts else None
