"""Posts the downlink of a step: to the connection's URL, as a command in ThingsBoard, or as a message at the broker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from uplab.scenarios.checks.asked.answers import Answered
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.lab.judge import line_of
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.oracle import Fates
from uplab.scenarios.worlds.playing.services import command, publish
from uplab.scenarios.worlds.space.downlinks import NOW
from uplab.simulator.clock import utc_iso

if TYPE_CHECKING:
    from uplab.scenarios.history.event import Event
    from uplab.scenarios.lab.device import LabDevice
    from uplab.scenarios.lab.lab import Lab

__all__ = ["post_down"]


class Stage(Protocol):
    """What is asked of the world in which it happens."""

    lab: Lab
    plan: p.Plan
    tag: str
    at: int
    devices: dict[str, LabDevice]
    spans: list[tuple[int, int]]
    fates: Fates

    def url(self, name: str) -> str:
        """The downlink URL of a connection."""


def post_down(stage: Stage, number: int, step: p.Downlink) -> list[tuple[Check, str]]:
    """Does it, and gives the checks with the clause that each proves; CheckFailed where ThingsBoard hears otherwise."""
    lab, device = stage.lab, stage.devices[step.device]
    dev_eui = device.dev_eui.lower() if step.lower else device.dev_eui
    answer = next((one for one in stage.fates.answers if one.step == number), None)
    if step.by == "command":
        taken = command(lab, device.dev_eui, step.fields)
        if answer is not None and taken != answer.taken:
            said = "taken" if taken else "answered with an error"
            raise CheckFailed(f"a command for {device.dev_eui} is {said}, though {answer.why or 'it is right'}")
        return []
    if step.by == "topic":
        publish(lab, f"{stage.tag}-{step.through}/down/{device.dev_eui}", {"DevEUI": dev_eui, **step.fields})
        if answer is not None and answer.taken:
            _await_network(stage, device.dev_eui)
        return []
    fields = {"Time": utc_iso(time.time())} if step.fields.get("Time") == NOW else {}
    found = lab.post_downlink(stage.url(step.through), {"DevEUI": dev_eui, **step.fields, **fields})
    if answer is None:
        return []
    statuses = (lab.profile.choices.downlink_status,) if answer.taken else ()
    says = "a right downlink is taken" if answer.taken else f"a downlink is refused: {answer.why}"
    return [(Answered(says, line_of(found), statuses), "DL-15.a" if answer.taken else "DL-14")]


def _await_network(stage: Stage, dev_eui: str) -> None:
    """A message has no answer: it has come when the network has been handed one more downlink for the device."""
    lab = stage.lab

    def handed(event: Event) -> bool:
        return event.hop == "network.downlink" and event.facts["dev_eui"] == dev_eui

    mark = stage.spans[0][0] if stage.spans else 0
    lab.history.wait_for(handed, count=_handed(stage, dev_eui), timeout_s=lab.deadlines.downlink_s, since=mark)


def _handed(stage: Stage, dev_eui: str) -> int:
    """How many downlinks the network must have been handed for a device by now."""
    names = {name for name, one in stage.devices.items() if one.dev_eui == dev_eui}
    taken = {one.step for one in stage.fates.answers if one.taken}
    return sum(
        isinstance(step, p.Downlink) and step.device in names and number in taken
        for number, step in enumerate(stage.plan.steps[: stage.at])
    )
