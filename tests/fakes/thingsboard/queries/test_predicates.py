from typing import Any

import pytest

from uplab.fakes.thingsboard.queries.predicates import QueryError, predicate
from uplab.fakes.thingsboard.state.profiles import Unsupported


def simple(kind: str, operation: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "operation": operation, "value": {"defaultValue": value}, **more}


@pytest.mark.parametrize(
    ("asked", "value", "holds"),
    [
        (simple("STRING", "EQUAL", "a"), "a", True),
        (simple("STRING", "EQUAL", "A", ignoreCase=True), "a", True),
        (simple("STRING", "NOT_CONTAINS", "x"), None, True),
        (simple("STRING", "IN", "a, b"), "b", True),
        (simple("STRING", "NOT_IN", "a, b"), "b", False),
        (simple("STRING", "ENDS_WITH", "c"), "abc", True),
        (simple("NUMERIC", "LESS_OR_EQUAL", 5), 5, True),
        (simple("NUMERIC", "NOT_EQUAL", 5), 5.0, False),
        (simple("NUMERIC", "GREATER", 5), "6", False),  # no number
        (simple("NUMERIC", "EQUAL", 1), True, False),
        (simple("NUMERIC", "EQUAL", 1), None, False),
        (simple("BOOLEAN", "NOT_EQUAL", True), False, True),
        (simple("BOOLEAN", "EQUAL", True), 1, False),
    ],
)
def test_predicate_holds_or_not(asked: dict[str, Any], value: Any, holds: bool) -> None:
    assert predicate(asked)(value) is holds


def test_complex_predicates_are_combined() -> None:
    between = [simple("NUMERIC", "GREATER", 1), simple("NUMERIC", "LESS", 5)]

    inside = predicate({"type": "COMPLEX", "operation": "AND", "predicates": between})
    either = predicate({"type": "COMPLEX", "operation": "OR", "predicates": between})

    assert [inside(value) for value in (0, 3, 6)] == [False, True, False]
    assert [either(value) for value in (0, 3, 6)] == [True, True, True]


def test_value_of_the_user_goes_before_the_default() -> None:
    asked = {"type": "NUMERIC", "operation": "EQUAL", "value": {"defaultValue": 1, "userValue": 2}}

    assert predicate(asked)(2)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (None, QueryError),
        ({"type": "NUMERIC", "operation": "EQUAL"}, QueryError),
        (simple("NUMERIC", "NEAR", 1), QueryError),
        (simple("NUMERIC", "EQUAL", "x"), QueryError),
        (simple("BOOLEAN", "GREATER", True), QueryError),
        ({"type": "NO_DATA"}, Unsupported),
        (
            {"type": "STRING", "operation": "EQUAL", "value": {"dynamicValue": {"sourceType": "CURRENT_USER"}}},
            Unsupported,
        ),
    ],
)
def test_impossible_predicate_is_refused(asked: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        predicate(asked)
