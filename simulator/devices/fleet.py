"""Devices and gateways for a run: generated from the seed, or read from a file."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from uplab.simulator.chance import Chance
from uplab.simulator.devices.device import Device
from uplab.simulator.devices.naming import Names
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.ids import DevEUI, JoinEUI, Key
from uplab.simulator.lorawan.region import EU868, Region
from uplab.simulator.payloads import MODELS
from uplab.simulator.radio.gateway import Gateway, degrees
from uplab.simulator.radio.radio import Position

__all__ = ["Fleet", "read_fleet"]

_SITES = 8
_ORIGIN = (48.8566, 2.3522)
# Gateways stand on a circle, devices within another: the farthest pair is 1.1 km apart, where SNR is 9 dB and more
# than any fading away from the floor of SF7. So every device is heard by every gateway, unless a scenario moves it.
_GATEWAY_CIRCLE_M = 500.0
_DEVICE_CIRCLE_M = 600.0
# The second bit of an EUI-64's first byte says that it was given out locally: no real device has such a one.
_LOCAL_EUI = b"\x02"


class Fleet:
    """Makes devices, one after the other; the same seed makes the same ones, and no DevEUI comes twice.

    `gateways` are made at once. Two fleets of one run need different seeds. A `namespace` follows the first byte of
    each DevEUI: fleets of different ones have no device alike.
    """

    def __init__(
        self,
        chance: Chance,
        *,
        region: Region = EU868,
        gateway_count: int = 2,
        namespace: bytes = b"",
        locale: str = "en_US",
    ) -> None:
        """SimulatorError for a locale of names that nobody knows; of gateways there are 256 at most."""
        self.region = region
        self._prefix = _LOCAL_EUI + namespace
        self._chance = chance
        self._names = Names(chance, locale)
        self._places: random.Random = chance.stream("fleet places")
        self._sites = self._names.several("city", _SITES)
        self._dev_euis: set[str] = set()
        self._join_eui = JoinEUI((_LOCAL_EUI + chance.derive("join_eui", 7)).hex())
        self.gateways = [self._gateway(number, gateway_count) for number in range(gateway_count)]

    def device(
        self,
        model: str = "elsys_ers",
        *,
        name: str | None = None,
        tags: tuple[str, ...] | None = None,
        position_m: Position | None = None,
        data_rate: int | None = None,
        region: Region | None = None,
        device_class: Literal["A", "C"] = "A",
    ) -> Device:
        """Return a new device near the gateways, of the fleet's region unless another is given.

        Name and tags come from the seed unless they are given too.
        """
        number = len(self._dev_euis) + 1
        drawn = self._chance.derive(f"dev_eui {number}", 8 - len(self._prefix))
        dev_eui = DevEUI((self._prefix + drawn).hex())
        if dev_eui in self._dev_euis:
            raise SimulatorError(f"dev_eui: {dev_eui} was drawn twice; take another seed")
        self._dev_euis.add(dev_eui)
        drawn_name, drawn_tags = self._draw_identity(number)
        drawn_position = self._draw_position()
        return Device(
            dev_eui=dev_eui,
            join_eui=self._join_eui,
            app_key=Key(self._chance.derive(f"app_key {number}", 16)),
            chance=self._chance,
            model=model,
            position_m=drawn_position if position_m is None else position_m,
            name=drawn_name if name is None else name,
            tags=drawn_tags if tags is None else tags,
            region=region or self.region,
            data_rate=data_rate,
            device_class=device_class,
        )

    def devices(self, count: int, model: str = "elsys_ers") -> list[Device]:
        """Return so many new devices."""
        return [self.device(model) for _ in range(count)]

    def _draw_identity(self, number: int) -> tuple[str, tuple[str, ...]]:
        site = self._sites[self._places.randrange(_SITES)]
        return f"{self._names.draw('street_name')} {number}", (f"site={site}",)

    def _draw_position(self) -> Position:
        angle = self._places.uniform(0.0, 2.0 * math.pi)
        distance_m = _DEVICE_CIRCLE_M * math.sqrt(self._places.random())
        return round(distance_m * math.cos(angle), 1), round(distance_m * math.sin(angle), 1)

    def _gateway(self, number: int, count: int) -> Gateway:
        angle = 2.0 * math.pi * number / count
        position_m = (_GATEWAY_CIRCLE_M * math.cos(angle), _GATEWAY_CIRCLE_M * math.sin(angle))
        latitude, longitude = degrees(_ORIGIN, position_m)
        drawn = int.from_bytes(self._chance.derive("gateways", 2))
        lrr_id = f"{0x10000000 | drawn << 8 | number:08X}"
        return Gateway(lrr_id, position_m, latitude=latitude, longitude=longitude)


def read_fleet(path: Path, chance: Chance, *, region: Region = EU868) -> list[Device]:
    """Read devices from a CSV file with a header line.

    Columns are dev_eui, join_eui and app_key; and, where wanted, model, name, tags (separated by blanks), x_m, y_m and
    data_rate. SimulatorError names file, line and column of what is wrong.
    """
    devices: dict[str, Device] = {}
    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        missing = {"dev_eui", "join_eui", "app_key"} - set(rows.fieldnames or ())
        if missing:
            raise SimulatorError(f"{path}: column {', '.join(sorted(missing))} is missing")
        for row in rows:
            where = f"{path}, line {rows.line_num}"
            try:
                device = _device(row, chance, region)
            except ValueError as error:
                raise SimulatorError(f"{where}: {error}") from error
            if device.dev_eui in devices:
                raise SimulatorError(f"{where}: dev_eui {device.dev_eui} is there twice")
            devices[device.dev_eui] = device
    return list(devices.values())


def _device(row: Mapping[str, str], chance: Chance, region: Region) -> Device:
    model = row.get("model") or "elsys_ers"
    if model not in MODELS:
        raise ValueError(f"model: {model!r} is unknown, expected one of {', '.join(MODELS)}")
    return Device(
        dev_eui=DevEUI(row["dev_eui"] or ""),
        join_eui=JoinEUI(row["join_eui"] or ""),
        app_key=Key.from_hex(row["app_key"] or ""),
        chance=chance,
        model=model,
        position_m=(_number(row, "x_m", 0.0), _number(row, "y_m", 0.0)),
        name=row.get("name") or "",
        tags=tuple((row.get("tags") or "").split()),
        region=region,
        data_rate=int(_number(row, "data_rate", 0.0)) if row.get("data_rate") else None,
    )


def _number(row: Mapping[str, str], column: str, default: float) -> float:
    text = row.get(column)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{column}: expected a number, got {text!r}")
    return number
