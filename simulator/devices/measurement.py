"""What the sensors of a device measure: values that wander as real ones do, and payloads that do not repeat."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from uplab.simulator.errors import SimulatorError
from uplab.simulator.payloads import (
    abeeway_heartbeat,
    abeeway_position,
    adeunis_ftd,
    axioma_w1,
    dragino_lht65,
    ellenex_pls2_l,
    elsys_ers,
    milesight_em300_th,
    nke_th,
)

__all__ = ["Sensor"]

_SERIAL_BITS = 16


class Sensor:
    """The sensors of one device of a model; SimulatorError when nothing is known of the model.

    Each measurement has a serial that runs through its whole range in an order by chance, before any comes back. The
    small readings of a model carry it, so that two payloads of a device differ: for at least 4096 measurements, for
    65,536 with elsys_ers.
    """

    def __init__(self, model: str, chance: random.Random) -> None:
        try:
            self._read = _MODELS[model]
        except KeyError:
            raise SimulatorError(f"model: no sensor for {model!r}, expected one of {', '.join(_MODELS)}") from None
        self._chance = chance
        self._stride = chance.randrange(1 << _SERIAL_BITS) | 1  # odd, so that every serial comes once in a round
        self._serial = chance.randrange(1 << _SERIAL_BITS)
        self.count = 0
        self._temperature_c = chance.uniform(17.0, 25.0)
        self._humidity_pct = chance.uniform(35.0, 60.0)

    def measure(self) -> Any:
        """Return the next readings."""
        readings = self._read(self)
        self.count += 1
        self._serial += self._stride
        return readings

    def serial(self, bits: int = _SERIAL_BITS) -> int:
        """Return the low bits of the serial: they, too, take every value once in a round."""
        return self._serial & ((1 << bits) - 1)

    def round(self, bits: int = _SERIAL_BITS) -> int:
        """Return how often so many bits of the serial have come round."""
        return self.count >> bits

    def temperature_c(self) -> float:
        """Return a temperature within half a degree of the one before, from -20 to 45."""
        self._temperature_c = min(max(self._temperature_c + self._chance.uniform(-0.5, 0.5), -20.0), 45.0)
        return round(self._temperature_c, 1)

    def humidity_pct(self) -> int:
        """Return a relative humidity within two points of the one before, from 10 to 95."""
        self._humidity_pct = min(max(self._humidity_pct + self._chance.uniform(-2.0, 2.0), 10.0), 95.0)
        return round(self._humidity_pct)


def _elsys_ers(sensor: Sensor) -> elsys_ers.Readings:
    serial = sensor.serial()
    return elsys_ers.Readings(
        temperature_c=sensor.temperature_c(),
        humidity_pct=sensor.humidity_pct(),
        light_lx=serial & 0x3FF,
        motion=serial >> 10,
        battery_mv=3600 - sensor.round() % 1000,
    )


def _dragino_lht65(sensor: Sensor) -> dragino_lht65.Readings:
    return dragino_lht65.Readings(
        battery_v=3.0 - sensor.round(12) % 1000 / 1000,
        battery_status=3,
        temperature_c=sensor.temperature_c(),
        humidity_pct=float(sensor.humidity_pct()),
        external_temperature_c=(sensor.serial(12) - 2048) / 100,
    )


def _milesight_em300_th(sensor: Sensor) -> milesight_em300_th.Readings:
    serial = sensor.serial(13)
    return milesight_em300_th.Readings(
        battery_pct=100 - (serial >> 7),  # 64 steps
        temperature_c=sensor.temperature_c(),
        humidity_pct=10.0 + (serial & 0x7F) / 2,
    )


def _nke_th(sensor: Sensor) -> nke_th.Readings:
    return nke_th.Readings(temperature_c=(sensor.serial(12) - 1000) / 100)


def _ellenex_pls2_l(sensor: Sensor) -> ellenex_pls2_l.Readings:
    return ellenex_pls2_l.Readings(level_mm=sensor.serial(12), battery_v=3.4, temperature_raw=sensor.round(12) % 32_768)


def _adeunis_ftd(sensor: Sensor) -> adeunis_ftd.Readings:
    serial = sensor.serial()
    return adeunis_ftd.Readings(
        temperature_c=round(sensor.temperature_c()),
        uplink_counter=serial & 0xFF,
        downlink_counter=serial >> 8,
        battery_mv=4100,
    )


def _axioma_w1(sensor: Sensor) -> axioma_w1.Readings:
    hour = sensor.count
    log_epoch_s = 1_767_225_600 + 3600 * hour
    first_volume_l = 100_000 + 10 * hour
    deltas = tuple((hour + index) % 16 for index in range(axioma_w1.HOURS))
    return axioma_w1.Readings(
        last_log_epoch_s=log_epoch_s,
        last_volume_l=first_volume_l + sum(deltas),
        first_log_epoch_s=log_epoch_s - 3600 * axioma_w1.HOURS,
        first_log_volume_l=first_volume_l,
        deltas_l=deltas,
    )


def _abeeway_position(sensor: Sensor) -> abeeway_position.Readings:
    serial = sensor.serial()  # a hundred metres a step, within 25 km
    return abeeway_position.Readings(
        latitude=48.8 + (serial & 0xFF) / 1000,
        longitude=2.2 + (serial >> 8) / 1000,
        horizontal_accuracy_m=8.0,
        temperature_c=sensor.temperature_c(),
        battery_level=200,
    )


def _abeeway_heartbeat(sensor: Sensor) -> abeeway_heartbeat.Readings:
    serial = sensor.serial(14)
    return abeeway_heartbeat.Readings(
        battery_voltage_v=3.5 + (serial >> 8) * 0.01,
        temperature_c=sensor.temperature_c(),
        firmware_version=(1, 8, 201),
        reset_cause=serial & 0xFF,
    )


_MODELS: Final[Mapping[str, Callable[[Sensor], Any]]] = MappingProxyType(
    {
        abeeway_heartbeat.MODEL: _abeeway_heartbeat,
        abeeway_position.MODEL: _abeeway_position,
        adeunis_ftd.MODEL: _adeunis_ftd,
        axioma_w1.MODEL: _axioma_w1,
        dragino_lht65.MODEL: _dragino_lht65,
        ellenex_pls2_l.MODEL: _ellenex_pls2_l,
        elsys_ers.MODEL: _elsys_ers,
        milesight_em300_th.MODEL: _milesight_em300_th,
        nke_th.MODEL: _nke_th,
    }
)
