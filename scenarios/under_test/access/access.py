"""How requests get to a forwarder that runs elsewhere: a company's authority, a client certificate, headers, proxy."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from uplab.scenarios.history.credentials import passwords_in
from uplab.scenarios.under_test.access.pace import Pace

__all__ = ["Access", "AccessTransport"]


@dataclass(frozen=True, slots=True)
class Access:
    """What the user gave for it. Headers and certificate are shown to `hosts` alone: whom he named, and nobody else.

    `authority` is trusted beside the system's own. What is None or empty is not there.
    """

    hosts: frozenset[str] = frozenset()
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def headers_for(self, host: str | None) -> dict[str, str]:
        """What is sent beside everything else with a request to this host."""
        return dict(self.headers) if host in self.hosts else {}

    def tls(self, *, known: bool = True) -> ssl.SSLContext | None:
        """Whom we trust, and for a host that is `known` who we are; None where the usual is meant.

        ssl.SSLError or OSError for files that are none.
        """
        shown = self.certificate if known else None
        if self.authority is None and shown is None:
            return None
        context = ssl.create_default_context()
        if self.authority is not None:
            context.load_verify_locations(self.authority)
            # A company's authority need not have every extension that Python 3.13 asks for (RFC 5280).
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if shown is not None:
            context.load_cert_chain(shown, self.key, lambda: self.key_password or "")
        return context

    def transport(self, pace: Pace | None = None) -> AccessTransport:
        """For a client of one's own."""
        return AccessTransport(self, pace)

    def named_secrets(self) -> list[tuple[str, str]]:
        """What of it nothing may show, by its name for people."""
        found = [(f"the header {name} of UPLAB_FORWARDER_HEADERS", value) for name, value in self.headers.items()]
        found += [("the password in --forwarder-proxy", one) for one in passwords_in(self.proxy or "")]
        return [*found, ("the password of the certificate's key", self.key_password or "")]


class AccessTransport(httpx.BaseTransport):
    """Sends each request as its host wants it, and no faster than `pace` allows."""

    def __init__(self, access: Access, pace: Pace | None = None) -> None:
        self._access, self._pace = access, pace
        self._made: dict[bool, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; the usual errors of httpx."""
        known = request.url.host in self._access.hosts
        for name, value in self._access.headers_for(request.url.host).items():
            if name not in request.headers:
                request.headers[name] = value
        inner = self._inner(known)
        return (
            self._pace.paced(request, inner.handle_request) if self._pace is not None else inner.handle_request(request)
        )

    def _inner(self, known: bool) -> httpx.HTTPTransport:
        if known not in self._made:
            tls, proxy = self._access.tls(known=known), self._access.proxy
            self._made[known] = httpx.HTTPTransport(
                verify=True if tls is None else tls, proxy=httpx.Proxy(proxy) if proxy else None, trust_env=False
            )
        return self._made[known]

    def close(self) -> None:
        """Closes the connections."""
        for inner in self._made.values():
            inner.close()
