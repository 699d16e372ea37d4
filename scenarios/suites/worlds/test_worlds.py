"""Worlds: scenarios that nobody wrote, drawn from the documented space and judged by what the documents say of them."""

import os

import pytest

from uplab.scenarios import Lab
from uplab.scenarios.worlds.kept import lacking_of
from uplab.scenarios.worlds.plan import Plan
from uplab.scenarios.worlds.playing.play import play

pytestmark = pytest.mark.needs("api", "flows")


@pytest.mark.requirement("HTTP-12.a", "COM-22.a")
def test_worlds_go_as_planned(lab: Lab, plans: list[Plan], request: pytest.FixtureRequest) -> None:
    """Each document of each world arrives where its plan leads it, once, in order and form, and nowhere else."""
    if lab.options.command is None and not (request.config.getoption("--worlds") or os.environ.get("UPLAB_WORLDS")):
        pytest.skip("a forwarder that runs elsewhere is given worlds only where --worlds names them")
    wanting = {plan.name: why for plan in plans if (why := lacking_of(plan, lab.profile))}
    able = [plan for plan in plans if plan.name not in wanting]
    if not able:
        pytest.skip(next(iter(wanting.values())))

    if request.config.getoption("--worlds-alone"):
        lab.start_anew()
    played = play(lab, able)

    lab.told = {"worlds": [one.as_data() for one in played]}
    lab.judge(*(verdict for one in played for verdict in one.verdicts))
