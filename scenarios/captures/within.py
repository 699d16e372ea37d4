"""Documents within text that is no JSON: logs with a prefix, what terminals and kubectl show, tables, HTTP as it went.

A document is recognised by its root, `{"DevEUI_uplink"`, wherever it stands: as it is, as the text of a JSON string
(`"{\\"DevEUI_uplink\\"...}"`), or in a cell of a CSV table (RFC 4180, `"{""DevEUI_uplink""...}"`). Its bytes are the
characters between its braces. When it was written, the first instant of its line says.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from uplab.scenarios.captures.json_text import JsonTextError, read_json_at
from uplab.simulator.thingpark.documents import ROOTS

__all__ = ["Within", "begins", "documents_within", "instant_in", "unwrapped"]

_ROOT: Final = "|".join(sorted(ROOTS, key=len, reverse=True))
_BEGUN: Final = re.compile(rf"""\{{(?:[\s'"\\]|\\[nrt]){{1,200}}(?:{_ROOT})\b["'\\]""")
_CELL: Final = re.compile(r'"((?:[^"]++|"")*+)"')
_ESCAPED: Final = re.compile(r'(?:[^"\\\n]++|\\.)++')
_INSTANT: Final = re.compile(
    r"(?<![0-9])(20[0-9]{2})[-/]([01][0-9])[-/]([0-3][0-9])[T ]([0-2][0-9]:[0-5][0-9]:[0-6][0-9])"
    r"(?:[.,]([0-9]{1,9}))?[ ]?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_COUNT: Final = re.compile(r"(?<![0-9A-Za-z.])(1[0-9]{9})(?:([0-9]{3})|(\.[0-9]{1,9}))?(?![0-9A-Za-z])")
_LONGEST_WORDS: Final = 2_000
"""What stands before or behind a document and has more characters says no time: it may be of something else."""
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}:?){8,}")


@dataclass(frozen=True, slots=True)
class Within:
    """One document: the number of its line, seconds since 1970, and its text, or what stands there if it is no JSON."""

    line: int
    text: str
    at_s: float | None


def begins(text: str) -> bool:
    """Whether a document begins somewhere in a text."""
    return "{" in text and _BEGUN.search(text) is not None


def documents_within(text: str) -> Iterator[Within]:
    """Every document of a text, from top to bottom."""
    after, line, counted = 0, 1, 0
    for begun in _BEGUN.finditer(text):
        at = begun.start()
        if at < after:
            continue
        line += text.count("\n", counted, at)
        counted = at
        found, after = _read(text, at)
        yield Within(line, found, _time_of(text, at, after))


def _read(text: str, at: int) -> tuple[str, int]:
    """The document whose brace stands at a place, and where it ends; the rest of the line where it is none."""
    try:
        if text.startswith('""', at + 1) and (cell := _CELL.match(text, at - 1)):
            return cell[1].replace('""', '"'), cell.end()
        if text[at + 1 : at + 200].lstrip(" ").startswith("\\") and (escaped := _ESCAPED.match(text, at)):
            inner = str(read_json_at(f'"{escaped[0]}"', 0).value)
            return inner[: read_json_at(inner, 0).end], escaped.end()
        return text[at : (end := read_json_at(text, at).end)], end
    except JsonTextError:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        return text[at:end].rstrip("\r"), end


def _time_of(text: str, start: int, end: int) -> float | None:
    """What the line says before a document, else behind it."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last
    before = instant_in(text[first:start]) if start - first <= _LONGEST_WORDS else None
    return before if before is not None or last - end > _LONGEST_WORDS else instant_in(text[end:last])


def instant_in(text: str) -> float | None:
    """The first date with a time, UTC where it names no offset, else the first count of seconds or milliseconds."""
    for found in _INSTANT.finditer(text):
        year, month, day, time, fraction, zone = found.groups()
        offset = "+00:00" if zone in (None, "Z", "UTC") else zone
        written = f"{year}-{month}-{day}T{time}.{(fraction or '0')[:6].ljust(6, '0')}{offset}"
        try:
            return datetime.fromisoformat(written).astimezone(UTC).timestamp()
        except (ValueError, OverflowError):
            continue
    count = _COUNT.search(text)
    if count is None:
        return None
    return int(count[1]) + (int(count[2]) / 1000 if count[2] else float(count[3] or 0))


def unwrapped(text: str) -> bytes | None:
    """The bytes of a JSON object that stands there in Base64 or as hexadecimal digits; None for any other text."""
    try:
        if text.startswith(("eyJ", "ewo", "ew0", "eyA", "ewk")):  # {" and a brace with a space or an end of line
            found = base64.b64decode(text, validate=True)
        elif text.startswith(("7b:", "7B:", "7b22", "7B22", "7b0", "7B0", "7b2", "7B2")) and _HEX.fullmatch(text):
            found = bytes.fromhex(text.replace(":", ""))
        else:
            return None
    except (binascii.Error, ValueError):
        return None
    return found if found[:1] == b"{" else None
