"""The bytes of a file as characters: UTF-8, or UTF-16 as Windows' shells write it; and what a file is that has none."""

from __future__ import annotations

from typing import Final

__all__ = ["CharactersError", "characters"]

_UTF_16: Final = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"{\0", "utf-16-le"),
    (b"[\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
    (b"\0[", "utf-16-be"),
)
"""How it begins: with a byte order mark, or with a brace or a bracket of two bytes."""
_NO_TEXT: Final = (
    # The first bytes of each are those of its own specification.
    (b"PK\x03\x04", "a ZIP archive: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd: unpack it first"),
    (b"\xfd7zXZ\0", "packed by xz: unpack it first"),
    (b"BZh", "packed by bzip2: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"\xd4\xc3\xb2\xa1", "packets (pcap): save its HTTP as JSON, as tshark -T json does"),
    (b"\xa1\xb2\xc3\xd4", "packets (pcap): save its HTTP as JSON, as tshark -T json does"),
    (b"\x0a\x0d\x0d\x0a", "packets (pcapng): save its HTTP as JSON, as tshark -T json does"),
    (b"SQLite format 3\0", "a database of SQLite: save its requests as HAR or JSON"),
    (b"%PDF-", "a PDF"),
)


class CharactersError(ValueError):
    """Bytes that are no characters; the text says what they are, after "it"."""


def characters(raw: bytes) -> str:
    """The characters, without a byte order mark; CharactersError."""
    for begin, what in _NO_TEXT:
        if raw.startswith(begin):
            raise CharactersError(f"is {what}")
    for begin, name in _UTF_16:
        if raw.startswith(begin):
            try:
                return raw.decode(name).removeprefix("\ufeff")
            except UnicodeDecodeError as error:
                raise CharactersError(f"is no text in UTF-16 (byte {error.start})") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CharactersError(f"is no text in UTF-8 (byte {error.start}, line {line})") from None
