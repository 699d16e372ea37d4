"""Collects what comes within a quarter of a second, and posts it as one array, with BATCH_LINES=yes as NDJSON;
BATCH_LOSES=yes leaves out the last."""

import os
import queue
import threading
import time
from typing import Any

from tests.scenarios.strange.ingress import connections, post, serve

COLLECTING_S = 0.25
waiting: "queue.Queue[bytes]" = queue.Queue()


def take(_document: dict[str, Any], raw: bytes) -> None:
    """Has it wait for others."""
    waiting.put(raw)


def deliver() -> None:
    """All that has come since the first, in one request."""
    while True:
        batch, until_s = [waiting.get()], time.monotonic() + COLLECTING_S
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                batch.append(waiting.get(timeout=left_s))
            except queue.Empty:
                break
        if os.environ.get("BATCH_LOSES") == "yes" and len(batch) > 1:
            batch.pop()
        lines = os.environ.get("BATCH_LINES") == "yes"
        body = b"".join(one + b"\n" for one in batch) if lines else b"[" + b",".join(batch) + b"]"
        for connection in connections():
            kind = "application/x-ndjson" if lines else "application/json"
            post(connection["configuration"]["destinationURL"], body, kind)


threading.Thread(target=deliver, daemon=True).start()
serve(take)
