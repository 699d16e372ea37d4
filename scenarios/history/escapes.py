"""What a text says when its escapes are read: of URLs, HTML and JSON, in any mixture and within each other.

Also a word that goes over the ends of lines is one word, as MIME, quoted-printable and terminals wrap what is long. The
place of each character in the text that it came from is known, so that what is found can be hidden there.
"""

import html
import re
from bisect import bisect_right
from dataclasses import dataclass

__all__ = ["Unescaped", "last_words", "may_be_escaped", "unescaped"]

_ESCAPE = re.compile(
    rb"(?i)%(?:25)*(?P<url>[0-9a-f]{2})"
    rb"|&(?:amp;)*(?P<html>#0{0,8}[0-9]{1,6}|#x0{0,8}[0-9a-f]{1,5}|amp|quot|apos|lt|gt|plus|sol|colon|equals);"
    rb"|\\+u(?P<letter>[0-9a-f]{4})|\\+x(?P<byte>[0-9a-f]{2})|\\+(?P<quoted>[\"/])"
    rb"|(?P<wrap>=?(?:\r?\n|\\+r\\+n|\\+n)[ \t]*)|\\(?P<slash>\\)"
)
# The last word of a line, without what closes behind it: a log puts its own words before what goes over lines.
_LAST_WORD = re.compile(rb"([^\s\"'<>|:\[\](){},;=]+=*)[\s\"'<>|\[\](){},;\\]*(?:\n|$)")
# Most of what is said holds none of these; to look for them costs a fraction of the pattern.
_NAMED = (b"&#", b"&amp;", b"&plus;", b"&sol;", b"&equals;", b"&colon;")
_SLASHED = (b"\\u", b"\\U", b"\\x", b"\\n", b"\\\\")


@dataclass(frozen=True, slots=True)
class Unescaped:
    """The text without its escapes. Each piece begins at `starts` here and at `places` there."""

    text: bytes
    starts: list[int]
    places: list[int]
    whole: list[bool]  # whether the piece is one escape, which is hidden as a whole

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands from start to end here stood there."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        begin = self.places[first] + (0 if self.whole[first] else start - self.starts[first])
        if self.whole[last]:
            return begin, self.places[last + 1]
        return begin, self.places[last] + end - self.starts[last]


def may_be_escaped(raw: bytes) -> bool:
    """Whether there can be an escape, or a word over a line's end, in a text."""
    if b"%" in raw:
        return True
    # A single character is found many times faster than the marks that begin with it.
    if b"\\" in raw and any(mark in raw for mark in _SLASHED):
        return True
    if b"&" in raw and b";" in raw and any(mark in raw for mark in _NAMED):
        return True
    return raw.find(b"\n", 0, -1) >= 0


def unescaped(raw: bytes) -> Unescaped | None:
    """The text with one layer of its escapes read; None where it has none."""
    pieces, starts, places, whole = [], [0], [0], [False]
    at = length = 0
    for match in _ESCAPE.finditer(raw):
        begin, end = match.span()
        before = raw[at:begin]
        said = _said(match)
        length += len(before)
        pieces += [before, said]
        if said:
            starts.append(length)
            places.append(begin)
            whole.append(True)
            length += len(said)
        starts.append(length)
        places.append(end)
        whole.append(False)
        at = end
    if not at:
        return None
    pieces.append(raw[at:])
    return Unescaped(b"".join(pieces), starts, places, whole)


def last_words(raw: bytes) -> Unescaped:
    """The last words of the lines as one word, whatever stands before each in its line."""
    pieces, starts, places, whole = [], [0], [0], [False]
    length = 0
    for match in _LAST_WORD.finditer(raw):
        begin, end = match.span(1)
        pieces.append(raw[begin:end])
        starts.append(length)
        places.append(begin)
        whole.append(False)
        length += end - begin
    return Unescaped(b"".join(pieces), starts, places, whole)


def _said(match: re.Match[bytes]) -> bytes:
    """What an escape stands for; nothing where it only ends a line."""
    if match.lastgroup == "wrap":
        return b""
    if match.lastgroup == "html":
        return html.unescape(f"&{match.group('html').decode()};").encode("utf-8", "replace")
    said = match.group(match.lastgroup or "")
    if match.lastgroup == "letter":
        return chr(int(said, 16)).encode("utf-8", "replace")
    return said if match.lastgroup in ("quoted", "slash") else bytes.fromhex(said.decode())
