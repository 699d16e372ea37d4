import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.difference import difference, numbers, without_additions

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


def test_only_documented_additions_are_taken_away() -> None:
    report = {"DevEUI": "x", "payload": {}, "downlinkUrl": "u", "DriverCfg": {"id": "i", "mod": 1}, "other": 1}
    assert without_additions({"DevEUI_uplink": report}) == {
        "DevEUI_uplink": {"DevEUI": "x", "DriverCfg": {"mod": 1}, "other": 1}
    }
