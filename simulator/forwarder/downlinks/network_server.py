"""The network server's downlink interface: one signed POST without a body, answered 200, or 350 with a cause."""

import contextlib
import html
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uplab.simulator.forwarder.documents.token import encode_query
from uplab.simulator.forwarder.resolve import Endpoint

if TYPE_CHECKING:
    import aiohttp

__all__ = ["DOWNLINK_PATH", "NetworkServer", "Reply", "beginning"]

DOWNLINK_PATH = "/thingpark/lrc/rest/downlink"
ANSWER_MAX_BYTES = 8192
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the network server said: queued, rejected with a cause, or nothing (status None)."""

    status: int | None
    cause: str = ""

    @property
    def queued(self) -> bool:
        """Whether the downlink waits for its device."""
        return self.status == 200


class NetworkServer:
    """Sends downlinks to one network server."""

    def __init__(
        self, url: str | None, resolve: Mapping[Endpoint, Endpoint], ca_file: Path | None, timeout_s: float
    ) -> None:
        """Send to this base URL; without one, every downlink ends in a reply without status."""
        self._url, self._resolve, self._ca_file, self._timeout_s = url, resolve, ca_file, timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def send(self, query: Sequence[tuple[str, str]]) -> Reply:
        """Send one downlink; it is never sent twice, since an answer that is lost may have been a yes."""
        if self._url is None:
            return Reply(None, "no network server is configured (--network-url)")
        import aiohttp  # noqa: PLC0415 - large, and for downlinks only
        from yarl import URL  # noqa: PLC0415

        if self._session is None:
            self._session = self._opened()
        url = URL(f"{self._url}{DOWNLINK_PATH}?{encode_query(query)}", encoded=True)
        try:
            async with self._session.post(url, allow_redirects=False) as response:
                status = response.status
                text = await beginning(response.content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Reply(None, f"the network server does not answer ({type(error).__name__})")
        if status == 200 or 300 <= status < 500:
            return Reply(status, _plain(text.decode(errors="replace")))
        return Reply(None, f"the network server answers HTTP {status}")

    def _opened(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415

        from uplab.simulator.forwarder.destinations.pool import Pool  # noqa: PLC0415
        from uplab.simulator.forwarder.destinations.resolver import Resolver  # noqa: PLC0415

        context = ssl.create_default_context(cafile=self._ca_file)
        return aiohttp.ClientSession(
            connector=Pool(limit=100, resolver=Resolver(self._resolve), ssl=context),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
        )

    async def close(self) -> None:
        """Close every socket."""
        if self._session is not None:
            await self._session.close()


async def beginning(content: "aiohttp.StreamReader") -> bytes:
    """The beginning of an answer's body, in however many segments it comes, or what came of it before it broke off.

    Whether the downlink was taken is known by then: the status says it.
    """
    import aiohttp  # noqa: PLC0415

    text = b""
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
        while len(text) < ANSWER_MAX_BYTES and (chunk := await content.read(ANSWER_MAX_BYTES - len(text))):
            text += chunk
    return text


def _plain(text: str) -> str:
    """Take the text out of the page in which the network server puts it."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())[:500]
