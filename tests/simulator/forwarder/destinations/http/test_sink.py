import asyncio
import gzip
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from tests.simulator.forwarder.destination import HANG, RESET, Destination, Drip, Endless, answer
from tests.simulator.forwarder.making import DEV_EUI, TIME
from uplab.simulator.forwarder.destinations.http.sink import ANSWER_MAX_BYTES, HttpClient, HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.resolve import Endpoint

BODY = b'{"DevEUI_uplink":{"DevEUI":"20635F0108000496"}}'
NOWHERE = "http://127.0.0.1:1/"


def deliver(
    url: str,
    *,
    count: int = 1,
    headers: dict[str, str] | None = None,
    query: str = "",
    resolve: dict[Endpoint, Endpoint] | None = None,
    ca: Path | None = None,
    timeout_s: float = 5.0,
    traceparent: str = "",
) -> list[Answer]:
    """Send the same message several times, one after the other."""

    async def run() -> list[Answer]:
        client = HttpClient(resolve or {}, ca, timeout_s)
        sink = HttpSink(client, url)
        outgoing = Outgoing(DEV_EUI, 7, TIME, {}, BODY, headers or {}, query, traceparent=traceparent)
        try:
            assert (await sink.open()).ok
            return [await sink.deliver(outgoing) for _ in range(count)]
        finally:
            await sink.close()
            await client.close()

    return asyncio.run(run())


@pytest.mark.parametrize(("headers", "sent"), [({}, "00-a-b-01"), ({"TraceParent": "own"}, "own")])
def test_trace_goes_on_unless_a_header_of_that_name_is_configured(headers: dict[str, str], sent: str) -> None:
    with Destination() as destination:
        deliver(destination.url, headers=headers, traceparent="00-a-b-01")
    (arrival,) = destination.arrivals
    assert arrival.header("traceparent") == sent


def test_message_is_one_post_of_json() -> None:
    with Destination() as destination:
        (got,) = deliver(destination.url, headers={"X-Thing": DEV_EUI})

    assert got == Answer("delivered", 200, "HTTP 200 OK")
    (arrival,) = destination.arrivals
    assert (arrival.method, arrival.target, arrival.body) == ("POST", "/in", BODY)
    assert arrival.header("Content-Type") == "application/json"
    assert arrival.header("Content-Length") == str(len(BODY))
    assert arrival.header("Accept") == "application/json, application/cbor, application/*+json"
    assert arrival.header("X-Thing") == DEV_EUI
    assert arrival.header("Transfer-Encoding") is None


def test_configured_header_replaces_ours() -> None:
    with Destination() as destination:
        deliver(destination.url, headers={"content-type": "application/vnd.x+json", "user-agent": "mine"})

    (arrival,) = destination.arrivals
    assert arrival.header("Content-Type") == "application/vnd.x+json"
    assert arrival.header("User-Agent") == "mine"


@pytest.mark.parametrize("target", ["/a%2Fb?x=%2B&y=a+b", "/%7Bx%7D", "/a//b/../c?"])
def test_url_is_sent_character_by_character(target: str) -> None:
    with Destination() as destination:
        deliver(f"http://127.0.0.1:{destination.port}{target}")

    assert destination.arrivals[0].target == target.removesuffix("?")


@pytest.mark.parametrize(("path", "target"), [("/in", "/in?Time=a%2Bb"), ("/in?x=1", "/in?x=1&Time=a%2Bb")])
def test_query_of_the_message_is_added(path: str, target: str) -> None:
    with Destination() as destination:
        deliver(f"http://127.0.0.1:{destination.port}{path}", query="Time=a%2Bb")

    assert destination.arrivals[0].target == target


def test_connection_is_kept_for_the_next_message() -> None:
    with Destination() as destination:
        answers = deliver(destination.url, count=3)

    assert all(got.ok for got in answers)
    assert destination.connections == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_delivery(status: int) -> None:
    with Destination(lambda _: answer(status)) as destination:
        (got,) = deliver(destination.url)

    assert (got.kind, got.status) == ("delivered", status)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 599])
def test_other_status_is_a_refusal(status: int) -> None:
    with Destination(lambda _: answer(status, b"secret told back")) as destination:
        (got,) = deliver(destination.url)

    assert (got.kind, got.status) == ("refused", status)
    assert f"HTTP {status}" in got.reason
    assert "secret" not in got.reason


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(status: int) -> None:
    with Destination() as other:
        headers = f"Location: {other.url}\r\n"
        with Destination(lambda _: answer(status, headers=headers)) as destination:
            (got,) = deliver(destination.url, headers={"Authorization": "Bearer x"})
        assert other.arrivals == []

    assert got.kind == "refused"
    assert "redirects are not followed" in got.reason


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (RESET, "unclear"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(200), "delivered"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(503), "refused"),
        (b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "refused"),
        (b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nbye", "delivered"),
        (answer(200, b"half", length=1000), "delivered"),
        (answer(503, b"half", length=1000), "refused"),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "delivered"),
        (b"HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "refused"),
        (answer(200) + b"rubbish\r\n\r\n", "delivered"),
        (b"nonsense\r\n\r\n", "unclear"),
    ],
    ids=[
        "reset",
        "100, 200",
        "100, 503",
        "101",
        "1.0",
        "half an answer",
        "half a refusal",
        "no chunk",
        "refusal, no chunk",
        "more behind",
        "no HTTP",
    ],
)
def test_broken_answer_is_judged_by_its_status(given: bytes | str, kind: str) -> None:
    with Destination(lambda _: given) as destination:
        (got,) = deliver(destination.url)

    assert got.kind == kind


CHUNKED = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (HANG, "unclear"),
        (Drip(0.01), "delivered"),
        (Endless(b"", b"HTTP/1.1 102 X\r\n\r\n"), "unclear"),
        (Endless(b"HTTP/1.1 200 X\r\n", b"X-A: a\r\n"), "unclear"),
        (Endless(b"HTTP/1.1 200 X\r\nX-A: ", b"a" * 1000), "unclear"),
        (Endless(CHUNKED, b"1\r\nx\r\n"), "delivered"),
        (Endless(CHUNKED + b"1;", b"x" * 1000), "delivered"),
    ],
    ids=["hanging", "dripping", "only 1xx", "only headers", "one header", "only chunks", "one chunk's head"],
)
def test_endless_answer_costs_the_timeout_at_most(given: str | Drip | Endless, kind: str) -> None:
    async def timed() -> float:
        client = HttpClient({}, None, 0.5)
        begun = asyncio.get_running_loop().time()
        got = await HttpSink(client, destination.url).deliver(Outgoing(DEV_EUI, 7, TIME, {}, BODY))
        took_s = asyncio.get_running_loop().time() - begun
        await client.close()
        assert got.kind == kind
        return took_s

    with Destination(lambda _: given) as destination:
        assert asyncio.run(timed()) < 2.0


def test_large_answer_is_read_to_its_end() -> None:
    with Destination(lambda _: answer(200, b"x" * 3_000_000)) as destination:
        answers = deliver(destination.url, count=2)

    assert [got.kind for got in answers] == ["delivered", "delivered"]
    assert destination.connections == 1


def test_enormous_answer_is_cut() -> None:
    with Destination(lambda _: answer(200, b"x" * (ANSWER_MAX_BYTES + 1))) as destination:
        (got,) = deliver(destination.url)

    assert got.kind == "delivered"  # the status has decided; memory and time stay bounded all the same


def test_compressed_answer_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(ANSWER_MAX_BYTES * 4))
    with Destination(lambda _: answer(200, packed, headers="Content-Encoding: gzip\r\n")) as destination:
        answers = deliver(destination.url, count=2)

    assert [got.kind for got in answers] == ["delivered", "delivered"]
    assert destination.connections == 1  # it was read to its end, so it was small


def test_nobody_listening_is_unreachable() -> None:
    (got,) = deliver(NOWHERE)

    assert got.kind == "unreachable"
    assert "no connection to 127.0.0.1" in got.reason


def test_unknown_host_is_unreachable() -> None:
    (got,) = deliver("http://does-not-exist.invalid/")

    assert got.kind == "unreachable"
    assert got.reason == "the host does-not-exist.invalid cannot be resolved"


def test_silent_name_server_is_unreachable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(
        "uplab.simulator.forwarder.destinations.resolver.socket.getaddrinfo", lambda *_, **__: ended.wait(20) and []
    )
    try:
        (got,) = deliver("http://silent.example/", timeout_s=0.5)
    finally:
        ended.set()

    assert (got.kind, got.reason) == ("unreachable", "no connection in time")


# -- TLS

Authority = Callable[[trustme.CA, str], ssl.SSLContext]


def server_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """A server's context with a certificate for this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """The lab's authority."""
    return trustme.CA()


@pytest.fixture(scope="module")
def pem(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate as a file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def test_mapped_host_is_verified_by_its_own_name(authority: trustme.CA, pem: Path) -> None:
    with Destination(tls=server_context(authority, "posthere.io")) as destination:
        resolve = {("posthere.io", 443): ("127.0.0.1", destination.port)}
        (got,) = deliver("https://posthere.io/4b19-48f6-94cc", resolve=resolve, ca=pem)

    assert got.ok
    assert destination.arrivals[0].header("Host") == "posthere.io"


def test_certificate_for_another_host_is_refused(authority: trustme.CA, pem: Path) -> None:
    with Destination(tls=server_context(authority, "elsewhere.io")) as destination:
        resolve = {("posthere.io", 443): ("127.0.0.1", destination.port)}
        (got,) = deliver("https://posthere.io/", resolve=resolve, ca=pem)

    assert got.kind == "unreachable"
    assert "certificate is refused" in got.reason
    assert destination.arrivals == []


@pytest.mark.parametrize("known", [True, False], ids=["another authority", "the system's"])
def test_certificate_of_an_unknown_authority_is_refused(pem: Path, known: bool) -> None:
    with Destination(tls=server_context(trustme.CA(), "posthere.io")) as destination:
        resolve = {("posthere.io", 443): ("127.0.0.1", destination.port)}
        (got,) = deliver("https://posthere.io/", resolve=resolve, ca=pem if known else None)

    assert got.kind == "unreachable"
    assert "certificate is refused" in got.reason
    assert destination.arrivals == []


def test_certificate_that_has_expired_is_refused(authority: trustme.CA, pem: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    days = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2)]
    authority.issue_cert("127.0.0.1", not_before=days[0], not_after=days[1]).configure_cert(context)
    with Destination(tls=context) as destination:
        (got,) = deliver(destination.url, ca=pem)

    assert (got.kind, got.reason) == (
        "unreachable",
        "the destination's certificate is refused: certificate has expired",
    )
    assert destination.arrivals == []


def test_server_that_speaks_no_tls_is_unreachable_in_time(pem: Path) -> None:
    with Destination() as destination:  # waits for more of the request that it takes the handshake for
        (got,) = deliver(f"https://127.0.0.1:{destination.port}/", ca=pem, timeout_s=0.5)

    assert (got.kind, got.reason) == ("unreachable", "no connection in time")
    assert destination.arrivals == []
