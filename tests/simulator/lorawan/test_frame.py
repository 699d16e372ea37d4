from __future__ import annotations

import json
import operator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.lorawan.frame import (
    CONFIRMED_DOWN,
    CONFIRMED_UP,
    MAX_FCNT_GAP,
    UNCONFIRMED_DOWN,
    UNCONFIRMED_UP,
    DataFrame,
    FrameError,
    Header,
    MicError,
    SessionKeys,
    decode,
    encode,
    is_downlink,
    peek,
    read_m_type,
    reconstruct_f_cnt,
)
from uplab.simulator.lorawan.ids import DevAddr, Key

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "lorawan-frames.json").read_text(encoding="utf-8")
)
KEYS = SessionKeys(Key(bytes(range(16))), Key(bytes(range(16, 32))))
ADDRESS = DevAddr("49BE7DF1")
UPLINK = DataFrame(UNCONFIRMED_UP, ADDRESS, 7, 1, b"test")
DOWNLINK = DataFrame(UNCONFIRMED_DOWN, ADDRESS, 7, 1, b"test")


@st.composite
def frames(draw: st.DrawFn) -> DataFrame:
    m_type = draw(st.sampled_from([UNCONFIRMED_UP, UNCONFIRMED_DOWN, CONFIRMED_UP, CONFIRMED_DOWN]))
    downlink = is_downlink(m_type)
    f_port = draw(st.none() | st.integers(0, 255))
    f_opts = b"" if f_port == 0 else draw(st.binary(max_size=15))
    payload = b"" if f_port is None else draw(st.binary(max_size=242 - len(f_opts)))
    return DataFrame(
        m_type,
        DevAddr.from_wire(draw(st.binary(min_size=4, max_size=4))),
        draw(st.integers(0, 0xFFFF_FFFF)),
        f_port,
        payload,
        adr=draw(st.booleans()),
        adr_ack_req=not downlink and draw(st.booleans()),
        ack=draw(st.booleans()),
        f_pending=downlink and draw(st.booleans()),
        class_b=not downlink and draw(st.booleans()),
        f_opts=f_opts,
    )


def of_vector(vector: dict[str, Any]) -> tuple[DataFrame, SessionKeys]:
    frame = DataFrame(
        vector["m_type"],
        DevAddr(vector["dev_addr"]),
        vector["f_cnt"],
        vector["f_port"],
        bytes.fromhex(vector["payload"]),
        adr=vector.get("adr", False),
        ack=vector.get("ack", False),
        f_opts=bytes.fromhex(vector.get("f_opts", "")),
    )
    return frame, SessionKeys(Key.from_hex(vector["nwk_s_key"]), Key.from_hex(vector["app_s_key"]))


@pytest.mark.parametrize("vector", VECTORS["frames"], ids=operator.itemgetter("name"))
def test_public_frame_is_encoded(vector: dict[str, Any]) -> None:
    frame, keys = of_vector(vector)

    assert encode(frame, keys).hex() == vector["phy"]


@pytest.mark.parametrize("vector", VECTORS["frames"], ids=operator.itemgetter("name"))
def test_public_frame_is_decoded(vector: dict[str, Any]) -> None:
    frame, keys = of_vector(vector)

    assert decode(bytes.fromhex(vector["phy"]), keys, f_cnt_high=frame.f_cnt >> 16) == frame


@given(frames())
def test_any_frame_survives_the_air(frame: DataFrame) -> None:
    assert decode(encode(frame, KEYS), KEYS, f_cnt_high=frame.f_cnt >> 16) == frame


@given(frames(), st.integers(0, MAX_FCNT_GAP))
def test_counter_is_completed_from_the_last_one(frame: DataFrame, gap: int) -> None:
    last = max(frame.f_cnt - gap, 0)

    assert decode(encode(frame, KEYS), KEYS, last_f_cnt=last).f_cnt == frame.f_cnt


@given(frames(), st.data())
def test_any_flipped_bit_is_detected(frame: DataFrame, data: st.DataObject) -> None:
    phy = bytearray(encode(frame, KEYS))
    bit = data.draw(st.integers(0, 8 * len(phy) - 1))
    phy[bit // 8] ^= 1 << bit % 8

    with pytest.raises((MicError, FrameError)):
        decode(bytes(phy), KEYS, f_cnt_high=frame.f_cnt >> 16)


def test_each_single_bit_of_one_frame_counts() -> None:
    phy = int.from_bytes(encode(UPLINK, KEYS), "big")
    size = len(encode(UPLINK, KEYS))

    for bit in range(8 * size):
        with pytest.raises((MicError, FrameError)):
            decode((phy ^ 1 << bit).to_bytes(size, "big"), KEYS)


@given(frames(), st.integers(0, 11))
def test_truncated_below_a_header_is_malformed(frame: DataFrame, size: int) -> None:
    with pytest.raises(FrameError):
        decode(encode(frame, KEYS)[:size], KEYS)


@given(frames(), st.data())
def test_truncated_frame_is_never_taken(frame: DataFrame, data: st.DataObject) -> None:
    phy = encode(frame, KEYS)

    with pytest.raises((MicError, FrameError)):
        decode(phy[: data.draw(st.integers(0, len(phy) - 1))], KEYS, f_cnt_high=frame.f_cnt >> 16)


@given(st.binary(max_size=300))
def test_noise_raises_no_other_error(noise: bytes) -> None:
    with pytest.raises((MicError, FrameError)):
        decode(noise, KEYS)


@pytest.mark.parametrize(
    ("phy_hex", "reason"),
    [
        ("", "0 bytes, expected 12 to 255"),
        ("40" + "00" * 10, "11 bytes, expected 12 to 255"),
        ("40" + "00" * 255, "256 bytes, expected 12 to 255"),
        ("00" + "00" * 22, "MHDR 00 is no data frame of LoRaWAN R1"),
        ("41" + "00" * 11, "MHDR 41 is no data frame of LoRaWAN R1"),
        ("c0" + "00" * 11, "MHDR c0 is no data frame of LoRaWAN R1"),
        ("400403020103000002000000", "f_opts: 3 bytes announced, 0 there"),
        ("40040302010100000200" + "00" * 4, "f_opts: must be empty when f_port is 0"),
    ],
)
def test_malformed_frame_says_why(phy_hex: str, reason: str) -> None:
    for read in (lambda phy: decode(phy, KEYS), peek):
        with pytest.raises(FrameError, match=f"^{reason}$"):
            read(bytes.fromhex(phy_hex))


def test_wrong_key_is_no_malformed_frame() -> None:
    with pytest.raises(MicError, match=r"^wrong MIC [0-9a-f]{8} for DevAddr 49be7df1, counter 7$"):
        decode(encode(UPLINK, KEYS), SessionKeys(KEYS.app_s_key, KEYS.app_s_key))


def test_application_key_is_not_needed_for_the_mic() -> None:
    frame = decode(encode(UPLINK, KEYS), SessionKeys(KEYS.nwk_s_key, KEYS.nwk_s_key))

    assert frame.payload != UPLINK.payload
    assert frame._replace(payload=UPLINK.payload) == UPLINK


def test_port_zero_is_encrypted_with_the_network_key() -> None:
    frame = DataFrame(UNCONFIRMED_UP, ADDRESS, 1, 0, b"\x02")

    assert decode(encode(frame, KEYS), SessionKeys(KEYS.nwk_s_key, KEYS.nwk_s_key)) == frame


@pytest.mark.parametrize(
    ("frame", "change", "reason"),
    [
        (UPLINK, {"m_type": 0}, "m_type: 0 is no data frame, expected 2 to 5"),
        (UPLINK, {"m_type": 6}, "m_type: 6 is no data frame, expected 2 to 5"),
        (UPLINK, {"f_cnt": -1}, "f_cnt: -1 does not fit 32 bits"),
        (UPLINK, {"f_cnt": 1 << 32}, "f_cnt: 4294967296 does not fit 32 bits"),
        (UPLINK, {"f_port": -1}, "f_port: -1 does not fit a byte"),
        (UPLINK, {"f_port": 256}, "f_port: 256 does not fit a byte"),
        (UPLINK, {"f_port": None}, "f_port: missing, and there is a payload"),
        (UPLINK, {"f_opts": bytes(16)}, "f_opts: 16 bytes, expected at most 15"),
        (UPLINK, {"f_opts": b"\x02", "f_port": 0}, "f_opts: must be empty when f_port is 0"),
        (UPLINK, {"payload": bytes(243)}, "payload: 243 bytes make a frame longer than 255"),
        (UPLINK, {"payload": bytes(9999)}, "payload: 9999 bytes make a frame longer than 255"),
        (UPLINK, {"payload": bytes(242), "f_opts": b"\x02"}, "payload: 242 bytes make a frame longer than 255"),
        (UPLINK, {"f_pending": True}, "f_pending: not in an uplink"),
        (DOWNLINK, {"adr_ack_req": True}, "adr_ack_req: not in a downlink"),
        (DOWNLINK, {"class_b": True}, "class_b: not in a downlink"),
    ],
)
def test_refusal_to_encode_names_the_field(frame: DataFrame, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(FrameError, match=f"^{reason}$"):
        encode(frame._replace(**change), KEYS)


def test_longest_frame_has_255_bytes() -> None:
    assert len(encode(UPLINK._replace(payload=bytes(242)), KEYS)) == 255


def test_bits_for_future_use_are_ignored() -> None:
    # Given a downlink whose reserved bit 6 of FCtrl is set, as a later network may do
    plain = encode(DOWNLINK, KEYS)
    message = plain[:5] + bytes((plain[5] | 0x40,)) + plain[6:-4]
    b0 = b"\x49\0\0\0\0\1" + ADDRESS.wire() + (7).to_bytes(4, "little") + bytes((0, len(message)))
    code = KEYS.cmac.copy()
    code.update(b0 + message)

    assert decode(message + code.finalize()[:4], KEYS) == DOWNLINK


def test_decoded_frame_is_as_frozen_as_any() -> None:
    frame = decode(encode(UPLINK, KEYS), KEYS)

    assert type(frame) is DataFrame
    assert hash(frame) == hash(UPLINK)
    assert repr(frame) == repr(UPLINK)
    with pytest.raises(AttributeError):
        frame.f_cnt = 8  # type: ignore[misc]


def test_header_is_read_without_keys() -> None:
    phy = encode(UPLINK._replace(f_cnt=0x0001_FFFE), KEYS)

    assert peek(phy) == Header(UNCONFIRMED_UP, ADDRESS, 0xFFFE, phy[-4:])


@given(st.integers(0, 7), st.binary(max_size=30))
def test_type_of_any_message_is_read(m_type: int, rest: bytes) -> None:
    assert read_m_type(bytes((m_type << 5,)) + rest) == m_type


@pytest.mark.parametrize("phy", [b"", b"\x01", b"\x43" + bytes(20)])
def test_type_of_what_is_no_message_is_refused(phy: bytes) -> None:
    with pytest.raises(FrameError):
        read_m_type(phy)


@pytest.mark.parametrize("m_type", range(8))
def test_odd_data_types_are_downlinks(m_type: int) -> None:
    assert is_downlink(m_type) == (m_type in (3, 5))


@pytest.mark.parametrize(
    ("low16", "last", "expected"),
    [
        (0, None, 0),
        (65_535, None, 65_535),
        (8, 7, 8),
        (7, 7, 7),  # a repeat
        (6, 7, None),  # the past
        (0, 65_535, 65_536),  # the wrap
        (2, 65_530, 65_538),
        (65_535, 65_536, None),
        (0, 0x0002_FFFF, 0x0003_0000),
        (MAX_FCNT_GAP, 0, MAX_FCNT_GAP),
        (MAX_FCNT_GAP + 1, 0, None),
        (0, 0xFFFF_FFFF, None),  # no 33rd bit
    ],
)
def test_counter_is_reconstructed(low16: int, last: int | None, expected: int | None) -> None:
    assert reconstruct_f_cnt(low16, last) == expected


@given(st.integers(0, 0xFFFF_FFFF - MAX_FCNT_GAP), st.integers(0, MAX_FCNT_GAP))
def test_counter_within_the_gap_is_always_found(last: int, gap: int) -> None:
    assert reconstruct_f_cnt(last + gap & 0xFFFF, last) == last + gap


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF))
def test_reconstructed_counter_keeps_its_low_bits(low16: int, last: int) -> None:
    full = reconstruct_f_cnt(low16, last)

    assert full is None or (full & 0xFFFF == low16 and 0 <= full - last <= MAX_FCNT_GAP)


def test_counter_of_the_past_is_refused() -> None:
    with pytest.raises(FrameError, match=r"^f_cnt: 7 is no successor of 8$"):
        decode(encode(UPLINK, KEYS), KEYS, last_f_cnt=8)


@pytest.mark.parametrize("high", [-1, 0x10000])
def test_upper_half_of_a_counter_has_sixteen_bits(high: int) -> None:
    with pytest.raises(FrameError, match=r"^f_cnt_high: -?\d+ does not fit 16 bits$"):
        decode(encode(UPLINK, KEYS), KEYS, f_cnt_high=high)


def test_a_session_counts_past_65535() -> None:
    # Given a device whose counter passes the 16 bits that are sent
    counters = [65_534, 65_535, 65_536, 65_537]
    sent = [encode(UPLINK._replace(f_cnt=f_cnt), KEYS) for f_cnt in counters]

    # When a receiver decodes one after the other, knowing the last
    received = reduce(lambda seen, phy: [*seen, decode(phy, KEYS, last_f_cnt=seen[-1]).f_cnt], sent, [65_533])

    assert received[1:] == counters
