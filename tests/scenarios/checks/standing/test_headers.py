"""Every delivery over HTTP: a POST of JSON with the headers of its connection."""

from typing import Any

import orjson
import pytest

from tests.scenarios.checks.standing.test_watch import A, all_found, begun
from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks.standing.watch import Watch

HEADERS = {"X-Site": "BuildingA", "X-Thing": "dev-{DevEUI}/{FPort}", "X-Path": "{$..DevEUI}", "X-Masked": "*****"}
RIGHT = [["x-site", "BuildingA"], ["x-thing", f"dev-{DEV}/5"], ["X-Path", "?"], ["X-Masked", "?"]]


def story_of(headers: list[list[str]], *configured: dict[str, str], documents: bool = True) -> tuple[Watch, Story]:
    watch, story = Watch(flows=False, documents=documents), Story()
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
    def told(*, documents: bool = True, **facts: Any) -> list[Any]:
        watch, story = story_of(RIGHT, documents=documents)
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
    other: list[list[str]] = [["Content-Type", "application/cloudevents+json"]]
    assert told(headers=other) == ["right headers"]
    assert told(headers=other, documents=False) == [], "another form has a type of its own"
    assert told(headers=other, method="PUT", documents=False) == ["right headers"]


def topics_of(told: dict[str, Any], *patterns: str, user: str = "me") -> tuple[Watch, Story]:
    """A document published by that user, and the patterns with which the connection of "me" was configured."""
    watch, story = Watch(flows=False), Story()
    begun(watch, story)
    for pattern in patterns or ("things/{DevEUI}/up",):
        place = {"hostName": "broker.uplab.test:1883", "username": "me", "uplinkTopicPattern": pattern}
        story.tells(
            "api.answered",
            method="PUT",
            path="/connections/2",
            status=200,
            raw=orjson.dumps({"id": "2", "configuration": place}),
        )
    # Another fake counts its sessions too: the same number is not the same session.
    story.tells("destination.connected", fake="thingsboard", session=1, username="somebody else")
    story.tells("destination.connected", fake="broker", session=1, username=user)
    story.sent(1)
    facts = {"fake": "broker", "topic": f"things/{DEV}/up", "members": None, **told}
    story.publishes(orjson.dumps(document(DEV, 1)), **facts)
    return watch, story


def test_document_at_a_broker_came_to_its_own_topic() -> None:
    assert all_found(*topics_of({})) == []
    assert all_found(*topics_of({"topic": "sites/5"}, "sites/{FPort}")) == []
    assert all_found(*topics_of({"topic": "anything"}, "{$..DevEUI}")) == []  # another check's
    assert all_found(*topics_of({"topic": "b/5"}, "a/{FPort}", "b/{FPort}")) == []


@pytest.mark.parametrize("wrong", [{"topic": "things/20635F0106000002/up"}, {"qos": 0}, {"qos": 2}, {"retain": True}])
def test_wrong_topic_quality_or_retain_is_found(wrong: dict[str, Any]) -> None:
    assert (A, "right topic") in all_found(*topics_of(wrong))


def test_document_of_another_user_s_session_is_at_a_wrong_place() -> None:
    assert (A, "right place") in all_found(*topics_of({}, user="nobody"))


def packed(headers: list[list[str]], *configured: dict[str, str]) -> list[Any]:
    watch, story = story_of(RIGHT, *configured)
    facts = {"fake": "posthere", "exchange": 9, "method": "POST", "url": BIN, "host": "posthere.io", "delivery": True}
    story.tells("destination.arrived", **facts, headers=headers, raw=b"\x1f\x8b\x08")
    return [check for _, check in all_found(watch, story) if check == "right headers"]


def test_body_comes_as_it_is() -> None:
    assert packed([["Content-Encoding", "gzip"]]) == ["right headers"]
    assert packed([["content-encoding", "identity, br"]]) == ["right headers"]
    assert packed([["Content-Encoding", "identity"]]) == []
    assert packed([]) == []
    assert packed([["Content-Encoding", "gzip"]], HEADERS, {"content-encoding": "gzip"}) == []
