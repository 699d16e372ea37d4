"""What a text says when its words are decoded, and what was packed is unpacked.

A word may be Base64 in either alphabet, Base32 or hexadecimal, and what it says may be packed, or encoded once more:
that is asked of what comes out here. Where in a word it begins is not to be seen, as in `token/c2Vj…`, so each place is
tried. How much is decoded and unpacked of one text has a bound.
"""

import base64
import bz2
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["MARKS", "Decoded", "Room", "decoded", "unpacked"]

_GZIP, _ARCHIVE, _BZIP2, _XZ = b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\0"
_ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
_STRONG = (_GZIP, _ARCHIVE, _XZ)  # what chance hardly ever makes, and so is looked for anywhere
MARKS = (_GZIP, *_ZLIB, _ARCHIVE, _BZIP2, _XZ)
"""What packed bytes begin with: gzip (RFC 1952), zlib at each level (RFC 1950), an archive (ZIP), bzip2, xz."""

_MOST_MEMBERS = 100  # of one body by gzip, or of one archive
_MOST_UNPACKED = 1_000_000  # bytes
_MOST_MEMORY = 32_000_000  # bytes, for xz
_MOST_DECODED = 4_000_000  # bytes of one text, all depths together
_WORD = re.compile(rb"[A-Za-z0-9+/_-]{15,}")  # Base64 of Base64 of a secret of eight characters
_HEX = re.compile(rb"(?i)(?:[0-9a-f]{2}){16,}")
_BASE32 = re.compile(rb"[A-Z2-7]{13,}|[a-z2-7]{13,}")
_OTHER_ALPHABET = bytes.maketrans(b"-_", b"+/")
# What is said by zlib's mark and two bits more, in Base64, at the beginning of a word or behind a separator in it.
_DEFLATED = re.compile(
    rb"(?:^|[ /+_-])(?:"
    + b"|".join([base64.b64encode(mark + bytes([bits << 6]))[:3] for mark in _ZLIB for bits in range(4)])
    + rb"|Qlpo)"
)
# What random bytes hardly ever have: a few readable characters in a row, of UTF-8, or of UTF-16.
_READABLE = re.compile(rb"(?:[ -~\r\n\t]|[\xc3-\xc5][\x80-\xbf]|\xe2[\x80-\xbf]{2}){8}|(?:[ -~\xa0-\xff]\0){8}")


@dataclass(slots=True)
class Room:
    """How many bytes may still be decoded of one text."""

    left: int = _MOST_DECODED


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a part of a text says: the part begins at `begin`, and `wide` characters of it say `says` bytes."""

    text: bytes
    begin: int
    end: int
    wide: int
    says: int
    packed: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Which part of the text says what stands from start to end here; of what is packed, all of it."""
        if self.packed:
            return self.begin, self.end
        begin = self.begin + start * self.wide // self.says
        return begin, min(self.end, self.begin + -(-end * self.wide // self.says))


def decoded(raw: bytes, room: Room) -> Iterator[Decoded]:
    """All that words of the text may say; what is not readable, and not packed, is left out."""
    if not _may_say(_WORD.findall(raw)):
        return
    for word in _WORD.finditer(raw):
        for one in _readings(word.group(), word.start()):
            room.left -= len(one.text)
            if room.left < 0:
                return
            at = _packed_from(one.text)
            plain = unpacked(one.text[at:]) if at is not None else None
            if plain is not None:
                room.left -= len(plain)
                yield Decoded(plain, one.span(at or 0, len(one.text))[0], one.end, 1, 1, packed=True)
            if (plain is None or at) and _READABLE.search(one.text):
                yield one


def _packed_from(text: bytes) -> int | None:
    """Where in what a word says something packed begins."""
    if text.startswith(MARKS):
        return 0
    return next((at for mark in _STRONG if (at := text.find(mark)) >= 0), None)


def _may_say(words: list[bytes]) -> bool:
    """Whether anything readable, or packed, may be in one of the words: asked of all at once, since in most is none."""
    if not words:
        return False
    for skipped in range(4):
        said = base64.b64decode(
            b"".join([word[skipped : len(word) - (len(word) - skipped) % 4] for word in words]), b"-_"
        )
        if _READABLE.search(said) or any(mark in said for mark in _STRONG):
            return True
    told = b" ".join(words)
    if _DEFLATED.search(told):
        return True
    if any(_telling(bytes.fromhex(digits.decode())) for digits in _HEX.findall(told)):
        return True
    return _BASE32.search(told) is not None


def _telling(said: bytes) -> bool:
    return _READABLE.search(said) is not None or said.startswith(MARKS)


def _readings(word: bytes, begin: int) -> Iterator[Decoded]:
    """What a word may be an encoding of."""
    plain = word.translate(_OTHER_ALPHABET)
    for skipped in range(4):
        length = (len(word) - skipped) // 4 * 4
        rest = plain[skipped + length :]
        text = base64.b64decode(plain[skipped : skipped + length] + (rest.ljust(4, b"=") if len(rest) > 1 else b""))
        yield Decoded(text, begin + skipped, begin + len(word), 4, 3)
    for match in _HEX.finditer(word):
        yield Decoded(bytes.fromhex(match.group().decode()), begin + match.start(), begin + match.end(), 2, 1)
    for match in _BASE32.finditer(word):
        for skipped in range(8):
            whole = match.group()[skipped:].upper()
            whole = whole[: len(whole) - (1 if len(whole) % 8 in (1, 3, 6) else 0)]
            text = base64.b32decode(whole + b"=" * (-len(whole) % 8))
            yield Decoded(text, begin + match.start() + skipped, begin + match.end(), 8, 5)


def unpacked(raw: bytes) -> bytes | None:
    """What a body that is packed, or an archive, holds, a megabyte at most; None where it is none."""
    if raw.startswith(_ARCHIVE):
        return _of_archive(raw)
    if not raw.startswith(MARKS):
        return None
    found = b""
    for _ in range(_MOST_MEMBERS):
        try:
            member = _unpacker(raw)
            found += member.decompress(raw, _MOST_UNPACKED - len(found))
        except (zlib.error, lzma.LZMAError, OSError, EOFError):
            break
        raw = member.unused_data
        if not raw or len(found) >= _MOST_UNPACKED:
            break
    return found or None


def _unpacker(raw: bytes) -> Any:
    if raw.startswith(_BZIP2):
        return bz2.BZ2Decompressor()
    if raw.startswith(_XZ):
        return lzma.LZMADecompressor(memlimit=_MOST_MEMORY)
    return zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, whichever it is


def _of_archive(raw: bytes) -> bytes | None:
    """The names and the bytes of its members, one after the other."""
    found = b""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for info in archive.infolist()[:_MOST_MEMBERS]:
                if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    continue
                with archive.open(info) as member:
                    found += info.filename.encode("utf-8", "replace") + b"\n"
                    found += member.read(max(0, _MOST_UNPACKED - len(found))) + b"\n"
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
        pass  # as far as it could be read
    return found or None
