"""A network server that cannot be reached: whoever posts a downlink is told so, and nothing is promised."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice
from uplab.scenarios.suites.downlink.conftest import PostDownlink
from uplab.scenarios.suites.faults.closed_port import closed_port

pytestmark = pytest.mark.needs("downlinks", "durable")


@contextmanager
def unreachable_network(lab: Lab) -> Iterator[None]:
    """The forwarder's network server refuses connections meanwhile, and is there again afterwards."""
    right = lab.forwarder.environment["UPLAB_NETWORK_URL"]
    with closed_port(lab) as nowhere:
        lab.restart_forwarder(environment={"UPLAB_NETWORK_URL": nowhere.base})
        try:
            yield
        finally:
            lab.restart_forwarder(environment={"UPLAB_NETWORK_URL": right})


@pytest.mark.requirement("HTTP-14")
def test_downlink_that_the_network_cannot_be_given_is_refused(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """The POST is answered with 503, and no device receives anything, also once the network is there again."""
    with unreachable_network(lab):
        answer = post_downlink(
            connection.downlink_url, {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "3e01"}
        )

    lab.expect_answer("a downlink that cannot be handed on is answered with 503", answer, 503)
    lab.expect_no_downlink(devices)
