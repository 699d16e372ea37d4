"""Many devices over one connection: each request belongs to one device, and nothing of one is mixed into another's."""

import json

import pytest

from uplab.scenarios import Lab
from uplab.scenarios.suites.common.destination import connect_bin, requests

pytestmark = [pytest.mark.needs("http", "form", "patterns"), pytest.mark.delivery]

DEVICES, ROUNDS = 16, 4


@pytest.mark.varies("generation", "regime", "model")
@pytest.mark.requirement("HTTP-13.a", "HTTP-06")
def test_uplinks_of_many_devices_do_not_mix(lab: Lab) -> None:
    """Sixteen devices send in turn: header, URL's bin and body of each request name the same device."""
    devices = [lab.device() for _ in range(DEVICES)]
    headers = {"X-Thing": "{DevEUI}", "X-Count": "{FCntUp}"}
    connection = connect_bin(lab, "/many", *devices, headers=headers)

    sent = [device.send() for _ in range(ROUNDS) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, {"X-Thing": str})
    shown = [
        (r.headers["x-thing"], r.headers["x-count"], json.loads(r.body)["DevEUI_uplink"])
        for r in requests(lab, connection)
    ]
    mixed = [(thing, count) for thing, count, body in shown if (thing, count) != (body["DevEUI"], str(body["FCntUp"]))]
    lab.expect_seen("each request belongs to one device and one uplink", mixed, {"empty": True})
    lab.expect_seen("every uplink is shown", len(shown), {"is": len(sent)}, f"{len(shown)} of {len(sent)}")
