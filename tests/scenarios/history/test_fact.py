"""Facts and kinds of lines say what is wrong with a value."""

import pytest

from uplab.scenarios.history.fact import Fact, Hop


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("text", "a", None),
        ("text", None, "x must be text, not null"),
        ("whole number", True, "x must be whole number, not true or false"),
        ("number", 1.5, None),
        ("[name, value] pairs", [["a", 1]], "x must be [name, value] pairs, not a list"),
    ],
)
def test_fact_says_what_a_value_should_be(kind: str, value: object, problem: str | None) -> None:
    assert Fact("x", kind, "").problem(value) == problem


def test_line_lacks_nothing_and_has_nothing_else() -> None:
    hop = Hop("h", "who", "when", (Fact("x", "text", ""),))

    assert hop.problem({"x": "a"}, raw=False) is None
    assert hop.problem({}, raw=False) == "x is missing"
    assert hop.problem({"x": "a", "y": 1}, raw=False) == "'y' is no fact of it"
    assert hop.problem({"x": "a"}, raw=True) == "raw is no part of it"
