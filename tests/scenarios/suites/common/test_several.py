from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from tests.scenarios.history_lines import BIN, DEV, Story
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.lab.device import Sent
from uplab.scenarios.lab.judge import Judge
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.suites.common.several import verdicts_of_several
from uplab.scenarios.under_test.profile import load_profile

TO, ALSO = Route("posthere", BIN), Route("posthere", "/also")


def lab(story: Story, witnesses: int = 0) -> Lab:
    found = SimpleNamespace(history=story.history, witnesses=witnesses, profile=load_profile(None), shared=[])
    found.delivery_checks = partial(Judge.delivery_checks, cast(Judge, found))
    return cast(Lab, found)


def sent(id_: str) -> Sent:
    return Sent(id_, DEV, 1, "", None, None, "accepted", 200, "")


def outcomes(story: Story, ids: list[str], witnesses: int = 0) -> dict[str, list[str]]:
    connections: list[Any] = [SimpleNamespace(route=TO), SimpleNamespace(route=ALSO)]
    found: dict[str, list[str]] = {}
    for verdict in verdicts_of_several(lab(story, witnesses), [sent(i) for i in ids], *connections):
        found.setdefault(verdict.check, []).append(verdict.outcome)
    return found


def test_uplink_at_both_destinations_passes() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    story.delivered(1, url="/also")

    assert {outcome for all_of_them in outcomes(story, ids).values() for outcome in all_of_them} == {"passed"}


def test_uplink_at_one_of_two_is_lost_at_the_other() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)

    assert outcomes(story, ids)["none lost"] == ["passed", "failed"]


def test_uplink_at_a_third_place_is_out_of_place() -> None:
    story = Story()
    ids = [story.sent(1)]
    for url in (BIN, "/also", "/elsewhere"):
        story.delivered(1, url=url)

    assert outcomes(story, ids)["right place"] == ["failed"]
