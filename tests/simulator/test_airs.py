from __future__ import annotations

import pytest

from tests.simulator.make import NOON, Hops
from uplab.simulator.airs import Airs
from uplab.simulator.chance import Chance
from uplab.simulator.clock import ManualClock
from uplab.simulator.devices.device import Device
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.lorawan.region import AS923_1, EU868, US915, Region
from uplab.simulator.network.downlink_queue import Queued, Rejected


def make(seed: int = 7) -> tuple[Airs, Fleet]:
    chance = Chance(seed)
    return Airs(chance, clock=ManualClock(NOON), emit=Hops()), Fleet(chance)


def joined(airs: Airs, fleet: Fleet, region: Region, device_class: str = "A") -> Device:
    device = fleet.device(region=region, device_class="C" if device_class == "C" else "A")
    airs.register(device)
    airs.of(region).join(device)
    return device


@pytest.mark.parametrize("region", [EU868, US915, AS923_1], ids=lambda region: str(region.name))
def test_a_device_is_in_the_air_of_its_region(region: Region) -> None:
    airs, fleet = make()
    device = joined(airs, fleet, region)

    [document] = airs.of(region).send(device, b"\x01", f_port=5)

    body = document["DevEUI_uplink"]
    assert (body["Channel"], body["Frequency"]) in {(one.lc, one.frequency_hz / 1e6) for one in region.channels}
    assert airs.of(region) is airs.of(region)


def test_the_customer_is_one_and_the_gateways_are_each_regions_own() -> None:
    airs, fleet = make()
    bodies = []
    for region in (EU868, US915):
        device = joined(airs, fleet, region)
        [document] = airs.of(region).send(device, b"\x01", f_port=5)
        bodies.append(document["DevEUI_uplink"])

    assert bodies[0]["CustomerID"] == bodies[1]["CustomerID"]
    assert len(bodies[0]["CustomerID"]) == 9
    assert not {one["Lrrid"] for one in bodies[0]["Lrrs"]["Lrr"]} & {one["Lrrid"] for one in bodies[1]["Lrrs"]["Lrr"]}


def test_another_seed_has_another_customer_network_and_gateways() -> None:
    told = []
    for seed in (7, 8):
        airs, fleet = make(seed)
        device = joined(airs, fleet, EU868)
        [document] = airs.of(EU868).send(device, b"\x01", f_port=5)
        body = document["DevEUI_uplink"]
        told.append((body["CustomerID"], body["Lrcid"], body["Lrrid"], body["DevAddr"][:2]))

    assert all(one != other for one, other in zip(*told, strict=True))


def test_downlinks_go_to_the_network_that_knows_the_device() -> None:
    airs, fleet = make()
    device = joined(airs, fleet, US915)
    queued: list[Device] = []
    airs.queued = queued.append

    assert airs.enqueue(str(device.dev_eui).lower(), 5, b"hello", now=NOON) == Queued(1)
    airs.of(US915).send(device, b"\x01", f_port=5)

    assert [one.payload for one in device.received] == [b"hello"]
    assert queued == [device]
    assert airs.flush(str(device.dev_eui)) == Queued(0)
    assert airs.enqueue("0" * 16, 5, b"", now=NOON) == Rejected(f"device {'0' * 16} is unknown")
    assert queued == [device]


def test_numbers_are_written_alike_in_every_region() -> None:
    airs, fleet = make()
    airs.speak("strings")
    device = joined(airs, fleet, US915)  # whose network server is made only now

    [document] = airs.of(US915).send(device, b"\x01", f_port=5)

    assert document["DevEUI_uplink"]["FCntUp"] == "0"
    airs.speak("typed")
    assert airs.of(US915).send(device, b"\x01", f_port=5)[0]["DevEUI_uplink"]["FCntUp"] == 1


def test_signals_are_drawn_anew_everywhere() -> None:
    airs, _ = make()
    before = [air.radio for air in (airs.of(EU868), airs.of(US915))]

    airs.draw(Chance("another"))

    assert [air.radio for air in airs if air.radio in before] == []
