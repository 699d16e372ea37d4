"""The forwarder under test as a lab holds it: what it is told, how it is started, where it is reached."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from uplab.scenarios.checks.verdict import CheckFailed, Verdict
from uplab.scenarios.history.secrets import Secrets, register
from uplab.scenarios.lab.addresses import PROXY_PORT, PUBLIC_HOST
from uplab.scenarios.lab.false_hosts import PORTS
from uplab.scenarios.lab.ports import listening
from uplab.scenarios.lab.ways.by_api import ByApi
from uplab.scenarios.lab.ways.by_commands import ByCommands
from uplab.scenarios.lab.ways.direct import addressed, outward
from uplab.scenarios.lab.ways.fixed import Fixed, fixed_set
from uplab.scenarios.lab.ways.marked import marked
from uplab.scenarios.lab.ways.proxy import Proxy
from uplab.scenarios.lab.ways.static import Static
from uplab.scenarios.lab.ways.told import told_of_names
from uplab.scenarios.lab.ways.uplink import carried_by
from uplab.scenarios.lab.witness import witness_for
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.access.pace import Pace, TooManyError, expect_no_limit
from uplab.scenarios.under_test.access.sign_in import PAGES_PASSWORD, PAGES_USER, Credentials
from uplab.scenarios.under_test.api import ForwarderApi
from uplab.scenarios.under_test.login import log_in, own_token
from uplab.scenarios.under_test.made.belongings import Belongings
from uplab.scenarios.under_test.made.journal import Journal
from uplab.scenarios.under_test.probe import expect_token_taken, probe
from uplab.scenarios.under_test.process import READY_KEYS, Endpoints, ForwarderProcess, ForwarderStartError
from uplab.scenarios.under_test.promise.signature import SIGNING_SECRET, own_secret
from uplab.scenarios.under_test.promise.way_in import INGRESS_SECRET, WayIn
from uplab.scenarios.under_test.ways.reach import NotApplicableError
from uplab.simulator.devices.namespace import marked_name

if TYPE_CHECKING:
    from uplab.scenarios.history.history import History
    from uplab.scenarios.lab.heartbeat import Heartbeat
    from uplab.scenarios.lab.loop import LoopThread
    from uplab.scenarios.lab.upstream import Upstream
    from uplab.scenarios.lab.ways.way import Resource, Way
    from uplab.scenarios.under_test.deadlines import Deadlines
    from uplab.scenarios.under_test.profile import Profile
    from uplab.scenarios.under_test.target import RunOptions

__all__ = ["STOPPING_S", "Reaching"]

STOPPING_S = 10.0  # what the contract gives a forwarder for its end (section 1)


class Reaching:
    """The half of a lab that knows how its forwarder is told things, and reached."""

    options: RunOptions
    profile: Profile
    deadlines: Deadlines
    folder: Path
    worker: str
    secrets: Secrets
    history: History
    upstream: Upstream
    ca_file: Path
    resolve: dict[str, str]
    belongings: Belongings
    endpoints: Endpoints
    way: Way
    way_in: WayIn
    pace: Pace
    loop: LoopThread
    heartbeat: Heartbeat
    verdicts: list[Verdict]
    _closing: ExitStack
    _public_base: str | None
    _process: ForwarderProcess | None = None
    _api: ForwarderApi | None = None
    _proxy = ""

    @property
    def _bind(self) -> str:
        """Loopback, unless the user named a host at which a forwarder elsewhere reaches this lab."""
        return "127.0.0.1" if self.options.advertise_host == "127.0.0.1" else "0.0.0.0"  # noqa: S104

    @property
    def as_key(self) -> str:
        """The key of the tunnel: the user's own for a foreign forwarder, else a lab secret."""
        return self.options.as_key or self.secrets.hex("tunnel")

    @property
    def signing_secret(self) -> str:
        """What a forwarder that signs its deliveries signs them with: the user's own, else a lab secret."""
        return self.options.signing_secret or own_secret(self.secrets)

    @property
    def pages_login(self) -> Credentials:
        """Who logs in before the pages: the user's own account, else one that a forwarder started here is told."""
        return self.options.pages_login or Credentials("uplab", self.secrets.hex("password for the pages"))

    def stranger(self, *, headers: Mapping[str, str] | None = None, timeout_s: float | None = None) -> httpx.Client:
        """A client that gets to the forwarder as the lab does, and is not logged in; who asks for it closes it."""
        transport = self.options.access.transport(self.pace) if self.options.command is None else None
        timeout_s = self.deadlines.answer_s if timeout_s is None else timeout_s
        return httpx.Client(transport=transport, headers=headers, timeout=timeout_s, trust_env=False)

    @property
    def api(self) -> ForwarderApi:
        """The forwarder's API; NotApplicableError where connections come in another way."""
        if self._api is None:
            raise NotApplicableError(f"connections are {self.profile.connections}: there is no API to ask")
        return self._api

    def addressed(self, body: Any) -> Any:
        """The body of a connection with this run's mark, and with the lab's addresses where names are direct."""
        body = marked(body, self.mark, self.resolve)
        return addressed(body, self.resolve, names=self.profile.ways.names, tls=self.profile.ways.tls)

    @property
    def mark(self) -> str:
        """The namespace that stands in what this run makes there; empty where nobody else makes anything."""
        return self.options.namespace if self.profile.connections != "static" else ""  # a fixed set is everybody's

    def named(self, name: str) -> str:
        """A name as this run gives it to a connection."""
        return marked_name(name, self.mark)

    def outward(self, url: str) -> str:
        """A URL as the forwarder can follow it: at the lab's own address, where the profile's names are direct."""
        ways = self.profile.ways
        return outward(url, self.resolve, tls=ways.tls) if ways.names == "direct" else url

    def environment(self, *, rate: float = 1.0) -> dict[str, str]:
        """The environment of a forwarder under test: the contract's whole content."""
        network_url = self.upstream.network_url.replace(self._bind, self.options.advertise_host)
        found = {
            "UPLAB_NETWORK_URL": network_url,
            "UPLAB_AS_ID": self.options.as_id,
            "UPLAB_AS_KEY": self.as_key,
            "UPLAB_CONNECTIONS": json.dumps(self.way.first),
            "UPLAB_CA": str(self.ca_file.resolve()),
            **told_of_names(self.profile.ways, self.resolve, network_url=network_url, proxy=self._proxy),
            "UPLAB_CLOCK": f"{time.time():.6f},{time.monotonic():.6f},{rate:g}",
            "UPLAB_STATE_DIR": str((self.folder / f"forwarder-{self.worker}").resolve()),
            "UPLAB_LISTEN": "127.0.0.1:0",
        }
        if token := own_token(self.options, self.secrets):
            found["UPLAB_FORWARDER_TOKEN"] = token
        if self.way_in.secret:
            found[INGRESS_SECRET] = self.way_in.secret
        if self.profile.features.pages_login:
            found |= dict(zip((PAGES_USER, PAGES_PASSWORD), self.pages_login, strict=True))
        if self.profile.policy.signature:
            found[SIGNING_SECRET] = self.signing_secret
        if self._public_base:
            found["UPLAB_PUBLIC_BASE"] = self._public_base
        return found

    def told_to_commands(self) -> dict[str, str]:
        """The environment of the user's own commands: the forwarder's, and where it is reached."""
        given = self._process.environment if self._process is not None else self.environment()
        found = {"UPLAB_API": self.endpoints.api, "UPLAB_INGRESS": self.endpoints.ingress}
        return {**given, **{name: value for name, value in found.items() if value}}

    def _start_forwarder(self) -> None:
        self.way = self._chosen_way()
        if self.options.command is None:
            api, ingress = self.options.api or "", self.options.ingress or ""
            self._reach(Endpoints(api, ingress, api.partition("/iot-flow")[0], self.options.pages))
            if self._api is not None:
                self._note_what_is_made(api)
                try:
                    probe(self._api, has_token=bool(self.options.api_token or self.options.oauth_client))
                except TooManyError as error:
                    raise ForwarderStartError(str(error)) from None
            return
        state = self.folder / f"forwarder-{self.worker}"
        log = self.folder / "logs" / f"forwarder-{self.worker}.log"
        keys: tuple[str, ...] = READY_KEYS if self.profile.connections == "api" else ("ingress",)
        if self.options.commands.uplink:
            keys = tuple(key for key in keys if key != "ingress")
        self._process = ForwarderProcess(
            self.options.command, self.environment(), folder=state, log=log, ready_keys=keys
        )
        self._closing.callback(self._stop_forwarder)
        self.heartbeat.kept_waiting_s = self._process.kept_waiting_s
        self._reach(self._process.start(timeout_s=self.deadlines.ready_s))

    def _start_proxy(self) -> None:
        proxy, port = Proxy(self.resolve), self.options.base_port + PROXY_PORT if self.options.base_port else 0
        self._closing.callback(lambda: self.loop.run(proxy.stop()))
        with listening(self._bind, port, name="the proxy", first=self.options.base_port, count=PORTS):
            self._proxy = f"{self.options.advertise_host}:{self.loop.run(proxy.start(self._bind, port))}"

    def _expect_let_in(self, status: int | None) -> None:
        expect_token_taken(status)
        expect_no_limit(status, "the ingress", "uplinks_per_s")

    def _note_what_is_made(self, api: str) -> None:
        """On a forwarder that outlives this run, which may die."""
        journal = Journal(self.options.authority or self.folder, api)
        journal.begin()
        self.belongings.journal = journal
        self._closing.callback(journal.close)

    def _stop_forwarder(self) -> None:
        raise NotImplementedError

    def _chosen_way(self) -> Way:
        """How connections come to be, by the profile."""
        emit, addressed = self.history.emit, self.addressed
        if self.profile.connections == "api":
            return ByApi(lambda: self.api, self.belongings)
        if self.profile.connections == "commands":
            given, told = self.options.commands, self.told_to_commands
            return ByCommands(given, told, addressed=addressed, emit=emit, timeout_s=self.deadlines.answer_s)
        if self.options.command is None:
            return Fixed(
                fixed_set(self.profile, self.resolve, self.options.thingsboard_login), addressed=addressed, emit=emit
            )
        features = self.profile.features
        witness = [witness_for(self.profile, 1)[0]] if features.http or features.thingsboard or features.mqtt else []
        return Static(witness, self._start_with, self._put_aside, addressed=addressed, emit=emit)

    def _reach(self, endpoints: Endpoints) -> None:
        """Points both sides at the forwarder, also after it came back at another address."""
        self.endpoints = endpoints
        given = self._process.environment if self._process is not None else {}
        token = log_in(self.options, endpoints, given=given, own=own_token(self.options, self.secrets))
        register(self.as_key, "the tunnel key")
        if self._public_base and endpoints.downlink_base.startswith(self._public_base):
            self.resolve[f"{PUBLIC_HOST}:80"] = endpoints.netloc
        elsewhere = self.options.command is None
        if self.profile.connections == "api":
            self._api = ForwarderApi(
                endpoints.api,
                emit=self.history.tell,
                token=token,
                timeout_s=self.deadlines.answer_s,
                belongings=self.belongings,
                addressed=self.addressed,
                transport=self.options.access.transport(self.pace) if elsewhere else None,
                limits=self.profile.limits,
                shared=elsewhere,
                mark=self.mark,
            )
            self._closing.callback(self._api.close)
        uplink, answer_s = self.options.commands.uplink, self.deadlines.answer_s
        carry = carried_by(uplink, self.told_to_commands, timeout_s=answer_s) if uplink else None
        self.upstream.reach(endpoints.ingress, carry=carry, access=self.options.access)

    def start_anew(self) -> None:
        """The same forwarder without any of its state; nothing where it runs elsewhere."""
        if self._process is not None:
            self._start_anew(self._process)

    def stand_up(self) -> None:
        """Starts it anew where a start was broken off, as by the end of a scenario's time: it is not down by itself.

        With static connections it is started at the first thing that is sent.
        """
        if self._process is not None and self._process.down and self.profile.connections != "static":
            self._start_anew(self._process)

    def _start_anew(self, process: ForwarderProcess) -> None:
        """The same forwarder at the same address, without any of its state."""
        process.stop()
        self.history.emit(*hops.forwarder_ended(how="stopped"))
        shutil.rmtree(process.folder, ignore_errors=True)
        process.environment["UPLAB_LISTEN"] = self.endpoints.netloc or process.environment["UPLAB_LISTEN"]
        self._reach(process.start(timeout_s=self.deadlines.ready_s))

    def _start_with(self, connections: list[Resource]) -> None:
        """Has it start with these connections; that it does not come up with them is its failure, and told as such."""
        assert self._process is not None
        self._process.environment["UPLAB_CONNECTIONS"] = json.dumps(connections)
        try:
            self._start_anew(self._process)
        except ForwarderStartError as error:
            promised = "it starts with the connections of UPLAB_CONNECTIONS"
            verdict = Verdict("connections", "failed", len(connections), promised, str(error), "forwarder")
            failed = CheckFailed(verdict.text())
            failed.verdict = verdict
            raise failed from None

    def _put_aside(self) -> bool:
        """Stops it where something of the scenario may still be under way; whether it did."""
        planned = any(event.hop == "fault.planned" for event in self.history.events)
        if not planned and self.verdicts and all(verdict.outcome == "passed" for verdict in self.verdicts):
            return False
        assert self._process is not None
        self._process.stop()
        self.history.emit(*hops.forwarder_ended(how="stopped"))
        return True
