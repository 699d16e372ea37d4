from __future__ import annotations

import pytest

from tests.simulator.make import NOON, Site, roots
from uplab.simulator.devices.device import Received
from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.airtime import airtime_ms
from uplab.simulator.lorawan.region import AS923_1, EU868, US915, Region


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_downlink_reaches_the_device_and_is_reported(site: Site) -> None:
    device = site.joined()
    site.network.enqueue(device.dev_eui, 9, b"hello", correlation_id="4434704901C7450B", now=NOON)

    documents = site.air.send(device, b"\x01", f_port=5)

    assert roots(documents) == ["DevEUI_uplink", "DevEUI_downlink_Sent"]
    report = documents[1]["DevEUI_downlink_Sent"]
    assert (report["DeliveryStatus"], report["TransmissionSlot"], report["CorrelationID"]) == (1, 1, "4434704901C7450B")
    assert device.received == [Received(9, b"hello", 0, "RX1", confirmed=False)]
    [received] = site.hops.of("device.received")
    assert (received["payload_hex"], received["window"], received["confirmed"]) == ("68656c6c6f", "RX1", False)


def test_a_confirmed_downlink_is_acknowledged_by_the_next_uplink(site: Site) -> None:
    device = site.joined()
    site.network.enqueue(device.dev_eui, 9, b"hello", confirmed=True, now=NOON)
    site.air.send(device, b"\x01", f_port=5)

    [document] = site.air.send(device, b"\x02", f_port=5)

    assert document["DevEUI_uplink"]["ACKbit"] == 1
    [after] = site.air.send(device, b"\x03", f_port=5)
    assert "ACKbit" not in after["DevEUI_uplink"]


def test_downlinks_come_one_by_one_in_order(site: Site) -> None:
    device = site.joined()
    for payload in (b"one", b"two", b"three"):
        site.network.enqueue(device.dev_eui, 9, payload, now=NOON)

    for _ in range(4):
        site.air.send(device, b"\x01", f_port=5)

    assert [one.payload for one in device.received] == [b"one", b"two", b"three"]
    assert [one.f_cnt_down for one in device.received] == [0, 1, 2]


def test_downlinks_reach_the_device_that_they_name(site: Site) -> None:
    one, other = site.joined(), site.joined()
    site.network.enqueue(one.dev_eui, 9, b"one", now=NOON)
    site.network.enqueue(other.dev_eui, 9, b"other", now=NOON)

    site.air.send(other, b"\x01", f_port=5)
    site.air.send(one, b"\x01", f_port=5)

    assert [(len(device.received), device.received[0].payload) for device in (one, other)] == [
        (1, b"one"),
        (1, b"other"),
    ]


def test_a_busy_gateway_uses_rx2(site: Site) -> None:
    device = site.joined()
    for gateway in site.fleet.gateways:
        gateway.faults["RX1"] = "A3"
    site.network.enqueue(device.dev_eui, 9, b"hello", now=NOON)

    _, report = site.air.send(device, b"\x01", f_port=5)

    assert report["DevEUI_downlink_Sent"]["TransmissionSlot"] == 2
    assert device.received[0].window == "RX2"


def test_a_gateway_that_cannot_send_is_reported(site: Site) -> None:
    device = site.joined()
    for gateway in site.fleet.gateways:
        gateway.faults |= {"RX1": "A3", "RX2": "DA"}
    site.network.enqueue(device.dev_eui, 9, b"hello", now=NOON)

    _, report = site.air.send(device, b"\x01", f_port=5)

    assert report["DevEUI_downlink_Sent"]["DeliveryStatus"] == 0
    assert device.received == []
    assert site.hops.of("gateway.sent") == []


def test_a_downlink_too_long_for_the_data_rate_is_rejected(site: Site) -> None:
    device = site.joined(data_rate=0)
    site.network.enqueue(device.dev_eui, 9, bytes(60), correlation_id="00000000000000AA", now=NOON)

    documents = site.air.send(device, b"\x01", f_port=5)

    assert roots(documents) == ["DevEUI_uplink", "DevEUI_downlink_Rejected"]
    report = documents[1]["DevEUI_downlink_Rejected"]
    assert report["DownlinkRejectionCause"] == "payload too long for the data rate: 60 bytes, at most 51"
    assert (report["DeliveryStatus"], report["CorrelationID"]) == (0, "00000000000000AA")
    assert device.received == []


def test_a_long_downlink_fits_a_faster_rx2() -> None:
    site = Site(rx2_data_rate=3)
    device = site.joined(data_rate=0)
    site.network.enqueue(device.dev_eui, 9, bytes(60), now=NOON)

    _, report = site.air.send(device, b"\x01", f_port=5)

    assert report["DevEUI_downlink_Sent"]["DeliveryFailedCause1"] == "C0"
    assert report["DevEUI_downlink_Sent"]["SpFact"] == 9
    assert [one.window for one in device.received] == ["RX2"]


def test_an_expired_downlink_is_reported_and_not_sent(site: Site) -> None:
    device = site.joined()
    site.network.enqueue(device.dev_eui, 9, b"hello", valid_until_s=site.clock.epoch_s() + 30, now=NOON)
    site.clock.advance(60)

    documents = site.air.send(device, b"\x01", f_port=5)

    assert roots(documents) == ["DevEUI_uplink", "DevEUI_downlink_Rejected"]
    assert device.received == []
    assert roots(site.air.send(device, b"\x02", f_port=5)) == ["DevEUI_uplink"]


@pytest.mark.parametrize("region", [EU868, US915, AS923_1], ids=lambda region: str(region.name))
def test_class_c_takes_a_downlink_at_once(region: Region) -> None:
    site = Site(region=region)
    device = site.joined(device_class="C")
    [uplink] = site.air.send(device, b"\x01", f_port=5)
    for payload in (b"one", bytes(243), b"two"):
        site.network.enqueue(device.dev_eui, 9, payload, correlation_id="00000000000000AA", now=NOON)

    reports = site.air.deliver(device)

    assert uplink["DevEUI_uplink"]["DynamicClass"] == "C"
    assert [(one.payload, one.window, one.f_cnt_down) for one in device.received] == [
        (b"one", "RX2", 0),
        (b"two", "RX2", 1),
    ]
    assert roots(reports) == ["DevEUI_downlink_Sent"] * 2  # 243 bytes are refused on arrival
    assert [one["DevEUI_downlink_Sent"]["TransmissionSlot"] for one in reports] == [2, 2]
    assert site.air.deliver(device) == []


def test_class_c_waits_for_the_first_uplink_of_its_session(site: Site) -> None:
    device = site.joined(device_class="C")
    site.network.enqueue(device.dev_eui, 9, b"hello", now=NOON)

    assert site.air.deliver(device) == []
    site.air.send(device, b"\x01", f_port=5)

    assert [one.payload for one in device.received] == [b"hello"]
    site.air.join(device)
    site.network.enqueue(device.dev_eui, 9, b"again", now=NOON)
    assert site.air.deliver(device) == []


def test_class_c_in_a_dead_spot_is_reported_as_not_sent(site: Site) -> None:
    device = site.joined(device_class="C")
    site.air.send(device, b"\x01", f_port=5)
    for gateway in site.fleet.gateways:
        gateway.faults["RX2"] = "D0"
    site.network.enqueue(device.dev_eui, 9, b"hello", now=NOON)

    [report] = site.air.deliver(device)

    sent = report["DevEUI_downlink_Sent"]
    assert (sent["DeliveryStatus"], sent["DeliveryFailedCause2"]) == (0, "D0")
    assert device.received == []


def test_class_a_hears_nothing_between_its_uplinks(site: Site) -> None:
    device = site.joined()
    site.air.send(device, b"\x01", f_port=5)
    site.network.enqueue(device.dev_eui, 9, b"hello", now=NOON)

    assert site.air.deliver(device) == []
    assert device.received == []


@pytest.mark.parametrize("region", [EU868, US915, AS923_1], ids=lambda region: str(region.name))
def test_a_device_asks_for_time_and_link(region: Region) -> None:
    site = Site(region=region)
    device = site.joined()
    device.ask(mac_commands.DEVICE_TIME)
    device.ask(mac_commands.LINK_CHECK)

    [document] = site.air.send(device, b"\x01", f_port=5)

    body = document["DevEUI_uplink"]
    assert body["rawMacCommands"] == "0d02"
    assert device.told_s is not None
    # The end of the uplink: 14 bytes of PHYPayload and the two commands.
    rate = region.data_rates[device.data_rate]
    ended_s = site.clock.epoch_s() + airtime_ms(16, rate.sf, rate.bandwidth_hz) / 1000
    assert 0 <= ended_s - device.told_s < 1 / 256 + 1e-6
    assert device.link is not None
    assert (device.link.gateway_count, device.link.margin_db > 0) == (2, True)


def test_an_uplink_that_comes_late_is_told_no_time(site: Site) -> None:
    device = site.joined()
    device.ask(mac_commands.DEVICE_TIME)
    for gateway in site.fleet.gateways:
        site.air.disconnect(gateway)
    site.air.send(device, b"\x01", f_port=5)
    for gateway in site.fleet.gateways:
        site.air.reconnect(gateway)

    site.air.send(device, b"\x02", f_port=5)

    assert device.told_s is None


@pytest.mark.parametrize("rx_delay", [0, 5])
def test_rx1_comes_after_the_delay_of_the_join_accept(rx_delay: int) -> None:
    site = Site(rx_delay=rx_delay)
    device = site.joined()

    site.air.send(device, b"\x01", f_port=5, confirmed=True)

    assert device.rx1_delay_s == (rx_delay or 1)
    assert not device.awaits_ack


@pytest.mark.parametrize("region", [EU868, US915, AS923_1], ids=lambda region: str(region.name))
@pytest.mark.parametrize("window", ["RX1", "RX2"])
def test_every_region_works_both_ways(region: Region, window: str) -> None:
    site = Site(region=region)
    device = site.joined()
    if window == "RX2":
        for gateway in site.fleet.gateways:
            gateway.faults["RX1"] = "D0"
    for number in range(20):
        site.network.enqueue(device.dev_eui, 9, bytes([number]), now=NOON)
        site.air.send(device, bytes([number]), f_port=5)

    assert [(one.payload, one.window) for one in device.received] == [(bytes([n]), window) for n in range(20)]
