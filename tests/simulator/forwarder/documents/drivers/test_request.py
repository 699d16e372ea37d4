"""Checked fields of a downlink object."""

from __future__ import annotations

import pytest

from uplab.simulator.forwarder.documents.drivers.driver import DriverError
from uplab.simulator.forwarder.documents.drivers.request import choice, flag, integer, only_key


@pytest.mark.parametrize("value", [True, 1.0, "1", None, 0, 4])
def test_only_whole_numbers_in_range_are_integers(value: object) -> None:
    with pytest.raises(DriverError, match=r"^count must be a whole number from 1 to 3, not "):
        integer({"count": value}, "count", lowest=1, highest=3)


def test_range_includes_both_ends() -> None:
    assert [integer({"count": n}, "count", lowest=1, highest=3) for n in (1, 3)] == [1, 3]


@pytest.mark.parametrize("value", [1, "true", None])
def test_only_booleans_are_flags(value: object) -> None:
    with pytest.raises(DriverError, match=r"^on must be true or false, not "):
        flag({"on": value}, "on")


@pytest.mark.parametrize("payload", [{}, {"c": 1}, {"a": 1, "b": 2}])
def test_exactly_one_allowed_key_is_wanted(payload: dict[str, int]) -> None:
    with pytest.raises(DriverError, match=r"^a downlink holds exactly one of a, b, not "):
        only_key(payload, ("a", "b"))


@pytest.mark.parametrize("value", ["c", None, [], {}, 1, True])
def test_choice_is_one_of_the_texts(value: object) -> None:
    assert choice({"unit": "a"}, "unit", ("a", "b")) == "a"
    with pytest.raises(DriverError, match=r"^unit must be one of a, b, not "):
        choice({"unit": value}, "unit", ("a", "b"))
