import copy
from typing import Any

import orjson
import pytest

from uplab.scenarios.history.shared_ids import put_back, share

MANY = [f"u{number}" for number in range(1_000)]


def scenario(*asked: list[str], failed: list[str] | None = None) -> dict[str, Any]:
    """A record with one verdict for each list that a check was asked about."""
    verdicts = [{"check": "c", "ids": failed or [], "question": {"check": "c", "ids": ids}} for ids in asked]
    return {"id": "a.py::test_b", "verdicts": [*verdicts, {"check": "promise", "ids": [], "question": None}]}


def test_list_that_comes_again_is_stored_once() -> None:
    record = scenario(MANY, MANY, MANY, failed=MANY)

    stored = share(record)

    assert stored["ids"] == [MANY]
    assert len(orjson.dumps(stored)) < len(orjson.dumps(MANY)) + 600
    assert put_back(copy.deepcopy(stored)) == record


@pytest.mark.parametrize("asked", [(), (["u1"], ["u1"]), (["u1", "u2"], ["u2", "u1"]), (["u1", "u2"],)])
def test_record_without_such_a_list_stays_as_it_is(asked: tuple[list[str], ...]) -> None:
    assert share(scenario(*asked)) == scenario(*asked)
    assert put_back(scenario(*asked)) == scenario(*asked)


def test_two_lists_keep_apart() -> None:
    record = scenario(MANY, ["u1", "u2"], MANY, ["u1", "u2"])

    assert put_back(share(record)) == record


@pytest.mark.parametrize("place", [{"list": 1}, {"list": -1}, {"list": "0"}, {}])
def test_list_that_is_not_there_is_said(place: dict[str, Any]) -> None:
    stored = {"ids": [MANY], "verdicts": [{"check": "c", "ids": place}]}

    with pytest.raises(ValueError, match="there is no list of ids"):
        put_back(stored)
