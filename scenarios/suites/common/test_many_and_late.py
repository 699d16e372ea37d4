"""Many and late: hundreds of devices, counters past 16 bits, hours with nothing in them, restarts in between.

What takes more time than each run has is played in a full one.
"""

import copy
from collections.abc import Iterator

import pytest

from uplab.scenarios import CheckUnknown, Lab, LabConnection, LabDevice, Route, Sent, example_body
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import await_success, expect_accepted
from uplab.scenarios.suites.faults.pace import running_at, scheduled_s, wait_until

pytestmark = pytest.mark.needs("http", "api")

CONNECTIONS, DEVICES_EACH = 12, 17
RATE = 3600.0  # an hour of the forwarder's schedules is a second
HOUR_S = 3600.0
COUNTERS = (16_000, 32_000, 48_000, 64_000, 65_534, 65_535, 65_536, 65_537)  # no further apart than a network allows
SIZES = {"100 kB": 100_000, "500 kB": 500_000, "900 kB": 900_000}


@pytest.fixture
def hours(lab: Lab) -> Iterator[None]:
    """Scheduled time in which an hour passes in a second."""
    with running_at(lab, RATE):
        yield


@pytest.mark.full
@pytest.mark.needs("flows")
@pytest.mark.requirement("HTTP-13.a", "COM-22.a")
def test_hundreds_of_devices_over_a_dozen_connections(lab: Lab) -> None:
    """Twelve connections with 17 devices each: each uplink arrives at its own, once, in order, and nowhere else."""
    limit = lab.profile.choices.connection_limit
    if limit is not None and limit < CONNECTIONS:
        pytest.skip(f"the profile {lab.profile.name} has a limit of {limit} connections")
    groups = [[lab.device(joined=False) for _ in range(DEVICES_EACH)] for _ in range(CONNECTIONS)]
    for device in (one for group in groups for one in group):
        device.join(told=False)
    connections = [connect_bin(lab, f"/group-{n}", *group) for n, group in enumerate(groups)]

    sent: list[list[Sent]] = [[] for _ in groups]
    for _ in range(2):
        for group, own in zip(groups, sent, strict=True):
            own += [device.send() for device in group]
    for connection, own in zip(connections, sent, strict=True):
        await_success(lab, own, connection.route)

    battery: list[checks.Check] = []
    for connection, own in zip(connections, sent, strict=True):
        ids = [one.id for one in own]
        battery += [*lab.delivery_checks(ids, connection.route), checks.RightPlace(ids, connection.route, lab.shared)]
    lab.judge(*checks.judged(lab.history.events, battery))


@pytest.mark.requirement("HTTP-12.a", "HTTP-15.c")
def test_counter_past_16_bits_goes_on(lab: Lab, device: LabDevice) -> None:
    """Over the air a counter has 16 bits, in the document 32: 65,535 is followed by 65,536, and no uplink is a copy."""
    connection = connect_bin(lab, "/counter", device)

    sent = [device.send()]
    for counter in COUNTERS:
        lab.loop.call(lambda counter=counter: setattr(device.device, "f_cnt_up", counter))  # type: ignore[misc]
        sent.append(device.send())
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    counted = [one.f_cnt for one in sent[1:]]
    lab.expect("the network counts on past 65,535", counted == list(COUNTERS), counted, hop="network")


@pytest.mark.full
@pytest.mark.needs("form")
@pytest.mark.requirement("COM-16.c", "HTTP-15.c")
def test_large_document_arrives_whole(lab: Lab, device: LabDevice) -> None:
    """Documents of 100, 500 and 900 kilobytes, each in its turn: what is accepted is not cut, and holds nothing up."""
    limit = lab.profile.policy.largest_body
    connection = connect_bin(lab, "/large", device)

    sizes = {name: size for name, size in SIZES.items() if limit is None or size + 10_000 < limit}
    if not sizes:
        pytest.skip(f"the profile declares that a document has {limit} bytes at most")
    sent = [device.send()]
    notes = [{"name": name, "note": "x" * size} for name, size in sizes.items()]
    sent += [lab.post(uplink(device, CustomerData=note)) for note in notes]
    sent.append(device.send())
    taken = [one for one in sent if one.outcome == "accepted"]
    if len(taken) <= 2:
        raise CheckUnknown(f"a document of {min(sizes)} is refused already: {sent[1].status} {sent[1].reason}")
    await_success(lab, taken, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.full
@pytest.mark.needs("clock", "durable")
@pytest.mark.usefixtures("own_process", "hours")
@pytest.mark.varies("generation", "transport")
@pytest.mark.requirement("HTTP-12.a", "COM-18.b", "TB-12.b")
def test_day_with_idle_hours_and_restarts_loses_nothing(lab: Lab, devices: list[LabDevice]) -> None:
    """Eight uplinks of each device, hours apart, stopped and killed in between: each arrives once, in order."""
    connection = connect_bin(lab, "/day", *devices)
    over_mqtt = lab.profile.features.thingsboard and lab.transport != "rest"
    told = [connect_thingsboard(lab, *devices)] if over_mqtt else []

    sent: list[Sent] = []
    for turn in range(8):
        sent += [device.send() for device in devices]
        await_success(lab, sent[-len(devices) :], *(one.route for one in (connection, *told)))
        if turn in (2, 5):
            lab.restart_forwarder(kill=turn == 5)
        wait_until(lab, scheduled_s(lab) + (2 if turn % 2 else 1) * HOUR_S)
    sent += lab.barrier(*devices)
    await_success(lab, sent, *(one.route for one in (connection, *told)))

    ids = [one.id for one in sent]
    lab.judge(*checks.judged(lab.history.events, lab.delivery_checks(ids, connection.route)))
    for one in told:
        lab.judge_telemetry(sent, one, proves="TB-12.b")


def connect_thingsboard(lab: Lab, *devices: LabDevice) -> LabConnection:
    """The document's connection with the demo account, over MQTT, with TLS or without."""
    body = copy.deepcopy(example_body("thingsboard.md"))
    account = lab.options.thingsboard_login
    port = 8883 if lab.transport == "mqtts" else 1883
    body["configuration"] |= {"hostName": f"thingsboard.cloud:{port}", **account}
    return lab.connect(body, Route("thingsboard", "v1/gateway/telemetry"), *devices)
