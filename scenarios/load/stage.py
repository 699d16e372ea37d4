"""What a load is played on: fakes and senders as processes of their own, and the forwarder with its connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson
import trustme

from uplab.fakes.faults import as_data
from uplab.scenarios.history.secrets import Secrets, redact_text
from uplab.scenarios.load.bindings import HOSTS, Layout, lay_out
from uplab.scenarios.load.plan import Disturbance, LoadPlan
from uplab.scenarios.load.workers.worker import Worker
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.api import ForwarderApi
from uplab.scenarios.under_test.login import log_in, own_token
from uplab.scenarios.under_test.process import ForwarderProcess
from uplab.scenarios.under_test.promise.way_in import INGRESS_SECRET, way_in
from uplab.scenarios.under_test.target import RunOptions

__all__ = ["Stage", "StageError"]

START_S: Final = 60.0  # for a part of the lab's own; a fleet of a million devices has longer
_PER_DEVICE_S: Final = 0.002
_MATCHERS: Final = 1000  # of one flow
_OPEN_PAUSE_S: Final = 0.1
_CLOSE_S: Final = 30.0


class StageError(Exception):
    """A load cannot be played, or not go on: one line, and what to try."""


class Stage:
    """Everything that runs. `start` in order, `stop` in any state."""

    def __init__(self, plan: LoadPlan, options: RunOptions, folder: Path) -> None:
        self.plan = plan
        self.options = options
        self.folder = folder
        self.layout: Layout = lay_out(plan.targets)
        self.destinations: dict[str, Worker] = {}
        self.senders: list[Worker] = []
        self.process: ForwarderProcess | None = None
        self.bindings: dict[str, list[int]] = {}
        self.downlink_urls: dict[int, str] = {}
        self._closing = ExitStack()
        self._secrets = Secrets(options.seed)
        self._way_in = way_in(options, self._secrets)
        self.as_key = options.as_key or self._secrets.hex("tunnel key")
        self._own_token = own_token(options, self._secrets)
        self._ports: dict[str, int] = {}
        self._ingress = options.ingress or ""
        self._made: list[str] = []

    # --- start ------------------------------------------------------------------------------------------------------

    def start(self, network_url: str) -> None:
        """Starts everything but the posts. StageError, ForwarderStartError and WorkerError say what did not start."""
        profile = self.options.profile
        if profile.connections == "commands" or profile.ways.names == "proxy":
            raise StageError(
                "a load makes its connections by the API, or has them from the start (ways.connections = static), and "
                "reaches its destinations by UPLAB_RESOLVE or directly: this profile says otherwise"
            )
        for kind in {target.kind for target in self.plan.targets}:
            if not getattr(profile.features, kind):
                raise StageError(f"the profile does not declare the feature {kind}: name other destinations with --to")
        if self.plan.restarts and self.options.command is None:
            raise StageError("a forwarder that runs elsewhere cannot be restarted from here: leave --restart away")
        self._start_destinations()
        self._start_senders()
        api = self._start_forwarder(network_url)
        if profile.connections == "api":
            with closing(api):
                self._connect(api)

    def _start_destinations(self) -> None:
        host = self.options.advertise_host
        for target in self.plan.targets:
            kind = target.kind
            worker = Worker(f"the destination {kind}", "uplab.scenarios.load.workers.destination")
            self._closing.callback(worker.kill)
            self.destinations[kind] = worker
            worker.tell(
                "begin",
                folder=str(self.folder),
                stream=f"arrivals-{kind}",
                kind=kind,
                host=host if self.options.command is None else "127.0.0.1",
                hosts=[HOSTS[kind][0], host],
                paths={one.path: one.place for one in self.layout.connections if one.kind == kind},
                elsewhere=self.layout.elsewhere(kind),
            )
        for kind, worker in self.destinations.items():
            self._ports[kind] = worker.answer("begin", timeout_s=START_S)["port"]

    def _start_senders(self) -> None:
        plan = self.plan
        patience_s = START_S + _PER_DEVICE_S * plan.fleet.devices
        for number in range(plan.processes):
            worker = Worker(f"the sender {number + 1}", "uplab.scenarios.load.workers.sender")
            self._closing.callback(worker.kill)
            self.senders.append(worker)
            worker.tell(
                "begin",
                folder=str(self.folder),
                plan=asdict(plan.fleet),
                own=str(plan.own) if plan.own is not None else None,
                group=asdict(plan.group) if plan.group is not None else None,
                share=[number, plan.processes],
            )
        told = [worker.answer("begin", timeout_s=patience_s)["dev_euis"] for worker in self.senders]
        dev_euis = [told[number % len(told)][number // len(told)] for number in range(sum(map(len, told)))]
        if not dev_euis:
            raise StageError("the fleet has no devices")
        features = self.options.profile.features
        flows = features.flows and features.api and self.options.profile.connections == "api"
        self.bindings = self.layout.bind(dev_euis, flows=flows)

    def address(self, kind: str) -> str:
        """Where a destination is, as a connection names it."""
        if self.options.command is not None and self.options.profile.ways.names == "resolve":
            host, port = HOSTS[kind]
            return f"{host}:{port}"
        return f"{self.options.advertise_host}:{self._ports[kind]}"

    def _bodies(self) -> list[dict[str, Any]]:
        blames = self.options.profile.choices.failure_generation == "blame"
        return [
            one.body(self.address(one.kind), blame_s=self.plan.blame_s, blames=blames)
            for one in self.layout.connections
        ]

    def _start_forwarder(self, network_url: str) -> ForwarderApi:
        options = self.options
        if options.command is None:
            self._ingress = str(options.ingress)
            token = options.api_token
            transport = options.access.transport()
            return ForwarderApi(str(options.api), emit=_nothing, token=token, transport=transport)
        state = self.folder / "state"
        ca_file = self.folder / "ca.pem"
        trustme.CA().cert_pem.write_to_path(str(ca_file))
        resolve = {f"{HOSTS[kind][0]}:{HOSTS[kind][1]}": port for kind, port in self._ports.items()}
        transports = {"http": "http", "thingsboard": "mqtt"}
        static = options.profile.connections == "static"
        environment = {
            "UPLAB_NETWORK_URL": network_url,
            "UPLAB_AS_ID": options.as_id,
            "UPLAB_AS_KEY": self.as_key,
            "UPLAB_CONNECTIONS": orjson.dumps(self._bodies() if static else []).decode(),
            "UPLAB_CA": str(ca_file.resolve()),
            "UPLAB_RESOLVE": ",".join(f"{name}=127.0.0.1:{port}" for name, port in resolve.items()),
            "UPLAB_TRANSPORTS": ",".join(f"127.0.0.1:{port}={transports[k]}" for k, port in self._ports.items()),
            "UPLAB_CLOCK": f"{time.time():.6f},{time.monotonic():.6f},1",
            "UPLAB_STATE_DIR": str(state.resolve()),
            "UPLAB_LISTEN": "127.0.0.1:0",
            "UPLAB_FORWARDER_TOKEN": self._own_token or "",
            INGRESS_SECRET: self._way_in.secret or "",
        }
        away = "UPLAB_TRANSPORTS" if options.profile.ways.names == "resolve" else "UPLAB_RESOLVE"
        environment = {name: value for name, value in environment.items() if value and name != away}
        keys = ("api", "ingress", "downlink_base") if options.profile.features.api else ("ingress",)
        self.process = ForwarderProcess(
            options.command, environment, folder=state, log=self.folder / "forwarder.log", ready_keys=keys
        )
        self._closing.callback(self._stop_forwarder)
        endpoints = self.process.start(timeout_s=options.profile.deadlines.ready_s)
        self._ingress = endpoints.ingress
        self.process.environment["UPLAB_LISTEN"] = endpoints.netloc
        token = log_in(options, endpoints, given=environment, own=self._own_token)
        return ForwarderApi(endpoints.api, emit=_nothing, token=token)

    def _connect(self, api: ForwarderApi) -> None:
        """Makes the connections, binds the devices, and waits until every one of them is open."""
        profile = self.options.profile
        bound: dict[int, list[str]] = {}
        for dev_eui, places in self.bindings.items():
            for place in places:
                bound.setdefault(place, []).append(dev_eui)
        waiting: list[str] = []
        try:
            for one, body in zip(self.layout.connections, self._bodies(), strict=True):
                made = _created(api.request("POST", "/connections", body), "the connection", one.name)
                self._made.insert(0, f"/connections/{made['id']}")
                waiting.append(str(made["id"]))
                if isinstance(made.get("downlinkUrl"), str):
                    self.downlink_urls[one.place] = made["downlinkUrl"]
                for begin in range(0, len(bound.get(one.place, ())) if profile.features.flows else 0, _MATCHERS):
                    keys = bound[one.place][begin : begin + _MATCHERS]
                    flow = {
                        "name": f"load {one.name} {begin // _MATCHERS + 1}",
                        "matchers": [{"type": "key", "key": f"lora:{dev_eui.lower()}"} for dev_eui in keys],
                        "connectors": [{"id": made["connectorId"], "connectionId": made["id"]}],
                    }
                    flow_made = _created(api.request("POST", "/flows", flow), "a flow of", one.name)
                    self._made.insert(0, f"/flows/{flow_made['id']}")
            if profile.features.states:
                self._await_open(api, waiting)
        except NoAnswerError as error:
            raise StageError(f"the forwarder's API: {error.verdict.happened}") from None

    def _await_open(self, api: ForwarderApi, waiting: Sequence[str]) -> None:
        opening_s = self.options.profile.deadlines.opening_s
        deadline_s = time.monotonic() + opening_s
        for id_ in waiting:
            while (state := api.get(id_).json().get("state")) != "OPENED":
                if time.monotonic() > deadline_s:
                    raise StageError(f"the connection {id_} is {state} and not OPENED after {opening_s:g} s")
                _pause(_OPEN_PAUSE_S)

    def drive(self) -> None:
        """From now on uplinks are posted."""
        plan, count = self.plan, len(self.senders)
        for worker in self.senders:
            worker.tell(
                "drive",
                ingress=self._ingress,
                as_id=self.options.as_id,
                as_key=self.as_key,
                reading=list(self._way_in.reading),
                signed=self._way_in.signed,
                headers=dict(self._way_in.headers),
                rate=plan.rate / count if plan.rate is not None else None,
                speed=plan.speed,
                seconds=plan.seconds,
            )
        for worker in self.senders:
            worker.answer("drive", timeout_s=START_S)

    # --- meanwhile --------------------------------------------------------------------------------------------------

    def disturb(self, now: Mapping[str, Sequence[tuple[int, Disturbance]]], was: Mapping[str, bool]) -> dict[str, bool]:
        """Has each destination misbehave as it should from now on; whether each is down, which `was` says of before."""
        down = {}
        for kind, worker in self.destinations.items():
            faults = [fault for number, one in now.get(kind, ()) if (fault := one.fault(number)) is not None]
            down[kind] = any(one.kind == "down" for _, one in now.get(kind, ()))
            worker.ask("faults", timeout_s=START_S, faults=[as_data(fault) for fault in faults])
            if down[kind] != was.get(kind, False):
                worker.ask("down" if down[kind] else "up", timeout_s=START_S)
        return down

    def restart(self, how: str) -> None:
        """Ends the forwarder and starts it again at the same address, with its state."""
        assert self.process is not None
        self.end_forwarder(how)
        self.process.start(timeout_s=self.options.profile.deadlines.ready_s)

    def end_forwarder(self, how: str) -> None:
        """With SIGTERM, or at once."""
        assert self.process is not None
        if how == "kill":
            self.process.kill()
        else:
            self.process.stop()

    # --- end --------------------------------------------------------------------------------------------------------

    def _stop_forwarder(self) -> None:
        if self.process is not None:
            self.process.stop()

    def stop(self) -> None:
        """Ends everything; on a forwarder that runs elsewhere what was made is taken away."""
        if self.options.command is None and self._made:
            with suppress(NoAnswerError), closing(self._start_forwarder("")) as api:
                for path in self._made:
                    api.request("DELETE", path)
            self._made.clear()
        if self.process is not None:
            self.process.stop()
        for worker in self.destinations.values():
            worker.join(_CLOSE_S)
        self._closing.close()


def _created(answer: Any, what: str, name: str) -> dict[str, Any]:
    if answer.status_code not in (200, 201):
        said = redact_text(answer.text[:300])
        raise StageError(f"the forwarder did not take {what} {name}: {answer.status_code} {said}")
    made: dict[str, Any] = answer.json()
    return made


def _nothing(_hop: str, _facts: dict[str, Any]) -> None:
    """A load keeps no history of the API."""


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
