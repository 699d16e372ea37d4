"""The door of the desk: who may come in, how many at once, and how long they may take to say what they want."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from uplab.fakes.hosts import Hosts

__all__ = ["MOST_AT_ONCE", "MOST_BODY_BYTES", "REQUEST_S", "Caller", "Door"]

MOST_BODY_BYTES: Final = 1_000_000
MOST_AT_ONCE: Final = 64  # callers; each has a thread
REQUEST_S = 20.0
"""Seconds in which a request must have come whole, and each part of an answer must be taken."""


class Door(ThreadingHTTPServer):
    """Listens on 127.0.0.1, and lets so many in at most; who comes then is turned away. OSError for a port in use."""

    def __init__(self, port: int, caller: type[Caller], hosts: Hosts) -> None:
        super().__init__(("127.0.0.1", port), caller)
        self.hosts = hosts
        self._free = threading.Semaphore(MOST_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begins a thread for it."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """What the thread does."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of callers that went away: the terminal belongs to the user."""


class _Hurried(socket.SocketIO):
    """A caller's bytes, as long as a request may take; TimeoutError then."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection, "rb")
        self._connection, self._until_s = connection, time.monotonic() + REQUEST_S

    def readinto(self, buffer: Any) -> int | None:
        """Waits for more, but not for ever."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the request did not come in time")
        self._connection.settimeout(left_s)
        return super().readinto(buffer)


class Caller(BaseHTTPRequestHandler):
    """One caller; whoever has something to say to it adds `do_GET` and `do_POST`."""

    server: Door

    def setup(self) -> None:
        """Begins to count the time."""
        super().setup()
        self.rfile = io.BufferedReader(_Hurried(self.connection))

    def parse_request(self) -> bool:
        """Refuses a browser that a stranger's page led here, by a name of its own or from its own site."""
        if not super().parse_request():
            return False
        host, origin = self.headers.get("Host"), self.headers.get("Origin")
        if not self.server.hosts.knows(host):
            self.answer(421, {"message": "the desk answers to addresses, localhost and the names of --allow-host"})
            return False
        if origin is not None and origin.partition("://")[2].lower() != (host or "").lower():
            self.answer(403, {"message": "the desk takes nothing from the pages of another site"})
            return False
        return True

    def body(self) -> bytes | None:
        """The body; None where there is none that can be taken, which is answered already."""
        length = self.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdigit()):
            self.answer(400, {"message": "Content-Length is a number"})
        elif len(length) > 7 or int(length) > MOST_BODY_BYTES:
            self.answer(413, {"message": "at most 1 MB"})
        else:
            try:
                return self.rfile.read(int(length))
            except TimeoutError:
                self.answer(408, {"message": f"the request did not come within {REQUEST_S:g} s"})
        self.close_connection = True
        return None

    def answer(self, status: int, body: Any) -> None:
        """Answers with JSON."""
        self.whole(status, json.dumps(body, indent=1, default=str).encode(), "application/json")

    def whole(self, status: int, raw: bytes, kind: str) -> None:
        """Answers with these bytes. A page of the desk loads nothing from elsewhere, and stands in no other's frame."""
        self.connection.settimeout(REQUEST_S)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Says nothing: the terminal belongs to the user."""
