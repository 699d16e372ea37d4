"""Regional parameters as tables: channels, data rates, receive windows, duty cycles (EU868, US915, AS923-1).

FSK and LR-FHSS data rates are left out: the radio model speaks LoRa only. Payload limits are those without a repeater.
Sources: LoRaWAN Regional Parameters 1.0.2 and RP002; sub-bands of EU868: ETSI EN 300 220. How ThingPark names channels:
US915 as public captures show it (LC0 is 902.3 MHz, LC6 903.5), EU868 the usual numbers; AS923's are our choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

__all__ = [
    "AS923_1",
    "AS923_1_NO_DWELL",
    "EU868",
    "JOIN_ACCEPT_DELAY1_S",
    "JOIN_ACCEPT_DELAY2_S",
    "RECEIVE_DELAY1_S",
    "RECEIVE_DELAY2_S",
    "REGIONS",
    "US915",
    "Channel",
    "DataRate",
    "DutyBand",
    "Region",
    "Window",
]

RECEIVE_DELAY1_S: Final = 1
RECEIVE_DELAY2_S: Final = 2
JOIN_ACCEPT_DELAY1_S: Final = 5
JOIN_ACCEPT_DELAY2_S: Final = 6


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, with the names that ThingPark documents give it: `lc` "LC1", `sub_band` "G1"."""

    lc: str
    sub_band: str
    frequency_hz: int
    min_data_rate: int
    max_data_rate: int


@dataclass(frozen=True, slots=True)
class DataRate:
    """A LoRa data rate; `max_payload_bytes` is N, the largest FRMPayload when FOpts is empty."""

    sf: int
    bandwidth_hz: int
    max_payload_bytes: int


@dataclass(frozen=True, slots=True)
class DutyBand:
    """A sub-band whose transmissions share a duty cycle: 0.01 is 1 %."""

    name: str
    low_hz: int
    high_hz: int
    duty_cycle: float
    max_erp_dbm: int


@dataclass(frozen=True, slots=True)
class Window:
    """Where a downlink is sent."""

    channel: Channel
    data_rate: int


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One regional plan: a device knows the first `default_channels` channels, a join accept may bring the others."""

    name: str
    channels: tuple[Channel, ...]
    default_channels: int
    join_data_rates: tuple[int, ...]  # those in which a device may ask to join
    data_rates: Mapping[int, DataRate]
    rx1_data_rates: Mapping[int, tuple[int, ...]]  # by uplink data rate, then by RX1DROffset
    rx1_channels: tuple[Channel, ...]  # empty: the channel of the uplink
    rx2: Window
    max_eirp_dbm: int
    max_tx_power: int  # the largest TXPower index, each step is 2 dB less
    duty_bands: tuple[DutyBand, ...] = ()
    dwell_ms: int | None = None  # longest transmission in a 125 kHz channel

    def rx1(self, channel: Channel, data_rate: int, offset: int = 0) -> Window:
        """Return the first receive window after an uplink; ValueError names what the region does not have."""
        offsets = self.rx1_data_rates.get(data_rate)
        if offsets is None:
            raise ValueError(f"data_rate: {self.name} has no uplink DR{data_rate}")
        if not 0 <= offset < len(offsets):
            raise ValueError(f"offset: {offset}, expected 0 to {len(offsets) - 1} in {self.name}")
        if channel not in self.channels:
            raise ValueError(f"channel: {self.name} has no {channel.lc} of {channel.frequency_hz} Hz")
        if self.rx1_channels:
            channel = self.rx1_channels[self.channels.index(channel) % len(self.rx1_channels)]
        return Window(channel, offsets[offset])

    def tx_power_dbm(self, tx_power: int) -> int:
        """Return the radiated power (EIRP) of a TXPower index; ValueError when the region has no such index."""
        if not 0 <= tx_power <= self.max_tx_power:
            raise ValueError(f"tx_power: {tx_power}, expected 0 to {self.max_tx_power} in {self.name}")
        return self.max_eirp_dbm - 2 * tx_power

    def duty_band(self, frequency_hz: int) -> DutyBand | None:
        """Return the duty cycle band that a frequency lies in, if any."""
        return next((band for band in self.duty_bands if band.low_hz <= frequency_hz <= band.high_hz), None)

    def cf_list(self) -> bytes:
        """Return the CFList that brings the other channels in a join accept: 16 bytes, or none when there are none."""
        extra = self.channels[self.default_channels :]
        if not extra:
            return b""
        frequencies = b"".join((channel.frequency_hz // 100).to_bytes(3, "little") for channel in extra)
        return frequencies.ljust(15, b"\0") + b"\0"  # type 0: frequencies


def _data_rates(bandwidth_hz: int, first: int, rows: tuple[tuple[int, int], ...]) -> dict[int, DataRate]:
    """Return data rates numbered from `first`; each row is SF and N."""
    return {first + index: DataRate(sf, bandwidth_hz, limit) for index, (sf, limit) in enumerate(rows)}


def _lowered(uplinks: range, steps: tuple[int, ...], low: int, high: int) -> Mapping[int, tuple[int, ...]]:
    """Return the table of RX1 data rates where an offset lowers the uplink's by a step, within limits."""
    return MappingProxyType({up: tuple(min(max(up - step, low), high) for step in steps) for up in uplinks})


def _channels(base_hz: int, step_hz: int, count: int, data_rates: tuple[int, int], *, first: int) -> list[Channel]:
    # Outside Europe all is G0: published documents of US915 show only that; for AS923 it is our choice.
    return [Channel(f"LC{first + n}", "G0", base_hz + step_hz * n, *data_rates) for n in range(count)]


# The numbers LC1 to LC8 are the usual ones. SubBand is a setting of the operator: G1, G0 and G3 here are our choice.
_EU_CHANNELS: Final = (
    Channel("LC1", "G1", 868_100_000, 0, 5),
    Channel("LC2", "G1", 868_300_000, 0, 5),
    Channel("LC3", "G1", 868_500_000, 0, 5),
    Channel("LC4", "G0", 867_100_000, 0, 5),
    Channel("LC5", "G0", 867_300_000, 0, 5),
    Channel("LC6", "G0", 867_500_000, 0, 5),
    Channel("LC7", "G0", 867_700_000, 0, 5),
    Channel("LC8", "G0", 867_900_000, 0, 5),
)

EU868: Final = Region(
    name="EU868",
    channels=_EU_CHANNELS,
    default_channels=3,
    join_data_rates=(0, 1, 2, 3, 4, 5),
    data_rates=MappingProxyType(
        _data_rates(125_000, 0, ((12, 51), (11, 51), (10, 51), (9, 115), (8, 242), (7, 242)))
        | {6: DataRate(7, 250_000, 242)}
    ),
    rx1_data_rates=_lowered(range(7), (0, 1, 2, 3, 4, 5), 0, 6),
    rx1_channels=(),
    rx2=Window(Channel("LC254", "G3", 869_525_000, 0, 5), 0),
    max_eirp_dbm=16,
    max_tx_power=7,
    duty_bands=(
        DutyBand("K", 863_000_000, 865_000_000, 0.001, 14),
        DutyBand("L", 865_000_000, 868_000_000, 0.01, 14),
        DutyBand("M", 868_000_000, 868_600_000, 0.01, 14),
        DutyBand("N", 868_700_000, 869_200_000, 0.001, 14),
        DutyBand("P", 869_400_000, 869_650_000, 0.1, 27),
        DutyBand("R", 869_700_000, 870_000_000, 0.01, 14),
    ),
)

_US_DOWN: Final = tuple(
    _channels(923_300_000, 600_000, 8, (8, 13), first=0)
)  # no capture shows their names: our choice

US915: Final = Region(
    name="US915",
    channels=(
        *_channels(902_300_000, 200_000, 64, (0, 3), first=0),
        *_channels(903_000_000, 1_600_000, 8, (4, 4), first=64),
    ),
    default_channels=72,
    join_data_rates=(0, 4),  # one after the other
    data_rates=MappingProxyType(
        _data_rates(125_000, 0, ((10, 11), (9, 53), (8, 125), (7, 242)))
        | _data_rates(500_000, 4, ((8, 242),))
        | _data_rates(500_000, 8, ((12, 53), (11, 129), (10, 242), (9, 242), (8, 242), (7, 242)))
    ),
    rx1_data_rates=MappingProxyType(
        {0: (10, 9, 8, 8), 1: (11, 10, 9, 8), 2: (12, 11, 10, 9), 3: (13, 12, 11, 10), 4: (13, 13, 12, 11)}
    ),
    rx1_channels=_US_DOWN,
    rx2=Window(_US_DOWN[0], 8),
    max_eirp_dbm=30,
    max_tx_power=14,
    dwell_ms=400,
)

_AS_STEPS: Final = (0, 1, 2, 3, 4, 5, -1, -2)
_AS_SPREADING: Final = (12, 11, 10, 9, 8, 7)


def _as_data_rates(limits: tuple[int, ...]) -> Mapping[int, DataRate]:
    rates = _data_rates(125_000, 0, tuple(zip(_AS_SPREADING, limits, strict=True)))
    return MappingProxyType(rates | {6: DataRate(7, 250_000, 242)})


def _as_channels(least: int) -> tuple[Channel, ...]:
    """Return the two that every device knows, and five more that a join accept brings (of these, our choice)."""
    return tuple(_channels(923_200_000, 200_000, 7, (least, 5), first=1))


# As devices start: 400 ms of dwell time at most, both ways, which the shortest frame in DR0 and DR1 exceeds.
AS923_1: Final = Region(
    name="AS923-1",
    channels=_as_channels(2),
    default_channels=2,
    join_data_rates=(2, 3, 4, 5),
    data_rates=_as_data_rates((0, 0, 11, 53, 125, 242)),
    rx1_data_rates=_lowered(range(2, 7), _AS_STEPS, 2, 5),
    rx1_channels=(),
    rx2=Window(_as_channels(2)[0], 2),
    max_eirp_dbm=16,
    max_tx_power=7,
    duty_bands=(DutyBand("AS923", 915_000_000, 928_000_000, 0.01, 16),),
    dwell_ms=400,
)

# As a network may tell its devices (TxParamSetupReq) where the law knows no dwell time.
AS923_1_NO_DWELL: Final = replace(
    AS923_1,
    name="AS923-1-NO-DWELL",
    channels=_as_channels(0),
    data_rates=_as_data_rates((51, 51, 51, 115, 242, 242)),
    rx1_data_rates=_lowered(range(7), _AS_STEPS, 0, 5),
    rx2=Window(_as_channels(0)[0], 2),
    dwell_ms=None,
)

REGIONS: Final[Mapping[str, Region]] = MappingProxyType(
    {region.name: region for region in (EU868, US915, AS923_1, AS923_1_NO_DWELL)}
)
