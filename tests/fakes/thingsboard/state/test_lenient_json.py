import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.thingsboard.state.lenient_json import JsonError, parse_lenient

# Doubles of few decimals: longer ones become strings, which test_numbers is about.
NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-1000, 1000).map(lambda n: n + 0.25)
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(TREES, st.sampled_from([None, 2]), st.booleans())
def test_strict_json_means_the_same(tree: Any, indent: int | None, ascii_only: bool) -> None:
    assert parse_lenient(json.dumps(tree, indent=indent, ensure_ascii=ascii_only)) == tree


# Each one is what Gson's lenient JsonReader does.
@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("{temperature:25}", {"temperature": 25}),
        ("{'temperature':25}", {"temperature": 25}),
        ("{'a':'it\\'s'}", {"a": "it's"}),
        ("{state:on}", {"state": "on"}),
        ("{state:TRUE, other:Null}", {"state": True, "other": None}),
        ("{a=1;b=>2}", {"a": 1, "b": 2}),
        ("[1,,2,]", [1, None, 2, None]),
        ("[;]", [None, None]),
        ("// note\n{a:1 /* one */} # end", {"a": 1}),
        (")]}'\n{a:1}", {"a": 1}),
        ("\ufeff{}", {}),
        ("", None),
        ("  // only this", None),
        ("{a:012}", {"a": "012"}),
        ("{a:NaN}", {"a": "NaN"}),
        ("{a:1,a:2}", {"a": 2}),
        ('{"a":"\\u00e9\\n\\ud83d\\ude00"}', {"a": "é\n😀"}),
        ('{"a":"line\nbreak"}', {"a": "line\nbreak"}),
        ("[1e3, 1.0, 1]", [1000, 1.0, 1]),
        ("25", 25),
    ],
)
def test_lenient_forms_are_read(text: str, tree: Any) -> None:
    assert parse_lenient(text) == tree


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "expected a name at character 1"),
        ("{a:1,}", "expected a name at character 5"),
        ("{a}", "expected ':' at character 2"),
        ("{a:}", "expected a value at character 3"),
        ("{a:1 b:2}", "expected ',' or '}' at character 5"),
        ("[1 2]", "expected ',' or ']' at character 3"),
        ("{} {}", "more after the end of the document at character 3"),
        ('{"a', "string without an end at character 1"),
        ('{"a":"\\x"}', r"unknown escape \\x in the string at character 5"),
        ("[" * 201, "nested deeper than 200 at character 201"),
        ("{a:1e99999}", "number '1e99999' is out of range at character 10"),
        ("hello world", "more after the end"),
    ],
)
def test_broken_text_is_refused_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(JsonError, match=reason):
        parse_lenient(text)


@given(st.text(st.sampled_from("{}[]:,;='\"\\ab1.-e#/*\n "), max_size=40) | st.text(max_size=20))
def test_garbage_never_raises_anything_else(text: str) -> None:
    try:
        tree = parse_lenient(text)
    except JsonError:
        return
    assert not isinstance(tree, float) or math.isfinite(tree)


def test_lone_surrogate_becomes_a_replacement() -> None:
    assert parse_lenient('"\\ud83d"') == "\ufffd"
