"""What is asked of a world beside its deliveries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.history_lines import DEV, document
from tests.scenarios.worlds.playing.fake_stage import fake_stage, put
from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.playing.beside import HANG_S, beside
from uplab.scenarios.worlds.playing.dues import goings
from uplab.scenarios.worlds.playing.stage import Stage

SEND = {"do": "send", "device": "a"}


def asked(*steps: dict[str, Any], sent: int, **more: Any) -> dict[str, dict[str, Any]]:
    """What is asked, by the name of the check, of a world that has sent one uplink in the step of this number."""
    stage: Stage = fake_stage(small_world(*steps, **more))
    stage.spans.append((0, 1))
    put(stage, "u1", sent, document(DEV, 1))
    return {check.name: {**check.asked(), "clause": clause} for check, clause in beside(stage, list(goings(stage)))}


def fault(kind: str, connection: str = "y") -> dict[str, Any]:
    return {"do": "fault", "connection": connection, "kind": kind}


def test_each_answer_is_looked_at() -> None:
    assert asked(SEND, sent=0) == {"resources": {"states": True, "base": "http://d", "clause": "COM-10.b"}}


def test_what_failed_is_tried_again_as_declared() -> None:
    found = asked(fault("503"), SEND, sent=1)["delivery policy"]
    assert (found["ids"], found["to"]["path"], found["policy"]["pauses_s"]) == (["u1"], "/w1-y", (1.0,))


@pytest.mark.parametrize(
    "steps",
    [
        (fault("slow"), SEND),
        (fault("hang"), SEND),
        (fault("503"), SEND, {"do": "restart"}),
        (fault("503"), SEND, {"do": "delete", "connection": "y"}),
        (fault("503"), SEND, {"do": "change", "connection": "y", "to": {}}),
    ],
)
def test_attempts_are_not_asked_about_where_something_else_is_the_matter(steps: tuple[dict[str, Any], ...]) -> None:
    assert "delivery policy" not in asked(*steps, sent=1)


def test_nothing_waits_for_a_destination_that_does_not_answer() -> None:
    found = asked(fault("hang"), SEND, sent=1)["within"]
    assert (found["ids"], found["to"]["path"], found["limit_s"]) == (["u1"], "/w1-x", HANG_S)
    assert "within" not in asked(SEND, fault("hang"), sent=0)


@pytest.mark.parametrize(
    ("steps", "trouble", "linked"),
    [
        ((SEND,), None, True),
        ((SEND,), "password", False),
        ((SEND, {"do": "restart"}), None, False),
        ((SEND, {"do": "change", "connection": "x"}), None, False),
        ((SEND, {"do": "fault", "connection": "y", "kind": "503", "device": "a"}), None, False),
    ],
)
def test_link_to_which_nothing_happens_is_one(steps: Any, trouble: str | None, linked: bool) -> None:
    connections = {"x": {"to": "mqtt", "trouble": trouble}, "y": {}}
    found = asked(*steps, sent=0, connections=connections)
    assert ("one link" in found) is linked
    if linked:
        assert found["one link"]["users"] == ["w1-x@uplab.example"]
