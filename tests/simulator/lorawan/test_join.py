from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.lorawan.frame import FrameError, MicError
from uplab.simulator.lorawan.ids import DevAddr, DevEUI, JoinEUI, Key
from uplab.simulator.lorawan.join import (
    JoinAccept,
    JoinRequest,
    decode_join_accept,
    decode_join_request,
    derive_session_keys,
    encode_join_accept,
    encode_join_request,
    peek_join_request,
)

VECTOR: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "lorawan-frames.json").read_text(encoding="utf-8")
)["join"]
APP_KEY = Key.from_hex(VECTOR["app_key"])
OTHER_KEY = Key(bytes(16))
REQUEST = JoinRequest(JoinEUI("AA13693363343639"), DevEUI("3331383274356905"), 0x8904)
ACCEPT = JoinAccept(0x376338, 0xAABBCC, DevAddr("012CCDE7"), rx_delay=0)

REQUESTS = st.builds(
    JoinRequest,
    st.binary(min_size=8, max_size=8).map(JoinEUI.from_wire),
    st.binary(min_size=8, max_size=8).map(DevEUI.from_wire),
    st.integers(0, 0xFFFF),
)
ACCEPTS = st.builds(
    JoinAccept,
    st.integers(0, 0xFF_FFFF),
    st.integers(0, 0xFF_FFFF),
    st.binary(min_size=4, max_size=4).map(DevAddr.from_wire),
    st.integers(0, 7),
    st.integers(0, 15),
    st.integers(0, 15),
    st.just(b"") | st.binary(min_size=16, max_size=16),
)


def clear_text(phy: bytes, app_key: Key) -> bytes:
    return phy[:1] + Cipher(algorithms.AES(app_key), modes.ECB()).encryptor().update(phy[1:])  # noqa: S305


def sealed(clear: bytes, app_key: Key) -> bytes:
    return clear[:1] + Cipher(algorithms.AES(app_key), modes.ECB()).decryptor().update(clear[1:])  # noqa: S305


def test_public_join_request_is_decoded() -> None:
    assert decode_join_request(bytes.fromhex(VECTOR["join_request"]), APP_KEY) == REQUEST


def test_public_join_request_is_encoded() -> None:
    assert encode_join_request(REQUEST, APP_KEY).hex() == VECTOR["join_request"]


def test_public_join_accept_is_decoded() -> None:
    assert decode_join_accept(sealed(bytes.fromhex(VECTOR["join_accept_clear"]), APP_KEY), APP_KEY) == ACCEPT


def test_public_join_accept_is_encoded_with_its_delay_of_0() -> None:
    assert clear_text(encode_join_accept(ACCEPT, APP_KEY), APP_KEY).hex() == VECTOR["join_accept_clear"]


@pytest.mark.parametrize(("rx_delay", "seconds"), [(0, 1), (1, 1), (2, 2), (15, 15)])
def test_delay_0_means_a_second(rx_delay: int, seconds: int) -> None:
    assert dataclasses.replace(ACCEPT, rx_delay=rx_delay).rx_delay_s == seconds


def test_public_session_keys_are_derived() -> None:
    vector = VECTOR["session_keys"]

    keys = derive_session_keys(
        APP_KEY,
        app_nonce=int(vector["app_nonce"], 16),
        net_id=int(vector["net_id"], 16),
        dev_nonce=int(vector["dev_nonce"], 16),
    )

    assert (keys.nwk_s_key.hex(), keys.app_s_key.hex()) == (vector["nwk_s_key"], vector["app_s_key"])


@given(REQUESTS)
def test_any_request_survives_the_air(request: JoinRequest) -> None:
    phy = encode_join_request(request, APP_KEY)

    assert len(phy) == 23
    assert peek_join_request(phy) == decode_join_request(phy, APP_KEY) == request


@given(ACCEPTS)
def test_any_accept_survives_the_air(accept: JoinAccept) -> None:
    phy = encode_join_accept(accept, APP_KEY)

    assert len(phy) == (33 if accept.cf_list else 17)
    assert decode_join_accept(phy, APP_KEY) == accept


def test_accept_is_not_readable_on_the_air() -> None:
    assert ACCEPT.dev_addr.wire() not in encode_join_accept(ACCEPT, APP_KEY)


@pytest.mark.parametrize("bit", range(23 * 8))
def test_any_flipped_bit_of_a_request_is_detected(bit: int) -> None:
    flipped = int.from_bytes(encode_join_request(REQUEST, APP_KEY), "big") ^ 1 << bit

    with pytest.raises((MicError, FrameError)):
        decode_join_request(flipped.to_bytes(23, "big"), APP_KEY)


@pytest.mark.parametrize("bit", range(17 * 8))
def test_any_flipped_bit_of_an_accept_is_detected(bit: int) -> None:
    flipped = int.from_bytes(encode_join_accept(ACCEPT, APP_KEY), "big") ^ 1 << bit

    with pytest.raises((MicError, FrameError)):
        decode_join_accept(flipped.to_bytes(17, "big"), APP_KEY)


@given(st.binary(max_size=40))
def test_noise_raises_no_other_error(noise: bytes) -> None:
    for decode in (decode_join_request, decode_join_accept):
        with pytest.raises((MicError, FrameError)):
            decode(noise, APP_KEY)


@pytest.mark.parametrize("size", range(23))
def test_truncated_request_is_malformed(size: int) -> None:
    with pytest.raises(FrameError):
        decode_join_request(encode_join_request(REQUEST, APP_KEY)[:size], APP_KEY)


@pytest.mark.parametrize("size", range(17))
def test_truncated_accept_is_malformed(size: int) -> None:
    with pytest.raises(FrameError):
        decode_join_accept(encode_join_accept(ACCEPT, APP_KEY)[:size], APP_KEY)


def test_other_key_is_a_wrong_mic() -> None:
    with pytest.raises(MicError, match=r"^wrong MIC c65b1304 in the join request of 3331383274356905$"):
        decode_join_request(encode_join_request(REQUEST, APP_KEY), OTHER_KEY)
    with pytest.raises(MicError, match=r"^wrong MIC in a join accept$"):
        decode_join_accept(encode_join_accept(ACCEPT, APP_KEY), OTHER_KEY)


def test_request_is_no_accept() -> None:
    with pytest.raises(FrameError, match=r"^message type 0 is no join accept$"):
        decode_join_accept(encode_join_request(REQUEST, APP_KEY), APP_KEY)
    with pytest.raises(FrameError, match=r"^message type 1 is no join request$"):
        peek_join_request(encode_join_accept(ACCEPT, APP_KEY))


@pytest.mark.parametrize("nonce", [-1, 0x10000])
def test_dev_nonce_has_sixteen_bits(nonce: int) -> None:
    with pytest.raises(FrameError, match=rf"^dev_nonce: {nonce} does not fit 16 bits$"):
        encode_join_request(dataclasses.replace(REQUEST, dev_nonce=nonce), APP_KEY)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"app_nonce": 1 << 24}, "app_nonce: 16777216 does not fit 24 bits"),
        ({"net_id": -1}, "net_id: -1 does not fit 24 bits"),
        ({"rx1_dr_offset": 8}, "rx1_dr_offset: 8 does not fit 3 bits"),
        ({"rx2_data_rate": 16}, "rx2_data_rate: 16 does not fit 4 bits"),
        ({"rx_delay": -1}, "rx_delay: -1 does not fit 4 bits"),
        ({"rx_delay": 16}, "rx_delay: 16 does not fit 4 bits"),
        ({"cf_list": bytes(15)}, "cf_list: 15 bytes, expected 0 or 16"),
    ],
)
def test_refused_accept_names_the_field(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(FrameError, match=f"^{reason}$"):
        encode_join_accept(dataclasses.replace(ACCEPT, **change), APP_KEY)


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_each_join_has_its_own_keys(one: int, other: int) -> None:
    first, second = (derive_session_keys(APP_KEY, app_nonce=1, net_id=2, dev_nonce=nonce) for nonce in (one, other))

    assert (first == second) == (one == other)
    assert first.nwk_s_key != first.app_s_key
