import json

import pytest

from uplab.simulator.forwarder.problem import code, problem


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, "com-4000"), (401, "com-4001"), (404, "com-4004"), (405, "com-4005"), (413, "com-4013"), (503, "com-5003")],
)
def test_codes_follow_the_documented_ones(status: int, expected: str) -> None:
    assert code(status) == expected


def test_field_is_named_only_where_there_is_one() -> None:
    assert json.loads(problem(400, "name is mandatory", "name")) == {
        "code": "com-4000",
        "message": "name is mandatory",
        "field": "name",
    }
    assert "field" not in json.loads(problem(404, "gone"))
