"""The fake ThingsBoard as a whole: MQTT and HTTP sites over one state."""

import re
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.hosts import Hosts
from uplab.fakes.journal import Emit, ignore
from uplab.fakes.messages import Request
from uplab.fakes.thingsboard import site
from uplab.fakes.thingsboard.mqtt.protocol import Protocol
from uplab.fakes.thingsboard.mqtt.rim import MqttRim
from uplab.fakes.thingsboard.rest.protocol import Rest
from uplab.fakes.thingsboard.rest.routing import Board
from uplab.fakes.thingsboard.rest.tokens import Tokens
from uplab.fakes.thingsboard.state.limits import RateLimits
from uplab.fakes.thingsboard.state.series import Budget
from uplab.fakes.thingsboard.state.tenant import State
from uplab.fakes.thingsboard.ws.rim import WsRim
from uplab.fakes.web import Handled, WebRim

__all__ = ["ThingsBoardServer", "delivers"]

_UPLOADS = re.compile(r"/api/(?:plugins/telemetry/.+|v1/[^/]+/(?:telemetry|attributes))")


def delivers(method: str, url: str) -> bool:
    """Whether a request brings telemetry or attributes, as a connector's do."""
    return method == "POST" and _UPLOADS.fullmatch(url.partition("?")[0]) is not None


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


class ThingsBoardServer:
    """A ThingsBoard that answers devices over MQTT and HTTP, and people over its REST API and pages.

    All requests to `/api/` meet faults (`Fault.only` narrows them); `destination.arrived` calls only those a delivery
    that bring telemetry or attributes. `now` gives the epoch in ms, `idle_s` is after how long a silent MQTT
    connection is closed, `token_s` and `refresh_s` are the lifetimes of REST tokens, `rpc_min_timeout_ms` is the
    shortest time that a command waits for its device; `budget`, `limits`, `max_packet_bytes` and `max_failed_logins`
    (0: nobody is locked out) are what ThingsBoard has in its settings. All methods belong to the thread of the event
    loop.
    """

    def __init__(
        self,
        *,
        emit: Emit = ignore,
        behaviour: Behaviour | None = None,
        name: str = "thingsboard",
        now: Callable[[], int] = _epoch_ms,
        budget: Budget | None = None,
        idle_s: float = 600.0,
        token_s: int = 9_000,
        refresh_s: int = 604_800,
        rpc_min_timeout_ms: int = 5_000,
        limits: RateLimits | None = None,
        max_packet_bytes: int = 65_536,
        max_failed_logins: int = 0,
    ) -> None:
        self.name = name
        self.state = State(now=now, budget=budget, limits=limits)
        self.state.max_packet_bytes = max_packet_bytes
        self.state.max_failed_logins = max_failed_logins
        self.protocol = Protocol(self.state)
        self.tokens = Tokens(self.state, access_s=token_s, refresh_s=refresh_s)
        behaviour = behaviour or Behaviour()
        self._mqtt = MqttRim(self.protocol, name=name, emit=emit, behaviour=behaviour, idle_s=idle_s)
        board = Board(self.state, self.protocol.links, self.tokens, self._mqtt.perform, rpc_min_timeout_ms)
        self._rest = Rest(board)
        self._ws = WsRim(self.state, self.tokens)
        self._emit = emit
        self._web = WebRim(
            self._handle,
            name=name,
            emit=self._emit_http,
            behaviour=behaviour,
            delivers=lambda _method, url: url.startswith("/api/"),
            names=("thingsboard.cloud",),
        )

    @property
    def behaviour(self) -> Behaviour:
        """The faults in force; may be replaced at any time."""
        return self._mqtt.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._mqtt.behaviour = self._web.behaviour = behaviour

    def set_account(self, email: str, *, enabled: bool | None = None, locked: bool | None = None) -> None:
        """Disable, lock or open an account, and end what its gateways have open; raises KeyError for nobody's."""
        user = self.state.users[email.lower()]
        user.enabled = user.enabled if enabled is None else enabled
        user.locked = user.locked if locked is None else locked
        if not user.open:
            for device in self.state.gateways_of(user):
                self._mqtt.perform(self.protocol.links.dismiss(device, "the account was disabled"))

    @property
    def hosts(self) -> Hosts:
        """The names that its pages and REST API answer to."""
        return self._web.hosts

    @property
    def opened(self) -> int:
        """How many connections have come so far, of MQTT and of HTTP."""
        return self._mqtt.connections + self._web.opened

    async def listen_mqtt(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more MQTT site and return its port; raises OSError when the address cannot be had."""
        return await self._mqtt.listen(host, port, tls)

    async def listen_http(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more HTTP site and return its port; raises OSError when the address cannot be had."""
        return await self._web.listen(host, port, tls)

    listen = listen_http

    async def stop(self) -> None:
        """Close all sites and connections at once."""
        await self._mqtt.stop()
        await self._web.stop()

    def clear(self) -> None:
        """Forget everything but the demo tenant, close all MQTT sessions, and let no REST token be good any more."""
        self._mqtt.close_all("the server was cleared")
        self._ws.close_all()
        self.protocol.links.clear()
        self.state.clear()
        self.tokens.clear()

    def _handle(self, request: Request) -> Handled | Awaitable[Handled]:
        if not request.path.startswith("/api/"):
            return site.answer(request)
        return self._ws.answer(request) or self._rest.handle(request)

    def _emit_http(self, hop: str, facts: dict[str, Any]) -> None:
        if hop == "destination.arrived":
            facts = {**facts, "delivery": delivers(str(facts["method"]), str(facts["url"]))}
        self._emit(hop, facts)
