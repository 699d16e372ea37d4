"""Every payload that a vendor published, made again from what the vendor's decoder said of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from uplab.simulator.payloads import (
    MODELS,
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

PAYLOADS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "device-payloads.json").read_text(encoding="utf-8")
)["payloads"]
UNDECODABLE = "ThingPark document example, decoding fails"
Decoded = Mapping[str, Any]


# What a decoder does not tell of a payload is given here, as the vendor's own bytes have it.


def abeeway_position_of(decoded: Decoded) -> abeeway_position.Readings:
    return abeeway_position.Readings(**decoded, battery_level=193)


def abeeway_heartbeat_of(decoded: Decoded) -> abeeway_heartbeat.Readings:
    assert round(3.846, 2) == decoded["battery_voltage_v"]  # two steps of the device show as 3.85 V; this is the one
    return abeeway_heartbeat.Readings(
        battery_voltage_v=3.846,
        temperature_c=decoded["temperature_c"],
        firmware_version=(1, 8, 201),
        reset_cause=decoded["reset_cause"],
        status=abeeway_heartbeat.Status(abeeway_heartbeat.Mode[decoded["mode"]]),
    )


def elsys_ers_of(decoded: Decoded) -> elsys_ers.Readings:
    return elsys_ers.Readings(**decoded)


def adeunis_ftd_of(decoded: Decoded) -> adeunis_ftd.Readings:
    rest = dict(decoded)
    position = adeunis_ftd.Position(
        rest.pop("latitude"), rest.pop("longitude"), rest.pop("gps_quality"), rest.pop("satellites")
    )
    return adeunis_ftd.Readings(**rest, position=position)


def dragino_lht65_of(decoded: Decoded) -> dragino_lht65.Readings:
    return dragino_lht65.Readings(**decoded)


def milesight_em300_th_of(decoded: Decoded) -> milesight_em300_th.Readings:
    return milesight_em300_th.Readings(**decoded)


def nke_th_of(decoded: Decoded) -> nke_th.Readings:
    return nke_th.Readings(**decoded, alarm=True)


def axioma_w1_of(decoded: Decoded) -> axioma_w1.Readings:
    deltas = (30, 4, 15, 11, 32, 5, 29, 84, 45, 15, 10, 10, 0, 3, 3)
    assert (decoded["last_log_time"], decoded["delta_count"]) == ("2021-07-09T03:51:27Z", len(deltas))
    return axioma_w1.Readings(
        last_log_epoch_s=1_625_802_687,
        last_volume_l=decoded["last_volume_l"],
        first_log_epoch_s=1_625_745_600,  # 2021-07-08T12:00:00Z
        first_log_volume_l=103_415,
        deltas_l=deltas,
    )


def ellenex_pls2_l_of(decoded: Decoded) -> ellenex_pls2_l.Readings:
    return ellenex_pls2_l.Readings(**decoded)


READINGS_OF: dict[str, tuple[str, Callable[[Decoded], object]]] = {
    "Abeeway tracker, firmware 2.x, GPS position": (abeeway_position.MODEL, abeeway_position_of),
    "Abeeway tracker, firmware 1.x, heartbeat": (abeeway_heartbeat.MODEL, abeeway_heartbeat_of),
    "Elsys ERS": (elsys_ers.MODEL, elsys_ers_of),
    "Adeunis Field Test Device, firmware 1.2 or later": (adeunis_ftd.MODEL, adeunis_ftd_of),
    "Dragino LHT65": (dragino_lht65.MODEL, dragino_lht65_of),
    "Milesight EM300-TH": (milesight_em300_th.MODEL, milesight_em300_th_of),
    "NKE Watteco TH, temperature": (nke_th.MODEL, nke_th_of),
    "Axioma W1 water meter": (axioma_w1.MODEL, axioma_w1_of),
    "Ellenex PLS2-L level sensor": (ellenex_pls2_l.MODEL, ellenex_pls2_l_of),
}
DECODED = [vector for vector in PAYLOADS if "decoded" in vector]


@pytest.mark.parametrize("vector", DECODED, ids=lambda vector: vector["device"])
def test_vendor_payload_is_made_again(vector: dict[str, Any]) -> None:
    name, readings_of = READINGS_OF[vector["device"]]
    model = MODELS[name]

    assert model.f_port == vector["f_port"]
    assert model.encode(readings_of(vector["decoded"])).hex() == vector["payload_hex"]


def test_each_vector_is_used() -> None:
    assert {vector["device"] for vector in PAYLOADS} == {*READINGS_OF, UNDECODABLE}


def test_each_model_is_judged_by_a_vendor() -> None:
    assert {name for name, _ in READINGS_OF.values()} == set(MODELS)
