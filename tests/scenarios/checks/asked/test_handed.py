"""Downlinks as they were handed on, and the reports of those that the network rejects."""

from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story
from uplab.scenarios.checks.asked.handed import HandedOn, Reported
from uplab.scenarios.checks.check import judged_alone

ID = "00000000000B0B01"


def handed(story: Story, f_port: int | None, payload_hex: str, correlation_id: str | None = None) -> None:
    facts = {"f_port": f_port, "payload_hex": payload_hex, "correlation_id": correlation_id}
    story.tells("network.downlink", dev_eui=DEV, outcome="queued", cause=None, **facts)


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ([(5, "0a", ID), (None, "")], "passed"),
        ([(5, "0a"), (None, "")], "failed"),
        ([(6, "0a", ID), (None, "")], "failed"),
        ([(5, "0a", ID)], "failed"),
        ([(None, ""), (5, "0a", ID)], "failed"),
        ([(5, "0a", ID), (None, ""), (5, "0a", ID)], "failed"),
    ],
)
def test_each_is_handed_on_as_it_was_posted(lines: list[tuple[Any, ...]], outcome: str) -> None:
    story = Story()
    for line in lines:
        handed(story, *line)
    check = HandedOn({DEV: [(5, "0a", ID), (None, "", None)]}, {})
    assert judged_alone(story.events, check).outcome == outcome


@pytest.mark.parametrize("confirmed", [True, False])
def test_confirmed_one_asks_for_an_acknowledgement(confirmed: bool) -> None:
    story = Story()
    handed(story, 5, "0a")
    story.tells("device.received", dev_eui=DEV, f_port=5, payload_hex="0a", confirmed=True)
    found = judged_alone(story.events, HandedOn({DEV: [(5, "0a", None)]}, {"0a": confirmed}))
    assert found.outcome == ("passed" if confirmed else "failed")


def posted(story: Story, status: int = 202) -> None:
    facts = {"f_port": 5, "payload_hex": "0a", "correlation_id": None}
    story.tells("downlink.posted", dev_eui=DEV.lower(), url="http://d/x", status=status, answer="", headers=[], **facts)


def test_network_has_a_downlink_before_its_post_is_answered() -> None:
    right, early, refused = Story(), Story(), Story()
    handed(right, 5, "0a")
    posted(right)
    posted(early)
    handed(early, 5, "0a")
    posted(refused, 400)
    handed(refused, 5, "0a")
    check = {DEV: [(5, "0a", None)]}
    assert judged_alone(right.events, HandedOn(check, {})).outcome == "passed"
    found = judged_alone(early.events, HandedOn(check, {}))
    assert (found.outcome, "before the network had it" in found.happened) == ("failed", True)
    assert judged_alone(refused.events, HandedOn(check, {})).outcome == "passed"


def test_what_the_network_itself_refuses_is_nobody_s() -> None:
    story = Story()
    handed(story, 5, "0a")
    facts = {"f_port": 5, "payload_hex": "0badc0de", "correlation_id": None}
    story.tells("network.downlink", dev_eui=DEV, outcome="rejected", cause="no time", **facts)
    assert judged_alone(story.events, HandedOn({DEV: [(5, "0a", None)]}, {})).outcome == "passed"


def report(correlation: str = ID, **more: Any) -> dict[str, Any]:
    told = {"DevEUI": DEV, "CorrelationID": correlation, "DownlinkRejectionCause": "expired", **more}
    return {"DevEUI_downlink_Rejected": told}


@pytest.mark.parametrize(
    ("reports", "outcome"),
    [
        ([report()], "passed"),
        ([report(), report("00000000000B0B02")], "passed"),
        ([], "failed"),
        ([report(), report()], "failed"),
        ([report("00000000000B0B02")], "failed"),
        ([report(DownlinkRejectionCause="")], "failed"),
    ],
)
def test_each_rejection_is_told_once_with_its_cause(reports: list[dict[str, Any]], outcome: str) -> None:
    story = Story()
    for one in reports:
        story.answered(story.arrives(one))
    assert judged_alone(story.events, Reported([("posthere", BIN, DEV, ID)])).outcome == outcome
