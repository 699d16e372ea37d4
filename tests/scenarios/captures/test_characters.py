"""Bytes as characters, and what files without any are called."""

from __future__ import annotations

import pytest

from uplab.scenarios.captures.characters import CharactersError, characters

TEXT = '{"name": "café"}'


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_read_in_each_encoding_that_json_is_found_in(name: str) -> None:
    assert characters(TEXT.encode(name)) == TEXT


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (TEXT.encode("latin-1"), "is no text in UTF-8 (byte 13, line 1)"),
        (b"{}\n\n\xff", "is no text in UTF-8 (byte 4, line 3)"),
        (TEXT.encode("utf-16")[:-1], "is no text in UTF-16 (byte 32)"),
        (b"PK\x03\x04....", "is a ZIP archive: unpack it first"),
        (b"\x28\xb5\x2f\xfd....", "is packed by zstd: unpack it first"),
        (b"\x0a\x0d\x0d\x0a....", "is packets (pcapng): save its HTTP as JSON, as tshark -T json does"),
    ],
)
def test_what_is_none_is_named(raw: bytes, words: str) -> None:
    with pytest.raises(CharactersError) as caught:
        characters(raw)

    assert str(caught.value) == words
