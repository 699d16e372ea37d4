"""One world on the lab: its devices, connections and flows there, and what each step of its plan does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson

from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown, Verdict
from uplab.scenarios.lab.device import LabDevice
from uplab.scenarios.lab.ways.by_api import flow_of
from uplab.scenarios.under_test.promise.way_in import open_reading
from uplab.scenarios.under_test.ways.reach import NotApplicableError
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.oracle import Fates, fates
from uplab.scenarios.worlds.playing.bodies import account_of, body_of, states_of
from uplab.scenarios.worlds.playing.down import post_down
from uplab.scenarios.worlds.playing.failing import plan_fault, put_off_s
from uplab.scenarios.worlds.playing.posted import document_of
from uplab.scenarios.worlds.playing.refused import refuse
from uplab.scenarios.worlds.playing.services import access_token, provision, unlock
from uplab.scenarios.worlds.playing.taken import take
from uplab.scenarios.worlds.wanted import route_of
from uplab.simulator.air import Conditions
from uplab.simulator.errors import SimulatorError

if TYPE_CHECKING:
    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import Sent
    from uplab.scenarios.lab.lab import Lab

__all__ = ["Document", "Stage"]

_OPEN: Final = ("OPENED",)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was posted in a step: its id, what it said, and what the forwarder answered."""

    id: str
    document: dict[str, Any]
    outcome: str
    status: int | None
    step: int
    posted_ms: int  # since 1970


@dataclass
class Stage:
    """A world while it is played. `tag` tells the worlds of one lab apart; `checks` are asked at the end."""

    lab: Lab
    plan: p.Plan
    tag: str
    devices: dict[str, LabDevice] = field(default_factory=dict)
    connections: dict[str, LabConnection] = field(default_factory=dict)
    flows: list[str] = field(default_factory=list)
    sent: list[Document] = field(default_factory=list)
    checks: list[tuple[Check, str]] = field(default_factory=list)  # with the clause that each proves
    spans: list[tuple[int, int]] = field(default_factory=list)  # lines of the history in which it was at work
    over: str | None = None  # why it ended before its end: failed, unknown, not applicable
    cut: bool = False  # it has lost something: it goes no further, and is judged by what it has done
    broken: Verdict | None = None
    at: int = 0  # the next step
    keys: dict[str, str] = field(default_factory=dict)  # of devices in Widgelix
    known: dict[int, tuple[int, list[Any]]] = field(default_factory=dict)  # by due: of how many documents, and theirs
    fates: Fates = field(init=False)

    def __post_init__(self) -> None:
        profile = self.lab.profile
        self.fates = fates(self.plan, profile.policy, profile.choices.failure_generation)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.over is not None or self.cut or self.at >= len(self.plan.steps)

    def set_up(self) -> None:
        """Devices, connections and flows; nothing is sent yet."""
        self._do(self._set_up)

    def open(self) -> None:
        """Waits until what is active is OPENED, where the forwarder shows states."""
        self._do(self._open)

    def go_on(self) -> None:
        """Every step up to the next that waits, or at which time passes; that one is not done."""
        while not self.done and not isinstance(self.plan.steps[self.at], p.Wait | p.Restart | p.Pass):
            number, self.at = self.at, self.at + 1
            self._do(partial(self._step, number, self.plan.steps[number]))

    def _do(self, work: Callable[[], None]) -> None:
        """Does a part of it; what goes wrong ends this world, and no other."""
        if self.over is not None:
            return
        mark = self.lab.history.mark
        try:
            work()
        except NotApplicableError as error:
            self._end("not applicable", str(error))
        except (CheckFailed, AssertionError) as error:
            self.broken = self.broken or getattr(error, "verdict", None)
            self._end("failed", str(error))
        except (CheckUnknown, SimulatorError) as error:
            self._end("unknown", str(error))
        finally:
            self.spans.append((mark, self.lab.history.mark))

    def _end(self, outcome: str, why: str) -> None:
        self.over = outcome
        if self.broken is None and outcome != "not applicable":
            kind = "failed" if outcome == "failed" else "unknown"
            hop = "forwarder" if outcome == "failed" else None
            promised = "every step of a world is answered as the contract says"
            self.broken = Verdict("world", kind, 1, promised, why.partition("\n")[0][:600], hop)  # type: ignore[arg-type]

    # Given

    def _set_up(self) -> None:
        lab = self.lab
        for name, wanted in self.plan.devices.items():
            tags = (f"world={self.tag}", f"device={self.tag}{name}")
            drawn = lab.upstream.device(wanted.model, tags=tags, region=wanted.region)
            device = LabDevice(lab.upstream, lab.history, drawn, before=lab.hand_over)
            self.devices[name] = device
            if wanted.joined:
                device.join(told=False)
            if wanted.counter:
                lab.loop.call(partial(lab.upstream.airs.of(drawn.region).wind, drawn, wanted.counter))
        for name, connection in self.plan.connections.items():
            if connection.to in ("mqtt", "mqtts"):
                lab.loop.call(partial(provision, lab, self.account(name), locked=connection.trouble == "locked"))
            route = self.route(name, 0)
            self.connections[name] = lab.connect(self.body(name, connection), route, state=None)
        for flow in self.plan.flows:
            self._bind(flow)

    def route(self, name: str, version: int, report: Mapping[str, Any] | None = None) -> Route:
        """Where a connection delivers in one of its configurations; at a broker where it delivers this report."""
        return route_of(self.tag, name, self.fates.ends[name].versions[version], report)

    def account(self, name: str) -> str:
        """The account of a connection to ThingsBoard over MQTT, a gateway of its own."""
        return account_of(self.tag, name)

    def body(self, name: str, connection: p.Connection) -> dict[str, Any]:
        """The body of POST and PUT."""
        key = self._key(name) if connection.to == "widgelix" else ""
        return body_of(self.tag, name, connection, self.lab.secrets, key, self.lab.options.thingsboard_login)

    def _key(self, name: str) -> str:
        """The access token of the one device that is bound to a connection to Widgelix, made there as a user does."""
        bound = next(
            (flow.devices[0] for flow in self.plan.flows if name in flow.connections), next(iter(self.devices))
        )
        if bound not in self.keys:
            self.keys[bound] = access_token(self.lab.browser, self.devices[bound].dev_eui)
        return self.keys[bound]

    def _bind(self, flow: p.Flow) -> None:
        lab = self.lab
        if not lab.profile.features.flows:
            return
        resources = [self.connections[name].resource for name in flow.connections]
        euis = [self.devices[name].dev_eui for name in flow.devices]
        body = flow_of(resources[0], euis)
        written = [one.upper() if flow.case == "upper" else one.lower() for one in euis]
        body["matchers"] = [{"type": "key", "key": f"lora:{one}"} for one in written for _ in range(flow.times)]
        if flow.by == "tags":
            tags = [[f"world={self.tag}", f"device={self.tag}{name}"] for name in flow.devices]
            body["matchers"] = [{"type": "thing", "tags": one} for one in tags]
        body["connectors"] = [{"id": one["connectorId"], "connectionId": str(one["id"])} for one in resources]
        answer = lab.api.request("POST", "/flows", body)
        if answer.status_code == 400 and flow.by == "tags":
            raise NotApplicableError("this forwarder refuses tags, so it has none")
        if answer.status_code != 201:
            raise CheckFailed(f"POST /flows answered {answer.status_code}: {answer.text[:200]}")
        self.flows.append(str(answer.json()["id"]))

    def _open(self) -> None:
        if not self.lab.profile.features.states:
            return
        for name, connection in self.connections.items():
            held = self.now(name)
            if held is not None:
                self._await_state(connection, *states_of(held))

    def now(self, name: str) -> p.Connection | None:
        """What a connection is by now; None where it is deleted."""
        now: p.Connection | None = self.plan.connections[name]
        for step in self.plan.steps[: self.at]:
            if isinstance(step, p.Change) and step.connection == name:
                now = step.to or now
            elif isinstance(step, p.Delete) and step.connection == name:
                now = None
        return now

    def _await_state(self, connection: LabConnection, *states: str) -> None:
        before = len(self.lab.verdicts)
        try:
            connection.wait_for_state(*states, timeout_s=self.lab.deadlines.opening_s)
        finally:  # what fails is this world's, and told as its own
            found = self.lab.verdicts[before:]
            del self.lab.verdicts[before:]
            if found and found[-1].outcome != "passed":
                self.broken = found[-1]

    # When

    def _step(self, number: int, step: p.Step) -> None:
        lab = self.lab
        mark = lab.history.mark
        if isinstance(step, p.Send | p.Post | p.Join | p.Air):
            self._document(number, step)
            self._note(number, mark)
        elif isinstance(step, p.Downlink):
            self.checks += post_down(self, number, step)
        elif isinstance(step, p.Change):
            self._change(step)
        elif isinstance(step, p.Delete):
            self.connections[step.connection].delete()
        elif isinstance(step, p.Bind):
            self._bind(step.flow)
        elif isinstance(step, p.Unbind):
            lab.api.request("DELETE", f"/flows/{self.flows[step.flow]}")
        elif isinstance(step, p.Take):
            self.checks += take(lab, step.row)
        elif isinstance(step, p.Refuse):
            self.checks += refuse(self, step)
        elif isinstance(step, p.Fault):
            self._fault(number, step)

    def _document(self, number: int, step: p.Send | p.Post | p.Join | p.Air) -> None:
        if isinstance(step, p.Send):
            self._send(step)
        elif isinstance(step, p.Post):
            self._post(number, step)
        else:
            self._on_the_air(step)

    def _on_the_air(self, step: p.Join | p.Air) -> None:
        if isinstance(step, p.Join):
            self.devices[step.device].join()
            return
        happened = self.devices[step.device].trouble(step.trouble)
        if wrong := [frame.id for frame in happened.frames if not frame.as_wanted]:
            raise SimulatorError(f"{step.trouble}: the network server took or dropped {wrong[0]} though it must not")

    def _send(self, step: p.Send) -> None:
        device, airs = self.devices[step.device], self.lab.upstream.airs
        under = Conditions(gateways=step.gateways, late=step.late) if step.gateways or step.late else None
        airs.speak("strings" if step.texts else "typed")
        try:
            for _ in range(step.times):
                if step.payload_hex is not None:
                    payload, port = bytes.fromhex(step.payload_hex), step.f_port or 1
                else:
                    _, payload, port = self.lab.upstream.measure(device.device, dict(step.readings))
                    port = step.f_port or port
                device.send_bytes(payload, f_port=port, confirmed=step.confirmed, under=under)
        finally:
            airs.speak("typed")

    def _post(self, number: int, step: p.Post) -> None:
        device = self.devices[step.device]
        data = {"name": device.name, "tags": list(device.device.tags)}
        document = document_of(step, device.dev_eui, data, number)
        for _ in range(step.copies):
            self.lab.post(document)

    def _note(self, number: int, mark: int) -> None:
        """What was posted in this step, and how it was answered; what is right must be accepted."""
        said: dict[object, dict[str, Any]] = {}
        posted_ms = int(time.time() * 1000)
        for event in self.lab.history.since(mark):
            if event.hop == "tunnel.sent":
                said[event.facts["attempt"]] = orjson.loads(event.raw or b"{}")
            elif event.hop == "tunnel.answered":
                document = said.get(event.facts["attempt"], {})
                id_ = event.ids[0] if event.ids else "?"
                facts = event.facts
                self.sent.append(Document(id_, document, facts["outcome"], facts.get("status"), number, posted_ms))
                if facts["outcome"] == "refused":
                    self._refused(document, facts)

    def _refused(self, document: dict[str, Any], facts: Any) -> None:
        if why := open_reading(self.lab.options, document, facts.get("status")):
            raise CheckUnknown(why)
        root = next(iter(document), "nothing")
        raise CheckFailed(f"a right {root} was refused: {facts.get('status')} {facts.get('reason')}"[:300])

    def url(self, name: str) -> str:
        """The downlink URL of a connection, as it was shown when it was made."""
        connection = self.connections[name]
        shown = connection.resource.get("downlinkUrl")
        return str(shown) if shown else connection.downlink_url

    def _change(self, step: p.Change) -> None:
        connection = self.connections[step.connection]
        before = self.fates.ends[step.connection].versions[self._number(step.connection) - 1]
        if before.trouble is not None and before.to not in ("http", "https") and self.lab.profile.features.states:
            self._await_state(connection, *states_of(before))  # it is told until it is mended
        if before.trouble == "locked":
            self.lab.loop.call(partial(unlock, self.lab, self.account(step.connection)))
        if step.to is None:
            shown = connection.read()
            body = {key: value for key, value in shown.items() if key in ("connectorId", "name", "brand", "active")}
            body["configuration"] = shown["configuration"]
        else:
            body = self.body(step.connection, step.to)
        connection.replace(body)
        if self.lab.profile.features.states:
            inactive = step.to is None and body.get("active") is False
            self._await_state(connection, *(states_of(step.to) if step.to else ("DEACTIVATED",) * inactive or _OPEN))

    def _fault(self, number: int, step: p.Fault) -> None:
        connection = self.now(step.connection)
        if connection is None:
            return
        path = self.route(step.connection, self._number(step.connection)).path.removesuffix("#")
        device = self.devices[step.device or next(iter(self.devices))].dev_eui
        plan_fault(self.lab, f"{self.tag} {number}", step, connection.to, path, device)

    def _number(self, name: str) -> int:
        """The number of a connection's configuration by now."""
        return sum(isinstance(step, p.Change) and step.connection == name for step in self.plan.steps[: self.at])

    @property
    def ids(self) -> set[str]:
        """The ids of all that it has sent."""
        return {one.id for one in self.sent}

    def delayed_s(self, number: int) -> float:
        """How long deliveries that failed since the wait before this step are put off, at most."""
        return put_off_s(self.plan, self.fates, number, self.lab.profile)

    def given_s(self, number: int) -> float:
        """How long deliveries that may be given up are tried on from now, at most; 0 where there are none."""
        dues = self.fates.dues
        here = any(not due.certain and due.by == number and self.fates.faults[due.connection] for due in dues)
        return self.delayed_s(number) + self.lab.deadlines.attempt_s if here else 0.0

    def send_last(self) -> list[Sent]:
        """One more uplink of each device; it goes where the flows stand, too."""
        found = []
        for number, device in enumerate(self.devices.values(), len(self.plan.steps)):
            mark = self.lab.history.mark
            found.append(device.send())
            self._do(partial(self._note, number, mark))
        return found

    def places(self) -> Sequence[Route]:
        """Every place at which a connection of it ever delivers."""
        return [
            self.route(name, version) for name, held in self.fates.ends.items() for version in range(len(held.versions))
        ]
