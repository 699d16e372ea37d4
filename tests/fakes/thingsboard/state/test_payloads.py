from time import process_time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.thingsboard.state.payloads import (
    Entry,
    PayloadError,
    attributes,
    gateway_telemetry,
    long,
    parse,
    read,
    telemetry,
    value_of,
)

NOW = 1_700_000_000_000


def entries(text: str) -> list[Entry]:
    return read(text.encode(), lambda tree, raw: telemetry(tree, NOW, raw))


def values(text: str) -> dict[str, Any]:
    return read(text.encode(), attributes)


def test_object_gets_the_server_time() -> None:
    assert entries('{"temperature":21.5}') == [(NOW, {"temperature": 21.5})]


def test_ts_and_values_give_their_own_time() -> None:
    assert entries('{"ts":1451649600512,"values":{"a":1}}') == [(1451649600512, {"a": 1})]


def test_ts_without_values_is_a_key_like_others() -> None:
    assert entries('{"ts":5}') == [(NOW, {"ts": 5})]


def test_array_mixes_both_forms() -> None:
    assert entries('[{"a":1},{"ts":2,"values":{"b":2}}]') == [(NOW, {"a": 1}), (2, {"b": 2})]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        '"a"',
        "null",
        "[1]",
        "[[]]",
        '{"ts":"x","values":{}}',
        '{"ts":1,"values":[]}',
        "{",
        '{"ts":true,"values":{}}',
    ],
)
def test_malformed_telemetry_is_refused(text: str) -> None:
    with pytest.raises(PayloadError):
        entries(text)


@pytest.mark.parametrize("text", ["[]", "1", "", '"a"'])
def test_malformed_attributes_are_refused(text: str) -> None:
    with pytest.raises(PayloadError):
        values(text)


@pytest.mark.parametrize(
    ("json", "value"),
    [
        ("true", True),
        ("42", 42),
        ("42.0", 42.0),
        ('"42"', 42),
        ('"42.50"', 42.5),
        ('"-7"', -7),
        ('"1e3"', "1e3"),
        ('"0018B2"', "0018B2"),
        ('"0100270241"', 100270241),
        ('""', ""),
        ("18446744073709551615", "18446744073709551615"),
        ("184467440737095516160", "184467440737095516160"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1000.0", 1000.0),
        ("1e-7", 1e-7),
        ("100000000000000000.0", 1e17),
        ('"99999999999999999999"', "99999999999999999999"),
        ('{"b":[1,2]}', {"b": [1, 2]}),
    ],
)
def test_value_has_the_type_that_thingsboard_gives(json: str, value: Any) -> None:
    found = values(f'{{"a":{json}}}')["a"]

    assert (found, type(found)) == (value, type(value))


def test_null_is_passed_over() -> None:
    assert values('{"a":null,"b":1}') == {"b": 1}


def test_types_leave_the_order_of_keys_alone() -> None:
    assert list(values('{"b":"7","n":null,"a":18446744073709551615,"c":1}').items()) == [
        ("b", 7),
        ("a", "18446744073709551615"),
        ("c", 1),
    ]


def test_many_whole_numbers_are_read_in_one_go() -> None:
    raw = orjson.dumps({f"k{number}": 1.0 for number in range(5_500)})
    before_s = process_time()

    assert len(read(raw, attributes)) == 5_500
    assert process_time() - before_s < 1  # a search of the payload for each number takes some seconds


def test_exponent_is_looked_for_in_each_payload() -> None:
    assert [repr(values(text)["a"]) for text in ('{"a":1000.0}', '{"a":1e3}', '{"a":1000.0}')] == [
        "1000.0",
        "1000",
        "1000.0",
    ]


def test_gson_leniency_is_the_same_way() -> None:
    assert values("{temperature:25, mode:'auto', raw:\"007\"}") == {"temperature": 25, "mode": "auto", "raw": 7}


def test_invalid_utf8_is_replaced_not_refused() -> None:
    assert read(b'{"a":"\xff"}', attributes) == {"a": "\ufffd"}


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5),
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(1 << 63), (1 << 64) - 1),
        max_size=5,
    )
)
def test_fast_and_exact_reading_agree(numbers: dict[str, float]) -> None:
    raw = orjson.dumps(numbers)

    fast = read(raw, attributes)
    exact = read(b" // the slow way\n" + raw, attributes)

    assert fast == exact
    assert {key: type(value) for key, value in fast.items()} == {key: type(value) for key, value in exact.items()}


def test_gateway_metadata_is_checked_and_taken_off() -> None:
    item = {"ts": 1, "values": {"a": 1}, "metadata": {"connector": "c", "receivedTs": 1, "publishedTs": 2}}

    assert gateway_telemetry([item, {"b": 2}], NOW, None) == [(1, {"a": 1}), (NOW, {"b": 2})]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (1, "an item of a device's array must be an object"),
        ({"metadata": 1}, "metadata must be an object"),
        ({"metadata": {}}, "metadata has no connector"),
        ({"metadata": {"connector": "c", "receivedTs": 1}}, r"metadata\.publishedTs must be a 64-bit number"),
    ],
)
def test_malformed_gateway_item_is_named(item: Any, reason: str) -> None:
    with pytest.raises(PayloadError, match=reason):
        gateway_telemetry([item], NOW, None)


@pytest.mark.parametrize(("value", "number"), [(5, 5), (6.9, 6), ("7", 7), ("-8", -8), ("+9", 9)])
def test_long_takes_what_gson_takes(value: Any, number: int) -> None:
    assert long(value, "ts") == number


@pytest.mark.parametrize("value", [True, None, "", "5.5", "x", [], 1 << 63, "9" * 5000])
def test_long_refuses_the_rest(value: Any) -> None:
    with pytest.raises(PayloadError, match="ts must be a 64-bit number"):
        long(value, "ts")


def test_unreadable_payload_says_where() -> None:
    with pytest.raises(PayloadError, match="not JSON: expected a value at character 5"):
        parse(b'{"a":}')


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (42, "42"), (42.0, "42.0"), (1e7, "1.0E7"), ("on", "on"), ({"a": [1]}, '{"a":[1]}')],
)
def test_value_is_text_unless_strict(value: Any, text: str) -> None:
    assert value_of(value, strict=False) == text
    assert value_of(value, strict=True) == value
