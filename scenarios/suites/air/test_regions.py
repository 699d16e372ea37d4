"""Regions and classes: what devices outside Europe send arrives as it is, and downlinks reach them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice, Sent
from uplab.scenarios.suites.air.drawn import drawn_device
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success, expect_accepted
from uplab.simulator.lorawan.region import REGIONS, Region

pytestmark = pytest.mark.needs("http", "api")

LONGEST = bytes(range(100))
"""More than the slowest data rate of Europe carries, and less than the fastest of each region."""


def data_rates(region: Region) -> list[int]:
    """Those in which a device of the region may send."""
    channels = region.channels[: region.default_channels]
    return sorted({rate for one in channels for rate in range(one.min_data_rate, one.max_data_rate + 1)})


def send_in(lab: Lab, device: LabDevice, data_rate: int) -> Sent:
    """A measurement in this data rate, or what fits into it: the temperature alone."""
    lab.loop.call(partial(setattr, device.device, "data_rate", data_rate))
    readings, payload, f_port = lab.upstream.measure(device.device, {})
    limit = device.device.region.data_rates[data_rate].max_payload_bytes
    if len(payload) > limit:
        readings, payload = None, b"\x01\x00\xd7"
    return device.send_bytes(payload, f_port=f_port, readings=readings)


@pytest.mark.varies("regime")
@pytest.mark.requirement("AIR-03.a")
def test_uplinks_of_every_region_arrive_as_they_are(lab: Lab) -> None:
    """Every data rate of EU868, US915 and AS923, each in a channel of its region: the documents pass unaltered."""
    devices = {name: lab.device("elsys_ers", region=name) for name in REGIONS}
    connection = connect_bin(lab, "/regions", *devices.values())

    sent = [send_in(lab, device, rate) for name, device in devices.items() for rate in data_rates(REGIONS[name])]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    wrong = [one for one in map(_channel, sent) if one not in _channels()]
    lab.expect_seen("each document names a channel of its region", wrong, {"empty": True}, hop="network")


def _channel(sent: Sent) -> tuple[str, float]:
    body: dict[str, Any] = (sent.document or {}).get("DevEUI_uplink", {})
    return str(body.get("Channel")), float(body.get("Frequency", 0))


def _channels() -> set[tuple[str, float]]:
    return {(one.lc, one.frequency_hz / 1_000_000) for region in REGIONS.values() for one in region.channels}


@pytest.mark.needs("downlinks")
@pytest.mark.requirement("AIR-03.b")
def test_downlink_reaches_a_device_in_every_region(lab: Lab) -> None:
    """A hundred bytes, which each region's fastest data rate carries, come in the window after the next uplink."""
    devices = [lab.device("elsys_ers", region=name) for name in REGIONS]
    connection = connect_bin(lab, "/regions-down", *devices)

    for device in devices:
        device.send()
        asked = {"DevEUI": device.dev_eui, "FPort": 7, "payload_hex": LONGEST.hex()}
        answer = lab.post_downlink(connection.downlink_url, asked)
        lab.expect_answer("the downlink is accepted", answer, lab.profile.choices.downlink_status)
    lab.poll(
        lambda: sum(e.hop == "network.downlink" for e in lab.history.events),
        {"is": len(devices)},
        awaited="each downlink is handed on",
        timeout_s=lab.deadlines.downlink_s,
    )
    for device in devices:
        device.send()

    lab.expect_downlinks({device: [(7, LONGEST.hex())] for device in devices}, devices)


@pytest.mark.needs("downlinks")
@pytest.mark.requirement("AIR-03.c")
def test_downlink_reaches_a_device_of_class_c_at_once(lab: Lab) -> None:
    """It listens all the time: the downlink comes without an uplink after it, and the report of it is delivered."""
    region = drawn_device(lab, "class c").device.region.name
    device = lab.device("elsys_ers", region=region, device_class="C")
    connection = connect_bin(lab, "/class-c", device)
    first = device.send()
    await_success(lab, [first], connection.route)

    asked = {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "3e01", "CorrelationID": "00000000000C1A55"}
    answer = lab.post_downlink(connection.downlink_url, asked)

    lab.expect_answer("the downlink is accepted", answer, lab.profile.choices.downlink_status)
    lab.poll(
        lambda: device.received,
        {"is": [(5, "3e01")]},
        awaited="the device takes it without an uplink of its own",
        timeout_s=lab.deadlines.downlink_s,
    )
    lab.poll(
        lambda: [e.raw for e in lab.history.events if _reports(e, connection.route)],
        bool,
        awaited="its report is delivered",
        timeout_s=lab.deadlines.downlink_s,
    )


def _reports(event: Any, route: Any) -> bool:
    return (
        event.hop == "destination.arrived"
        and route.takes(event.facts)
        and b"DevEUI_downlink_Sent" in (event.raw or b"")
        and b"00000000000C1A55" in (event.raw or b"")
    )
