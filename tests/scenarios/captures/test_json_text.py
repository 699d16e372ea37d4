from __future__ import annotations

import json
import subprocess
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.scenarios.captures.json_text import JsonTextError, read_json_text, without

WRONG = [
    ("", "line 1, column 1: expected a value, found the end"),
    ("[1] x", "line 1, column 5: 'x' stands after the end"),
    ('{"a":\n {"b": NaN}}', "line 2, column 8: a.b is NaN, which is no JSON value"),
    ('{"a": -Infinity}', "line 1, column 7: a is -Infinity, which is no JSON value"),
    ('{"a": [0, 01]}', "line 1, column 11: a.1 is 01, which is no JSON value"),
    ('{"a": 1e400}', "line 1, column 7: a is 1e400, beyond what a number of 64 bits holds"),
    ('{"a": {"b": 1, "b": "x"}}', 'line 1, column 16: a.b is there twice: 1 and "x"'),
    ('{"a": 1, "\\u0061": 2}', "line 1, column 10: a is there twice: 1 and 2"),
    ('{"a": "\\ud800"}', "line 1, column 7: a holds half a character (\\ud800)"),
    ('{"a": "\t"}', "line 1, column 7: a is a text that does not end, or that JSON does not write so: "),
    ('{"a": "b', "line 1, column 7: a is a text that does not end"),
    ('{"a" 1}', "line 1, column 6: a expected a colon, found '1}'"),
    ('{"a": 1 "b": 2}', "line 1, column 9: expected a comma or }, found "),
    ("{'a': 1}", "line 1, column 2: expected a name in quotes, found "),
    ('{"a": 1,}', "line 1, column 9: expected a name in quotes, found '}'"),
    ("[1,]", "line 1, column 4: 1 expected a value, found ']'"),
    ("[" * 100_000, "line 1, column 65: it is nested too deeply, with more than 64 levels"),
    ("\ufeff{}", "it begins with a byte order mark"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_no_json_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        read_json_text(text)

    assert str(caught.value).startswith(words)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_what_is_json_is_read(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    node = read_json_text(text)

    assert json.loads(text[node.start : node.end]) == value


@given(st.text(max_size=30) | st.text(alphabet='{}[]",:1e+-. \\u0a', max_size=30))
def test_whatever_is_taken_other_readers_take_too(text: str) -> None:
    try:
        read_json_text(text)
    except JsonTextError:
        return
    orjson.loads(text)


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=5), st.data())
def test_cutting_members_out_leaves_the_others_as_they_are(value: dict[str, object], data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(value)))) if value else set()
    text = json.dumps(value, indent=data.draw(st.sampled_from([None, 1])))

    cut = without(text, read_json_text(text), names)

    assert json.loads(cut) == {name: one for name, one in value.items() if name not in names}


def test_digits_stay_as_they_were_written() -> None:
    text = '{"a": -91.000000, "b": 1, "c": 1.1E-5}'

    assert without(text, read_json_text(text), {"b"}) == '{"a": -91.000000, "c": 1.1E-5}'


def test_long_text_costs_no_multiple_of_itself() -> None:
    """In a limit of memory that a reader with a way back for each character would break."""
    script = (
        "import resource; from uplab.scenarios.captures.json_text import read_json_text as read\n"
        "resource.setrlimit(resource.RLIMIT_AS, (800_000_000, 800_000_000))\n"
        "for part in ('x', chr(92) + 'n'): print(read('\"' + part * 10_000_000 + '\"').kind)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)

    assert (done.stdout.split(), done.stderr) == (["text", "text"], "")
