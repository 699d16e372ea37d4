import contextlib

import pytest

from uplab.simulator.forwarder.patterns import json_path
from uplab.simulator.forwarder.patterns.json_path import MOST_VISITED, PathError, compile_path, find_all

DOCUMENT = {"tags": ["Paris:Nord", "lab"], "name": "x", "list": [{"a": 1}, {"a": 2}]}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.name", ["x"]),
        ("$..a", [1, 2]),
        ("$.list[?(@.a > 1)].a", [2]),
        ("$.tags[?(@ =~ /paris:.*/i)]", ["Paris:Nord"]),
        ("$.tags[?(@ =~ /aris/)]", []),
        ("$.tags[?(@ =~ /a|lab|Paris/)]", ["lab"]),
        ("$.list[?(@.a =~ /1/)]", []),
        ("$.missing", []),
        ("$[?(@ < $.name)]", []),
    ],
)
def test_path_finds_what_it_names(path: str, found: list[object]) -> None:
    assert find_all(compile_path(path), DOCUMENT) == found


NESTED: dict[str, object] = {"a": [[[[{"b": i, "c": [i] * 3} for i in range(4)]] * 2] * 3], "d": {"e": {"f": [1, 2]}}}


@pytest.mark.parametrize(
    "path",
    [
        "$" + "[*,*,*,*]" * 8,
        "$" + "[*,*]" * 40,
        "$" + "..[*,*,*]" * 4,
        "$" + "..*" * 12,
        "$..[?@..[?@..[?@..[?@..*]]]]",
        "$..[?count(@..*..*..*..*) > 1]",
        "$[" + ",".join("*" * 20) + "]" + "[" + ",".join(["::1"] * 20) + "]" + "..*" * 3,
        "$" + "[?@..* || @..*]" * 6,
    ],
)
def test_path_that_multiplies_is_left_in_its_bound(path: str) -> None:
    compiled = compile_path(path)
    for document in (NESTED, {"x": [NESTED] * 50}, {"x": NESTED["a"], "y": [[[[[[1] * 9] * 9] * 9] * 9]]}):
        with contextlib.suppress(OverflowError):
            assert len(find_all(compiled, document)) <= MOST_VISITED
        assert -MOST_VISITED < json_path._BUDGET.left < MOST_VISITED


def test_multiplying_path_is_refused_on_a_document_that_it_multiplies() -> None:
    with pytest.raises(OverflowError, match="visits more than 20,000 places"):
        find_all(compile_path("$" + "[*,*,*,*]" * 8), NESTED)
    with pytest.raises(PathError, match="unions has more than 20 members"):
        compile_path("$[" + ",".join("*" * 21) + "]")
    assert find_all(compile_path("$.d..f[*,0]"), NESTED) == [1, 2, 1]


@pytest.mark.parametrize("path", ["$.", "$[?(", "$[99999999999999999999]", "$[?count(1e400) > 1]", "$..[?(@ =~ /(/)]"])
def test_text_that_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        compile_path(path)


@pytest.mark.parametrize("expression", ["(?=a)", "(a)\\1", "(a{1000}){1000}"])
def test_regular_expression_without_a_bound_is_explained(expression: str) -> None:
    with pytest.raises(PathError, match="its regular expression"):
        compile_path(f"$[?(@ =~ /{expression}/)]")


@pytest.mark.parametrize("document", [{}, {"tags": 1}, {"tags": {"a": []}}, {"list": [[[[]]]]}, {"name": None}])
@pytest.mark.parametrize("path", ["$.tags[0]", "$..[?(@.a > 'x')]", "$..*", "$[?length(@) > 1]", "$.list[0:9:2]"])
def test_document_of_another_shape_gives_nothing_and_no_error(path: str, document: dict[str, object]) -> None:
    assert isinstance(find_all(compile_path(path), document), list)
