"""The lab: both sides of the wire and the forwarder under test between them, for one worker.

    device -> radio -> gateway -> network server -> tunnel --HTTP--> forwarder --HTTP/MQTT--> the fakes

Scenarios hold it as the fixture `lab`. Network server, tunnel and fakes live on one background loop; the forwarder is a
process of its own (or runs elsewhere) and is reached only over the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.conditions.reached import Reached
from uplab.scenarios.checks.policy.measured import Measured
from uplab.scenarios.checks.standing.watch import Watch
from uplab.scenarios.checks.verdict import CheckUnknown, Verdict
from uplab.scenarios.history.history import History
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.secrets import Secrets, redact_text
from uplab.scenarios.lab.addresses import NETWORK_PORT, PUBLIC_HOST
from uplab.scenarios.lab.authority import client_certificate
from uplab.scenarios.lab.connection import LabConnection
from uplab.scenarios.lab.device import LabDevice, Sent, posted
from uplab.scenarios.lab.downstream import Downstream
from uplab.scenarios.lab.false_hosts import PORTS
from uplab.scenarios.lab.heartbeat import Heartbeat
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.lab.places.destination import Destination, bin_of, scripted, topic_of
from uplab.scenarios.lab.ports import listening
from uplab.scenarios.lab.upstream import Upstream
from uplab.scenarios.lab.waiting import Waiting
from uplab.scenarios.lab.ways.fixed import landing
from uplab.scenarios.lab.ways.reaching import STOPPING_S, Reaching
from uplab.scenarios.lab.witness import witness_for
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.access.pace import Pace
from uplab.scenarios.under_test.api import post_downlink
from uplab.scenarios.under_test.made.belongings import Belongings
from uplab.scenarios.under_test.process import DYING_S, ForwarderDeathError, ForwarderProcess
from uplab.scenarios.under_test.promise.variant import USUAL, Variant
from uplab.scenarios.under_test.promise.way_in import way_in
from uplab.scenarios.under_test.target import RunOptions
from uplab.simulator.payloads.own import DeviceModel
from uplab.simulator.payloads.recorded import Recorded

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

__all__ = ["Lab"]

BROKER_START_S = 60.0
GENERATION = "UPLAB_FAILURE_GENERATION"
HURRIED_S = 3.0  # for each step of the end of a run that was stopped: the whole is over within fifteen seconds


class Lab(Reaching, Waiting):
    """Everything that a scenario needs, started once and cleared between scenarios."""

    def __init__(
        self,
        options: RunOptions,
        *,
        folder: Path,
        worker: str = "main",
        public_base: str | None = f"http://{PUBLIC_HOST}",
        keep: int | None = None,
        between: Path | None = None,
    ) -> None:
        self.options = options
        self.profile = options.profile
        self.deadlines = options.profile.deadlines
        self.frozen = options.frozen
        self.folder = folder
        self.worker = worker
        self.seed = options.seed
        self.secrets = Secrets(options.seed)
        self.way_in = way_in(options, self.secrets)
        pointers = options.profile.format.pointers if options.profile.format is not None else None
        self.history = History(Ledger(pointers=pointers), keep=keep, between=between)
        self.loop = LoopThread()
        self.verdicts: list[Verdict] = []
        self.missed: list[Verdict] = []
        self.variant, self._measured = USUAL, dict[str | None, Measured]()
        self.watch = Watch(**options.standing)
        self.reached = Reached()
        self.watch.beside = self.reached.see
        self.late: list[tuple[str | None, Verdict]] = []
        """Standing invariants that were broken in the time of another scenario than that of the cause."""
        self.requirements: list[str] = []
        self.resolve: dict[str, str] = {}
        self._public_base = public_base
        self.belongings = Belongings()
        self.spoilt = False
        """Whether something is left, on a forwarder that runs elsewhere, that gets the uplinks of later scenarios."""
        self.witnesses = 1 if self.profile.connections == "static" else 0  # there it is from the start
        self.shared: list[Route] = []
        """Where every document goes as well, because the forwarder brings every device to every connection."""
        self.hurried = False
        self.tries = 1
        """Which try of the scenario this is: the second where the lab itself was too late for the first."""
        elsewhere = options.command is None
        self.pace = Pace(options.profile.limits, ingress=options.ingress or "", patient=elsewhere)
        self._closing = ExitStack()
        self._closing.callback(self.history.close)  # the last of all: the others tell of their end
        self._closing.callback(self.loop.stop)
        self.heartbeat = Heartbeat(self.loop)
        self._closing.callback(self.heartbeat.stop)
        self._scenario = ""
        self._tokens = 0
        self._scripted: list[Callable[[], None]] = []  # what takes a server that was scripted by hand away
        self._logged = 0  # bytes of the forwarder's log that were looked through

    # Starting and stopping

    def start(self) -> None:
        """Starts fakes, network server and forwarder; what was begun is stopped again when one cannot be started.

        ForwarderStartError when the forwarder does not become ready, PortError when a port is taken.
        """
        try:
            self._start_downstream()
            self._start_upstream()
            if self.profile.ways.names == "proxy":
                self._start_proxy()
            self._start_forwarder()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops everything, the forwarder first, and each also when another one fails to; may be called twice."""
        self._closing.close()

    def hurry(self) -> None:
        """The run was stopped: from now on nothing is waited for longer than a user waits for his prompt."""
        self.hurried = True
        self.loop.hurry(HURRIED_S / 3)  # the fakes have nothing to finish

    def _stop_forwarder(self) -> None:
        if self._process is not None:
            self._process.stop(timeout_s=HURRIED_S if self.hurried else STOPPING_S)

    def _start_downstream(self) -> None:
        self.ca_file = self.folder / f"ca-{self.worker}.pem"
        self.downstream = Downstream(
            self.loop,
            self.options,
            emit=self.history.emit,
            bind=self._bind,
            ca_file=self.ca_file,
            resolve=self.resolve,
            new_token=self._next_token,
            closing=self._closing,
            beyond=self.options.access.transport(self.pace) if self.options.command is None else None,
        )
        self.browser = self.downstream.browser
        self.posthere, self.witness = self.downstream.posthere, self.downstream.witness
        self.widgelix, self.thingsboard = self.downstream.widgelix, self.downstream.thingsboard
        self.broker = self.downstream.broker

    def _start_upstream(self) -> None:
        port = self.options.base_port + NETWORK_PORT if self.options.base_port else 0
        with listening(self._bind, port, name="the network server", first=self.options.base_port, count=PORTS):
            self.upstream = Upstream(
                self.loop,
                emit=self.history.emit,
                seed=self.seed,
                as_id=self.options.as_id,
                as_key=self.as_key,
                way_in=self.way_in,
                turns=self.pace.uplinks,
                namespace=self.options.namespace,
                host=self._bind,
                port=port,
                locale=self.options.locale,
            )
        self._closing.callback(self.upstream.stop)

    def _next_token(self) -> str:
        self._tokens += 1
        return self.secrets.uuid(f"widgelix {self._scenario} {self._tokens}")

    @property
    def forwarder(self) -> ForwarderProcess:
        """The process under test; CheckUnknown where the forwarder runs elsewhere and cannot be stopped from here."""
        if self._process is None:
            raise CheckUnknown("this forwarder runs elsewhere: it cannot be stopped or killed from here")
        return self._process

    def forwarder_says(self, name: str) -> str | None:
        """What its ready line says under a name, as text; None where it says none, or the forwarder runs elsewhere."""
        said = self._process.ready_line.get(name) if self._process is not None else None
        return redact_text(said)[:160] if isinstance(said, str) and said.strip() else None

    def restart_forwarder(
        self, *, kill: bool = False, rate: float | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """Stops (or kills) the forwarder and starts it again at the same address, with its state.

        `environment` is changed for this start and those that follow; an empty text takes a variable away.
        """
        process = self.forwarder
        if process.death():
            raise ForwarderDeathError(process.tell_death(self._scenario))
        if kill:
            process.kill()
        else:
            process.stop()
        self.history.emit(*hops.forwarder_ended(how="killed" if kill else "stopped"))
        process.environment["UPLAB_LISTEN"] = self.endpoints.netloc or process.environment["UPLAB_LISTEN"]
        if rate is not None:
            process.environment["UPLAB_CLOCK"] = f"{time.time():.6f},{time.monotonic():.6f},{rate:g}"
        process.environment |= environment or {}
        process.environment = {name: value for name, value in process.environment.items() if value}
        self._reach(process.start(timeout_s=self.deadlines.ready_s))

    # A scenario's life

    def play(self, variant: Variant) -> None:
        """The scenarios from now on are played in this variant; another failure generation costs a start."""
        before, self.variant = self.variant, variant
        self.upstream.airs.speak("strings" if variant.regime == "strings" else "typed")
        if variant.generation == before.generation:
            return
        self.profile = variant.profile(self.options.profile)
        self.restart_forwarder(environment={GENERATION: variant.generation or ""})

    @property
    def measured(self) -> Measured:
        """How this forwarder was seen to deliver, in the failure generation that is under test."""
        return self._measured.setdefault(self.variant.generation, Measured())

    @property
    def transport(self) -> str:
        """How ThingsBoard is reached now: mqtt, mqtts or rest."""
        return self.variant.transport or self.profile.choices.transports[0]

    def begin(self, scenario: str, requirements: Sequence[str] = (), breaks: Sequence[str] = ()) -> None:
        """Clears the fakes and what was judged before; `requirements` are those that the scenario proves.

        `breaks` are the standing invariants that it means to break. What came since the last scenario has to be looked
        at before (`look_on`): its history is gone then.
        """
        self.stand_up()
        self.watch.begin(scenario, breaks)
        self.reached.begin()
        self.upstream.begin(scenario)
        self._scenario, self._tokens = scenario, 0
        self.verdicts, self.missed, self.told = [], [], {}
        self._beside = None
        self.requirements = list(requirements)
        while self._scripted:
            self._scripted.pop()()
        self.way.begin()
        self.shared = list(self.way.shared)
        self.downstream.clear()
        self.heartbeat.begin()

    def end(self) -> list[str]:
        """Removes what the scenario made at the forwarder; what is left there, in a phrase each.

        That is no verdict: the scenario has judged its own promise, and DELETE has scenarios of its own. Nor may it be
        a later one's trouble: where the lab can, it gives that one a forwarder that knows nothing of it.
        """
        self.watch.see(self.history.since(self.watch.seen))
        self.reached.over()
        if self.hurried and self._process is not None:
            return []  # it ends at once, and with it all that it has
        if self.hurried and self._api is not None:
            self._api.hurry(HURRIED_S)
        left = self.way.take_away()
        patience_s = DYING_S if self.belongings.unanswered else 0.0
        if not left or (self._process is not None and self._process.death(patience_s=patience_s)):
            return []  # with a process that has ended everything is gone
        if self._process is not None:
            self._start_anew(self._process)
        else:  # without flows, what is left takes part in every later scenario
            self.spoilt = not self.profile.features.flows
        return left

    def look_on(self) -> None:
        """Lets the standing invariants see what has happened since the last time, and what was logged."""
        self.watch.see(self.history.since(self.watch.seen))
        if self._process is not None and self._process.log.exists():
            with self._process.log.open("rb") as log:
                log.seek(self._logged)
                told = log.read()
            whole = told.rpartition(b"\n")[0]  # the last line may still be written
            self._logged += len(whole)
            self.watch.secrecy.look_through(whole)

    def look_back(self) -> list[Verdict]:
        """The standing invariants that were broken by this scenario's own doing; those of others are kept as `late`."""
        self.look_on()
        found = self.watch.take()
        self.late += [one for one in found if one[0] != self._scenario]
        # What the scenario could only not say hides nothing that was seen, unless the lab was late for both.
        told = ("failed", "unknown") if found and self.heartbeat.late else ("failed",)
        known = {verdict.check for verdict in self.verdicts if verdict.outcome in told}
        own = [verdict for scenario, verdict in found if scenario == self._scenario and verdict.check not in known]
        return [self.heartbeat.excused_repeat(verdict, self.profile.policy.timeout_s) for verdict in own]

    # Given

    def device(
        self,
        model: str | Recorded | DeviceModel | None = None,
        *,
        joined: bool = True,
        region: str | None = None,
        device_class: str | None = None,
    ) -> LabDevice:
        """A new device with a DevEUI of its own, near the gateways; joined over the air unless told otherwise.

        An Elsys ERS of EU868 and of class A, where neither a model is named nor the variant has one; `region` is also
        US915, AS923-1 or AS923-1-NO-DWELL, `device_class` also C. `codec_model("./my-codec")` makes a model of a codec
        of one's own: each `send` is the next of its examples. A `DeviceModel` has a name, too: "my_models:door".
        """
        # Of a forwarder that runs here a refusal is its own mistake: it was given the key. And of an uplink only: how
        # the token of a document without FPort is made has two readings.
        check = self._expect_let_in if self._process is None else None
        model = model or self.variant.model or "elsys_ers"
        drawn = self.upstream.device(model, region=region, device_class=device_class)
        device = LabDevice(self.upstream, self.history, drawn, on_answer=check, before=self.hand_over)
        if joined:  # what is bound to everything from the start would get the documents of this join too
            device.join(told=self.profile.features.flows)
        return device

    def connect(
        self, body: dict[str, Any], route: Route, *devices: LabDevice, state: str | None = "OPENED"
    ) -> LabConnection:
        """Makes a connection in the way of the profile, binds the devices to it and waits until it is open."""
        if "uplinkTopicPattern" in (body.get("configuration") or ()):  # a forwarder may wait no second for the broker
            self.loop.run(self.broker.ready(), timeout_s=BROKER_START_S)
        resource = self.way.create(body)
        connection = self.connection(resource, landing(self.addressed(body), resource, route))
        if not self.profile.features.flows:
            self.shared.append(connection.route)
        if devices:
            connection.bind(*devices)
        if state is not None and self.profile.features.states:
            connection.wait_for_state(state, timeout_s=self.deadlines.opening_s)
        return connection

    def connect_witness(self, *devices: LabDevice) -> LabConnection:
        """A new connection to the lab's own witness, or the one that is there from the start."""
        if self.profile.connections != "static":
            self.witnesses += 1
        return self.connect(*witness_for(self.profile, self.witnesses), *devices)

    def connection(self, resource: dict[str, Any], route: Route) -> LabConnection:
        """A connection that is there already, as it is shown."""
        flows, state_s, api = self.profile.features.flows, self.deadlines.state_s, self._api is not None
        return LabConnection(self.way, self.poll, resource, route, flows=flows, state_s=state_s, api=api)

    def hand_over(self) -> None:
        """Before anything is sent, or awaited: the forwarder has every connection that the scenario made."""
        self.way.hand_over()

    def destination(
        self, where: str | HTTPServer, *, path: str = "/uplinks", wanted: str | None = None, **configuration: Any
    ) -> Destination:
        """A destination of the scenario's own: address, body of a connection to it, and route to judge.

        `where` is the name of a bin; the fixture `httpserver` of pytest-httpserver, then at `path`; or with `wanted`
        the pattern of a topic of the broker, of which `wanted` is the filter. Further keys go into the configuration.
        """
        if wanted is not None:
            return topic_of(str(where), wanted, **configuration)
        if isinstance(where, str):
            return bin_of(where, **configuration)
        there, undo = scripted(where, path, self.history.emit, **configuration)
        self._scripted.append(undo)
        return there

    # When

    def post(self, document: dict[str, Any], raw: bytes | None = None) -> Sent:
        """Carries a hand-made document through the tunnel, as `uplab send --document` does; `raw` is its own text."""
        self.hand_over()
        mark = self.history.mark
        outcome = self.upstream.post(document, raw)
        ids = [id_ for e in self.history.since(mark) if e.hop == "network.document" for id_ in e.ids]
        return posted(document, outcome, ids[0] if ids else "?")

    def client_certificate(self, name: str = "uplab", *, expired: bool = False) -> tuple[str, str]:
        """A client certificate of the lab's authority and its key (PKCS#8), as PEM."""
        return client_certificate(self.downstream.authority, name, expired=expired)

    def post_downlink(self, url: str, downlink: dict[str, Any]) -> httpx.Response:
        """POST of a DevEUI_downlink to a connection's downlink URL, as a user's program does."""
        answer_s = self.deadlines.answer_s
        return post_downlink(self.browser, url, downlink, emit=self.history.tell, timeout_s=answer_s)
