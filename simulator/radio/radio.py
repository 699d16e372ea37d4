"""The air between a device and a gateway: path loss, RSSI, SNR, ESP, and whether a frame is heard at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from uplab.simulator.chance import Chance

__all__ = ["Position", "Radio", "Signal", "esp_dbm", "noise_floor_dbm", "snr_floor_db"]

Position = tuple[float, float]
"""Metres east and north of the site's origin."""

# Log-distance model of the ns-3 LoRaWAN module: L = 7.7 + 37.6 log10(d / 1 m) dB.
_REFERENCE_LOSS_DB = 7.7
_SLOPE_DB = 37.6
_THERMAL_NOISE_DBM_HZ = -174.0
_NOISE_FIGURE_DB = 6.0
# Semtech's demodulation floors at 125 kHz; a wider channel needs the same bits in more noise: 3 dB for each doubling.
_SNR_FLOOR_DB = {6: -5.0, 7: -7.5, 8: -10.0, 9: -12.5, 10: -15.0, 11: -17.5, 12: -20.0}
_WIDER_DB = {125_000: 0.0, 250_000: 3.0, 500_000: 6.0}
_SNR_LEAST_DB, _SNR_MOST_DB = -20.0, 19.0  # what ThingPark's documents can say


class Signal(NamedTuple):
    """What a receiver reports of one frame.

    A named tuple, because every uplink makes several, and a frozen dataclass takes four times as long to make.
    """

    rssi_dbm: float
    snr_db: float
    esp_dbm: float


def esp_dbm(rssi_dbm: float, snr_db: float) -> float:
    """Return the effective signal power: the part of RSSI that is signal (exact in ThingPark's published samples)."""
    return rssi_dbm + snr_db - 10.0 * math.log10(1.0 + 10.0 ** (snr_db / 10.0))


def noise_floor_dbm(bandwidth_hz: int) -> float:
    """Return the noise that a receiver with a 6 dB noise figure sees in the bandwidth."""
    return _THERMAL_NOISE_DBM_HZ + 10.0 * math.log10(bandwidth_hz) + _NOISE_FIGURE_DB


def snr_floor_db(spreading_factor: int, bandwidth_hz: int = 125_000) -> float:
    """Return the SNR below which a frame of this spreading factor is not demodulated."""
    return _SNR_FLOOR_DB[spreading_factor] + _WIDER_DB[bandwidth_hz]


class Radio:
    """Propagation over one site: where two stations stand decides what they hear of each other.

    `shadowing_db` is the deviation of what stands in the way of a link, drawn once for each link; `fading_db` that
    between two frames of one link; `loss` the share of receptions that fail for no reason that a signal shows.
    """

    def __init__(self, chance: Chance, *, shadowing_db: float = 0.0, fading_db: float = 1.5, loss: float = 0.0) -> None:
        if not 0.0 <= loss <= 1.0:
            raise ValueError(f"loss: expected a share from 0 to 1, got {loss}")
        self.shadowing_db = shadowing_db
        self.loss = loss
        self._chance = chance
        self._draw: Callable[[], float] = chance.stream("radio frames").random
        self._fading_width_db = fading_db * math.sqrt(6.0)  # two even draws from 0 to 1 deviate by the root of 1/6

    def gain_db(self, a: Position, b: Position) -> float:
        """Return what the link adds to the transmitted power: negative, the same in both directions, and constant."""
        distance_m = max(1.0, math.dist(a, b))
        loss_db = _REFERENCE_LOSS_DB + _SLOPE_DB * math.log10(distance_m)
        if self.shadowing_db:
            near, far = sorted((a, b))
            loss_db += self._chance.stream(f"radio shadow {near} {far}").gauss(0.0, self.shadowing_db)
        return -loss_db

    def receive(self, power_dbm: float, spreading_factor: int, bandwidth_hz: int = 125_000) -> Signal | None:
        """Return what the receiver reports of a frame that arrives with this mean power, or None when it is not heard.

        RSSI includes the noise, as a LoRa modem's does: near the floor it stays at the noise while SNR falls, and ESP
        gives the power back.
        """
        draw = self._draw
        if self.loss and draw() < self.loss:
            return None
        noise_dbm, floor_quarters, signals = _RECEIVERS[spreading_factor, bandwidth_hz]
        # The sum of two even draws: nearly a bell, much faster to draw, and never more than 2.5 deviations off.
        quarters = round(4.0 * (power_dbm + self._fading_width_db * (draw() + draw() - 1.0) - noise_dbm))
        if quarters < floor_quarters:
            return None
        signal = signals.get(quarters)
        if signal is None:
            signal = signals[quarters] = _signal(quarters / 4.0, noise_dbm)
        return signal


class _Receiver(NamedTuple):
    """What a receiver is for one spreading factor and bandwidth.

    Modems count SNR in quarters of a decibel. RSSI and ESP follow from them, so a few hundred signals are all there
    are: each is made once, and kept by the quarters that its power is above the noise.
    """

    noise_dbm: float
    floor_quarters: int
    signals: dict[int, Signal]


_RECEIVERS = {
    (sf, bandwidth_hz): _Receiver(noise_floor_dbm(bandwidth_hz), round(4.0 * snr_floor_db(sf, bandwidth_hz)), {})
    for sf in _SNR_FLOOR_DB
    for bandwidth_hz in _WIDER_DB
}


def _signal(ratio_db: float, noise_dbm: float) -> Signal:
    """Return the signal whose power is so much above the noise."""
    noise_rise_db = 10.0 * math.log10(1.0 + 10.0 ** (-ratio_db / 10.0))
    rssi_dbm = float(round(noise_dbm + ratio_db + noise_rise_db))
    snr_db = min(max(ratio_db, _SNR_LEAST_DB), _SNR_MOST_DB)
    return Signal(rssi_dbm, snr_db, round(esp_dbm(rssi_dbm, snr_db), 6))
