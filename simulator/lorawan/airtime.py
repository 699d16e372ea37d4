"""Time on air of a LoRa transmission, and the silence that a duty cycle asks for after it."""

from __future__ import annotations

__all__ = ["airtime_ms", "off_time_ms"]


def airtime_ms(
    phy_bytes: int,
    sf: int,
    bandwidth_hz: int = 125_000,
    *,
    crc: bool = True,
    coding_rate: int = 1,
    implicit_header: bool = False,
    preamble_symbols: int = 8,
) -> float:
    """Return the time on air in ms of a PHYPayload (Semtech SX1272/76 designer's guide); ValueError names the argument.

    Downlinks are sent with `crc=False`; `coding_rate` 1 to 4 means 4/5 to 4/8.
    """
    for name, value, low, high in (
        ("phy_bytes", phy_bytes, 0, 255),
        ("sf", sf, 7, 12),
        ("bandwidth_hz", bandwidth_hz, 7_800, 500_000),
        ("coding_rate", coding_rate, 1, 4),
        ("preamble_symbols", preamble_symbols, 6, 65_535),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name}: {value}, expected {low} to {high}")
    # Symbols of 16 ms or longer need the low data rate optimisation, which spends two bits of each.
    optimised = 1000 << sf >= 16 * bandwidth_hz
    bits = 8 * phy_bytes - 4 * sf + 28 + 16 * crc - 20 * implicit_header
    blocks = max(-(-bits // (4 * (sf - 2 * optimised))), 0)
    quarter_symbols = 4 * preamble_symbols + 17 + 4 * (8 + blocks * (coding_rate + 4))
    # One division of whole numbers, so that the result is the nearest float there is.
    return (quarter_symbols << sf) * 1000 / (4 * bandwidth_hz)


def off_time_ms(sent_ms: float, duty_cycle: float) -> float:
    """Return how long a sub-band stays closed after a transmission of `sent_ms`; `duty_cycle` 0.01 is 1 %."""
    if not 0 < duty_cycle <= 1:
        raise ValueError(f"duty_cycle: {duty_cycle}, expected above 0 and at most 1")
    return sent_ms / duty_cycle - sent_ms
