"""Doubt: bugs that are played on the wire, behind the forwarder under test. It passes whatever is found."""

import pytest

from uplab.scenarios import Lab, Verdict
from uplab.scenarios.worlds.doubt import Kind, doubt
from uplab.scenarios.worlds.kept import lacking_of
from uplab.scenarios.worlds.plan import Plan

pytestmark = pytest.mark.needs("api", "flows")


def test_kind_of_bug_is_seen(lab: Lab, kind: Kind, worlds_of_doubt: list[Plan]) -> None:
    """Where worlds turn red by it, a green run excludes it."""
    able = [plan for plan in worlds_of_doubt if lacking_of(plan, lab.profile) is None]
    found = doubt(lab, kind, able)
    lab.told = {"doubts": [found.as_data()]}
    lab.watch.expect_breaks()
    happened = f"{found.outcome}: {found.changed} deliveries changed, {', '.join(found.checks) or 'no check was red'}"
    lab.judge(Verdict("doubt", "passed", max(1, found.changed), kind.words, happened, requirement=kind.clause))
