"""The drivers against the simulator's encoders, which were written apart from them."""

from __future__ import annotations

from typing import Any

import pytest

from uplab.simulator.forwarder.documents.drivers import decode
from uplab.simulator.payloads import (
    MODELS,
    Model,
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

SENT: list[tuple[str, Any, dict[str, Any]]] = [
    (
        "elsys_ers",
        elsys_ers.Readings(temperature_c=-4.2, humidity_pct=80, light_lx=1200, motion=3, battery_mv=3600),
        {"temperature": -4.2, "humidity": 80, "light": 1200, "motion": 3, "vdd": 3600},
    ),
    (
        "abeeway_position",
        abeeway_position.Readings(-33.8567, -70.5, 8, 21, battery_level=80),
        {"latitude": -33.8567, "longitude": -70.5, "temperature": 21, "batteryLevel": 80},
    ),
    (
        "abeeway_heartbeat",
        abeeway_heartbeat.Readings(battery_voltage_v=4.0, temperature_c=-10, firmware_version=(1, 8, 2)),
        {"batteryVoltage": 4.0, "temperature": -10, "firmwareVersion": "1.8.2", "bleFwVersion": "0.0.0"},
    ),
    (
        "adeunis_ftd",
        adeunis_ftd.Readings(temperature_c=-7, uplink_counter=9, battery_mv=3500, rssi_dbm=-101, snr_db=-5),
        {"temperature": -7, "uplinkCounter": 9, "batteryVoltage": 3.5, "downlinkRssi": -101, "downlinkSnr": -5},
    ),
    (
        "dragino_lht65",
        dragino_lht65.Readings(3.001, 2, -0.5, 55.5, external_temperature_c=-18.25),
        {"batteryVoltage": 3.001, "batteryStatus": 2, "temperature": -0.5, "humidity": 55.5}
        | {"externalTemperature": -18.25},
    ),
    (
        "milesight_em300_th",
        milesight_em300_th.Readings(battery_pct=99, temperature_c=-12.3, humidity_pct=45.5),
        {"battery": 99, "temperature": -12.3, "humidity": 45.5},
    ),
    ("nke_th", nke_th.Readings(temperature_c=-5.25), {"temperature": -5.25}),
    ("nke_th", nke_th.Readings(humidity_pct=61.5, alarm=True), {"humidity": 61.5}),
    (
        "axioma_w1",
        axioma_w1.Readings(1_700_003_700, 5000, 1_700_000_000, 4000, tuple(range(15))),
        {
            "lastVolume": 5000,
            "firstLogVolume": 4000,
            "deltaVolumes": list(range(15)),
            "lastLogTime": "2023-11-14T23:15:00Z",
        },
    ),
    ("ellenex_pls2_l", ellenex_pls2_l.Readings(level_mm=-20, battery_v=3.1), {"level": -20, "batteryVoltage": 3.1}),
]


@pytest.mark.parametrize(("model", "readings", "expected"), SENT, ids=[f"{case[0]}-{n}" for n, case in enumerate(SENT)])
def test_what_a_device_sends_is_what_the_driver_reads(model: str, readings: Any, expected: dict[str, Any]) -> None:
    device = MODELS[model]

    answer = decode(driver_cfg(device), device.f_port, device.encode(readings))

    assert answer.payload is not None, answer.error
    for name, value in expected.items():
        # A tracker's three bytes for a degree come to steps of 0.0000256, its one byte for a temperature to 0.5.
        near = 0.3 if model.startswith("abeeway") and name == "temperature" else 0.00003
        assert answer.payload[name] == (pytest.approx(value, abs=near) if isinstance(value, float | int) else value), (
            name
        )


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_every_simulated_model_has_its_driver(model: Model) -> None:
    answer = decode(driver_cfg(model), model.f_port, b"")

    assert answer.error == {"code": "com-5002", "message": "driver internal error: Error: wrong payload length"}


def test_every_simulated_model_is_sent_here() -> None:
    assert {case[0] for case in SENT} == set(MODELS)


def driver_cfg(model: Model) -> dict[str, Any]:
    return {
        key: {"pId": driver.producer_id, "mId": driver.module_id, "ver": driver.version}
        for key, driver in (("mod", model.driver_mod), ("app", model.driver_app))
    }
