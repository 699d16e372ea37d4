"""The fake Widgelix on sockets: serves its protocol, posts downlinks, has reports written."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.hosts import Hosts
from uplab.fakes.journal import Emit, ignore
from uplab.fakes.messages import Answer, Request, json_answer
from uplab.fakes.web import WebRim
from uplab.fakes.widgelix.actions import MakeReport, PostDownlink
from uplab.fakes.widgelix.protocol import UPLINK_URL, Protocol, delivers
from uplab.fakes.widgelix.report_job import CONTENT_TYPE, ReportError, ReportWriter
from uplab.fakes.widgelix.routing import Posting
from uplab.fakes.widgelix.state import TokenScope, WidgelixState, new_uuid

__all__ = ["WidgelixServer"]

_BODY_CAP: Final = 1_000_000
_DOWNLINK_TIMEOUT_S: Final = 10.0
_DETAIL_CHARS_MAX: Final = 500
_REPORTS_AT_ONCE: Final = 2
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class WidgelixServer:
    """A Widgelix that listens; all methods belong to the event loop in which it listens.

    `resolve` maps "host:port" to "address:port" for the downlinks that it posts, as curl's --resolve does; it is read
    anew for each post, and other hosts are looked up. `trust` is the TLS context of those posts (default: the system's
    authorities). See `WidgelixState` for `clock`, `new_token`, `token_scope` and `history_limit`.
    """

    def __init__(
        self,
        *,
        emit: Emit = ignore,
        behaviour: Behaviour | None = None,
        name: str = "widgelix",
        resolve: Mapping[str, str] = _NOTHING,
        trust: ssl.SSLContext | None = None,
        token_scope: TokenScope = "device",  # noqa: S107 - no secret
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], str] = new_uuid,
        history_limit: int = 100_000,
        uplink_url: str = UPLINK_URL,
    ) -> None:
        self.name = name
        self.state = WidgelixState(
            clock=clock, new_token=new_token, token_scope=token_scope, history_limit=history_limit
        )
        self._protocol = Protocol(self.state, uplink_url=uplink_url)
        self._rim = WebRim(
            self._handle,
            name=name,
            emit=emit,
            behaviour=behaviour,
            body_cap=_BODY_CAP,
            delivers=delivers,
            names=("app.widgelix.com",),
        )
        self._resolve = resolve
        self._trust = trust
        self._client: aiohttp.ClientSession | None = None
        self._posts: set[asyncio.Task[None]] = set()
        self._writer = ReportWriter()
        self._writers = asyncio.Semaphore(_REPORTS_AT_ONCE)

    @property
    def behaviour(self) -> Behaviour:
        """The faults that deliveries meet; may be replaced between scenarios."""
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
        """Open one more site and return its port; raises OSError when the address cannot be had."""
        return await self._rim.listen(host, port, tls)

    async def stop(self) -> None:
        """Close everything at once; downlinks and reports under way are given up."""
        await self._rim.stop()
        self._writer.stop()
        posts = list(self._posts)
        for post in posts:
            post.cancel()
        await asyncio.gather(*posts, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def clear(self) -> None:
        """Forget everything but the demo account; downlinks under way are given up."""
        for post in self._posts:
            post.cancel()
        self.state.clear()

    async def _handle(self, request: Request) -> Answer:
        reply = self._protocol.handle(request)
        match reply:
            case Answer():
                return reply
            case Posting(answer, post):
                task = asyncio.get_running_loop().create_task(self._post(post), name=f"{self.name}.downlink")
                self._posts.add(task)
                task.add_done_callback(self._posts.discard)
                return answer
            case MakeReport():
                return await self._report(reply)

    async def _report(self, job: MakeReport) -> Answer:
        async with self._writers:
            try:
                book = await asyncio.to_thread(self._writer.write, job)
            except ReportError as error:
                return json_answer(500, {"error": f"the report could not be written: {error}"})
        disposition = f'attachment; filename="{job.file_name}"'
        return Answer(200, book, (("Content-Type", CONTENT_TYPE), ("Content-Disposition", disposition)))

    async def _post(self, post: PostDownlink) -> None:
        device, downlink = post.device, post.downlink
        try:
            status, text = await self._exchange(post)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            words = str(error) or type(error).__name__
            device.end_downlink(downlink.id, "failed", None, words[:_DETAIL_CHARS_MAX])
            return
        outcome = "sent" if 200 <= status < 300 else "refused"
        device.end_downlink(downlink.id, outcome, status, text[:_DETAIL_CHARS_MAX] or None)

    async def _exchange(self, post: PostDownlink) -> tuple[int, str]:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                # One connection for each post: what the table says now decides where it goes.
                connector=aiohttp.TCPConnector(
                    resolver=_Table(self._resolve),
                    use_dns_cache=False,
                    force_close=True,
                    ssl=self._trust or ssl.create_default_context(),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=_DOWNLINK_TIMEOUT_S),
            )
        headers = {"Content-Type": "application/json"}
        # A redirect is shown as what it is: the URL in the connectivity is wrong then.
        async with self._client.post(post.url, data=post.body, headers=headers, allow_redirects=False) as answer:
            start = await answer.content.read(_DETAIL_CHARS_MAX)
            return answer.status, start.decode(errors="replace")


class _Table(AbstractResolver):
    """Looks a host and port up in a table first, then in the system."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self._table = table
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self._table.get(f"{host}:{port}")
        if found is not None:
            host, _, port_text = found.rpartition(":")
            host, port = host.strip("[]"), int(port_text)
        return await self._system.resolve(host, port, family)

    async def close(self) -> None:
        await self._system.close()
