"""Delivers each document as a field of a form."""

import urllib.parse
from typing import Any

from tests.scenarios.strange.ingress import connections, post, serve


def take(_document: dict[str, Any], raw: bytes) -> None:
    """Delivers it before it answers."""
    body = urllib.parse.urlencode({"source": "thingpark", "document": raw}).encode()
    for connection in connections():
        post(connection["configuration"]["destinationURL"], body, "application/x-www-form-urlencoded")


serve(take)
