from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.lorawan.ids import DevAddr, DevEUI, JoinEUI, Key

BAD_EUIS = [
    "",
    "0018B2000000000",
    "0018B200000000011",
    "0018B2000000000G",
    "0018b2-000000001",
    " 018B20000000001",
    "\N{ARABIC-INDIC DIGIT ONE}018B20000000001",
]


def test_eui_is_upper_case_text() -> None:
    assert DevEUI("0018b2000000cafe") == "0018B2000000CAFE"


@pytest.mark.parametrize("text", BAD_EUIS)
def test_text_that_is_no_eui_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^DevEUI: expected 16 hexadecimal digits, got "):
        DevEUI(text)


def test_refusal_names_the_kind_of_identifier() -> None:
    with pytest.raises(ValueError, match=r"^DevAddr: expected 8 hexadecimal digits, got '12'$"):
        DevAddr("12")


def test_wire_is_least_significant_byte_first() -> None:
    assert DevAddr("49BE7DF1").wire() == bytes.fromhex("f17dbe49")
    assert JoinEUI("0102030405060708").wire() == bytes.fromhex("0807060504030201")


@given(st.binary(min_size=8, max_size=8))
def test_eui_survives_the_wire(wire: bytes) -> None:
    assert DevEUI.from_wire(wire).wire() == wire


@given(st.binary(min_size=4, max_size=4))
def test_address_survives_the_wire(wire: bytes) -> None:
    assert DevAddr.from_wire(wire).wire() == wire


@pytest.mark.parametrize("wire", [b"", bytes(3), bytes(5)])
def test_wrong_number_of_bytes_is_no_address(wire: bytes) -> None:
    with pytest.raises(ValueError, match=r"^DevAddr: "):
        DevAddr.from_wire(wire)


@pytest.mark.parametrize("value", [DevEUI("0018B20000000001"), DevAddr("01020304"), Key(bytes(16))])
def test_identifiers_can_be_copied_and_pickled(value: DevEUI | DevAddr | Key) -> None:
    for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301 (our own bytes)
        assert twin == value
        assert type(twin) is type(value)


def test_copied_address_still_knows_its_wire() -> None:
    assert copy.deepcopy(DevAddr("01020304")).wire() == bytes((4, 3, 2, 1))


def test_repr_names_the_type() -> None:
    assert repr(DevEUI("0018b20000000001")) == "DevEUI('0018B20000000001')"


def test_key_never_shows_itself() -> None:
    key = Key(b"0123456789abcdef")

    assert (repr(key), str(key), f"{key}", f"{key!r}") == ("Key(hidden)",) * 4


@pytest.mark.parametrize("size", [0, 15, 17])
def test_key_has_sixteen_bytes(size: int) -> None:
    with pytest.raises(ValueError, match=f"^Key: expected 16 bytes, got {size}$"):
        Key(bytes(size))


def test_key_is_read_from_hexadecimal() -> None:
    assert Key.from_hex("000102030405060708090A0b0c0d0e0f") == bytes(range(16))


@pytest.mark.parametrize("text", ["", "5ec2e7", "zz" * 16, " 0" * 16])
def test_refused_key_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=rf"^Key: expected 32 hexadecimal digits, got {len(text)} characters$"):
        Key.from_hex(text)
