import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.thingsboard.strategies import DATA, TEXT
from uplab.fakes.mqtt.packets import Properties
from uplab.fakes.mqtt.properties import CONNECT, WILL, decode_properties, encode_properties, plain_properties
from uplab.fakes.mqtt.wire import Reader, WireError

U16, U32, BYTE = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 255)
IN_CONNECT = st.fixed_dictionaries(
    {},
    optional={
        0x11: U32,
        0x15: TEXT,
        0x16: DATA,
        0x17: BYTE,
        0x19: BYTE,
        0x21: U16,
        0x22: U16,
        0x27: U32,
        0x26: st.tuples(TEXT, TEXT),
    },
)


@given(IN_CONNECT)
def test_properties_come_back(values: dict[int, int | str | bytes | tuple[str, str]]) -> None:
    properties: Properties = tuple(values.items())

    assert decode_properties(Reader(encode_properties(properties)), CONNECT) == properties


def test_user_property_may_come_twice() -> None:
    twice: Properties = ((0x26, ("a", "1")), (0x26, ("a", "2")))

    assert decode_properties(Reader(encode_properties(twice)), WILL) == twice


@pytest.mark.parametrize(
    ("wire", "reason", "code"),
    [
        ("02 17 01", "packet ends", 0x81),
        ("04 17 01 17 01", "property 0x17 is given twice", 0x82),
        ("03 24 01 00", "property 0x24 is not allowed here", 0x82),
        ("02 7f 01", "property 0x7f is not allowed here", 0x81),
        ("02 21 01", "packet ends 1 bytes too early", 0x81),
        ("ff ff ff ff 01", "variable byte integer of more than four bytes", 0x81),
    ],
)
def test_broken_properties_are_named(wire: str, reason: str, code: int) -> None:
    data = bytes.fromhex(wire)[:-1] if reason == "packet ends" else bytes.fromhex(wire)

    with pytest.raises(WireError, match=reason) as caught:
        decode_properties(Reader(data), CONNECT)

    assert caught.value.code == code


def test_value_of_the_wrong_kind_is_refused_by_the_writer() -> None:
    with pytest.raises(ValueError, match="property 0x21 cannot hold 'many'"):
        encode_properties(((0x21, "many"),))


@given(st.lists(st.sampled_from([0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26]), unique=True))
def test_each_property_of_a_message_has_a_name(identifiers: list[int]) -> None:
    values: dict[int, str | bytes | tuple[str, str]] = {
        0x03: "text",
        0x08: "topic",
        0x09: b"\x01",
        0x26: ("name", "value"),
    }
    properties: Properties = tuple((one, values.get(one, 1)) for one in identifiers)
    encoded = Reader(encode_properties(properties))

    told = plain_properties(decode_properties(encoded, 3))

    assert [len(one) for one in told] == [2] * len(identifiers)
    assert all(isinstance(value, str | int | list) for _, value in told)
