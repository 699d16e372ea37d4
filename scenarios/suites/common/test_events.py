"""Events: each failed delivery, failed login and rejected downlink makes one, with time, device and cause."""

import copy
from datetime import UTC, datetime

import pytest

from uplab.fakes.faults import Fault, Nth, Status
from uplab.scenarios import Faults, Lab, LabDevice, Route, example_body, is_canary
from uplab.scenarios.suites.common.destination import connect_bin, telling
from uplab.scenarios.suites.common.several import await_success, judge_several
from uplab.scenarios.suites.faults.presumed import presume_trying_again

pytestmark = pytest.mark.needs("http", "api", "events")


@pytest.mark.requirement("COM-13.a", "COM-13.g")
def test_failed_delivery_makes_one_event(lab: Lab, faults: Faults, devices: list[LabDevice]) -> None:
    """A delivery that was refused once is told once, at its time, with the device, the counter and the status."""
    presume_trying_again(lab)
    faults.plan(Fault("refused", Nth(1), Status(503)))
    connection = connect_bin(lab, "/failed", *devices, blamePeriod=1)

    sent = [devices[0].send()]
    faults.happened()
    sent += [device.send() for device in devices]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)
    told = telling(lab, connection, 503, dev_eui=devices[0].dev_eui)
    lab.expect_seen("the refused delivery is told once", len(told), {"is": 1}, told)
    own = connection.id in (str(told[0].get("connectionId")), str(told[0].get("connection")))
    own = own or told[0].get("connectionName") == connection.resource["name"]
    lab.expect("it names its connection", own, told[0], proves="COM-13.g")
    lab.expect_seen("the counter of the uplink is told", str(told[0]), {"holds": str(sent[0].f_cnt)}, told[0])
    age_s = (datetime.now(UTC) - datetime.fromisoformat(told[0]["time"])).total_seconds()
    lab.expect("its time is that of the failure", -1 < age_s < 30, f"{age_s:.1f} s ago")


@pytest.mark.requirement("COM-13.a")
def test_each_event_names_its_own_device(lab: Lab, faults: Faults, devices: list[LabDevice]) -> None:
    """Of several devices whose deliveries were refused, each by its own connection, each is told with its counter."""
    presume_trying_again(lab)
    paths = [f"/own-{number}" for number in range(len(devices))]
    faults.plan(*(Fault(f"refused {path}", Nth(1), Status(503), only=path) for path in paths))
    connections = [connect_bin(lab, path, one, blamePeriod=1) for path, one in zip(paths, devices, strict=True)]

    sent = [device.send() for device in devices]
    for connection, one in zip(connections, sent, strict=True):
        await_success(lab, [one], connection.route, after_s=1)
        judge_several(lab, [one], connection)
        told = telling(lab, connection, 503, dev_eui=one.dev_eui)
        named = [str(event) for event in told if str(one.f_cnt) not in str(event)]
        lab.expect_seen("it tells the counter of this device's uplink", named, {"empty": True}, proves="COM-13.a")


@pytest.mark.needs("downlinks")
@pytest.mark.requirement("COM-13.b")
def test_refused_downlink_makes_one_event(lab: Lab, devices: list[LabDevice]) -> None:
    """A downlink without a port is told once, with the device and the field; the one that was taken is no failure."""
    connection = connect_bin(lab, "/refused", *devices)

    lab.post_downlink(connection.downlink_url, {"DevEUI": devices[0].dev_eui, "payload_hex": "aa"})
    lab.post_downlink(connection.downlink_url, {"DevEUI": devices[1].dev_eui, "FPort": 5, "payload_hex": "aa"})

    told = telling(lab, connection, "FPort", dev_eui=devices[0].dev_eui)
    refusals = [event for event in told if "reject" in str(event).lower() or "refuse" in str(event).lower()]
    lab.expect_seen("the refused downlink is told once", len(refusals), {"is": 1}, told)


@pytest.mark.needs("thingsboard")
@pytest.mark.requirement("COM-13.c")
def test_failed_login_makes_one_event(lab: Lab) -> None:
    """A wrong password is told once as a failed login, without the password."""
    if "mqtt" not in lab.profile.choices.transports:
        pytest.skip(f"the profile {lab.profile.name} reaches ThingsBoard over {lab.transport} only")
    body = copy.deepcopy(example_body("thingsboard.md"))
    account = {"username": "tenant@thingsboard.org", "password": lab.secrets.hex("wrong password")}
    body["configuration"] |= {"hostName": "thingsboard.cloud:1883", **account}
    connection = lab.connect(body, Route("thingsboard", "v1/gateway/telemetry"), state=None)

    logins = [
        event for event in telling(lab, connection, "login") if "login" in str(event.get("type", "login")).lower()
    ]
    lab.expect_seen("the failed login is told once", len(logins), {"is": 1}, logins)
    lab.expect_seen("the password is not told", is_canary(str(logins)), {"empty": True}, logins)
