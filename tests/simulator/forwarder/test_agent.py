from pathlib import Path

import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.process import Forwarder
from uplab.simulator.forwarder.agent import AGENT


def test_what_a_forwarder_has_sent_is_not_taken(tmp_path: Path) -> None:
    with Destination() as destination, Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url)
        forwarder.bind(connection)
        forwarder.uplink()
        [arrived] = destination.wait_for(1)
        assert arrived.header("User-Agent") == AGENT
        headers = {"User-Agent": AGENT}
        answer = forwarder.client.post(forwarder.ready["ingress"], content=arrived.body, headers=headers)
        assert answer.status_code == 508
        assert "has been sent by a forwarder already" in answer.json()["message"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "flow.example", "looped.example"])
@pytest.mark.parametrize("path", ["/ingress", "/ingress?a=b", "/%69ngress", "/"])
def test_own_address_is_no_destination(tmp_path: Path, host: str, path: str) -> None:
    with Forwarder(tmp_path, UPLAB_PUBLIC_BASE="http://flow.example") as forwarder:
        port = forwarder.ready["api"].split(":")[2].partition("/")[0]
        place = {"flow.example": "flow.example"}.get(host, f"{host}:{port}")
        body = {
            "connectorId": "actility-http-iot",
            "name": "loop",
            "configuration": {"destinationURL": f"http://{place}{path}"},
        }
        answer = forwarder.client.post(f"{forwarder.ready['api']}/connections", json=body)
        if host == "looped.example":
            assert answer.status_code == 201
        else:
            assert (answer.status_code, answer.json()["field"]) == (400, "configuration.destinationURL")
