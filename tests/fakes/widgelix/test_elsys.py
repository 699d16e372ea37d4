"""The Elsys codec against the vendor's example and the layout."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.widgelix.elsys import NAMES, CodecError, decode

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "device-payloads.json").read_text())["payloads"]
ERS = next(vector for vector in VECTORS if vector["device"] == "Elsys ERS")


def test_vendor_vector_decodes_to_its_values() -> None:
    wanted = ERS["decoded"]

    assert decode(bytes.fromhex(ERS["payload_hex"])) == {
        "temperature": wanted["temperature_c"],
        "humidity": wanted["humidity_pct"],
        "light": wanted["light_lx"],
        "motion": wanted["motion"],
    }


@pytest.mark.parametrize(
    ("payload_hex", "values"),
    [
        ("01ff9c", {"temperature": -10.0}),
        ("018000", {"temperature": -3276.8}),
        ("017fff", {"temperature": 3276.7}),
        ("0264", {"humidity": 100}),
        ("04ffff", {"light": 65535}),
        ("05ff", {"motion": 255}),
        ("060190", {"co2": 400}),
        ("070e10", {"battery": 3600}),
        ("0cffff", {"external_temperature": -0.1}),
        ("1102", {"occupancy": 2}),
        ("14000f7601", {"pressure": 1013.249}),
        ("1c0005", {"tvoc": 5}),
        ("", {}),
    ],
)
def test_each_shown_type_has_its_unit(payload_hex: str, values: dict[str, float]) -> None:
    assert decode(bytes.fromhex(payload_hex)) == values


@pytest.mark.parametrize(
    ("code", "length"),
    [(0x03, 3), (0x09, 6), (0x0B, 4), (0x0E, 2), (0x0F, 1), (0x10, 4), (0x13, 65), (0x15, 2), (0x1B, 4), (0x3D, 4)],
)
def test_other_types_are_stepped_over(code: int, length: int) -> None:
    payload = bytes([code]) + b"\x01" * length + bytes.fromhex("0229")

    assert decode(payload) == {"humidity": 41}


def test_byte_array_brings_its_own_length() -> None:
    assert decode(bytes.fromhex("3b03010203" + "0229")) == {"humidity": 41}


def test_settings_end_the_payload() -> None:
    assert decode(bytes.fromhex("0229" + "3e" + "ff")) == {"humidity": 41}


def test_later_value_of_a_type_wins() -> None:
    assert decode(bytes.fromhex("0229" + "022a")) == {"humidity": 42}


@pytest.mark.parametrize(
    ("payload_hex", "message"),
    [
        ("0229" + "2f", "byte 2: type 0x2f is unknown"),
        ("00", "byte 0: type 0x00 is unknown"),
        ("0100", "byte 0: type 0x01 needs 2 bytes, 1 are left"),
        ("3b", "byte 0: type 0x3b needs 1 bytes, 0 are left"),
        ("3b0501", "byte 0: type 0x3b needs 6 bytes, 2 are left"),
    ],
)
def test_broken_payload_names_the_byte(payload_hex: str, message: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode(bytes.fromhex(payload_hex))

    assert str(caught.value) == message


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused(payload: bytes) -> None:
    try:
        values = decode(payload)
    except CodecError:
        return
    assert set(values) <= set(NAMES)
