"""The first scenarios of this project: Given a connection, When devices send, Then it was delivered as promised."""

from __future__ import annotations

import pytest

from uplab.scenarios import (
    Bin,
    Connect,
    Destination,
    DestinationArrived,
    Fault,
    Faults,
    Finding,
    FirstN,
    Lab,
    LabDevice,
    Status,
    broken,
    check,
    kept,
)

pytestmark = pytest.mark.needs("http")


# A check of one's own: a fold over the hops that it wants to see.
@check("no uplink arrives with more than {most} bytes", source="MINE-01.b")
class SmallBodies:
    most: int

    def see(self, hop: DestinationArrived) -> Finding:
        return kept() if hop.size <= self.most else broken(f"{hop.size} bytes came")


@pytest.mark.requirement("MINE-01.a")
def test_every_uplink_reaches_its_bin(
    lab: Lab, connection: Connect, posthere_bin: Bin, devices: list[LabDevice]
) -> None:
    """Each uplink of three devices arrives once, in order, unaltered, and nowhere else."""
    there = connection(posthere_bin, *devices)

    sent = [device.send(temperature_c=21.5) for device in devices]
    sent += lab.barrier(*devices)

    lab.judge_delivery(sent, there)


@pytest.mark.needs("names")  # where names do not lead to the lab, the scripted server has no address for the forwarder
@pytest.mark.requirement("MINE-01.b")
def test_door_tells_the_hall_what_it_is(lab: Lab, connection: Connect, hall: Destination, door: LabDevice) -> None:
    """A destination, a model and a check of one's own: what a door sends arrives at the hall, and is small."""
    there = connection(hall, door)

    sent = [door.send(is_open=True), door.send(is_open=False)]
    lab.await_delivery(sent, there.route)

    lab.judge_delivery(sent, there)
    lab.judge_alone(SmallBodies(most=20_000))


@pytest.mark.requirement("MINE-02")
def test_busy_bin_gets_it_later(
    lab: Lab, connection: Connect, faults: Faults, posthere_bin: Bin, device: LabDevice
) -> None:
    """A destination that answers 503 once gets the uplink again, a blame period later."""
    faults.plan(Fault("busy", FirstN(1), Status(503)))
    there = connection(posthere_bin, device, blamePeriod=1)

    sent = [device.send()]
    faults.happened()
    lab.await_taken(sent, there.route, after_s=1)

    lab.judge_delivery(sent, there)
