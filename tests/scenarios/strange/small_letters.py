"""Posts in parts (chunked), names headers in small letters, and makes of numbers what an IEEE double makes of them.

What fails is tried three times in all, after 0.2 s and then 0.4 s; SMALL_TRIES takes another number.
"""

import json
import os
import queue
import socket
import threading
import urllib.parse
from typing import Any

from tests.scenarios.strange.ingress import connections, serve

TRIES = int(os.environ.get("SMALL_TRIES", "3"))
PAUSE_S, PART = 0.2, 100
places: list[tuple[dict[str, Any], "queue.Queue[bytes]"]] = []


def attempt(configuration: dict[str, Any], body: bytes) -> bool:
    """One request; whether it was taken."""
    url = urllib.parse.urlsplit(configuration["destinationURL"])
    own = {name.lower(): value for name, value in configuration.get("headers", {}).items()}
    headers = {"host": url.netloc, "content-type": "application/json", "transfer-encoding": "chunked", **own}
    head = f"POST {url.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    parts = [body[at : at + PART] for at in range(0, len(body), PART)]
    chunks = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts)
    try:
        with socket.create_connection((url.hostname or "", url.port or 80), timeout=5) as link:
            link.sendall(head.encode() + b"\r\n" + chunks + b"0\r\n\r\n")
            return link.makefile("rb").readline().split()[1].startswith(b"2")
    except (OSError, IndexError):
        return False


def deliver(configuration: dict[str, Any], waiting: "queue.Queue[bytes]") -> None:
    """One after the other."""
    while True:
        body = waiting.get()
        for failed in range(TRIES):
            if attempt(configuration, body):
                break
            if failed + 1 < TRIES:
                threading.Event().wait(PAUSE_S * 2**failed)


def take(document: dict[str, Any], _raw: bytes) -> None:
    """Has it delivered everywhere."""
    body = json.dumps(document).encode()
    for _, waiting in places:
        waiting.put(body)


for connection in connections():
    places.append((connection["configuration"], queue.Queue()))
    threading.Thread(target=deliver, args=places[-1], daemon=True).start()
serve(take, status=202)
