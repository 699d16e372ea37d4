"""What must happen in a world, from its plan alone: where each document goes, and what no document may do.

Written from CONTRACT.md and the connector documents; nothing of a forwarder is in it. The plan is gone through once,
with what each connection is at that moment. Whatever is not named here must not happen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from uplab.scenarios.checks.policy.declared import GENERATIONS, DeliveryPolicy, Generation
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.plan import Plan
from uplab.scenarios.worlds.space.faults import FINE, status_of

__all__ = ["Answer", "Due", "Fates", "Held", "Report", "blocked", "fates", "given_up", "validity_s"]

_UNITS_S: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_VALIDITY: Final = re.compile(r"([1-9][0-9]*)([smhd])")
_FIRST_PORT, _LAST_PORT = 1, 224  # CONTRACT 5
_HEX: Final = re.compile(r"([0-9A-Fa-f]{2})*")
_MOST_BYTES: Final = 242  # of a downlink, at the fastest data rate
_OWN: Final = frozenset({"downlinkAsId", "downlinkAsKey"})
_NOW: Final = "2026"  # a validity that ends in an earlier year is over


@dataclass(frozen=True, slots=True)
class Due:
    """What a connection does with all documents of a step: it delivers them as one of these `versions` says.

    A version is the number of a configuration of the connection, from 0. What is not `certain` may also stay away.
    At step `by` it is over: a step that waits, or the end.
    """

    step: int
    connection: str
    versions: tuple[int, ...]
    by: int
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a downlink is answered with: taken, or refused, and why in words."""

    step: int
    taken: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a downlink that the network rejects: the connection that delivers it, the device, its id."""

    connection: str
    device: str
    correlation: str


@dataclass(slots=True)
class Held:
    """A connection as a plan goes on: its configurations in their order, and what it holds back."""

    versions: list[p.Connection]
    gone: bool = False
    under_way: list[int] = field(default_factory=list)  # steps, delivered by now or very soon
    waiting: list[int] = field(default_factory=list)  # steps, until it is active
    open: bool = False  # what is under way may be given up: the policy of delivery says when
    stopped: bool = False  # an answer has stopped it, until somebody changes it
    lasting: bool = False  # how many uplinks end by what is planned there, nobody can say

    @property
    def now(self) -> p.Connection:
        """The newest configuration."""
        return self.versions[-1]

    @property
    def blocked(self) -> bool:
        """Whether it delivers nothing as it is."""
        return blocked(self.now)


@dataclass(slots=True)
class Fates:
    """What a plan leads to. `frames` are what each device receives, (FPort, payload); None where it is left open.

    `handed` is what the network is handed for each device: FPort (None in a flush alone), payload, CorrelationID.
    """

    dues: list[Due] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    frames: dict[str, list[tuple[int, str]] | None] = field(default_factory=dict)
    handed: dict[str, list[tuple[int | None, str, str | None]]] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    """Connection and device of each downlink that the network rejects."""
    ends: dict[str, Held] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    """By connection: how many deliveries fail."""

    @property
    def open(self) -> int:
        """How many outcomes are not certain."""
        return sum(not due.certain or len(due.versions) > 1 for due in self.dues)


def validity_s(configuration: Mapping[str, Any]) -> float | None:
    """How old an uplink may be, in seconds; None where nothing is said."""
    found = _VALIDITY.fullmatch(str(configuration.get("uplinkTimeValidity") or ""))
    return int(found[1]) * _UNITS_S[found[2]] if found else None


def blocked(connection: p.Connection) -> bool:
    """Whether what is accepted waits: it is inactive, or cannot deliver (CONTRACT 3 and 4)."""
    return connection.active is False or connection.trouble is not None


class _Course:
    """Goes through a plan, step by step."""

    def __init__(self, plan: Plan, policy: DeliveryPolicy, generation: Generation) -> None:
        self.plan, self.policy, self.generation = plan, policy, generation
        self.held = {name: Held([one]) for name, one in plan.connections.items()}
        self.flows: list[p.Flow | None] = list(plan.flows)
        self.fates = Fates(
            frames={name: [] for name in plan.devices}, ends=self.held, handed={name: [] for name in plan.devices}
        )
        self.queues: dict[str, list[tuple[int, str]]] = {name: [] for name in plan.devices}
        self.number = 0

    def bound(self, device: str) -> list[str]:
        """The connections to which a device is bound by the flows as they stand."""
        found = {
            name: None
            for flow in self.flows
            if flow is not None and device in flow.devices
            for name in flow.connections
            if not self.held[name].gone
        }
        return list(found)

    def accepted(self, step: int, device: str) -> None:
        """Documents of a device are accepted."""
        for name in self.bound(device):
            held = self.held[name]
            (held.waiting if held.blocked else held.under_way).append(step)

    def settle(self, name: str, versions: tuple[int, ...], *, certain: bool = True) -> None:
        """What is under way at a connection ends with one of these configurations."""
        held = self.held[name]
        certain = certain and not (held.open or held.stopped or held.lasting)
        self.fates.dues += [Due(step, name, versions, self.number, certain) for step in held.under_way]
        held.under_way.clear()

    def wait(self) -> None:
        """All that is under way is delivered as the connections are now."""
        for name, held in self.held.items():
            self.settle(name, (len(held.versions) - 1,))
            held.open = False

    def change(self, step: p.Change) -> None:
        """PUT: what is under way may go either way, what waits goes by the new configuration (CONTRACT 4)."""
        held = self.held[step.connection]
        if held.gone:
            return
        new = step.to or held.now
        held.versions.append(new)
        last = len(held.versions) - 1
        if held.under_way:
            stays = blocked(new)  # what was not sent yet waits then
            self.settle(step.connection, (last - 1, last), certain=not stays)
        held.stopped = False
        if not blocked(new):
            held.under_way += held.waiting
            held.waiting.clear()

    def fail(self, step: p.Fault) -> None:
        """Deliveries fail: each is tried again, unless the policy gives it up by then, or the answer is the end."""
        if step.kind in FINE:
            return
        held, policy = self.held[step.connection], self.policy
        self.fates.faults[step.connection] += step.times
        if held.now.to not in ("http", "https", "widgelix"):
            return
        status = status_of(step.kind)
        ends = not policy.tries_after(status) or given_up(held.now, self.generation)
        if ends or (policy.attempts and policy.attempts <= step.times):
            held.open = True
        if policy.stops_at(status):
            held.stopped = True
        if ends and step.times > 1:
            held.lasting = True

    def sent(self, device: str, times: int, *, late: bool) -> None:
        """Uplinks over the air, each of which takes one downlink (class A)."""
        frames, queue = self.fates.frames[device], self.queues[device]
        for _ in range(0 if late else times):
            if queue and frames is not None:
                frames.append(queue.pop(0))

    def joined(self, device: str) -> None:
        """What waits for a device when it joins again is nobody's promise."""
        if self.queues[device]:
            self.fates.frames[device] = None

    def downlink(self, number: int, step: p.Downlink) -> None:
        """A downlink is taken or refused by its fields, its connection and the flows (CONTRACT 5)."""
        held = self.held[step.through]
        if held.blocked and not held.gone:
            self.fates.frames[step.device] = None  # what a connection that does not work does with it is not said
            return
        why = self._refused(step, held)
        self.fates.answers.append(Answer(number, why is None, why or ""))
        if why is not None:
            return
        payload = str(step.fields.get("payload_hex", "")).lower()
        given: Any = step.fields.get("FPort", held.now.configuration.get("downlinkPort"))
        port = int(given) if payload else None
        correlation = str(step.fields["CorrelationID"]).upper() if "CorrelationID" in step.fields else None
        self.fates.handed[step.device].append((port, payload, correlation))
        if _rejected(step.fields) or not _OWN.isdisjoint(held.now.configuration):  # which the network does not know
            self.fates.rejected.append((step.through, step.device))
            if correlation is not None:
                self.fates.reports.append(Report(step.through, step.device, correlation))
            return
        if str(step.fields.get("FlushDownlinkQueue", "0")) == "1":
            self.queues[step.device].clear()
        if port is not None:
            self.queues[step.device].append((port, payload))

    def _refused(self, step: p.Downlink, held: Held) -> str | None:
        if held.gone:
            return "the connection is deleted"
        if held.now.configuration.get("downlinkEnabled") is False:
            return "downlinkEnabled is false"
        if step.through not in self.bound(step.device):
            return "the device is not bound to the connection"
        flushes = str(step.fields.get("FlushDownlinkQueue", "0")) == "1"
        if "payload_hex" not in step.fields:
            return None if flushes else "there is no payload"
        port = step.fields.get("FPort", held.now.configuration.get("downlinkPort"))
        if port is None or not _FIRST_PORT <= int(port) <= _LAST_PORT:
            return "there is no FPort"
        return None if _HEX.fullmatch(str(step.fields["payload_hex"])) else "its digits are no bytes"

    def go(self) -> Fates:
        """Every step, and what is under way at the end."""
        for number, step in enumerate(self.plan.steps):
            self.number = number
            self._step(number, step)
        self.number = len(self.plan.steps)
        self.wait()
        for device in self.plan.devices:  # the barrier's uplinks, after all of it, as if each were a step
            self.accepted(self.number, device)
            self.sent(device, 1, late=False)
            self.number += 1
        self.wait()
        return self.fates

    def _step(self, number: int, step: p.Step) -> None:
        if isinstance(step, p.Send | p.Post | p.Join | p.Air):
            self._documents(number, step)
        elif isinstance(step, p.Downlink):
            self.downlink(number, step)
        elif isinstance(step, p.Change):
            self.change(step)
        elif isinstance(step, p.Delete):
            self._delete(step.connection)
        elif isinstance(step, p.Bind):
            self.flows.append(step.flow)
        elif isinstance(step, p.Unbind):
            self.flows[step.flow] = None
        elif isinstance(step, p.Fault):
            self.fail(step)
        elif isinstance(step, p.Wait):
            self.wait()
        elif isinstance(step, p.Restart):
            for name, held in self.held.items():
                self.settle(name, (len(held.versions) - 1,))

    def _documents(self, number: int, step: p.Send | p.Post | p.Join | p.Air) -> None:
        self.accepted(number, step.device)
        if isinstance(step, p.Send):
            self.sent(step.device, step.times, late=step.late)
        elif isinstance(step, p.Join | p.Air):  # how many windows a trouble opens is not said either
            self.joined(step.device)

    def _delete(self, name: str) -> None:
        held = self.held[name]
        self.settle(name, (len(held.versions) - 1,), certain=False)
        held.waiting.clear()  # what is queued goes with the connection (CONTRACT 3)
        held.gone = True


def _rejected(fields: Mapping[str, Any]) -> bool:
    """Whether the network rejects it whoever signs it: its time is over, or no data rate carries it (CONTRACT 5)."""
    until, size = str(fields.get("ValidityTime", "")), len(str(fields.get("payload_hex", ""))) // 2
    return size > _MOST_BYTES or ("T" in until and until < _NOW)


def given_up(connection: p.Connection, generation: Generation) -> bool:
    """Whether nothing is tried again there at all: strictMode can be asked for, and is not (CONTRACT 3)."""
    return generation == "strict-resend" and connection.configuration.get("strictMode") is not True


def fates(plan: Plan, policy: DeliveryPolicy = GENERATIONS["blame"], generation: Generation = "blame") -> Fates:
    """What must happen, what may, and by leaving it out what must not.

    `policy` and `generation` are those of the profile: how what fails is tried again.
    """
    return _Course(plan, policy, generation).go()
