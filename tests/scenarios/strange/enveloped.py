"""Delivers uplinks in the envelope of a remote procedure, renamed, with counters as texts, as protobuf's JSON has them.

ENVELOPE_COUNTS=wrong counts one too far. What is no uplink is not delivered.
"""

import json
import os
from typing import Any

from tests.scenarios.strange.ingress import connections, post, serve

WRONG = int(os.environ.get("ENVELOPE_COUNTS") == "wrong")


def take(document: dict[str, Any], _raw: bytes) -> None:
    """Delivers it before it answers."""
    report = document.get("DevEUI_uplink")
    if report is None or report.get("FCntUp") is None:
        return
    value = {
        "@type": "type.example/uplink.v1.Uplink",
        "eui": report["DevEUI"].lower(),
        "counter": str(int(report["FCntUp"]) + WRONG),
        "at": report["Time"],
        "port": report.get("FPort"),
        "payload": report.get("payload_hex"),
    }
    call = {"method": "/uplink.v1.Uplinks/Put", "message": value}
    for connection in connections():
        post(connection["configuration"]["destinationURL"], json.dumps(call).encode())


serve(take)
