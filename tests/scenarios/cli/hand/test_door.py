"""Who may come in at the desk, and for how long: over plain sockets, as no client of good manners would ask."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from uplab.fakes.hosts import Hosts
from uplab.scenarios.cli.hand import door
from uplab.scenarios.cli.hand.door import MOST_AT_ONCE, Caller, Door


class Echo(Caller):
    """Says what it was told."""

    def do_POST(self) -> None:  # noqa: N802 - by this name it is called
        raw = self.body()
        if raw is not None:
            self.answer(200, raw.decode())


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setattr(door, "REQUEST_S", 0.5)
    with Door(0, Echo, Hosts("lab.example")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def told(desk: Door, said: bytes) -> bytes:
    """What is answered until the connection ends."""
    with socket.create_connection(("127.0.0.1", desk.server_port), timeout=20) as caller:
        caller.sendall(said)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while more := caller.recv(4096):
                found += more
        return found


def post(*headers: str, body: bytes = b"x", length: int | str = 1) -> bytes:
    head = "\r\n".join(["POST / HTTP/1.0", *headers, f"Content-Length: {length}"])
    return head.encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("said", [b"P", b"POST / HTTP/1.1\r\nHost: a", b""])
def test_half_a_head_is_put_out(desk: Door, said: bytes) -> None:
    assert told(desk, said) == b""
    assert told(desk, post()).startswith(b"HTTP/1.0 200")


def test_half_a_body_is_put_out(desk: Door) -> None:
    assert told(desk, post(body=b"12345678", length=9)).startswith(b"HTTP/1.0 408")


def put_out(caller: socket.socket) -> bool:
    """Whether the connection has ended, after one byte more."""
    caller.settimeout(0.05)
    try:
        caller.sendall(b"x")
        return caller.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_each_byte_anew_gains_no_time(desk: Door) -> None:
    with socket.create_connection(("127.0.0.1", desk.server_port), timeout=20) as caller:
        while not put_out(caller):
            pass
    assert told(desk, post()).startswith(b"HTTP/1.0 200")


@pytest.mark.parametrize("length", ["-1", "+1", "1_0", "1e3", "٣", "x"])
def test_length_that_is_none_is_refused(desk: Door, length: str) -> None:
    assert told(desk, post(length=length)).startswith(b"HTTP/1.0 400")


@pytest.mark.parametrize("length", ["1000001", "9" * 5_000])
def test_too_much_is_refused_before_it_is_read(desk: Door, length: str) -> None:
    assert told(desk, post(length=length)).startswith(b"HTTP/1.0 413")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (("Host: 127.0.0.1:99",), 200),
        (("Host: lab.example:99", "Origin: http://lab.example:99"), 200),
        (("Host: LAB.example.", "Origin: http://lab.example."), 200),
        (("Host: [::1]:99", "Origin: http://[::1]:99"), 200),
        (("Host: evil.example",), 421),
        (("Host: 127.0.0.1:99", "Origin: http://evil.example"), 403),
        (("Host: 127.0.0.1:99", "Origin: http://127.0.0.1:98"), 403),
        (("Host: 127.0.0.1:99", "Origin: null"), 403),
        (("Host: localhost.evil.example", "Origin: http://localhost.evil.example"), 421),
    ],
)
def test_pages_of_strangers_are_refused(desk: Door, headers: tuple[str, ...], status: int) -> None:
    assert told(desk, post(*headers)).startswith(b"HTTP/1.0 %d" % status)


def test_only_so_many_are_let_in_at_once(desk: Door) -> None:
    silent = [socket.create_connection(("127.0.0.1", desk.server_port), timeout=20) for _ in range(MOST_AT_ONCE + 8)]
    for caller in silent:
        with contextlib.suppress(ConnectionResetError):
            assert caller.recv(1) == b"", "turned away at once, or put out"
        assert threading.active_count() <= MOST_AT_ONCE + 20
        caller.close()
    until_s = time.monotonic() + 20
    while not told(desk, post()).startswith(b"HTTP/1.0 200"):  # a thread ends a moment after its connection
        assert time.monotonic() < until_s
