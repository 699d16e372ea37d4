"""Plays many worlds side by side in one lab: each goes on to where it waits, then all are waited for at once.

At the end one barrier for all of them proves that nothing more arrives. What each is judged by stands in `judge`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uplab.scenarios.checks.checks import NoneLost
from uplab.scenarios.checks.verdict import Verdict, worst
from uplab.scenarios.history.secrets import register
from uplab.scenarios.lab.witness import not_seen, witness_for
from uplab.scenarios.under_test.login import LOGIN
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.playing.awaiting import Awaited, Deliveries
from uplab.scenarios.worlds.playing.dues import goings
from uplab.scenarios.worlds.playing.failing import mend
from uplab.scenarios.worlds.playing.judge import judge
from uplab.scenarios.worlds.playing.stage import Stage

if TYPE_CHECKING:
    from uplab.scenarios.lab.device import Sent
    from uplab.scenarios.lab.lab import Lab

__all__ = ["Played", "play"]


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a world: its outcome as that of a scenario, its verdicts, how many outcomes stayed open."""

    plan: p.Plan
    outcome: str
    verdicts: tuple[Verdict, ...]
    open: int
    why: str = ""

    def as_data(self) -> dict[str, Any]:
        """Plain data for run.json."""
        failed = self.outcome == "failed"
        red = [{"check": v.check, "hop": v.hop, "happened": v.happened} for v in self.verdicts if v.outcome != "passed"]
        return {
            "name": self.plan.name,
            "outcome": self.outcome,
            "drawn": self.plan.drawn,
            "open": self.open,
            "why": self.why,
            "red": red[:5],
            **({"plan": self.plan.model_dump(mode="json", exclude_defaults=True)} if failed else {}),
        }


def play(lab: Lab, plans: Sequence[p.Plan], *, hurried: bool = False) -> list[Played]:
    """Plays them, and judges each by its own part of the history.

    With `hurried` the first loss ends it: the worlds that lost are red, and of the others nothing is known.
    """
    rate, login = max(plan.rate for plan in plans), any(plan.login for plan in plans)  # those of one batch are alike
    if login:
        secret = lab.secrets.hex("client secret")
        register(secret, "the client secret")
        lab.restart_forwarder(environment=dict(zip(LOGIN, ("uplab.client", secret), strict=True)))
    elif rate != 1:
        lab.restart_forwarder(rate=rate)
    try:
        return _play(lab, plans, hurried=hurried)
    finally:
        mend(lab)
        if login:
            lab.restart_forwarder(environment=dict.fromkeys(LOGIN, ""))
        elif rate != 1:
            lab.restart_forwarder(rate=1)


def _play(lab: Lab, plans: Sequence[p.Plan], *, hurried: bool) -> list[Played]:
    deliveries = Deliveries(lab.history)
    stages = [Stage(lab, plan, f"w{number}") for number, plan in enumerate(plans, 1)]
    for stage in stages:
        stage.set_up()
    for stage in stages:
        stage.open()
    late: set[Awaited] = set()
    while running := [stage for stage in stages if not stage.done]:
        for stage in running:
            stage.go_on()
        _await(lab, deliveries, running, late)
        if hurried and late:
            return [_lost(lab, stage, late) for stage in stages]
        _pass_on(lab, running)
    _await(lab, deliveries, stages, late)
    if hurried and late:
        return [_lost(lab, stage, late) for stage in stages]
    unseen = _barrier(lab, deliveries, stages, late)
    broken = lab.look_back()
    found = judge(lab, stages, broken)
    return [_played(stage, verdicts, unseen) for stage, verdicts in zip(stages, found, strict=True)]


def _pass_on(lab: Lab, stages: Sequence[Stage]) -> None:
    """Over the steps that wait; a restart is done once for all that come to it, when the others are there too.

    So is time that passes.
    """
    here: list[tuple[Stage, p.Restart]] = []
    passing = [stage for stage in stages if not stage.done and isinstance(stage.plan.steps[stage.at], p.Pass)]
    if passing and all(stage.done or stage in passing for stage in stages):
        steps = [stage.plan.steps[stage.at] for stage in passing]
        minutes = max(step.minutes for step in steps if isinstance(step, p.Pass))
        threading.Event().wait(60.0 * minutes / passing[0].plan.rate)
        for stage in passing:
            stage.at += 1
        return
    for stage in stages:
        if stage.done:
            continue
        step = stage.plan.steps[stage.at]
        if isinstance(step, p.Wait):
            stage.at += 1
        elif isinstance(step, p.Restart):
            here.append((stage, step))
    if not here or any(not s.done and not isinstance(s.plan.steps[s.at], p.Restart | p.Pass) for s in stages):
        return
    kill = here[0][1].kill
    lab.restart_forwarder(kill=kill)
    for stage, step in here:
        if step.kill == kill:
            stage.at += 1
            stage.open()


def _await(lab: Lab, deliveries: Deliveries, stages: Sequence[Stage], late: set[Awaited]) -> None:
    """Waits for what is certain by now; what was not there in time once is not waited for again."""
    awaited: dict[Awaited, None] = {}
    after_s = given_s = 0.0
    for stage in stages:
        if stage.over is not None or stage.cut:
            continue
        here = stage.at
        awaited.update(
            (Awaited(one.document.id, one.places, one.ts, one.nameless, one.alone, one.copies), None)
            for one in goings(stage)
            if (one.by <= here or stage.done) and one.certain and one.ways
        )
        after_s = max(after_s, stage.delayed_s(here))
        given_s = max(given_s, stage.given_s(here))
    missing = [one for one in awaited if one not in late]
    lost = deliveries.await_all(missing, timeout_s=lab.deadlines.delivery_s + after_s)
    if given_s:  # nothing says that these are over but the time that they may take
        threading.Event().wait(given_s)
    late.update(lost)
    ids = {one.id for one in lost}
    for stage in stages:  # each step that waits would be as long for it, and for all others
        stage.cut = stage.cut or not ids.isdisjoint(stage.ids)


def _barrier(lab: Lab, deliveries: Deliveries, stages: Sequence[Stage], late: set[Awaited]) -> dict[int, Verdict]:
    """One for all: a later uplink of each device reaches a witness, and settle_s passes.

    By stage, what follows where it was not seen: what was accepted is lost, or silence proves nothing there.
    """
    bound = [stage for stage in stages if stage.over is None and not stage.cut]
    if not bound:
        return {}
    lab.witnesses += 1
    body, route = witness_for(lab.profile, lab.witnesses)
    witness = lab.connect(body, route, *(device for stage in bound for device in stage.devices.values()), state=None)
    sent: dict[int, list[Sent]] = {}
    for number, stage in enumerate(stages):
        if any(one is stage for one in bound):
            sent[number] = stage.send_last()
    lab.await_delivery([one for each in sent.values() for one in each], witness.route)
    _await(lab, deliveries, stages, late)
    events = lab.history.events
    everything = [one for each in sent.values() for one in each]
    found: dict[int, Verdict] = {}
    if not_seen(events, everything, witness.route):
        found = {
            number: why for number, each in sent.items() if (why := not_seen(events, each, witness.route)) is not None
        }
    threading.Event().wait(lab.profile.settle_s)  # the profile's own promise of how late an arrival may still be
    return found


def _lost(lab: Lab, stage: Stage, late: set[Awaited]) -> Played:
    """A world that was broken off since something was lost, be it here or elsewhere."""
    ids = tuple(sorted({one.id for one in late} & stage.ids))
    if not ids:
        return Played(stage.plan, "unknown", (), stage.fates.open, "another world has lost something")
    happened = f"never delivered: {', '.join(ids[:5])}"
    lost = Verdict("none lost", "failed", len(ids), NoneLost.promise, happened, "forwarder", ids=ids)
    verdict = lab.heartbeat.excused(lost)
    return Played(stage.plan, verdict.outcome, (verdict,), stage.fates.open)


def _played(stage: Stage, verdicts: list[Verdict], unseen: dict[int, Verdict]) -> Played:
    number = int(stage.tag.removeprefix("w")) - 1
    if stage.over == "not applicable":
        return Played(stage.plan, "not applicable", (), 0)
    if number in unseen and all(verdict.outcome == "passed" for verdict in verdicts):
        verdicts = [*verdicts, unseen[number]]
    return Played(stage.plan, worst(verdicts), tuple(verdicts), stage.fates.open)
