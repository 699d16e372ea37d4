from __future__ import annotations

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks.asked.on_the_air import OnTheAir
from uplab.scenarios.checks.check import judged_alone
from uplab.scenarios.checks.deliveries import Route
from uplab.scenarios.checks.verdict import Verdict

TO = Route("posthere", BIN)


def frame(story: Story, f_cnt: int) -> str:
    """A device sends a frame of which the network server makes nothing."""
    time = document(DEV, f_cnt)["DevEUI_uplink"]["Time"]
    story.tells("device.sent", dev_eui=DEV, f_cnt=f_cnt, f_port=5, phy_hex=f"{DEV}{f_cnt}", time=time)
    return story.events[-1].ids[0]


def judged(story: Story, fates: dict[str, str]) -> Verdict:
    return judged_alone(story.events, OnTheAir("it jumps: accepted", fates, TO))


def test_what_is_dropped_stays_away_and_the_rest_comes_once() -> None:
    story = Story()
    taken, dropped = story.sent(1), frame(story, 2)
    story.delivered(1)

    verdict = judged(story, {taken: "accepted", dropped: "dropped"})

    assert (verdict.outcome, verdict.examined) == ("passed", 2)
    assert verdict.happened == "1 accepted and delivered once, 1 dropped"
    assert verdict.promised == "it jumps: accepted"


@pytest.mark.parametrize("delivered", [True, False])
def test_what_chance_decides_is_judged_by_what_the_network_took(delivered: bool) -> None:
    story = Story()
    taken, dropped = story.sent(1), frame(story, 2)
    if delivered:
        story.delivered(1)

    verdict = judged(story, {taken: "either", dropped: "either"})

    assert verdict.outcome == ("passed" if delivered else "failed")
    assert verdict.hop == (None if delivered else "forwarder")


def test_network_that_takes_what_it_must_drop_is_the_culprit() -> None:
    story = Story()
    one, other = story.sent(1), story.sent(2)
    story.delivered(1)
    story.delivered(2)

    verdict = judged(story, {one: "accepted", other: "dropped"})

    assert (verdict.outcome, verdict.hop) == ("failed", "network")
    assert verdict.happened == f"the network server took {other}, which it has to drop"


def test_network_that_drops_what_it_must_take_is_the_culprit() -> None:
    story = Story()
    one = frame(story, 1)

    verdict = judged(story, {one: "accepted"})

    assert (verdict.outcome, verdict.hop) == ("failed", "network")
    assert verdict.happened == f"the network server dropped {one}, which it has to take"


def test_forwarder_that_delivers_what_nobody_gave_it_is_the_culprit() -> None:
    story = Story()
    one, dropped = story.sent(1), frame(story, 2)
    story.delivered(1)
    story.delivered(2)

    verdict = judged(story, {one: "accepted", dropped: "dropped"})

    assert (verdict.outcome, verdict.hop) == ("failed", "forwarder")
    assert verdict.happened == f"dropped by the network server, yet at posthere {BIN}: {dropped}"


@pytest.mark.parametrize(("times", "happened"), [(0, "never delivered to"), (2, "arrived at")])
def test_forwarder_that_loses_or_doubles_is_the_culprit(times: int, happened: str) -> None:
    story = Story()
    one = story.sent(1)
    for _ in range(times):
        story.delivered(1)

    verdict = judged(story, {one: "accepted"})

    assert (verdict.outcome, verdict.hop, verdict.ids) == ("failed", "forwarder", (one,))
    assert verdict.happened.startswith(happened)


def test_what_was_never_sent_proves_nothing() -> None:
    story = Story()
    one = story.sent(1)
    story.delivered(1)

    assert judged(story, {one: "accepted", "u99": "dropped"}).outcome == "unknown"
    assert judged(Story(), {}).outcome == "unknown"
