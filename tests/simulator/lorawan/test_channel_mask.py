from __future__ import annotations

import pytest

from uplab.simulator.lorawan.channel_mask import masked
from uplab.simulator.lorawan.mac_commands import LinkAdrReq
from uplab.simulator.lorawan.region import AS923_1, EU868, US915, Region

ALL = range(72)


def after(region: Region, *masks: tuple[int, int]) -> list[int] | None:
    """What a device with all channels has left after requests with these controls and masks."""
    left: list[int] | None = list(range(len(region.channels)))
    for control, mask in masks:
        left = masked(region, left or (), LinkAdrReq(3, 1, mask, channel_mask_control=control))
    return left


@pytest.mark.parametrize(
    ("masks", "left"),
    [
        # The sequences of band_us902_928_test.go of the public library brocaar/lorawan.
        ([(7, 0x0000), (0, 0x00FF)], range(8)),
        ([(7, 0x0000), (0, 0xFF00), (1, 0x00FF)], range(8, 24)),
        ([(7, 0x00FF)], range(64, 72)),
        ([(0, 0xFF00)], range(8, 72)),
        # Sub-band 2 with its wide channel, by its own bits and as a bank.
        ([(7, 0x0002), (0, 0xFF00)], [*range(8, 16), 65]),
        ([(5, 0x0002)], [*range(8, 16), 65]),
        ([(6, 0x0000)], range(64)),
        ([(4, 0x0001)], range(65)),
    ],
)
def test_america_masks_72_channels(masks: list[tuple[int, int]], left: list[int]) -> None:
    assert after(US915, *masks) == list(left)


@pytest.mark.parametrize(("control", "mask"), [(7, 0x0000), (4, 0x0100), (5, 0x0100)])
def test_america_has_no_channel_there(control: int, mask: int) -> None:
    assert after(US915, (control, mask)) is None


@pytest.mark.parametrize("region", [EU868, AS923_1], ids=lambda region: region.name)
def test_elsewhere_a_bit_is_a_channel(region: Region) -> None:
    assert after(region, (0, 0b101)) == [0, 2]
    assert after(region, (6, 0)) == list(range(len(region.channels)))


@pytest.mark.parametrize("masks", [[(0, 0)], [(0, 1 << 15)], [(3, 1)], [(5, 1)], [(7, 1)]])
def test_elsewhere_other_controls_are_refused(masks: list[tuple[int, int]]) -> None:
    assert after(EU868, *masks) is None
