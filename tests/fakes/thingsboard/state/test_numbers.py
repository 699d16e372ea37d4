from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.thingsboard.state.numbers import double_text, looks_numeric, number


# What JsonConverter.buildNumericKeyValueProto makes of each spelling.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("-0", 0),
        ("42.0", 42.0),
        ("1e3", 1000),
        ("1.5e1", 15),
        ("1.55e1", 15.5),
        ("1E-2", 0.01),
        ("0.0", 0.0),
        ("0.000e0", 0),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", "9223372036854775808"),
        ("1e19", "10000000000000000000"),
        ("0.1234567890123456", 0.1234567890123456),
        ("0.12345678901234567", "0.12345678901234567"),
        ("1.55e-15", "0.00000000000000155"),
    ],
)
def test_number_is_typed_by_its_spelling(text: str, value: float | str) -> None:
    assert (number(text), type(number(text))) == (value, type(value))


def test_huge_exponent_is_refused_quickly() -> None:
    with pytest.raises(ValueError, match="out of range"):
        number("1e999999999")


@pytest.mark.parametrize("text", ["25", "-25", "2.5", ".5", "-.5", "007", "0100270241"])
def test_string_of_digits_looks_numeric(text: str) -> None:
    assert looks_numeric(text)


@pytest.mark.parametrize("text", ["", "-", ".", "5.", "+5", "1e3", "0x1F", "1.2.3", "--1", "12a", " 1", "1 "])
def test_other_strings_do_not_look_numeric(text: str) -> None:
    assert not looks_numeric(text)


def test_long_string_is_judged_quickly() -> None:
    before_s = process_time()

    assert not looks_numeric("1" * 30_000 + "x")
    assert process_time() - before_s < 1  # trying each split of the digits takes some seconds


# java.lang.Double.toString
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (25.0, "25.0"),
        (-87.5, "-87.5"),
        (0.0, "0.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (0.00012345, "1.2345E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-12345678.9, "-1.23456789E7"),
        (1e300, "1.0E300"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_double_is_printed_as_java_does(value: float, text: str) -> None:
    assert double_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_printed_double_reads_back(value: float) -> None:
    assert float(double_text(value)) == value
