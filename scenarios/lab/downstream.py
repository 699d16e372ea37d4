"""The downstream half of a lab: the fakes behind the documents' names, with certificates of the lab's own authority."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx

from uplab.fakes.broker.accounts import Account, Accounts
from uplab.fakes.broker.server import BrokerServer
from uplab.fakes.doors import Handshakes
from uplab.fakes.posthere.server import PosthereServer
from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.fakes.widgelix.server import WidgelixServer
from uplab.scenarios.lab.addresses import BROKER_ACCOUNTS, SITES
from uplab.scenarios.lab.authority import load_authority, load_certificate
from uplab.scenarios.lab.browser import browser
from uplab.scenarios.lab.false_hosts import PORTS, FalseHosts
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.lab.places.real_thingsboard import RealThingsBoard
from uplab.scenarios.lab.player.player import Player
from uplab.scenarios.lab.ports import listening
from uplab.scenarios.lab.witness import THINGSBOARD_WITNESS
from uplab.scenarios.under_test.target import RunOptions
from uplab.simulator.devices.namespace import own_url
from uplab.simulator.emit import Emit

__all__ = ["Downstream"]

Fake = PosthereServer | WidgelixServer | ThingsBoardServer | BrokerServer


class Downstream:
    """Posthere, a witness, Widgelix, ThingsBoard and a broker on the lab's loop, and hosts that nobody may trust.

    `resolve` says where each documented name and port leads, as UPLAB_RESOLVE does. PortError when a port cannot be
    had. Whatever was begun goes to `closing`, before it is begun. `beyond` leads to what is none of the lab's.
    """

    def __init__(
        self,
        loop: LoopThread,
        options: RunOptions,
        *,
        emit: Emit,
        bind: str,
        ca_file: Path,
        resolve: dict[str, str],
        new_token: Callable[[], str],
        closing: ExitStack,
        beyond: httpx.BaseTransport | None = None,
    ) -> None:
        self._loop = loop
        self.handshakes = Handshakes()
        authority = self.authority = load_authority(options.authority, options.advertise_host)
        ca_file.parent.mkdir(parents=True, exist_ok=True)
        authority.cert_pem.write_to_path(str(ca_file))
        server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.handshakes.watch(server_tls)
        self._asking = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # the broker's, whose clients may show a certificate
        self.handshakes.watch(self._asking)
        self._asking.load_verify_locations(ca_file)
        self._asking.verify_mode = ssl.CERT_OPTIONAL
        trust = ssl.create_default_context(cafile=str(ca_file))
        if options.tls_certificate is not None:
            for context in (server_tls, self._asking):
                load_certificate(context, options.tls_certificate, options.tls_key)
            trust.check_hostname, trust.verify_mode = (
                False,
                ssl.CERT_NONE,
            )  # for whom it was issued is the user's affair
        else:
            issued = authority.issue_cert(*{site.host for site in SITES}, options.advertise_host)
            for context in (server_tls, self._asking):
                issued.configure_cert(context)
        self.resolve = resolve
        self.browser = browser(resolve, trust, beyond=beyond)
        closing.callback(self.browser.close)
        named = partial(own_url, namespace=options.namespace)
        self.posthere = PosthereServer(emit=emit, named=named)
        self.witness = PosthereServer(emit=emit, name="witness", named=named)
        self.widgelix = WidgelixServer(emit=emit, resolve=resolve, new_token=new_token, trust=trust)
        self.thingsboard = ThingsBoardServer(emit=emit)
        if options.thingsboard is not None:  # it says itself of what a fake does at a word that it is not applicable
            self.thingsboard = cast("ThingsBoardServer", RealThingsBoard(options.thingsboard, emit=emit))
        self.thingsboard_witness = ThingsBoardServer(emit=emit, name=THINGSBOARD_WITNESS)
        accounts = Accounts({name: _account(given) for name, given in BROKER_ACCOUNTS.items()})
        self.broker = BrokerServer(emit=emit, command=options.broker_command, accounts=accounts)
        for fake in self._fakes:
            closing.callback(partial(self._stop, fake))
        self.player = Player() if options.player else None
        if self.player is not None:
            closing.callback(self._stop, self.player)
        self._listen(bind, options.advertise_host, options.base_port, server_tls)
        hosts = FalseHosts(authority, emit=emit, advertise=options.advertise_host)
        closing.callback(hosts.stop, loop)
        resolve.update(hosts.start(loop, bind, options.advertise_host, base_port=options.base_port))
        names = {place.rpartition(":")[0] for place in resolve} | {options.advertise_host}
        for fake in self._fakes:
            fake.hosts.allow(*names, *options.allow_host)
        hosts.hosts.allow(*names)

    @property
    def _fakes(self) -> tuple[Fake, ...]:
        services = self.posthere, self.widgelix, self.thingsboard, self.broker
        return *services, self.witness, self.thingsboard_witness

    def _listen(self, bind: str, advertise: str, base_port: int, tls: ssl.SSLContext) -> None:
        for index, site in enumerate(SITES):
            fixed = base_port + index if base_port else 0
            listen = getattr(getattr(self, site.fake), site.listen)
            with listening(bind, fixed, name=f"{site.host}:{site.port}", first=base_port, count=PORTS):
                context = (self._asking if site.fake == "broker" else tls) if site.tls else None
                real = self._loop.run(self._opened(listen, bind, fixed, context, site.fake))
            self.resolve[f"{site.host}:{site.port}"] = f"{advertise}:{real}"

    async def _opened(
        self, listen: Callable[..., Awaitable[int]], bind: str, port: int, tls: ssl.SSLContext | None, fake: str
    ) -> int:
        """The port of a site: the fake's own, or that of the player before it; a witness is never played with.

        Nor is a broker: the player knows ThingsBoard's messages alone, and no client certificate gets past it.
        """
        if self.player is None or "witness" in fake or fake == "broker":
            return await listen(bind, port, tls)
        return await self.player.listen(bind, port, tls, await listen("127.0.0.1", 0, None))

    def _stop(self, fake: Fake | Player) -> None:
        self._loop.run(fake.stop(), timeout_s=10)

    @property
    def opened(self) -> int:
        """How many connections have come to the lab's ports so far."""
        return sum(fake.opened for fake in self._fakes)

    def clear(self) -> None:
        """Lets every fake forget what it has seen."""
        for fake in self._fakes:
            self._loop.call(fake.clear)


def _account(given: dict[str, Any]) -> Account:
    rights = {key: tuple(given[key]) for key in ("publish", "subscribe") if key in given}
    return Account(given["password"], **rights, certificate=bool(given.get("certificate")))
