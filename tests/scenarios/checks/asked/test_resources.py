"""What every answer shows of a connection."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.asked.resources import RightResources
from uplab.scenarios.checks.check import judged_alone

BASE = "http://lab.example"
URL = f"{BASE}/iot-flow/downlinkMessages/0f8fad5b-d9cb-469f-a165-7086772895"
RIGHT = {"id": "7", "state": "OPENED", "startupTime": "2026-01-01T00:00:00Z", "downlinkUrl": f"{URL}0e"}


def told(*answers: Any, path: str = "/connections/7", status: int = 200) -> tuple[str, str]:
    """The outcome, and the aspect that is wrong."""
    story = Story()
    for answer in answers:
        story.tells("api.answered", method="GET", path=path, status=status, headers=[], raw=orjson.dumps(answer))
    check = RightResources(states=True, base=BASE)
    return judged_alone(story.events, check).outcome, check.aspect


@pytest.mark.parametrize(
    ("change", "aspect"),
    [
        ({}, ""),
        ({"id": "seven"}, "COM-10.b"),
        ({"state": "STARTING"}, "COM-09.d"),
        ({"startupTime": None}, "COM-10.b"),
        ({"startupTime": "2026-01-01T00:00:00"}, "COM-10.b"),
        ({"startupTime": None, "state": "OPENING"}, ""),
        ({"downlinkUrl": f"http://caller.example/iot-flow/downlinkMessages/{URL[-34:]}0e"}, "DL-03.a"),
        ({"downlinkUrl": f"{BASE}/iot-flow/downlinkMessages/7"}, "DL-01.a"),
    ],
)
def test_each_answer_is_held_against_the_documents(change: dict[str, Any], aspect: str) -> None:
    assert told(RIGHT | change) == ("failed" if aspect else "passed", aspect)
    assert told([RIGHT, RIGHT | change], path="/connections") == ("failed" if aspect else "passed", aspect)


def test_downlink_url_is_one_connection_s_own_and_stays() -> None:
    assert told(RIGHT, RIGHT | {"downlinkUrl": f"{URL}0f"}) == ("failed", "DL-01.c")
    assert told(RIGHT, RIGHT | {"id": "8"}) == ("failed", "DL-01.b")
    assert told(RIGHT, RIGHT | {"id": "8", "downlinkUrl": f"{URL}0f"}) == ("passed", "")


@pytest.mark.parametrize(("path", "status"), [("/connections/7/events", 200), ("/flows", 201), ("/connections/7", 404)])
def test_what_is_no_resource_is_not_looked_at(path: str, status: int) -> None:
    assert told({"id": "seven"}, path=path, status=status) == ("unknown", "")


def test_what_a_profile_does_not_declare_is_not_judged() -> None:
    story = Story()
    story.tells("api.answered", method="GET", path="/connections/7", status=200, headers=[], raw=b'{"id": "7"}')
    assert judged_alone(story.events, RightResources(states=False)).outcome == "passed"
