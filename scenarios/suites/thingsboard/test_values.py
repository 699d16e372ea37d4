"""What ThingsBoard is told: every decoded value and every field of the uplink, by value and type, at its time.

Which values are right is judged by what watches every scenario; these see that all of them are there to be judged.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from uplab.scenarios import Event, Lab, LabConnection, LabDevice, Route, ThingsBoardAccount, epoch_ms
from uplab.scenarios.suites.common.reports import ROOTS, uplink
from uplab.scenarios.suites.common.several import expect_accepted
from uplab.scenarios.suites.common.widths import everything, measured, models

pytestmark = [
    pytest.mark.needs("thingsboard", "api"),
    pytest.mark.transport("mqtt", "mqtts"),
    pytest.mark.usefixtures("over_mqtt"),
]


@pytest.mark.varies("regime")
@pytest.mark.needs("drivers")
@pytest.mark.requirement("TB-15.b", "TB-12.b")
def test_every_model_is_told_with_what_it_measured(lab: Lab, body: dict[str, Any], route: Route) -> None:
    """Nine models, each with its usual values, with 0, below 0 and with readings left out."""
    devices = models(lab)
    connection = lab.connect(body, route, *devices)

    sent = measured(devices)
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)


@pytest.mark.requirement("TB-15.b", "TB-15.c")
def test_every_boundary_of_a_document_is_told(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """Ports, counters, signals of 0 and below, none and many gateways, Time with any offset."""
    sent = everything(lab, devices[0])
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)


@pytest.fixture
def strings_regime(lab: Lab) -> Iterator[None]:
    """The network server writes every number as a string, as older platforms do."""
    lab.upstream.airs.speak("strings")
    yield
    lab.upstream.airs.speak("typed")


@pytest.mark.usefixtures("strings_regime")
@pytest.mark.requirement("TB-15.b", "TB-15.c", "COM-16.d")
def test_values_of_the_regime_of_strings_are_told(
    lab: Lab, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """Where every number is a string, telemetry says the same values."""
    sent = [device.send(**readings) for device in devices for readings in ({}, {"temperature_c": 0.0, "motion": 0})]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)


@pytest.mark.requirement("COM-15.a", "COM-15.b")
def test_every_root_is_told(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """A join, notifications, locations, downlink reports, summaries and alarms reach the device as well."""
    devices[0].join()
    sent = [lab.post(make(devices[0])) for make in ROOTS.values()]
    expect_accepted(lab, *sent)

    missing = {(one.dev_eui, epoch_ms(one.time)) for one in sent}

    def told(event: Event) -> bool:
        if event.hop == "destination.published" and connection.route.takes(event.facts):
            missing.difference_update((device.upper(), ts) for device, ts in event.facts["members"] or ())
        return not missing

    lab.history.wait_for(told, timeout_s=lab.deadlines.delivery_s)
    lab.expect_seen(
        "each document is told at its own time",
        missing,
        {"empty": True},
        f"{len(missing)} of {len(sent)} were not told",
    )


@pytest.mark.needs("drivers")
@pytest.mark.requirement("TB-14.b", "COM-22.b")
def test_device_that_is_there_already_is_used_in_either_case(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """A device that the user made before gets the values; a DevEUI in lower case makes no second one."""
    made = account.ask("POST", "/api/device", {"name": devices[0].dev_eui, "type": "default"})
    lab.expect_seen("ThingsBoard makes a device", made.status_code, {"is": 200}, made.text[:200], hop="ThingsBoard")
    before = account.devices()

    sent = [
        devices[0].send(),
        lab.post(uplink(devices[0], DevEUI=devices[0].dev_eui.lower())),
        lab.post(uplink(devices[1], DevEUI=devices[1].dev_eui.lower())),
        devices[1].send(),
    ]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)
    new = [name.upper() for name in account.devices() if name not in before]
    lab.expect_seen("one device is new, the second one", new, {"is": [devices[1].dev_eui]})
    shown = account.history(devices[0].dev_eui, "temperature")
    wanted = sorted(epoch_ms(one.time) for one in sent[:2])
    lab.expect_seen(
        "the values are the first one's", [ts for ts, _ in shown], {"is": wanted}, f"sent {wanted}, found {shown}"
    )
