"""The documented width of the traffic: every device model, every boundary, over each way out.

Whatever a table's row holds is judged by value and type, by what watches every scenario; these see that it arrives.
"""

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import expect_accepted, judge_several
from uplab.scenarios.suites.common.widths import everything, measured, models

pytestmark = pytest.mark.needs("http", "api")


@pytest.mark.varies("generation", "regime")
@pytest.mark.requirement("HTTP-15.c", "HTTP-15.d")
def test_every_model_arrives_with_what_it_measured(lab: Lab) -> None:
    """Nine models, each with its usual values, with 0, below 0 and with readings left out: none changes on the way."""
    devices = models(lab)
    connection = connect_bin(lab, "/models", *devices)

    sent = measured(devices)
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.varies("generation")
@pytest.mark.requirement("HTTP-15.c", "HTTP-15.d", "COM-16.c")
def test_every_boundary_of_a_document_passes_through(lab: Lab, device: LabDevice) -> None:
    """Ports, counters, payloads of no byte and of 222, none and many gateways, any offset: all arrive as they came."""
    connection = connect_bin(lab, "/widths", device)

    sent = everything(lab, device)
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.varies("generation", "regime", "model")
@pytest.mark.requirement("HTTP-12.a", "HTTP-15.c")
def test_device_that_joins_anew_counts_from_0_and_is_delivered(lab: Lab, device: LabDevice) -> None:
    """After another join the counter starts at 0 again: these uplinks are no copies of the first ones."""
    connection = connect_bin(lab, "/rejoin", device)

    sent = [device.send(), device.send()]
    device.join()
    sent += [device.send(), device.send()]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    counters = [one.f_cnt for one in sent]
    lab.expect_seen("the counter starts anew", counters[:2], {"is": counters[2:]}, counters, hop="device")


@pytest.mark.varies("generation", "regime")
@pytest.mark.needs("patterns")
@pytest.mark.requirement("HTTP-05.a", "HTTP-06")
def test_headers_are_as_long_and_as_mixed_as_they_were_written(lab: Lab, devices: list[LabDevice]) -> None:
    """Values of two thousand letters, text around a pattern, several patterns, Basic credentials: each as written."""
    headers = {
        "X-Long": "0123456789abcdef" * 128,
        "X-Around": "thing-{DevEUI}/port {FPort}; end",
        "X-Several": "{DevEUI}.{FCntUp}.{CustomerID}",
        "X-Nested": "{DriverCfg.mod.pId}",
        "X-List": "hall 4, west;q=0.5,  two blanks",
        "X-Signs": "50%41 of $1 \\1 'a' \"b\" <c>&d=+~",
        "X-Late": "late: {Late}, listed: {CustomerData.listed}",
        "X-Empty": "",
        "X_Under_score": "as written",
        "Authorization": "Basic dXBsYWI6dXBsYWI=",
    }
    connection = connect_bin(lab, "/headers", *devices, headers=headers)

    sent = [lab.post(uplink(d, CustomerData={"listed": n == 0})) for n in range(2) for d in devices]
    lab.await_delivery(sent, connection.route)

    wanted = {
        "X-Long": lambda _: headers["X-Long"],
        "Authorization": lambda _: headers["Authorization"],
        "X-List": lambda _: headers["X-List"],
        "X-Around": lambda dev_eui: f"thing-{dev_eui}/port 5; end",
    }
    lab.judge_delivery(sent, connection, wanted)


@pytest.mark.varies("generation", "model")
@pytest.mark.needs("flows")
@pytest.mark.requirement("COM-22.a", "HTTP-12.a", "HTTP-15.d")
def test_flow_with_two_connectors_delivers_to_both(lab: Lab, devices: list[LabDevice]) -> None:
    """One flow that names two connections: each gets each uplink once."""
    first, second = connect_bin(lab, "/first"), connect_bin(lab, "/second")
    flow = {
        "name": "uplab two connectors",
        "matchers": [{"type": "key", "key": f"lora:{device.dev_eui.lower()}"} for device in devices],
        "connectors": [{"id": one.resource["connectorId"], "connectionId": one.id} for one in (first, second)],
    }
    lab.expect_answer("a flow may name two connections", lab.api.request("POST", "/flows", flow), 201)

    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, first.route)
    lab.await_delivery(sent, second.route)
    lab.barrier(*devices)

    judge_several(lab, sent, first, second)


@pytest.mark.needs("flows")
@pytest.mark.requirement("COM-22.a")
def test_device_in_two_flows_is_delivered_by_each_once(lab: Lab, devices: list[LabDevice]) -> None:
    """Two flows of a device to two connections, and one of them twice: each connection gets each uplink once."""
    first, second = connect_bin(lab, "/one", *devices), connect_bin(lab, "/two", *devices)
    first.bind(devices[0])

    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, first.route)
    lab.await_delivery(sent, second.route)
    lab.barrier(*devices)

    judge_several(lab, sent, first, second)


@pytest.mark.needs("flows")
@pytest.mark.requirement("COM-22.a", "HTTP-13.a")
def test_a_dozen_connections_get_each_its_own(lab: Lab) -> None:
    """Twelve connections, each with a device of its own: each uplink arrives at its own, and nowhere else."""
    if lab.profile.choices.connection_limit is not None:
        pytest.skip(f"the profile {lab.profile.name} has a limit of {lab.profile.choices.connection_limit} connections")
    devices = [lab.device() for _ in range(12)]
    connections = [connect_bin(lab, f"/dozen-{n}", device) for n, device in enumerate(devices)]

    sent = [[device.send(), device.send()] for device in devices]

    for connection, own in zip(connections, sent, strict=True):
        lab.await_delivery(own, connection.route)
    for connection, own in zip(connections, sent, strict=True):
        lab.judge_delivery(own, connection)
