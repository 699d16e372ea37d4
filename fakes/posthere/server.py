"""The sockets of posthere.io: the shared rim in front of the protocol, and the live views."""

import asyncio
import contextlib
import ssl
import uuid
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from time import time
from typing import Final

import orjson

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.hosts import Hosts
from uplab.fakes.journal import Emit, ignore
from uplab.fakes.messages import Answer, Request, Stream
from uplab.fakes.posthere.protocol import CAPTURED, LiveView, Posthere, bin_of
from uplab.fakes.posthere.state import BODY_LIMIT, BinStore
from uplab.fakes.web import WebRim

__all__ = ["PosthereServer"]

_HEARTBEAT_S: Final = 15.0
_PAUSE_S: Final = 0.1


@dataclass(eq=False, slots=True)
class _Watcher:
    """One open live view."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    emptied: bool = False


class PosthereServer:
    """posthere.io on sockets of its own; POST, PUT and PATCH are its deliveries, and only they meet faults."""

    def __init__(
        self,
        *,
        emit: Emit = ignore,
        behaviour: Behaviour | None = None,
        name: str = "posthere",
        now_s: Callable[[], float] = time,
        named: Callable[[str], str | None] = str,
    ) -> None:
        """`named` is that of the rim: how the path of a bin is called here, None where it is somebody else's."""
        self.name = name
        self._protocol = Posthere(BinStore(), now_s=now_s, propose=_middle_of_a_uuid)
        self._watchers: dict[str, set[_Watcher]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rim = WebRim(
            self._answer,
            name=name,
            emit=emit,
            behaviour=behaviour,
            body_cap=BODY_LIMIT,
            delivers=lambda method, _: method in CAPTURED,
            names=("posthere.io",),
            missed=self._missed,
            named=named,
        )

    @property
    def behaviour(self) -> Behaviour:
        """The faults in force; may be replaced between scenarios."""
        return self._rim.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._rim.behaviour = behaviour

    @property
    def hosts(self) -> Hosts:
        """The names that it answers to."""
        return self._rim.hosts

    @property
    def opened(self) -> int:
        """How many connections have come so far."""
        return self._rim.opened

    async def listen(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open a site, plain or over TLS, and return its port; raises OSError when the address cannot be had."""
        self._loop = asyncio.get_running_loop()
        return await self._rim.listen(host, port, tls)

    async def stop(self) -> None:
        """Close all sites and connections at once."""
        await self._rim.stop()

    def clear(self) -> None:
        """Forget all bins; may be called from another thread than the server's."""
        # A new store in one assignment: a capture under way ends in the old one and is forgotten with it.
        self._protocol.store = BinStore(first_number=self._protocol.store.last_number + 1)
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._wake_all)

    def _answer(self, request: Request) -> Answer | Stream:
        answer = self._protocol.answer(request)
        if isinstance(answer, LiveView):
            content = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))
            return Stream(self._live(answer.name, answer.after), 200, (*content, *answer.headers))
        if self._watchers and (request.method in CAPTURED or request.method == "DELETE"):
            self._wake(bin_of(request), emptied=request.method == "DELETE")
        return answer

    def _missed(self, request: Request, why: str, status: int) -> None:
        self._protocol.miss(request, why, status)
        self._wake(bin_of(request), emptied=False)

    async def _live(self, name: str, after: int) -> AsyncGenerator[bytes, None]:
        # A page that has seen more than there is was made by an earlier server, or before everything was cleared.
        watcher = _Watcher(emptied=after > self._protocol.store.last_number)
        self._watchers.setdefault(name, set()).add(watcher)
        try:
            yield b"retry: 1000\n\n"
            while True:
                watcher.changed.clear()
                if watcher.emptied:
                    watcher.emptied = False
                    after = min(after, self._protocol.store.last_number)
                    yield b"event: emptied\ndata: {}\n\n"
                news = self._protocol.news(name, after)
                if news:
                    after = news[-1][0]
                    yield b"".join(b"id: %d\ndata: %b\n\n" % (number, orjson.dumps(event)) for number, event in news)
                    # Under load one page must not cost more than the load itself.
                    await asyncio.sleep(_PAUSE_S)
                yield await self._heartbeat_or_change(watcher)
        finally:
            self._watchers[name].discard(watcher)
            if not self._watchers[name]:
                del self._watchers[name]

    async def _heartbeat_or_change(self, watcher: _Watcher) -> bytes:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEARTBEAT_S):
                await watcher.changed.wait()
                return b""
        return b": still here\n\n"

    def _wake(self, name: str, *, emptied: bool) -> None:
        for watcher in self._watchers.get(name, ()):
            watcher.emptied = watcher.emptied or emptied
            watcher.changed.set()

    def _wake_all(self) -> None:
        for name in self._watchers:
            self._wake(name, emptied=True)


def _middle_of_a_uuid() -> str:
    """A bin name as the service proposes it, such as f6f7-499f-b805."""
    return "-".join(str(uuid.uuid4()).split("-")[1:4])
