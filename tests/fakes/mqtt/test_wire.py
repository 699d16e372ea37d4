import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.mqtt.wire import Reader, WireError, binary, text, varint


@given(st.integers(0, (1 << 28) - 1))
def test_varint_comes_back(value: int) -> None:
    assert Reader(varint(value)).varint() == value


# MQTT 3.1.1 §2.2.3, table 2.4
@pytest.mark.parametrize(
    ("value", "wire"),
    [(0, "00"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"), (268_435_455, "ffffff7f")],
)
def test_varint_is_as_the_standard_says(value: int, wire: str) -> None:
    assert varint(value).hex() == wire


def test_varint_has_a_largest_value() -> None:
    with pytest.raises(ValueError, match="0 to 268435455, not 268435456"):
        varint(1 << 28)


def test_fifth_varint_byte_is_refused() -> None:
    with pytest.raises(WireError, match="more than four bytes"):
        Reader(bytes.fromhex("8080808001")).varint()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_comes_back(value: str) -> None:
    reader = Reader(text(value) + b"!")

    assert reader.text() == value
    assert reader.rest() == b"!"


@pytest.mark.parametrize("broken", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"a\0b"])
def test_text_must_be_utf8_without_nul(broken: bytes) -> None:
    with pytest.raises(WireError, match=r"UTF-8|U\+0000"):
        Reader(binary(broken)).text()


def test_missing_bytes_are_counted() -> None:
    with pytest.raises(WireError, match="packet ends 3 bytes too early"):
        Reader(b"\x00\x05ab").text()


def test_integers_are_big_endian() -> None:
    reader = Reader(bytes.fromhex("01 0203 04050607"))

    assert (reader.u8(), reader.u16(), reader.u32(), reader.left) == (1, 0x0203, 0x04050607, 0)


def test_packet_identifier_is_never_zero() -> None:
    with pytest.raises(WireError, match="identifier is 0"):
        Reader(b"\0\0").packet_id()


def test_too_long_string_is_refused_by_the_writer() -> None:
    with pytest.raises(ValueError, match="at most 65535 bytes"):
        text("a" * 65_536)
