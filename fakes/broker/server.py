"""The broker as a whole: the relay that every client comes to, the broker's process behind it, and a page."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator
from typing import Any, Final

import orjson

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.broker.accounts import Accounts
from uplab.fakes.broker.operator import Operator
from uplab.fakes.broker.process import AMQTT, BrokerProcess
from uplab.fakes.broker.protocol import BrokerPages, LiveView, event_of
from uplab.fakes.broker.state import Board
from uplab.fakes.hosts import Hosts
from uplab.fakes.journal import Emit, ignore
from uplab.fakes.messages import Answer, Request, Stream
from uplab.fakes.relay.rim import Relay
from uplab.fakes.web import WebRim

__all__ = ["BrokerServer"]

_PAUSE_S: Final = 0.1  # under load one page must not cost more than the load itself
_HEARTBEAT_S: Final = 15.0
_MOST_EVENTS: Final = 100  # at a time; of more the page is told the newest


class BrokerServer:
    """A plain MQTT broker on sockets of its own; its messages meet faults, and its page does not.

    The broker itself is a process that is started when the first client comes: amqtt, which speaks MQTT 3.1.1 and to
    which MQTT 5 is translated, or what `command` names, with `{port}` in the place of the port on loopback that it is
    given. `accounts` say who may come in.
    """

    def __init__(
        self,
        *,
        emit: Emit = ignore,
        behaviour: Behaviour | None = None,
        name: str = "broker",
        command: str | None = None,
        accounts: Accounts | None = None,
        max_packet_bytes: int = 1_000_000,
    ) -> None:
        self.name = name
        self.board = Board()
        self.process = BrokerProcess(command or AMQTT)
        self._emit = emit
        self._relay = Relay(
            self.process.reach,
            name=name,
            emit=self._told,
            behaviour=behaviour,
            door=accounts,
            max_packet_bytes=max_packet_bytes,
            older=command is None,
        )
        self._pages = BrokerPages(self.board)
        self._web = WebRim(self._answer, name=name, delivers=lambda _method, _url: False, names=())
        self._watchers: set[asyncio.Event] = set()
        self._operator: Operator | None = None

    def _told(self, hop: str, facts: dict[str, Any]) -> None:
        self.board(hop, facts)
        for watcher in self._watchers:
            watcher.set()
        self._emit(hop, facts)

    @property
    def behaviour(self) -> Behaviour:
        """The faults in force; may be replaced at any time."""
        return self._relay.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._relay.behaviour = behaviour

    @property
    def hosts(self) -> Hosts:
        """The names that its page answers to."""
        return self._web.hosts

    @property
    def opened(self) -> int:
        """How many connections have come so far, of MQTT and of HTTP."""
        return self._relay.opened + self._web.opened

    async def listen_mqtt(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more MQTT site and return its port; raises OSError when the address cannot be had."""
        return await self._relay.listen(host, port, tls)

    async def listen(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more site of the page and return its port; raises OSError when the address cannot be had."""
        return await self._web.listen(host, port, tls)

    async def stop(self) -> None:
        """Close all sites and connections, and end the broker."""
        await self._drop_operator()
        await self._relay.stop()
        await self._web.stop()
        await self.process.stop()

    def clear(self) -> None:
        """Forget what passed, and close all connections; the broker itself stays."""
        self._relay.close_all("the broker was cleared")
        self.board.clear()

    async def ready(self) -> None:
        """Start the broker, unless it runs; OSError where it cannot be had."""
        await self.process.reach()

    async def operator(self) -> Operator:
        """The broker's own client, beside the relay; OSError where the broker cannot be had."""
        if self._operator is None:
            operator = Operator()
            await operator.open(*await self.process.reach())
            self._operator = operator
        return self._operator

    async def kill(self) -> None:
        """End the broker at once, and keep it down until `revive`."""
        await self._drop_operator()
        self.process.kill()

    def revive(self) -> None:
        """Let the broker come back, with nothing of what it knew."""
        self.process.revive()

    async def _drop_operator(self) -> None:
        operator, self._operator = self._operator, None
        if operator is not None:
            await operator.close()

    # --- the page -----------------------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Answer | Stream:
        answer = self._pages.answer(request)
        if isinstance(answer, LiveView):
            content = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))
            return Stream(self._live(answer.after), 200, content)
        return answer

    async def _live(self, after: int) -> AsyncGenerator[bytes, None]:
        # A page that has seen more than there is was made by an earlier server.
        after = after if after <= self.board.last_number else 0
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            yield b"retry: 1000\n\n"
            while True:
                changed.clear()
                news = self.board.news(after)[-_MOST_EVENTS:]
                if news:
                    after = news[-1].number
                yield b"".join(
                    b"id: %d\ndata: %b\n\n" % (one.number, orjson.dumps(event_of(one))) for one in news
                ) + b"event: clients\ndata: %b\n\n" % orjson.dumps(self._pages.clients())
                await asyncio.sleep(_PAUSE_S)
                while not await self._changed(changed):
                    yield b": still here\n\n"
        finally:
            self._watchers.discard(changed)

    async def _changed(self, changed: asyncio.Event) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEARTBEAT_S):
                return await changed.wait()
        return False
