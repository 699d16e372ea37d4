"""JSON as text: what is wrong with it and where, and where each member stands, so that nothing need be written anew."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "DEPTH_MAX",
    "JsonTextError",
    "Member",
    "Node",
    "read_json_at",
    "read_json_text",
    "read_json_texts",
    "without",
]

DEPTH_MAX: Final = 64
"""Documents have about six levels; what is deeper is none."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
# Possessive, since every character to which it could go back costs a hundred bytes.
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z.+-])")
_WORD: Final = re.compile(r"[+-]?[A-Za-z0-9_.$+-]{1,40}")
_HALF: Final = re.compile(r"[\ud800-\udfff]")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_SHOWN: Final = 60


class JsonTextError(ValueError):
    """What a JSON reader would not take, or would take for something else; the text names the place."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: its name, where the name begins, and its value."""

    name: str
    start: int
    value: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands, in characters: `value` of a scalar (a number as its digits), else what is in it."""

    kind: str
    start: int
    end: int
    value: str | bool | None = None
    members: tuple[Member, ...] = ()
    items: tuple[Node, ...] = ()

    def member(self, name: str) -> Node | None:
        """The value of a member; None where there is none."""
        return next((one.value for one in self.members if one.name == name), None)


def read_json_text(text: str, *, halves: bool = False) -> Node:
    """Read one JSON text (RFC 8259); JsonTextError for anything else.

    Also for what is JSON and arrives nowhere as it was: a member that is there twice, a number that no double holds,
    half a character, and more than DEPTH_MAX levels. `halves` lets half characters pass, as a page of a browser's
    capture may hold them far from any document.
    """
    reader = _Reader(text, halves)
    if text.startswith("\ufeff"):
        raise JsonTextError("it begins with a byte order mark, which is no JSON: save it without")
    node = reader.value(reader.space(0), [])
    if (end := reader.space(node.end)) < len(text):
        raise reader.error(end, [], f"{reader.shown(end)} stands after the end")
    return node


def read_json_at(text: str, at: int) -> Node:
    """Read one JSON text that begins at a place, whatever stands behind it; JsonTextError."""
    return _Reader(text).value(at, [])


def read_json_texts(text: str, *, halves: bool = False) -> list[Node]:
    """Read JSON texts that stand one after the other, with nothing but space between them; JsonTextError."""
    reader = _Reader(text, halves)
    found: list[Node] = []
    at = reader.space(0)
    while at < len(text):
        found.append(reader.value(at, []))
        at = reader.space(found[-1].end)
    return found


def without(text: str, holder: Node, names: set[str]) -> str:
    """The text without some members of one of its objects, and otherwise character for character the same."""
    kept: list[str] = []
    at = holder.start + 1
    members = holder.members
    left = [index for index, one in enumerate(members) if one.name not in names]
    if len(left) == len(members):
        return text
    for place, index in enumerate(left):
        one = members[index]
        if place == 0:
            kept.append(text[holder.start + 1 : members[0].start] if index else text[at : one.start])
        else:
            before = members[index - 1]
            kept.append(text[before.value.end : one.start])  # the comma and the blanks that stood before it
        kept.append(text[one.start : one.value.end])
    last = members[-1].value.end
    return text[: holder.start + 1] + "".join(kept) + text[last if left else holder.end - 1 :]


@dataclass(slots=True)
class _Reader:
    text: str
    halves: bool = False
    depth: int = field(default=0)

    def space(self, at: int) -> int:
        if self.text[at : at + 1] not in " \t\n\r":  # as nearly always
            return at
        found = _SPACE.match(self.text, at)
        assert found is not None
        return found.end()

    def shown(self, at: int) -> str:
        return repr(self.text[at : at + 20]) if at < len(self.text) else "the end"

    def error(self, at: int, path: list[str], what: str) -> JsonTextError:
        line = self.text.count("\n", 0, at) + 1
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        place = f"{'.'.join(path)[:120]} " if path else ""
        return JsonTextError(f"line {line}, column {column}: {place}{what}")

    def value(self, at: int, path: list[str]) -> Node:
        first = self.text[at : at + 1]
        if first in ("{", "["):
            self.depth += 1
            if self.depth > DEPTH_MAX:
                raise self.error(at, [], f"it is nested too deeply, with more than {DEPTH_MAX} levels")
            node = self._object(at, path) if first == "{" else self._array(at, path)
            self.depth -= 1
            return node
        if first == '"':
            return self._string(at, path)
        if found := _NUMBER.match(self.text, at):
            return self._number(found, path)
        word = _WORD.match(self.text, at)
        if word is None:
            raise self.error(at, path, f"expected a value, found {self.shown(at)}")
        if word[0] in _CONSTANTS:
            return Node("constant", at, word.end(), _CONSTANTS[word[0]])
        raise self.error(at, path, f"is {word[0][:_SHOWN]}, which is no JSON value")

    def _number(self, found: re.Match[str], path: list[str]) -> Node:
        digits = found[0]
        if float(digits) in (float("inf"), float("-inf")):
            raise self.error(found.start(), path, f"is {digits[:_SHOWN]}, beyond what a number of 64 bits holds")
        return Node("number", found.start(), found.end(), digits)

    def _string(self, at: int, path: list[str]) -> Node:
        found = _STRING.match(self.text, at)
        if found is None:
            raise self.error(at, path, f"is a text that does not end, or that JSON does not write so: {self.shown(at)}")
        value = _unescaped(found[0][1:-1])
        if not self.halves and (half := _HALF.search(value)):
            raise self.error(at, path, f"holds half a character (\\u{ord(half[0]):04x})")
        return Node("text", at, found.end(), value)

    def _object(self, start: int, path: list[str]) -> Node:
        members: dict[str, Member] = {}
        at = self.space(start + 1)
        while self.text[at : at + 1] != "}" or members:
            if self.text[at : at + 1] != '"':
                raise self.error(at, path, f"expected a name in quotes, found {self.shown(at)}")
            name = self._string(at, path)
            label = str(name.value)
            colon = self.space(name.end)
            if self.text[colon : colon + 1] != ":":
                raise self.error(colon, [*path, label], f"expected a colon, found {self.shown(colon)}")
            value = self.value(self.space(colon + 1), [*path, label])
            if label in members:
                both = f"{self._told(members[label].value)} and {self._told(value)}"
                raise self.error(at, [*path, label], f"is there twice: {both}")
            members[label] = Member(label, at, value)
            at, ended = self._next(value.end, "}", path)
            if ended:
                break
        return Node("object", start, at + 1, members=tuple(members.values()))

    def _array(self, start: int, path: list[str]) -> Node:
        items: list[Node] = []
        at = self.space(start + 1)
        while self.text[at : at + 1] != "]" or items:
            items.append(self.value(at, [*path, str(len(items))]))
            at, ended = self._next(items[-1].end, "]", path)
            if ended:
                break
        return Node("array", start, at + 1, items=tuple(items))

    def _next(self, end: int, closing: str, path: list[str]) -> tuple[int, bool]:
        """Where it goes on after a value, and whether it ends there."""
        at = self.space(end)
        if self.text[at : at + 1] == closing:
            return at, True
        if self.text[at : at + 1] != ",":
            raise self.error(at, path, f"expected a comma or {closing}, found {self.shown(at)}")
        return self.space(at + 1), False

    def _told(self, node: Node) -> str:
        text = self.text[node.start : node.end]
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _unescaped(text: str) -> str:
    """What a text says; two halves that follow each other are one character."""
    return str(json.loads(f'"{text}"')) if "\\" in text else text
