"""A world that failed, for people: what its absence changes, and a scenario in pytest to copy."""

from __future__ import annotations

import textwrap
from typing import Final

from uplab.scenarios.worlds.plan import Plan, write_plan
from uplab.scenarios.worlds.shrinking.shrink import Shrunk

__all__ = ["as_pytest", "told"]

_TEST: Final = '''"""A world that failed: {why}."""

from uplab.scenarios import Lab
from uplab.scenarios.worlds.plan import plan_of
from uplab.scenarios.worlds.playing.play import play

WORLD = r"""
{world}"""


def test_world(lab: Lab) -> None:
    """Each document arrives where the world leads it, once, in order and form, and nowhere else."""
    [played] = play(lab, [plan_of(WORLD)])
    lab.judge(*played.verdicts)
'''


def as_pytest(plan: Plan, why: str) -> str:
    """A module of pytest that plays this world; for a folder of one's own beside the suites."""
    safe = " ".join(why.replace('"""', "'''").replace("\\", "/").split())
    return _TEST.format(why=safe[:90], world=write_plan(plan))


def told(shrunk: Shrunk) -> str:
    """How often it fails, and how often without each part of it."""
    rows = [f"fails {shrunk.failed} of {shrunk.times} times as it is"]
    rows += [f"{count} of {shrunk.times} without {what}" for what, count in shrunk.ablation[:20]]
    if not shrunk.whole:
        rows.append("the budget was over before everything was tried; --budget gives it more")
    return textwrap.indent("\n".join(rows), "  ")
