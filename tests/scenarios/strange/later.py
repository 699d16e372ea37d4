"""Answers 202 at once, and delivers three seconds later, once and in order; LATER_LOSES=yes loses each third."""

import itertools
import os
import queue
import threading
import time
from typing import Any

from tests.scenarios.strange.ingress import connections, post, serve

LATER_S = 3.0
waiting: "queue.Queue[tuple[float, bytes]]" = queue.Queue()
count = itertools.count(1)
loses = os.environ.get("LATER_LOSES") == "yes"


def take(_document: dict[str, Any], raw: bytes) -> None:
    """Notes when it came."""
    if not loses or next(count) % 3:
        waiting.put((time.monotonic(), raw))


def deliver() -> None:
    """One after the other."""
    while True:
        came_s, raw = waiting.get()
        threading.Event().wait(max(0.0, came_s + LATER_S - time.monotonic()))
        for connection in connections():
            post(connection["configuration"]["destinationURL"], raw)


threading.Thread(target=deliver, daemon=True).start()
serve(take, status=202)
