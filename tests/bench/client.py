"""The sender's side in a process of its own: makes uplinks, and posts them to a forwarder's ingress."""

import asyncio
import gc
from collections.abc import Iterator
from time import monotonic_ns

import aiohttp
from yarl import URL

from tests.bench.counting import Posted
from tests.bench.uplinks import Signed, Uplinks

__all__ = ["IngressClient"]

IN_FLIGHT = 64
_HEADERS = {"Content-Type": "application/json"}


class IngressClient:
    """Posts over kept connections, 64 at a time, or so many a second."""

    def __init__(self) -> None:
        self._uplinks: Uplinks | None = None
        self._ready: list[tuple[Signed, URL]] = []
        self._session: aiohttp.ClientSession | None = None

    async def make_devices(self, count: int) -> list[str]:
        """Make so many devices; their DevEUIs in the order in which they will send."""
        self._uplinks = Uplinks(count)
        return self._uplinks.dev_euis

    async def prepare(self, ingress: str, count: int) -> None:
        """Make and sign the uplinks of the next run; nothing of that is left to do while it is measured."""
        assert self._uplinks is not None, "make_devices comes first"
        # Encoded already, and exactly what the token is about.
        self._ready = [(one, URL(f"{ingress}?{one.query}", encoded=True)) for one in self._uplinks.signed(count)]
        gc.collect()
        gc.freeze()

    async def post(self, per_s: float | None, limit_s: float) -> list[Posted]:
        """Post what is prepared, as fast as 64 at a time go, or at a rate; what `limit_s` cuts off was not posted."""
        session = self._open()
        outcomes: list[Posted] = []
        waiting = iter(self._ready)
        try:
            async with asyncio.timeout(limit_s):
                if per_s is None:
                    await asyncio.gather(*(self._lane(session, waiting, outcomes) for _ in range(IN_FLIGHT)))
                else:
                    await self._paced(session, waiting, outcomes, per_s)
        except TimeoutError:
            pass  # the rest shows in the count of what was posted
        self._ready = []
        return outcomes

    async def stop(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=4.0)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        return self._session

    async def _lane(
        self, session: aiohttp.ClientSession, waiting: Iterator[tuple[Signed, URL]], outcomes: list[Posted]
    ) -> None:
        for signed, url in waiting:
            await self._one(session, signed, url, outcomes)

    async def _paced(
        self,
        session: aiohttp.ClientSession,
        waiting: Iterator[tuple[Signed, URL]],
        outcomes: list[Posted],
        per_s: float,
    ) -> None:
        start_s = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for number, (signed, url) in enumerate(waiting):
                await _until(start_s + number / per_s)
                group.create_task(self._one(session, signed, url, outcomes))

    async def _one(self, session: aiohttp.ClientSession, signed: Signed, url: URL, outcomes: list[Posted]) -> None:
        sent_ns = monotonic_ns()
        try:
            async with session.post(url, data=signed.body, headers=_HEADERS, allow_redirects=False) as response:
                await response.read()
                accepted = 200 <= response.status < 300
        except (aiohttp.ClientError, OSError):
            accepted = False
        outcomes.append(Posted(signed.identity, sent_ns, monotonic_ns(), accepted))


async def _until(at_s: float) -> None:
    """Wait for an instant of the loop's clock."""
    try:
        async with asyncio.timeout_at(at_s):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        return
