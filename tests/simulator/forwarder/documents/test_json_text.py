import json

import pytest

from uplab.simulator.forwarder.documents.json_text import read_json
from uplab.simulator.forwarder.invalid import InvalidError


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"name": 1, "name": 2}', "name"),
        (b'{"configuration": {"headers": {"X": "1", "Y": "2", "X": "3"}}}', "configuration.headers.X"),
        (b'{"matchers": [{"type": "key"}, {"type": "key", "type": "key"}]}', "matchers.1.type"),
        (b'{"n\\u0061me": 1, "name": 2}', "name"),
    ],
)
def test_member_that_is_given_twice_is_refused(body: bytes, field: str) -> None:
    with pytest.raises(InvalidError, match=r"is given twice") as caught:
        read_json(body)

    assert caught.value.field == field


@pytest.mark.parametrize("body", [b'{"a": {"x": 1}, "b": {"x": 1}}', b'[{"a": 1}, {"a": 1}]', b'{"a": 1, "A": 1}'])
def test_same_member_of_different_objects_is_no_repetition(body: bytes) -> None:
    assert read_json(body) == json.loads(body)


@pytest.mark.parametrize("depth", [1010, 100_000])
def test_deep_body_is_refused_in_one_sentence(depth: int) -> None:
    for body in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b"[" * depth):
        with pytest.raises(InvalidError):
            read_json(body)
