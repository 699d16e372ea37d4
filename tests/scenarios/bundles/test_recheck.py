import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story
from uplab.scenarios.bundles.recheck import RecheckError, judge_again
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.asked.answers import Answered, Awaited
from uplab.scenarios.checks.asked.arrived import Carries, NoneArrives, Posts, Tried, WithoutHeaders
from uplab.scenarios.checks.asked.downlinks import Downlinks, NoDownlink
from uplab.scenarios.checks.asked.handed import HandedOn, Reported
from uplab.scenarios.checks.asked.links import OneLink
from uplab.scenarios.checks.asked.on_the_air import OnTheAir
from uplab.scenarios.checks.asked.planned import AsPlanned
from uplab.scenarios.checks.asked.resources import RightResources
from uplab.scenarios.checks.asked.seen import Seen, Stepped
from uplab.scenarios.checks.asked.shown import Shows, Unchanged
from uplab.scenarios.checks.check import Check, judged_alone
from uplab.scenarios.checks.checks import CHECKS, AsDeclared, Route
from uplab.scenarios.checks.same_trace import SameTrace
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import read_history
from uplab.scenarios.history.secrets import Secrets

TO = Route("posthere", BIN)
SECRET = Secrets(7).hex("token")


def x_thing(dev_eui: str) -> str:
    return dev_eui


ASKED: dict[str, Callable[[Any, list[str]], Verdict]] = {
    "none lost": lambda events, ids: checks.none_lost(events, ids, TO),
    "none twice": lambda events, ids: checks.none_twice(events, ids, TO),
    "in order": lambda events, ids: checks.in_order(events, ids, TO),
    "unaltered": lambda events, ids: checks.unaltered(events, ids, TO),
    "right place": lambda events, ids: checks.right_place(events, ids, TO, [Route("witness", "/witness-1")]),
    "right headers": lambda events, ids: checks.right_headers(
        events, ids, TO, {"X-Thing": x_thing, "Authorization": lambda _: f"Bearer {SECRET}"}
    ),
    "within": lambda events, ids: checks.within(events, ids, TO, limit_s=2.5),
}


BESIDE: list[Check] = [
    Answered("it is made", 1, (201,), "made"),
    Awaited("it opens", 1, "/state", ["OPENED"], 5.0),
    Downlinks([DEV], {DEV: [(5, "01")]}),
    NoDownlink(["another"]),
    Shows("it is made", 1, {"/message": {"has": "mad"}, "/state": {"among": ["OPENED"]}, "/id": {"there": False}}),
    Unchanged("nothing changes", [1, 1]),
    NoneArrives("it does not come", ["u1"], Route("posthere", "/elsewhere")),
    Carries("it says so", ["u1"], TO, {"/DevEUI_uplink/FPort": {"is": 5}}),
    Posts("it is posted", ["u1"], TO),
    WithoutHeaders("it is gone", ["u1"], TO, ["X-Old"]),
    Tried("it is tried once", ["u1"], TO, 1, 1),
    OnTheAir("it comes once", {"u1": "accepted"}, TO),
    Seen("it is shown", 2, {"is": 21.5}),
    Stepped("it can be pressed", 3),
]


def test_every_check_can_be_asked_again() -> None:
    # These need stories of their own: tests of checks/policy, checks/asked and worlds tell them.
    elsewhere = {AsDeclared.name, AsPlanned.name, HandedOn.name, OneLink.name, Reported.name, RightResources.name}
    assert set(CHECKS) == {*ASKED, *(check.name for check in BESIDE), *elsewhere, SameTrace.name}


@pytest.mark.parametrize("check", BESIDE, ids=lambda check: check.name)
def test_what_is_no_delivery_is_judged_again_by_its_question(check: Check, tmp_path: Path) -> None:
    story, path = Story(), tmp_path / "history.jsonl"
    with story.history.scenario(path):
        raw = b'{"message": "made", "state": "OPENED"}'
        story.tells("api.answered", method="POST", path="/connections", status=201, raw=raw)
        story.tells("scenario.saw", place="page", what="it is shown", told="21.5", raw=b"21.5")
        story.tells("page.step", page="/", step="it can be pressed", done=True)
        story.tells("device.received", dev_eui=DEV, f_port=5, payload_hex="01")
        story.sent(1)
        story.delivered(1, headers=[["Content-Type", "application/json"]])
        before = judged_alone(story.events, check)

    assert before.outcome == "passed"
    assert judge_again(json.loads(json.dumps(before.as_dict()))["question"], list(read_history(path))) == before


@pytest.mark.parametrize("right", [True, False], ids=["kept", "broken"])
@pytest.mark.parametrize("check", ASKED)
def test_stored_history_gives_the_same_verdict(check: str, right: bool, tmp_path: Path) -> None:
    story = Story()
    path = tmp_path / "history.jsonl"
    with story.history.scenario(path):
        ids = [story.sent(1), story.sent(2)]
        headers = [["X-Thing", DEV if right else "none"], ["Authorization", f"Bearer {SECRET}"]]
        story.delivered(1, headers=headers)
        if right:
            story.delivered(2, headers=headers)
        else:
            story.delivered(1, url="/elsewhere", headers=headers)
            story.delivered(1, FPort=6, headers=headers)
        before = ASKED[check](story.events, ids)

    question = json.loads(json.dumps(before.as_dict()))["question"]
    again = judge_again(question, list(read_history(path)))

    assert again == before
    assert SECRET not in json.dumps(before.as_dict())
    if right:
        assert before.outcome == "passed"


def test_what_came_after_the_verdict_does_not_count() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    before = checks.none_twice(story.events, ids, TO)
    story.delivered(1)

    assert before.question is not None
    assert judge_again(before.question, story.events) == before
    assert checks.none_twice(story.events, ids, TO).outcome == "failed"


def test_check_that_is_gone_is_named() -> None:
    with pytest.raises(RecheckError, match="no check 'in time' any more"):
        judge_again({"check": "in time", "until": 1}, [])


def test_check_that_asks_for_something_else_is_named() -> None:
    with pytest.raises(RecheckError, match="'within' cannot read"):
        judge_again({"check": "within", "until": 1, "ids": [], "to": {"fake": "posthere", "path": "/"}}, [])
