"""What a text says when its escapes are read: of URLs, HTML, JSON, C and MIME, in any mixture and within each other.

Also a word that goes over the ends of lines is one word, as MIME, shells and terminals wrap what is long, and so is one
with colours, tags or invisible characters in it. The place of each character in the text that it came from is known, so
that what is found can be hidden there.
"""

import html
import re
from bisect import bisect_right
from dataclasses import dataclass
from html.entities import html5

__all__ = ["Unescaped", "may_be_escaped", "unescaped"]

# Each of the ways begins with a character of its own, so that texts without these are passed over quickly.
_ESCAPE = re.compile(
    rb"(?i)%(?:25)*(?P<url>[0-9a-f]{2})|%u(?P<wide>[0-9a-f]{4})"
    rb"|&(?:amp;)*(?:(?P<number>#0{0,8}[0-9]{1,6}|#x0{0,8}[0-9a-f]{1,5});?|(?P<html>[a-z]{2,8});)"
    rb"|\\\\*(?:(?-i:U)(?P<long>00[01][0-9a-f]{5})|u\{(?P<braced>[0-9a-f]{1,5})\}|u(?P<letter>[0-9a-f]{4})"
    rb"|x(?P<byte>[0-9a-f]{2})|(?P<octal>[0-3][0-7]{2})|(?P<quoted>[\"/])|r\\+n[ \t]*|n[ \t]*)"
    rb"|\\(?:\r\n?|\n)[ \t]*|\\(?P<slash>\\)"
    rb"|=(?P<printed>(?-i:[0-9A-F]{2}(?:=[0-9A-F]{2})+))|=(?:\r\n?|\n)[ \t]*|=\\+r\\+n[ \t]*|=\\+n[ \t]*"
    rb"|\r\n?[ \t]*|\n[ \t]*"
    # What a terminal or a page does not show, and what only changes how it looks (ECMA-48; Unicode, default ignorable).
    rb"|\x1b\[[0-9;:?]*[ -/]*[@-~]|\x08[ -~]|\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf"
    rb"|</?(?:b|i|u|em|code|mark|span|strong|tspan)>|<wbr ?/?>"
)
# Most of what is said holds none of these; to look for them costs a fraction of the pattern.
_SLASHED = (b"\\u", b"\\U", b"\\x", b"\\n", b"\\\\", b"\\0", b"\\1", b"\\2", b"\\3")
_UNSEEN = (b"\x1b[", b"\x08", b"\xc2\xad", b"\xe2\x80", b"\xe2\x81", b"\xef\xbb\xbf", b"<wbr", b"</")
_QUOPRINTED = re.compile(rb"(?:=[0-9A-F]{2}){2}")


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
    if b"&" in raw and (b"&#" in raw or b";" in raw):
        return True
    if raw.find(b"\n", 0, -1) >= 0 or raw.find(b"\r", 0, -1) >= 0:
        return True
    if b"=" in raw and _QUOPRINTED.search(raw):
        return True
    return any(mark in raw for mark in _UNSEEN)


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


def _said(match: re.Match[bytes]) -> bytes:
    """What an escape stands for; nothing where it only ends a line, or is not seen."""
    kind = match.lastgroup
    if kind is None:
        return b""
    said = match.group(kind)
    match kind:
        case "html":
            return html5.get(f"{said.decode()};", match.group().decode()).encode()
        case "number":
            return html.unescape(f"&{said.decode()};").encode("utf-8", "replace")
        case "letter" | "wide" | "long" | "braced":
            return chr(int(said, 16)).encode("utf-8", "replace")
        case "octal":
            return bytes([int(said, 8)])
        case "printed":
            return bytes.fromhex(said.replace(b"=", b"").decode())
        case "quoted" | "slash":
            return said
        case _:
            return bytes.fromhex(said.decode())
