"""Delivers each document by itself, after a pause by chance: uplinks of a device overtake each other."""

import json
import random
import threading
from typing import Any

from tests.scenarios.strange.ingress import connections, post, serve

LONGEST_S = 1.0
chance = random.Random(7)


def deliver(url: str, body: bytes, pause_s: float) -> None:
    """Once, whatever the answer."""
    threading.Event().wait(pause_s)
    post(url, body)


def take(document: dict[str, Any], _raw: bytes) -> None:
    """One of its own for each connection."""
    body = json.dumps(document).encode()
    for connection in connections():
        url = connection["configuration"]["destinationURL"]
        threading.Thread(target=deliver, args=(url, body, chance.uniform(0, LONGEST_S)), daemon=True).start()


serve(take)
