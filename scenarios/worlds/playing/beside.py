"""What is asked of each world beside its deliveries: attempts as declared, no waiting for others, resources, links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from uplab.scenarios.checks import checks
from uplab.scenarios.checks.check import Check
from uplab.scenarios.lab.false_hosts import FalseHosts
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.playing.dues import Going
from uplab.scenarios.worlds.playing.failing import policy_of
from uplab.scenarios.worlds.space.faults import FINE

if TYPE_CHECKING:
    from uplab.scenarios.worlds.playing.stage import Stage

__all__ = ["IF_MET", "beside"]

IF_MET: Final = (checks.AsDeclared, checks.OneLink, checks.Within)
"""Checks that have nothing to say where what they are about did not happen."""

HANG_S: Final = 4.0
"""Shorter than an answer is awaited at least (CONTRACT 4): what came later has waited for one that did not come."""

Asked = tuple[Check, str]


def beside(stage: Stage, going: Sequence[Going]) -> Iterator[Asked]:
    """The checks with the clause that each proves."""
    features = stage.lab.profile.features
    if features.api and stage.spans:
        base = stage.lab.endpoints.downlink_base if features.downlinks else None
        yield checks.RightResources(states=features.states, base=base), "COM-10.b"
    yield from _tried(stage, going)
    yield from _isolated(stage, going)
    if users := [stage.account(name) for name in stage.plan.connections if _one_link(stage, name, going)]:
        yield checks.OneLink(users), "TB-12.a"


def _failing(stage: Stage) -> Iterator[tuple[int, p.Fault]]:
    """The steps after which deliveries over HTTP fail, at a place that is the world's own."""
    for number, step in enumerate(stage.plan.steps):
        if isinstance(step, p.Fault) and stage.plan.connections[step.connection].to in ("http", "https"):
            yield number, step


def _tried(stage: Stage, going: Sequence[Going]) -> Iterator[Asked]:
    """How often, and when, each document was tried again where deliveries failed, and nothing else was the matter."""
    for name in dict.fromkeys(step.connection for _, step in _failing(stage) if step.kind not in FINE | {"hang"}):
        held = stage.fates.ends[name]
        if len(held.versions) > 1 or held.gone or any(isinstance(step, p.Restart) for step in stage.plan.steps):
            continue
        policy = policy_of(held.now, stage.lab.profile)
        once = [one for one in going if one.connection == name and one.copies == 1 and not one.alone]
        if once:
            ids, to = list(dict.fromkeys(one.document.id for one in once)), stage.route(name, 0)
            yield checks.AsDeclared(ids, to, policy=policy, late_s=stage.lab.deadlines.attempt_s), "HTTP-16.a"


def _isolated(stage: Stage, going: Sequence[Going]) -> Iterator[Asked]:
    """While one destination does not answer, what goes to others does not wait for it."""
    for number, step in _failing(stage):
        if step.kind != "hang":
            continue
        others: dict[checks.Route, dict[str, None]] = {}
        for one in going:
            alone = one.certain and len(one.ways) == 1 and not one.nameless and not one.alone and one.copies == 1
            mine = one.connection != step.connection and one.ways[0].to.fake not in (FalseHosts.name, "thingsboard")
            steady = len(stage.fates.ends[one.connection].versions) == 1
            if alone and mine and steady and one.document.step > number:
                others.setdefault(one.ways[0].to, {})[one.document.id] = None
        for to, ids in others.items():
            yield checks.Within(list(ids), to, limit_s=HANG_S), "COM-19.a"


def _one_link(stage: Stage, name: str, going: Sequence[Going]) -> bool:
    """Whether nothing happens to a link to ThingsBoard over MQTT, and something goes over it."""
    connection = stage.plan.connections[name]
    if connection.to not in ("mqtt", "mqtts") or connection.trouble is not None:
        return False
    steps = stage.plan.steps
    if any(isinstance(step, p.Restart) or getattr(step, "connection", None) == name for step in steps):
        return False
    failing = any(isinstance(step, p.Fault) and step.device is not None for step in steps)  # of all its links
    return not failing and any(one.connection == name for one in going)
