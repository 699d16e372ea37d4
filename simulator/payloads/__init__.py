"""Payloads of real device models: physical values to the bytes that the device would send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

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

__all__ = ["MODELS", "Driver", "Model"]


@dataclass(frozen=True, slots=True)
class Driver:
    """A reference of ThingPark's DriverCfg, there called pId, mId and ver."""

    producer_id: str
    module_id: str
    version: str


@dataclass(frozen=True, slots=True)
class Model:
    """A device model: `encode` takes its `readings` type; `driver_mod` and `driver_app` are what its documents name."""

    name: str
    manufacturer: str
    f_port: int
    readings: type[Any]
    encode: Callable[[Any], bytes]
    driver_mod: Driver
    driver_app: Driver


_TABLE: Final = (
    # Both references of these are in published ThingPark documents.
    Model(
        abeeway_position.MODEL,
        "Abeeway",
        abeeway_position.F_PORT,
        abeeway_position.Readings,
        abeeway_position.encode,
        Driver("abeeway", "micro-tracker", "3"),
        Driver("abeeway", "asset-tracker", "2"),
    ),
    Model(
        elsys_ers.MODEL,
        "Elsys",
        elsys_ers.F_PORT,
        elsys_ers.Readings,
        elsys_ers.encode,
        Driver("elsys", "ers", "1"),
        Driver("elsys", "generic", "1"),
    ),
    # The application of these is published, in a document or in the public driver catalogue; the model is our choice.
    Model(
        abeeway_heartbeat.MODEL,
        "Abeeway",
        abeeway_heartbeat.F_PORT,
        abeeway_heartbeat.Readings,
        abeeway_heartbeat.encode,
        Driver("abeeway", "micro-tracker", "1"),
        Driver("abeeway", "asset-tracker", "1"),
    ),
    Model(
        axioma_w1.MODEL,
        "Axioma",
        axioma_w1.F_PORT,
        axioma_w1.Readings,
        axioma_w1.encode,
        Driver("axioma", "w1", "1"),
        Driver("axioma", "w1", "1"),
    ),
    Model(
        ellenex_pls2_l.MODEL,
        "Ellenex",
        ellenex_pls2_l.F_PORT,
        ellenex_pls2_l.Readings,
        ellenex_pls2_l.encode,
        Driver("Ellenex", "pls2-l", "1"),
        Driver("Ellenex", "pls2-l", "1"),
    ),
    # The model ids of these are those of the public device catalogue; Dragino's application is our choice.
    Model(
        adeunis_ftd.MODEL,
        "Adeunis",
        adeunis_ftd.F_PORT,
        adeunis_ftd.Readings,
        adeunis_ftd.encode,
        Driver("adeunis", "field-test", "1"),
        Driver("adeunis", "field-test", "1"),
    ),
    Model(
        dragino_lht65.MODEL,
        "Dragino",
        dragino_lht65.F_PORT,
        dragino_lht65.Readings,
        dragino_lht65.encode,
        Driver("dragino", "lht65", "2"),
        Driver("dragino", "lht65", "1"),
    ),
    Model(
        milesight_em300_th.MODEL,
        "Milesight",
        milesight_em300_th.F_PORT,
        milesight_em300_th.Readings,
        milesight_em300_th.encode,
        Driver("msight", "em300-th", "1"),
        Driver("msight", "em300-th", "1"),
    ),
    Model(
        nke_th.MODEL,
        "NKE Watteco",
        nke_th.F_PORT,
        nke_th.Readings,
        nke_th.encode,
        Driver("watteco", "th", "4"),
        Driver("watteco", "th", "5"),
    ),
)

MODELS: Final[Mapping[str, Model]] = MappingProxyType({model.name: model for model in _TABLE})
