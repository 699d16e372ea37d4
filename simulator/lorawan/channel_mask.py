"""Which channels a LinkADRReq leaves: ChMaskCntl says what the 16 bits of ChMask are about, and each plan has its own.

Source: LoRaWAN Regional Parameters 1.0.2 rev B, the tables of ChMaskCntl of EU863-870, US902-928 and AS923.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from uplab.simulator.lorawan.mac_commands import LinkAdrReq
from uplab.simulator.lorawan.region import Region

__all__ = ["masked"]

_NARROW: Final = 64  # of the 72 channels of US915 the first ones have 125 kHz
_WIDE: Final = range(64, 72)  # and these 500 kHz


def masked(region: Region, used: Collection[int], request: LinkAdrReq) -> list[int] | None:
    """Return the channels that are left of those `used`; None where the mask is none of the region, or leaves none."""
    bits = [bit for bit in range(16) if request.channel_mask >> bit & 1]
    if len(region.channels) <= 16:
        left = _dynamic(region, bits, request.channel_mask_control)
    else:
        left = _fixed(used, bits, request.channel_mask_control)
    return sorted(left) if left and max(left) < len(region.channels) else None


def _dynamic(region: Region, bits: list[int], control: int) -> set[int]:
    """0: a bit for each channel; 6: all that there are."""
    return {0: set(bits), 6: set(range(len(region.channels)))}.get(control, set())


def _fixed(used: Collection[int], bits: list[int], control: int) -> set[int]:
    """0 to 4: sixteen channels of the 72 each; 5: a bit for each bank of eight; 6 and 7: all narrow ones, or none."""
    if control <= 4:
        here = range(16 * control, 16 * control + 16)
        return set(used) - set(here) | {16 * control + bit for bit in bits}
    if control == 5:
        return {8 * bank + n for bank in bits for n in range(8)} | {_NARROW + bank for bank in bits}
    return set(range(_NARROW) if control == 6 else ()) | {_WIDE[0] + bit for bit in bits}
