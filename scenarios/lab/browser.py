"""A user's HTTP client inside the lab: the documents' own addresses stay verbatim and reach the fakes.

The same table as curl's --resolve decides where a name leads; certificates are verified against the lab's authority.
"""

import ssl
from collections.abc import Mapping

import httpx

__all__ = ["LabTransport", "browser"]

DEFAULT_PORTS = {"http": 80, "https": 443}


class LabTransport(httpx.BaseTransport):
    """Sends a request for `host:port` to the address that the table names, with Host and SNI as the user typed them."""

    def __init__(
        self, resolve: Mapping[str, str], tls: ssl.SSLContext, *, beyond: httpx.BaseTransport | None = None
    ) -> None:
        """`beyond` takes what the table does not name, where it is given."""
        self._resolve = resolve  # kept, not copied: the lab adds names as its parts start
        self._real = httpx.HTTPTransport(verify=tls)
        self._beyond = beyond or self._real

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Rewrites the address, not the request."""
        url = request.url
        address = self._resolve.get(f"{url.host}:{url.port or DEFAULT_PORTS.get(url.scheme, 0)}")
        if address is None:
            return self._beyond.handle_request(request)
        host, _, port = address.rpartition(":")
        moved = httpx.Request(
            request.method,
            url.copy_with(host=host, port=int(port)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return self._real.handle_request(moved)

    def close(self) -> None:
        """Closes the connections."""
        self._real.close()
        self._beyond.close()


def browser(
    resolve: Mapping[str, str],
    tls: ssl.SSLContext,
    *,
    timeout_s: float = 10.0,
    beyond: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """A client that follows no redirect by itself, so that a scenario sees each answer."""
    return httpx.Client(transport=LabTransport(resolve, tls, beyond=beyond), timeout=timeout_s, trust_env=False)
