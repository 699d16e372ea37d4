"""What secrets of the lab look like, in any encoding: made from the seed, and recognised by a mark without any list."""

import base64
import re
from collections.abc import Iterator
from typing import Final

from uplab.scenarios.history.common import MARK
from uplab.scenarios.history.forms import base64_cores

__all__ = ["BEGINNINGS", "CANARY", "CUT", "canary_in"]

_PLAIN = (
    rb"5ec0de5a(?:[0-9a-f]{24}|-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    rb"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"  # a JSON Web Token, by its shape
)
_BETWEEN = rb"(?:[ :._-]|, ?(?:0x)?| 0x)"  # bytes in hexadecimal
_OR_BLANK = rb"(?:, ?| )"  # numbers
# The first eight characters of a canary, in the encodings, and what then still belongs to it.
_ENCODED = b"|".join(
    [
        *(re.escape(core.encode()) + rb"[A-Za-z0-9+/_-]{24,38}" for core in base64_cores(MARK.encode())),
        MARK.encode().hex().encode() + rb"(?:3[0-9]|6[1-6]|2d){24,28}",
        rb"\x00".join(bytes([byte]) for byte in MARK.encode()) + rb"(?:\x00[0-9a-f-]){24,28}",  # UTF-16
        _OR_BLANK.join(b"%d" % byte for byte in MARK.encode())
        + rb"(?:"
        + _OR_BLANK
        + rb"(?:4[5-9]|5[0-7]|9[7-9]|10[0-2])){24,28}",
        rb"(?:[0-9a-f]{24}|[0-9a-f]{12}(?:-[0-9a-f]{4}){3}-)" + MARK[::-1].encode(),
        _BETWEEN.join(b"%02x" % byte for byte in MARK.encode()) + rb"(?:" + _BETWEEN + rb"(?:3[0-9]|6[1-6]|2d)){24,28}",
    ]
)
_CUT = rb"5ec0de5a[0-9a-f-]*(?:\.\.\.[0-9a-f-]*)?"  # what is left of one in a text that was shortened
CANARY: Final = re.compile(rb"(?i)" + _PLAIN + rb"|" + _ENCODED)
"""One that stands there whole, in an encoding of its own, or a JSON Web Token."""
CUT: Final = re.compile(rb"(?i)" + _CUT)
"""What is left of one."""
_DECODED = re.compile(rb"(?i)" + _PLAIN)
# To search for these beginnings costs a tenth of the pattern, and most of what is said holds none of them.
BEGINNINGS: Final = tuple(
    {beginning.lower().encode() for beginning in (MARK, "eyJ", MARK.encode().hex(), *base64_cores(MARK.encode()))}
    | {MARK.encode()[:4].hex(between).encode() for between in " :-._,"}
    | {b"\0".join(bytes([byte]) for byte in MARK.encode()), MARK[::-1].encode()}
    | {b"53,101,99,48", b"53, 101, 99, 48", b"53 101 99 48"}
    | {b", 0x".join(b"%02x" % byte for byte in MARK.encode()[:2]), b"35, 65, 63"}
)


def canary_in(found: bytes) -> bytes:
    """The canary itself, in whatever form it was found; what was found where it is none."""
    plain = (_DECODED.search(read) for read in _readings(found))
    return next((one.group() for one in plain if one), found)


def _readings(found: bytes) -> Iterator[bytes]:
    """What was found, and what it may be an encoding of."""
    yield found
    yield found[::-1]
    if found[:3] in (b"53,", b"53 "):
        yield bytes(map(int, found.replace(b",", b" ").split()))
    if b"\0" in found:
        yield found.replace(b"\0", b"")
    if found.lower().startswith(MARK[:1].encode().hex().encode()):
        digits = re.sub(rb"(?i)0x|[^0-9a-f]", b"", found)
        yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    if b"." in found:
        return  # what was shortened is no Base64 any more
    for before in (b"", b"AA", b"AAA"):  # where it began within four characters of Base64 is not to be seen
        whole = before + found
        decoded = base64.b64decode(whole[: len(whole) // 4 * 4] + _last(whole), b"-_")
        # A part of the first byte stands in a character before it, which was not found with it.
        _, most, rest = decoded.partition(MARK[1:].encode())
        if most:
            yield MARK.encode() + rest


def _last(whole: bytes) -> bytes:
    """The characters of Base64 behind the last four, filled up; a single one says nothing."""
    rest = whole[len(whole) // 4 * 4 :]
    return rest.ljust(4, b"=") if len(rest) > 1 else b""
