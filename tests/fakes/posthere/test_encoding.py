from __future__ import annotations

import base64
import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.posthere.encoding import PackedError, unpacked
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


WRONG = [
    (BODY, "br", "came as br, which nothing here unpacks; known are deflate, gzip, x-gzip"),
    (BODY, "gzip, zstd", "came as zstd, which nothing here unpacks; known are deflate, gzip, x-gzip"),
    (BODY, "gzip", "came as gzip, and is none"),
    (gzip.compress(BODY)[:-9], "gzip", "came as gzip, and is cut off"),
    (zlib.compress(BODY)[:-6], "deflate", "came as deflate, and is cut off"),
    (gzip.compress(b"0" * 10_000_000), "gzip", "came as gzip, and has more than 1,000 bytes unpacked"),
    (zlib.compress(b"0" * 10_000_000), "deflate", "came as deflate, and has more than 1,000 bytes unpacked"),
]


@pytest.mark.parametrize(("body", "encoding", "why"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_body_that_cannot_be_unpacked_says_why(body: bytes, encoding: str, why: str) -> None:
    with pytest.raises(PackedError) as caught:
        unpacked(body, encoding, 1000)

    assert str(caught.value) == why
    assert why in entry(captured(b"\xff" + body[:5], "br"), "/bin", 0.0) or encoding != "br"


@given(st.binary(max_size=100), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_any_bytes_are_unpacked_or_not(body: bytes, encoding: str) -> None:
    try:
        plain = unpacked(body, encoding, 1000)
    except PackedError:
        return
    assert len(plain) <= 1000


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
    item = as_item(captured(b"no gzip", "gzip"))

    assert item["flags"]["unparsable"]
    assert (item["body"], item["packed"]) == ("no gzip", "came as gzip, and is none")
    assert base64.b64decode(item["bodyBase64"]) == b"no gzip"
