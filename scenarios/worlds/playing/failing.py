"""Makes deliveries of a world fail: at its own places the first few, where all worlds deliver those of its device."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import ANY, Action, Fault, FirstN, JsonPointer, Status, Trigger, as_data
from uplab.scenarios.checks.policy.declared import DeliveryPolicy
from uplab.scenarios.under_test.hops import fault_planned
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.oracle import given_up
from uplab.scenarios.worlds.space.faults import DEVICE, faults_of

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab
    from uplab.scenarios.under_test.profile import Profile
    from uplab.scenarios.worlds.oracle import Fates

__all__ = ["mend", "plan_fault", "policy_of", "put_off_s"]

_RECONNECT_S: Final = 11 * 60.0  # CALM, the slowest strategy, of the forwarder's clock: ten minutes, and one by chance

_FAKES: Final = {"widgelix": "widgelix", "mqtt": "thingsboard", "mqtts": "thingsboard", "broker": "broker"}


def plan_fault(lab: Lab, id_: str, step: p.Fault, to: str, path: str, dev_eui: str) -> None:
    """The fault of a step at the fake of a connection; `path` is its path, or the beginning of its topics.

    `dev_eui` is that of the step's device, or of the world's first one.
    """
    name = _FAKES.get(to, "posthere")
    trigger: Trigger = FirstN(step.times)
    if to == "widgelix":
        trigger = JsonPointer("/DevEUI_uplink/DevEUI", dev_eui)
    elif to in ("mqtt", "mqtts"):
        trigger = JsonPointer(f"/{dev_eui}", ANY)
    fault = Fault(id_, trigger, _for(dev_eui, faults_of(to)[step.kind]), only=path)
    fake = getattr(lab, name)
    lab.loop.call(lambda: fake.behaviour.add(fault))
    lab.history.emit(*fault_planned(fake=name, faults=[as_data(fault)]))


def _for(dev_eui: str, action: Action) -> Action:
    """The action, where its answer names a device."""
    return replace(action, body=action.body.replace(DEVICE, dev_eui.encode())) if isinstance(action, Status) else action


def policy_of(connection: p.Connection, profile: Profile) -> DeliveryPolicy:
    """How a connection delivers, by its own keys where it has them."""
    policy, generation = profile.policy, profile.choices.failure_generation
    if generation == "blame" and "blamePeriod" in connection.configuration:
        return policy.model_copy(update={"pauses_s": (float(connection.configuration["blamePeriod"]),)})
    return policy.model_copy(update={"attempts": 1}) if given_up(connection, generation) else policy


def mend(lab: Lab) -> None:
    """A fault that no delivery met is no later scenario's."""
    for name in ("posthere", *sorted(set(_FAKES.values()))):
        lab.loop.call(partial(setattr, getattr(lab, name), "behaviour", Behaviour()))


def put_off_s(plan: p.Plan, fates: Fates, number: int, profile: Profile) -> float:
    """How long deliveries that failed since the wait before this step are put off, at most."""
    found = 0.0
    for step in reversed(plan.steps[:number]):
        if isinstance(step, p.Wait | p.Restart):
            break
        if isinstance(step, p.Fault):
            held = fates.ends[step.connection].now
            if held.to in ("http", "https", "widgelix"):
                found += policy_of(held, profile).patience_s(step.times)
                found += step.times * profile.policy.timeout_s * (step.kind == "hang")
                continue
            sends = sum(one.times for one in plan.steps if isinstance(one, p.Send) and one.device == step.device)
            found += (step.times + sends) * _RECONNECT_S / plan.rate
        elif isinstance(step, p.Change) and fates.ends[step.connection].versions[0].trouble:
            found += policy_of(fates.ends[step.connection].now, profile).patience_s(1)
    return found
