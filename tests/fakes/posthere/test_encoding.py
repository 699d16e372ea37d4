from __future__ import annotations

import base64
import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.posthere.encoding import unpacked
from uplab.fakes.posthere.state import Captured
from uplab.fakes.posthere.views import as_item, entry

BODY = b'{"a": 1}'
BARE = zlib.compressobj(wbits=-15)
PACKED = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "Deflate": BARE.compress(BODY) + BARE.flush(),
    "identity": BODY,
    "": BODY,
    "deflate, gzip": gzip.compress(zlib.compress(BODY)),
}


@pytest.mark.parametrize("encoding", PACKED)
def test_body_is_unpacked(encoding: str) -> None:
    assert unpacked(PACKED[encoding], encoding, 100) == BODY


@pytest.mark.parametrize("encoding", ["br", "gzip, br", "nonsense"])
def test_unknown_encoding_is_none(encoding: str) -> None:
    assert unpacked(BODY, encoding, 100) is None


def test_bomb_is_not_unpacked() -> None:
    assert unpacked(gzip.compress(b"0" * 10_000_000), "gzip", 1_000_000) is None
    assert unpacked(zlib.compress(b"0" * 10_000_000), "deflate", 1_000_000) is None


@given(st.binary(max_size=100), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_any_bytes_are_unpacked_or_not(body: bytes, encoding: str) -> None:
    assert isinstance(unpacked(body, encoding, 1000), bytes | None)


def captured(body: bytes, encoding: str) -> Captured:
    headers = (("Content-Type", "application/json"), ("Content-Encoding", encoding))
    return Captured(1, 0.0, "POST", 200, headers, (), body, len(body))


def test_bin_shows_the_body_unpacked_and_the_bytes_in_base64() -> None:
    packed = gzip.compress(BODY)

    item = as_item(captured(packed, "gzip"))

    assert (json.loads(item["body"]), base64.b64decode(item["bodyBase64"])) == ({"a": 1}, packed)
    assert item["flags"] == {"unparsable": False, "tooLarge": False}
    assert "Came as gzip" in entry(captured(packed, "gzip"), "/bin", 0.0)


def test_body_that_is_not_what_it_says_is_flagged() -> None:
    assert as_item(captured(b"no gzip", "gzip"))["flags"]["unparsable"]
