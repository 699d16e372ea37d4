from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.lorawan.ids import DevAddr, Key
from uplab.simulator.lorawan.session import A_START, PayloadCipher, SessionKeys, crypt_payload

VECTORS = Path(__file__).parents[2] / "vectors" / "lorawan-frames.json"
KEY = Key(bytes(range(16)))


def test_published_thingpark_payload_reads_hello() -> None:
    vector: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))["thingpark_payload"]

    clear = crypt_payload(
        bytes.fromhex(vector["payload_hex"]),
        key=Key.from_hex(vector["app_s_key"]),
        dev_addr=DevAddr(vector["dev_addr"]),
        f_cnt=vector["f_cnt"],
    )

    assert clear == vector["clear"].encode()


@given(st.binary(max_size=242), st.integers(0, 0xFFFF_FFFF), st.booleans())
def test_payload_cipher_equals_counter_mode(payload: bytes, f_cnt: int, downlink: bool) -> None:
    # The blocks A_i are a counter: the library's own counter mode is a second opinion.
    address = DevAddr("49BE7DF1")
    first_block = A_START[downlink] + address.wire() + f_cnt.to_bytes(4, "little") + b"\0\1"
    expected = Cipher(algorithms.AES(KEY), modes.CTR(first_block)).encryptor().update(payload)

    assert crypt_payload(payload, key=KEY, dev_addr=address, f_cnt=f_cnt, downlink=downlink) == expected


@pytest.mark.parametrize("size", [1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 242])
def test_key_stream_is_long_enough_at_the_edge_of_a_block(size: int) -> None:
    payload = bytes(range(size))
    sent = crypt_payload(payload, key=KEY, dev_addr=DevAddr("01020304"), f_cnt=1)

    assert len(sent) == size
    assert sent == crypt_payload(bytes(range(242)), key=KEY, dev_addr=DevAddr("01020304"), f_cnt=1)[:size]


def test_directions_have_different_key_streams() -> None:
    up, down = (
        crypt_payload(b"test", key=KEY, dev_addr=DevAddr("01020304"), f_cnt=1, downlink=downlink)
        for downlink in (False, True)
    )

    assert up != down


def test_empty_payload_stays_empty() -> None:
    assert crypt_payload(b"", key=KEY, dev_addr=DevAddr("01020304"), f_cnt=1) == b""


def test_one_cipher_serves_many_threads() -> None:
    cipher = PayloadCipher(KEY)
    starts = [A_START[0] + bytes(4) + n.to_bytes(4, "little") for n in range(200)]
    alone = [cipher.crypt(bytes(40), start) for start in starts]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda start: cipher.crypt(bytes(40), start), starts))

    assert together == alone


def test_sessions_are_equal_by_their_keys() -> None:
    other = Key(bytes(16))

    assert SessionKeys(KEY, other) == SessionKeys(KEY, other)
    assert hash(SessionKeys(KEY, other)) == hash(SessionKeys(KEY, other))
    assert SessionKeys(KEY, other) != SessionKeys(other, KEY)
    assert SessionKeys(KEY, other) != "keys"


def test_session_never_shows_its_keys() -> None:
    assert repr(SessionKeys(KEY, KEY)) == "SessionKeys(hidden)"
