"""Every delivery over HTTP: a POST of JSON with the headers of its connection."""

from typing import Any

import orjson
import pytest

from tests.scenarios.checks.standing.test_watch import A, all_found, begun
from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks.standing.watch import Watch

HEADERS = {"X-Site": "BuildingA", "X-Thing": "dev-{DevEUI}/{FPort}", "X-Path": "{$..DevEUI}", "X-Masked": "*****"}
RIGHT = [["x-site", "BuildingA"], ["x-thing", f"dev-{DEV}/5"], ["X-Path", "?"], ["X-Masked", "?"]]


def story_of(headers: list[list[str]], *configured: dict[str, str]) -> tuple[Watch, Story]:
    watch, story = Watch(flows=False), Story()
    begun(watch, story)
    for one in configured or (HEADERS,):
        body = {"id": "1", "configuration": {"destinationURL": f"https://posthere.io{BIN}", "headers": one}}
        story.tells("api.answered", method="PUT", path="/connections/1", status=200, raw=orjson.dumps(body))
    story.sent(1)
    story.arrives(document(DEV, 1), headers=headers)
    return watch, story


def test_configured_headers_are_right_in_any_case_of_their_names() -> None:
    assert all_found(*story_of(RIGHT)) == []


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("value", [None, "", "0", "x", "BuildingAx", f"dev-{DEV}/", "dev-20635F0106000002/5"])
def test_each_wrong_header_is_all_found(at: int, value: str | None) -> None:
    wrong = [[name, value if index == at and value is not None else was] for index, (name, was) in enumerate(RIGHT)]
    if value is None:
        del wrong[at]

    assert all_found(*story_of(wrong)) == [(A, "right headers")]


def test_header_comes_once() -> None:
    assert all_found(*story_of([*RIGHT, RIGHT[0]])) == [(A, "right headers")]


def test_each_configuration_of_the_scenario_may_be_that_of_a_delivery() -> None:
    assert all_found(*story_of([["X-Site", "B"]], {"X-Site": "A"}, {"X-Site": "B"})) == []
    assert all_found(*story_of([["X-Site", "C"]], {"X-Site": "A"}, {"X-Site": "B"})) == [(A, "right headers")]


def test_it_is_a_post_of_json() -> None:
    def told(**facts: Any) -> list[Any]:
        watch, story = story_of(RIGHT)
        right: dict[str, Any] = {"method": "POST", "headers": [["Content-Type", "application/json; charset=utf-8"]]}
        arrived = {
            "fake": "posthere",
            "exchange": 9,
            "url": BIN,
            "host": "other",
            "raw": orjson.dumps(document(DEV, 1)),
        }
        story.tells("destination.arrived", **arrived, **{**right, **facts}, delivery=True)
        return [check for _, check in all_found(watch, story) if check == "right headers"]

    assert told() == []
    assert told(method="PUT") == ["right headers"]
    assert told(headers=[]) == ["right headers"]
    assert told(headers=[["Content-Type", "text/plain"]]) == ["right headers"]
