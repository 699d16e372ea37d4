from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.make import NOON, Site, roots
from uplab.simulator.air import Air
from uplab.simulator.devices.device import Activation
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.ids import Key
from uplab.simulator.payloads import MODELS


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_join_is_two_documents_and_a_joined_device(site: Site) -> None:
    device = site.fleet.device()
    site.air.register(device)

    documents = site.air.join(device)

    assert roots(documents) == ["DevEUI_uplink", "DevEUI_notification"]
    assert device.activation is Activation.JOINED
    assert device.dev_addr == site.network.dev_addr(device.dev_eui)
    assert documents[1]["DevEUI_notification"]["DevAddr"] == device.dev_addr


def test_a_refused_device_stays_idle(site: Site) -> None:
    device = site.fleet.device()

    assert site.air.join(device) == []

    assert device.activation is Activation.IDLE
    assert [facts["reason"] for facts in site.hops.of("network.refused")] == ["unknown_device"]


def test_an_uplink_is_one_document_of_the_device(site: Site) -> None:
    device = site.joined(name="Door 3")

    [document] = site.air.send(device, b"\x01\x02", f_port=5)

    body = document["DevEUI_uplink"]
    assert (body["DevEUI"], body["FPort"], body["FCntUp"], body["payload_hex"]) == (device.dev_eui, 5, 0, "0102")
    assert (body["Time"], body["MType"], body["DevLrrCnt"]) == ("2026-01-01T12:01:00.000+00:00", 2, 2)
    assert body["CustomerData"]["name"] == "Door 3"
    assert body["DriverCfg"]["mod"] == {"pId": "elsys", "mId": "ers", "ver": "1"}
    assert body["ModelCfg"].startswith("1:TPX_")
    assert "payload" not in body


def test_gateways_hear_the_same_frame_differently(site: Site) -> None:
    device = site.joined(position_m=(500.0, 100.0))

    [document] = site.air.send(device, b"\x01", f_port=5)

    near, far = document["DevEUI_uplink"]["Lrrs"]["Lrr"]
    assert near["LrrRSSI"] - far["LrrRSSI"] > 20
    assert near["LrrESP"] > far["LrrESP"]
    assert {near["Lrrid"], far["Lrrid"]} == {gateway.lrr_id for gateway in site.fleet.gateways}


def test_the_hops_tell_the_way_in_order(site: Site) -> None:
    device = site.joined()

    site.air.send(device, b"\x01\x02", f_port=5)

    assert [hop for hop, _ in site.hops.all] == ["device.sent", "gateway.heard", "gateway.heard", "network.document"]
    [sent] = site.hops.of("device.sent")
    [one, other] = site.hops.of("gateway.heard")
    assert (sent["f_cnt"], sent["f_port"], sent["payload_hex"], sent["m_type"]) == (0, 5, "0102", 2)
    assert sent["time"] == "2026-01-01T12:01:00.000+00:00"
    assert one["phy_hex"] == other["phy_hex"] == sent["phy_hex"]
    assert one["dev_eui"] == device.dev_eui


def test_times_of_a_device_always_go_on(site: Site) -> None:
    device, other = site.joined(), site.joined()

    times = [site.air.send(device, bytes([number]), f_port=5)[0]["DevEUI_uplink"]["Time"] for number in range(3)]

    assert [time[17:23] for time in times] == ["00.000", "00.001", "00.002"]
    assert site.air.send(other, b"\x01", f_port=5)[0]["DevEUI_uplink"]["Time"] == times[0]


def test_who_has_not_joined_cannot_send(site: Site) -> None:
    with pytest.raises(SimulatorError, match="has not joined"):
        site.air.send(site.fleet.device(), b"\x01", f_port=5)


def test_too_far_away_is_not_heard(site: Site) -> None:
    device = site.joined()
    device.position_m = (20_000.0, 0.0)

    assert site.air.send(device, b"\x01", f_port=5) == []

    assert site.hops.of("gateway.heard") == []
    device.position_m = (0.0, 0.0)
    [document] = site.air.send(device, b"\x02", f_port=5)
    assert document["DevEUI_uplink"]["InstantPER"] == 0.5


def test_a_slower_data_rate_reaches_farther(site: Site) -> None:
    device = site.joined(position_m=(4_500.0, 0.0), data_rate=0)

    assert device.activation is Activation.JOINED
    [document] = site.air.send(device, b"\x01", f_port=5)
    assert document["DevEUI_uplink"]["SpFact"] == 12
    device.data_rate = 5
    assert site.air.send(device, b"\x01", f_port=5) == []


def test_a_confirmed_uplink_is_acknowledged_at_once(site: Site) -> None:
    device = site.joined()

    [document] = site.air.send(device, b"\x01", f_port=5, confirmed=True)

    assert document["DevEUI_uplink"]["MType"] == 4
    assert not device.awaits_ack
    assert device.received == []
    assert len(site.hops.of("gateway.sent")) == 1


def test_a_lossy_radio_delivers_confirmed_uplinks_once_each() -> None:
    site = Site(loss=0.4)
    device = site.fleet.device()
    site.air.register(device)
    while device.activation is not Activation.JOINED:
        site.air.join(device)
    delivered, acknowledged = [], 0
    for number in range(60):
        site.clock.advance(60)
        documents = site.air.send(device, bytes([number]), f_port=5, confirmed=True)
        delivered += [document["DevEUI_uplink"]["FCntUp"] for document in documents]
        acknowledged += not device.awaits_ack

    assert delivered == sorted(set(delivered))
    assert len(delivered) >= acknowledged >= 55
    assert len(site.hops.of("device.sent")) > 70


def test_repetitions_make_one_document(site: Site) -> None:
    device = site.joined()
    site.network.command(device.dev_eui, mac_commands.LinkAdrReq(5, 1, 0xFF, transmissions=3).command())
    site.air.send(device, b"\x01", f_port=5)
    site.hops.all.clear()

    [document] = site.air.send(device, b"\x02", f_port=5)

    assert document["DevEUI_uplink"]["NbTrans"] == 3
    assert len(site.hops.of("device.sent")) == 3
    assert [facts["reason"] for facts in site.hops.of("network.refused")] == ["replay", "replay"]


def test_a_replayed_frame_makes_no_document(site: Site) -> None:
    device = site.joined()
    site.air.send(device, b"\x01", f_port=5)
    phy = bytes.fromhex(site.hops.of("device.sent")[0]["phy_hex"])

    assert site.air.replay(device, phy) == []

    assert [facts["reason"] for facts in site.hops.of("network.refused")] == ["replay"]
    assert site.air.replay(device, b"\x40") == []


def test_a_counter_can_be_wound_to_its_wrap(site: Site) -> None:
    device = site.joined()
    site.air.wind(device, 0xFFFF)

    counters = [site.air.send(device, b"\x01", f_port=5)[0]["DevEUI_uplink"]["FCntUp"] for _ in range(2)]

    assert counters == [0xFFFF, 0x10000]


def test_a_rejoin_starts_again(site: Site) -> None:
    device = site.joined()
    old = device.dev_addr
    site.air.send(device, b"\x01", f_port=5)

    site.air.join(device)
    [document] = site.air.send(device, b"\x02", f_port=5)

    assert document["DevEUI_uplink"]["FCntUp"] == 0
    assert document["DevEUI_uplink"]["DevAddr"] == device.dev_addr != old


def test_a_cut_off_gateway_delivers_late(site: Site) -> None:
    device = site.joined()
    for gateway in site.fleet.gateways:
        site.air.disconnect(gateway)

    assert site.air.send(device, b"\x01", f_port=5) == []
    assert site.air.send(device, b"\x02", f_port=5) == []
    site.clock.advance(3600)
    first, second = site.fleet.gateways
    documents = site.air.reconnect(first)

    assert [document["DevEUI_uplink"]["Late"] for document in documents] == [1, 1]
    assert [document["DevEUI_uplink"]["FCntUp"] for document in documents] == [0, 1]
    assert documents[0]["DevEUI_uplink"]["Time"] == "2026-01-01T12:01:00.000+00:00"
    assert site.air.reconnect(second) == []
    [now] = site.air.send(device, b"\x03", f_port=5)
    assert (now["DevEUI_uplink"]["Late"], now["DevEUI_uplink"]["DevLrrCnt"]) == (0, 2)


def test_the_other_gateway_goes_on_meanwhile(site: Site) -> None:
    device = site.joined()
    cut, good = site.fleet.gateways
    site.air.disconnect(cut)

    [document] = site.air.send(device, b"\x01", f_port=5)

    assert [one["Lrrid"] for one in document["DevEUI_uplink"]["Lrrs"]["Lrr"]] == [good.lrr_id]
    assert site.air.reconnect(cut) == []
    assert [facts["reason"] for facts in site.hops.of("network.refused")] == ["replay"]


def test_a_wrong_key_is_refused_by_its_mic(site: Site) -> None:
    device = site.fleet.device()
    site.air.register(device)
    device.app_key = Key(bytes(16))

    assert site.air.join(device) == []
    assert [facts["reason"] for facts in site.hops.of("network.refused")] == ["mic"]


def test_measured_payloads_arrive_and_differ(site: Site) -> None:
    device = site.joined()
    model = MODELS[device.model]

    sent = [model.encode(device.measure()) for _ in range(20)]
    arrived = [site.air.send(device, payload, f_port=model.f_port)[0]["DevEUI_uplink"] for payload in sent]

    assert [body["payload_hex"] for body in arrived] == [payload.hex() for payload in sent]
    assert len(set(sent)) == 20
    assert {body["FPort"] for body in arrived} == {5}


def test_one_seed_is_one_run() -> None:
    def run(seed: int) -> list[Any]:
        site = Site(seed=seed)
        device = site.joined()
        site.network.enqueue(device.dev_eui, 9, b"hello", now=NOON)
        return [site.air.send(device, bytes([number]), f_port=5) for number in range(5)]

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_repetitions_never_overtake_the_next_uplink() -> None:
    site = Site(loss=0.5)
    device = site.fleet.device()
    site.air.register(device)
    while device.activation is not Activation.JOINED:
        site.air.join(device)

    documents = [
        document
        for number in range(30)
        for document in site.air.send(device, bytes([number]), f_port=5, confirmed=True)
    ]

    times = [document["DevEUI_uplink"]["Time"] for document in documents]
    assert len(times) > 20
    assert times == sorted(set(times))


def test_nobody_listening_changes_nothing(site: Site) -> None:
    quiet = Air(
        network=type(site.network)(chance=site.chance),
        gateways=site.fleet.gateways,
        radio=type(site.radio)(site.chance),
        clock=site.clock,
    )
    device = site.fleet.device()
    quiet.register(device)

    assert len(quiet.join(device)) == 2
    assert len(quiet.send(device, b"\x01", f_port=5, confirmed=True)) == 1
    assert site.hops.all == []


def test_gateways_need_different_ids(site: Site) -> None:
    with pytest.raises(SimulatorError, match=r"^gateways: two have the same lrr_id$"):
        Air(network=site.network, gateways=site.fleet.gateways[:1] * 2, radio=site.radio)
