"""Decoding: what cannot be decoded is reported in the document and delivered all the same."""

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.suites.common.destination import connect_bin, documents
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import expect_accepted

pytestmark = pytest.mark.needs("http", "drivers", "form")


@pytest.mark.requirement("COM-17.a")
def test_decoding_error_is_reported_and_delivered(lab: Lab, device: LabDevice) -> None:
    """Bytes that the driver cannot read: the uplink arrives with payloadDecodedError, and without payload."""
    connection = connect_bin(lab, "/undecodable", device)

    sent = [device.send_bytes(bytes.fromhex("ffffff"), f_port=5), device.send()]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    broken, good = (document["DevEUI_uplink"] for document in documents(lab, connection))
    error = broken.get("payloadDecodedError")
    told = isinstance(error, dict) and str(error.get("code", "")).startswith("com-5") and bool(error.get("message"))
    lab.expect("payloadDecodedError has a code and a message", told, error)
    lab.expect_seen("there is no payload", broken, {"lacks": "payload"}, broken.get("payload"))
    lab.expect("the next uplink is decoded", "payload" in good and "payloadDecodedError" not in good, sorted(good))


@pytest.mark.requirement("COM-17.a")
def test_port_that_the_driver_does_not_know_is_reported(lab: Lab, device: LabDevice) -> None:
    """An uplink on another port than the driver's is delivered with payloadDecodedError."""
    connection = connect_bin(lab, "/other-port", device)

    sent = [device.send_bytes(bytes.fromhex("0100d7"), f_port=99)]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    shown = documents(lab, connection)[0]["DevEUI_uplink"]
    lab.expect_seen("payloadDecodedError is there", shown, {"holds": "payloadDecodedError"}, sorted(shown))


@pytest.mark.requirement("COM-17.b")
def test_device_without_a_driver_is_not_decoded(lab: Lab, device: LabDevice) -> None:
    """Without a driver there is neither payload nor error: no reader is told of values that nobody decoded."""
    connection = connect_bin(lab, "/generic", device)
    unknown = {"mod": {"pId": "nobody", "mId": "nothing", "ver": "1"}}

    sent = [lab.post(uplink(device, DriverCfg=None)), lab.post(uplink(device, DriverCfg=unknown))]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    for document in documents(lab, connection):
        added = {"payload", "payloadDecodedError"} & set(document["DevEUI_uplink"])
        # An unknown driver may be told as an error; values may not appear.
        lab.expect_seen("no payload is made up", added, {"lacks": "payload"}, sorted(added))


@pytest.mark.requirement("COM-17.c")
def test_undecodable_uplink_does_not_hold_up_the_others(lab: Lab, devices: list[LabDevice]) -> None:
    """Between uplinks that decode well, undecodable ones arrive in their place and in order."""
    connection = connect_bin(lab, "/between", *devices)

    sent = []
    for device in devices:
        sent += [device.send(), device.send_bytes(b"\xff\x00", f_port=5), device.send()]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
