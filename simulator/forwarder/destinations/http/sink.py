"""Delivery over HTTP: one POST for each message, no redirect followed, the answer limited in size and time."""

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import aiohttp
from yarl import URL

from uplab.simulator.forwarder.agent import AGENT
from uplab.simulator.forwarder.destinations.pool import Pool
from uplab.simulator.forwarder.destinations.resolver import Resolver
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.resolve import Endpoint

__all__ = ["ANSWER_MAX_BYTES", "HttpClient", "HttpSink"]

ANSWER_MAX_BYTES = 16 * 1024 * 1024
"""An answer is read and thrown away, so its size costs time only; beyond this it is cut."""

# As observed in a capture of the product (posthere.io, 2021-05-19), except for the name.
_FIELDS = {
    "Accept": "application/json, application/cbor, application/*+json",
    "Accept-Encoding": "gzip,deflate",
    "Content-Type": "application/json",
    "User-Agent": AGENT,
}


class HttpClient:
    """The sockets of all HTTP connections; they are not limited here, since each connection limits itself."""

    def __init__(self, resolve: Mapping[Endpoint, Endpoint], ca_file: Path | None, timeout_s: float) -> None:
        """Trust the authorities of a PEM file alone, or those of the system; OSError when the file cannot be read."""
        self.timeout_s = timeout_s
        context = ssl.create_default_context(cafile=ca_file)
        connector = Pool(limit=0, resolver=Resolver(resolve), ssl=context, ttl_dns_cache=10)
        self.session = aiohttp.ClientSession(
            connector=connector,
            headers=_FIELDS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # nobody reads the answer, and a small one may unpack to gigabytes
            # To find the host, connect and agree on TLS gets half of the time, so that what ends it tells whether
            # anything can have been sent.
            timeout=aiohttp.ClientTimeout(total=timeout_s, connect=timeout_s / 2),
        )

    async def close(self) -> None:
        """Close every socket."""
        await self.session.close()


class HttpSink:
    """One destination URL."""

    def __init__(self, client: HttpClient, url: str) -> None:
        """Deliver to this URL, character by character as it was configured."""
        self._client = client
        self._url = url
        self._parsed = URL(url, encoded=True)

    async def open(self) -> Answer:
        """HTTP has neither link nor login, so an open connection says nothing about the destination."""
        return Answer("delivered")

    async def close(self) -> None:
        """The sockets belong to all connections and stay."""

    async def deliver(self, outgoing: Outgoing) -> Answer:
        """POST one message."""
        url = self._parsed
        if outgoing.query:
            url = URL(f"{self._url}{'&' if url.raw_query_string else '?'}{outgoing.query}", encoded=True)
        status: int | None = None
        try:
            async with self._client.session.post(
                url, data=outgoing.body, headers=_headers(outgoing), allow_redirects=False
            ) as response:
                status = response.status
                await _drain(response)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if status is None:
                return self._failure(error)
        # Only the status matters (no page gives a meaning to the body), so however the rest ends, it has decided.
        return Answer("delivered" if 200 <= status < 300 else "refused", status, _phrase(status))

    def _failure(self, error: Exception) -> Answer:
        """Say what an exception means; its text is not used where it could hold the URL and so a secret."""
        match error:
            case aiohttp.ClientConnectorCertificateError():
                verify = getattr(error.certificate_error, "verify_message", "") or "it cannot be verified"
                return Answer("unreachable", None, f"the destination's certificate is refused: {verify}")
            case aiohttp.ClientConnectorDNSError():
                return Answer("unreachable", None, f"the host {error.host} cannot be resolved")
            case aiohttp.ClientConnectorSSLError():
                return Answer("unreachable", None, "TLS fails")
            case aiohttp.ClientConnectorError():
                return Answer("unreachable", None, f"no connection to {error.host}: {error.os_error.strerror}")
            case aiohttp.ConnectionTimeoutError():
                return Answer("unreachable", None, "no connection in time")
            case TimeoutError():
                return Answer("unclear", None, f"no answer within {self._client.timeout_s:g} s")
            case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
                return Answer("unclear", None, "the destination closed the connection before it had answered")
            case _:
                return Answer("unclear", None, f"no valid answer ({type(error).__name__})")


def _headers(outgoing: Outgoing) -> Mapping[str, str]:
    """The configured headers, and the trace that the document belongs to, unless one of them has that name."""
    if not outgoing.traceparent or any(name.lower() == "traceparent" for name in outgoing.headers):
        return outgoing.headers
    return {**outgoing.headers, "traceparent": outgoing.traceparent}


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read the body and throw it away, so that the connection can be used again; a body that is too large is cut."""
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > ANSWER_MAX_BYTES:
            response.close()
            return


def _phrase(status: int) -> str:
    if 300 <= status < 400:
        return f"HTTP {status}; redirects are not followed"
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"
