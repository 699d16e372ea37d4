from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import trustme

from uplab.scenarios.lab.browser import browser

HOST = "posthere.io"


class Site:
    """A small site that remembers what its clients asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None]] = []  # method, path, Host header
        self.names: list[str | None] = []  # server names of the TLS handshakes
        self.address = ""


@contextmanager
def serving(certificate: trustme.LeafCert | None = None) -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            site.asked.append((self.command, self.path, self.headers["Host"]))
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that refuses the certificate is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        context.sni_callback = lambda _socket, name, _context: site.names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.address = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_host_header_and_path_stay_as_typed(trust: ssl.SSLContext) -> None:
    with serving() as site, browser({f"{HOST}:80": site.address}, trust) as client:
        assert client.get(f"http://{HOST}/4b19-48f6-94cc?raw=1").text == "ok"

    assert site.asked == [("GET", "/4b19-48f6-94cc?raw=1", HOST)]


def test_port_that_was_typed_stays_in_the_host_header(trust: ssl.SSLContext) -> None:
    with serving() as site, browser({f"{HOST}:8080": site.address}, trust) as client:
        client.post(f"http://{HOST}:8080/", content=b"body")

    assert site.asked == [("POST", "/", f"{HOST}:8080")]


def test_name_and_certificate_are_those_of_the_typed_host(authority: trustme.CA, trust: ssl.SSLContext) -> None:
    certificate = authority.issue_cert(HOST)
    with serving(certificate) as site, browser({f"{HOST}:443": site.address}, trust) as client:
        assert client.get(f"https://{HOST}/").text == "ok"

    assert site.names == [HOST]
    assert site.asked == [("GET", "/", HOST)]


def test_certificate_of_another_host_is_refused(authority: trustme.CA, trust: ssl.SSLContext) -> None:
    # The address itself stands in the certificate: only a check of the typed name can refuse it.
    certificate = authority.issue_cert("app.widgelix.com", "127.0.0.1")
    with (
        serving(certificate) as site,
        browser({f"{HOST}:443": site.address}, trust) as client,
        pytest.raises(httpx.ConnectError, match=r"not valid for 'posthere\.io'"),
    ):
        client.get(f"https://{HOST}/")

    assert site.asked == []


def test_certificate_of_another_authority_is_refused(trust: ssl.SSLContext) -> None:
    with (
        serving(trustme.CA().issue_cert(HOST)) as site,
        browser({f"{HOST}:443": site.address}, trust) as client,
        pytest.raises(httpx.ConnectError, match=r"CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get(f"https://{HOST}/")

    assert site.asked == []


def test_redirect_is_shown_and_not_followed(trust: ssl.SSLContext) -> None:
    with serving() as site, browser({f"{HOST}:80": site.address}, trust) as client:
        assert client.get(f"http://{HOST}/moved").status_code == 302

    assert len(site.asked) == 1


def test_name_added_later_is_known_too(trust: ssl.SSLContext) -> None:
    resolve: dict[str, str] = {}
    with serving() as site, browser(resolve, trust) as client:
        resolve[f"{HOST}:80"] = site.address
        assert client.get(f"http://{HOST}/").status_code == 200


def test_address_outside_of_the_table_is_taken_as_it_is(trust: ssl.SSLContext) -> None:
    with serving() as site, browser({}, trust) as client:
        assert client.get(f"http://{site.address}/").status_code == 200

    assert site.asked == [("GET", "/", site.address)]


def test_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch, trust: ssl.SSLContext) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving() as site, browser({f"{HOST}:80": site.address}, trust) as client:
        assert client.get(f"http://{HOST}/").status_code == 200
