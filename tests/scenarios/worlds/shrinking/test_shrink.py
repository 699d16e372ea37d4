"""Shrinking: the smallest world that still fails, within the budget, by rate where it fails now and then."""

from collections.abc import Sequence

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.plan import Plan, Post
from uplab.scenarios.worlds.shrinking.shrink import shrink

SEND = {"do": "send", "device": "a"}
POST = {"do": "post", "device": "b", "change": {"FPort": 0}}
WORLD = small_world(SEND, SEND, POST, SEND, {"do": "wait"}, SEND, look=["shown"])


def bug(plan: Plan) -> bool:
    """Fails where port 0 is posted for a device that is bound to x."""
    posts = [step for step in plan.steps if isinstance(step, Post) and step.change == {"FPort": 0}]
    return any(step.device in flow.devices and "x" in flow.connections for step in posts for flow in plan.flows)


def always(plans: Sequence[Plan]) -> list[int]:
    return [3 * bug(plan) for plan in plans]


def test_smallest_world_is_found() -> None:
    found = shrink(WORLD, always, times=3, goes_on=lambda: True)
    assert found is not None
    assert found.whole
    assert [step.do for step in found.plan.steps] == ["post"]
    assert list(found.plan.devices) == ["b"]
    assert list(found.plan.connections) == ["x"]
    assert ("connection x", 0) not in found.ablation  # it is the last one: nothing is left without it
    assert ("flow 0", 0) in found.ablation


def test_rate_is_kept_where_it_fails_now_and_then() -> None:
    def sometimes(plans: Sequence[Plan]) -> list[int]:
        return [2 * bug(plan) for plan in plans]

    found = shrink(WORLD, sometimes, times=3, goes_on=lambda: True)
    assert found is not None
    assert (found.failed, found.times) == (2, 3)
    assert len(found.plan.steps) == 1


def test_budget_ends_it_with_the_smallest_so_far() -> None:
    left = iter([True, True, False])
    found = shrink(WORLD, always, times=3, goes_on=lambda: next(left, False))
    assert found is not None
    assert not found.whole
    assert len(found.plan.steps) < len(WORLD.steps)


def test_what_never_fails_alone_is_not_made_smaller() -> None:
    assert shrink(small_world(SEND), always, times=3, goes_on=lambda: True) is None
