"""A staging cloud in small: TLS by a company's authority, client certificates, a header, and a limit on requests.

It stands before a forwarder that runs at another address, and hands on what it lets in. `outgoing_proxy` is that of
the company, which opens tunnels and does nothing else.
"""

from __future__ import annotations

import http.client
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

__all__ = ["HEADER", "TENANT", "Papers", "Site", "cloud", "outgoing_proxy", "papers"]

HEADER, TENANT = "X-Tenant-Key", "the tenant's own key 7f21"


class Papers:
    """The files of a company: its authority, a certificate for its clients, and the authority of somebody else."""

    def __init__(self, folder: Path) -> None:
        self.company, self._stranger = trustme.CA(organization_name="company"), trustme.CA()
        self.authority, self.strange_authority = folder / "company.pem", folder / "stranger.pem"
        self.certificate, self.key = folder / "client.pem", folder / "client-key.pem"
        self.company.cert_pem.write_to_path(str(self.authority))
        self._stranger.cert_pem.write_to_path(str(self.strange_authority))
        client = self.company.issue_cert("tester@company.example")
        client.cert_chain_pems[0].write_to_path(str(self.certificate))
        client.private_key_pem.write_to_path(str(self.key))


def papers(folder: Path) -> Papers:
    """New ones."""
    return Papers(folder)


@dataclass
class Site:
    """Where it is, what is `behind` it (host:port), and what it was asked: method, path and status.

    One of `every` so many requests to the API gets a 429.
    """

    base: str = ""
    behind: str = "127.0.0.1:9"
    every: int = 0
    seen: list[tuple[str, str, int]] = field(default_factory=list)


class _Gate(http.server.BaseHTTPRequestHandler):
    """Lets in who has the header, says 429 to each so many requests, and hands on the others."""

    protocol_version = "HTTP/1.1"
    site: Site

    def handle_one(self) -> None:
        """One request of any method."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        place = self.path.partition("?")[0]
        if self.headers.get(HEADER) != TENANT:
            return self.tell(place, 403, [], b'{"code": "gate", "message": "who are you?"}')
        asked, every = len(self.site.seen), self.site.every
        if every and "/iot-flow/v1" in place and asked % every == every - 1:
            return self.tell(place, 429, [("Retry-After", "0")], b"")
        client = http.client.HTTPConnection(self.site.behind)
        kept = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", HEADER.lower())}
        client.request(self.command, self.path, body, {**kept, "Host": self.site.behind})
        answer = client.getresponse()
        told, headers = answer.read(), [(k, v) for k, v in answer.getheaders() if k.lower() in ("content-type", "link")]
        client.close()
        return self.tell(place, answer.status, headers, told)

    do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 - the base class calls them so

    def tell(self, place: str, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """One answer."""
        self.site.seen.append((self.command, place, status))
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Says nothing."""


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake that fails is what is tested."""


@contextmanager
def _served(server: _Quiet) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def cloud(papers: Papers, *, every: int = 0) -> Iterator[Site]:
    """One that is up; its forwarder may come later."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    papers.company.issue_cert("127.0.0.1").configure_cert(context)
    context.verify_mode = ssl.CERT_REQUIRED
    papers.company.configure_trust(context)
    site = Site(every=every)
    server = _Quiet(("127.0.0.1", 0), type("Gate", (_Gate,), {"site": site}))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with _served(server) as port:
        site.base = f"https://127.0.0.1:{port}"
        yield site


class _Tunnels(http.server.BaseHTTPRequestHandler):
    """CONNECT, by which everything goes through that is meant for the cloud."""

    opened: list[str]

    def do_CONNECT(self) -> None:
        """Joins both ends until one has nothing more to say."""
        self.opened.append(self.path)
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            back = threading.Thread(target=_pump, args=(there.recv, self.connection), daemon=True)
            back.start()
            _pump(self.connection.recv, there)
            back.join()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Says nothing."""


def _pump(receive: Callable[[int], bytes], to: socket.socket) -> None:
    try:
        while data := receive(65_536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def outgoing_proxy() -> Iterator[tuple[str, list[str]]]:
    """Its address, and to where tunnels were opened."""
    opened: list[str] = []
    with _served(_Quiet(("127.0.0.1", 0), type("Tunnels", (_Tunnels,), {"opened": opened}))) as port:
        yield f"http://127.0.0.1:{port}", opened
