import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.scenarios.checks.difference import difference, numbers, without_additions

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=3), c, max_size=3),
    max_leaves=8,
)


@given(_json)
def test_no_value_differs_from_itself(value: object) -> None:
    assert difference(value, value) is None


@given(_json, _json)
def test_difference_is_symmetric_in_its_verdict(one: object, other: object) -> None:
    assert (difference(one, other) is None) == (difference(other, one) is None)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (10.0, 10)])
def test_numbers_compare_by_value(one: float, other: float) -> None:
    assert difference(one, other) is None


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, "1"), (None, 0), ([1], [1, 2]), ({"a": 1}, {"a": 1, "b": 2}), ({"a": None}, {})]
)
def test_values_of_other_kinds_differ(one: object, other: object) -> None:
    assert difference(one, other) is not None


def test_difference_is_named_by_its_pointer() -> None:
    assert difference({"a": [{"b": 1}]}, {"a": [{"b": 2}]}) == "/a/0/b: expected 1, received 2"


def test_every_digit_of_a_fraction_counts() -> None:
    assert difference(numbers(b"0.12345678901234567890"), numbers(b"0.12345678901234567891")) is not None


@pytest.mark.parametrize(
    ("expected", "received", "told"),
    [
        (b"0.1000000000000000055511151231257827", b"0.1", ("0.1000000000000000055511151231257827", "0.1")),
        (b"[0.10000000000000000001]", b'"a"', ("[0.10000000000000000001]", '"a"')),
        (b'{"b": 0.10000000000000000001}', b"0.1", ('{"b": 0.10000000000000000001}', "0.1")),
    ],
)
def test_fractions_are_told_with_their_digits(expected: bytes, received: bytes, told: tuple[str, str]) -> None:
    found = difference({"a": numbers(expected)}, {"a": numbers(received)})

    assert found == f"/a: expected {told[0]}, received {told[1]}"


@pytest.mark.parametrize("digits", [70, 76, 77, 78, 79, 80, 200])
def test_long_values_are_told_where_they_part(digits: int) -> None:
    same = "1" * digits
    found = difference(numbers(f"0.{same}2".encode()), numbers(f"0.{same}3".encode()))

    assert found is not None
    one, other = found.removeprefix(": expected ").split(", received ")
    assert (one[-1], other[-1]) == ("2", "3")
    assert len(one) <= 80


def test_only_documented_additions_are_taken_away() -> None:
    report = {"DevEUI": "x", "payload": {}, "downlinkUrl": "u", "DriverCfg": {"id": "i", "mod": 1}, "other": 1}
    assert without_additions({"DevEUI_uplink": report}) == {
        "DevEUI_uplink": {"DevEUI": "x", "DriverCfg": {"mod": 1}, "other": 1}
    }
