from __future__ import annotations

from typing import Any

import pytest

from uplab.scenarios.checks.asked.pointer import as_stored, at, in_words, parsed, wrong_in
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.history.secrets import Secrets


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a": [{"b/c": 1}]}), ("/a/0/b~1c", 1), ("/a/1", None), ("/a/x", None), ("/a/0/b~1c/d", None)],
)
def test_pointer_leads_to_a_value_or_nowhere(pointer: str, value: Any) -> None:
    assert at({"a": [{"b/c": 1}]}, pointer) == value


def test_what_is_no_json_is_nothing() -> None:
    assert (parsed(b"no JSON"), parsed(None), parsed(b"[1]")) == (None, None, [1])


@pytest.mark.parametrize(
    ("wanted", "value", "right"),
    [
        ({"is": 1}, 1, True),
        ({"is": 1}, True, False),
        ({"is": None}, None, True),
        ({"among": [1, 2]}, 3, False),
        ({"has": "field"}, "the field is wrong", True),
        ({"has": "field"}, None, False),
        ({"there": True}, "", False),
        ({"there": True}, 0, True),
        ({"there": False}, None, True),
        ({"has": "a", "there": True}, "b", False),
        ({}, 1, False),
    ],
)
def test_field_meets_what_is_wanted(wanted: dict[str, Any], value: Any, right: bool) -> None:
    assert wrong_in({"x": value}, {"/x": wanted}) == (
        "" if right else f"/x: expected {in_words(wanted)}, received {text_of(value)}"
    )


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"is": None}, "null"),
        ({"is": True}, "true"),
        ({"least": 1, "most": 3}, "at least 1 and at most 3"),
        ({"among": ["a", False]}, 'one of ["a", false]'),
        ({"there": False}, "nothing"),
        ({"empty": False}, "something in it"),
        ({"/name": {"has": 'a "b"'}}, '/name a text with "a \\"b\\""'),
    ],
)
def test_what_is_wanted_is_said_in_words(wanted: dict[str, Any], words: str) -> None:
    assert in_words(wanted) == words


def test_word_that_is_not_known_is_said() -> None:
    with pytest.raises(ValueError, match="'equals' is none of is, not, near"):
        wrong_in({}, {"/x": {"equals": 1}})


def test_secret_is_wanted_as_a_line_shows_it() -> None:
    secret = Secrets(7).hex("pointer")

    [stored] = as_stored([secret])

    assert stored.startswith("SECRET-")
    assert len(stored) == len(secret)
