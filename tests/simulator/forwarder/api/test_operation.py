import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.process import Forwarder


def own(forwarder: Forwarder, path: str) -> str:
    """Read a page of the process itself."""
    base = forwarder.ready["api"].removesuffix("/iot-flow/v1")
    return forwarder.client.get(f"{base}{path}").raise_for_status().text


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_running_process_is_healthy_and_ready(forwarder: Forwarder, path: str) -> None:
    assert "status" in own(forwarder, path)


def test_metrics_count_what_happened(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    forwarder.bind(connection)
    for f_cnt in range(1, 4):
        forwarder.uplink(f_cnt)
    destination.wait_for(3)
    forwarder.wait_until("delivered", lambda: forwarder.counters(connection)["uplinksDelivered"] == 3)

    lines = own(forwarder, "/metrics").splitlines()

    assert f'forwarder_uplinks_accepted_total{{connection="{connection}"}} 3' in lines
    assert f'forwarder_uplinks_delivered_total{{connection="{connection}"}} 3' in lines
    assert f'forwarder_waiting{{connection="{connection}"}} 0' in lines
    assert f'forwarder_connection_state{{connection="{connection}",state="OPENED"}} 1' in lines
    assert "# TYPE forwarder_uplinks_accepted_total counter" in lines


def test_counters_of_a_connection_are_exact(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    forwarder.bind(connection)
    forwarder.uplink()
    destination.wait_for(1)
    forwarder.wait_until("delivered", lambda: forwarder.counters(connection)["uplinksDelivered"])

    expected = {"activeThings": 1, "uplinks": 1, "uplinksDelivered": 1, "uplinksFailed": 0, "uplinksLost": 0}
    expected |= {"downlinks": 0, "downlinksFailed": 0}
    assert forwarder.counters(connection) == forwarder.counters(connection, "lastDay") == expected
