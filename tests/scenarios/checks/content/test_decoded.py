import json
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.checks.content.decoded import Quantity, names_of, read_uplink
from uplab.scenarios.checks.content.telemetry import judge_decoded
from uplab.simulator.chance import Chance
from uplab.simulator.devices.measurement import Sensor
from uplab.simulator.forwarder.documents.drivers import decode
from uplab.simulator.payloads import MODELS

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "device-payloads.json").read_text())["payloads"]
# The models of the vectors, and what their fields are called here.
MODEL = {
    "Elsys ERS": ("elsys", "ers"),
    "Adeunis Field Test Device, firmware 1.2 or later": ("adeunis", "ftd"),
    "Dragino LHT65": ("dragino", "lht65"),
    "Milesight EM300-TH": ("milesight", "em300-th"),
    "NKE Watteco TH, temperature": ("nke", "th"),
    "Axioma W1 water meter": ("axioma", "w1"),
    "Ellenex PLS2-L level sensor": ("ellenex", "pls2-l"),
    "Abeeway tracker, firmware 2.x, GPS position": ("abeeway", "micro-tracker"),
    "Abeeway tracker, firmware 1.x, heartbeat": ("abeeway", "asset-tracker"),
}
NAME = {
    "temperature": "temperature_c",
    "humidity": "humidity_pct",
    "light": "light_lx",
    "batteryVoltage": "battery_v",
    "battery": "battery_pct",
    "level": "level_mm",
    "lastVolume": "last_volume_l",
    "externalTemperature": "external_temperature_c",
    "uplinkCounter": "uplink_counter",
    "downlinkCounter": "downlink_counter",
    "downlinkRssi": "rssi_dbm",
    "downlinkSnr": "snr_db",
    "resetCause": "reset_cause",
}


def report(producer: str, module: str, f_port: Any, payload_hex: str | None) -> dict[str, Any]:
    driver = {"mod": {"pId": producer, "mId": module, "ver": "1"}}
    return {"FPort": f_port, "payload_hex": payload_hex, "DriverCfg": driver}


def first(quantity: Quantity) -> str:
    return next(iter(quantity.names))


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["device"] in MODEL], ids=lambda v: v["device"])
def test_golden_vectors_are_read(vector: dict[str, Any]) -> None:
    reading = read_uplink(report(*MODEL[vector["device"]], vector["f_port"], vector["payload_hex"]))

    known = dict(vector["decoded"])
    if "battery_mv" in known:
        known["battery_v"] = known["battery_mv"] / 1000
    judged = 0
    for quantity in reading.quantities or ():
        name = NAME.get(first(quantity), first(quantity))
        if name in known:
            assert quantity.value == pytest.approx(known[name], abs=quantity.within + 1e-9), name
            judged += 1
    assert judged >= 1


@pytest.mark.parametrize("model", MODELS)
def test_both_readings_of_a_models_payload_agree(model: str) -> None:
    """The lab's and the reference forwarder's share no code: what one says under a known name, the other says, too."""
    known = MODELS[model]
    sensor = Sensor(model, Chance(7).stream(model))
    for _ in range(50):
        payload = known.encode(sensor.measure())
        driver = {"mod": {"pId": known.driver_mod.producer_id, "mId": known.driver_mod.module_id, "ver": "1"}}
        reading = read_uplink(
            report(known.driver_mod.producer_id, known.driver_mod.module_id, known.f_port, payload.hex())
        )
        decoded = decode(driver, known.f_port, payload).payload
        assert decoded is not None
        assert reading.quantities
        judged = judge_decoded(reading, decoded)
        assert (judged.problems, judged.missing, judged.unread) == ([], {}, [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DriverCfg": None}, (None, (), False)),
        ({"DriverCfg": {"mod": {"pId": "nobody", "mId": "nothing"}}}, (None, None, False)),
        ({"FPort": None}, ("elsys/ers", (), False)),
        ({"FPort": 0}, ("elsys/ers", (), False)),
        ({"payload_hex": ""}, ("elsys/ers", (), False)),
        ({"FPort": 99}, ("elsys/ers", (), True)),
        ({"FPort": "99"}, ("elsys/ers", (), True)),
        ({"payload_hex": "ffffff"}, ("elsys/ers", None, False)),
        ({"payload_hex": "0100"}, ("elsys/ers", None, False)),
        ({"payload_hex": "xx"}, ("elsys/ers", None, False)),
    ],
)
def test_where_nothing_is_decoded(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    reading = read_uplink({**report("elsys", "ers", 5, "0100e2"), **changes})

    assert (reading.model, reading.quantities, reading.error) == expected


def test_either_regime_and_either_reference_are_read() -> None:
    in_strings = read_uplink(report("elsys", "ers", "5", "0100E2"))
    by_application = read_uplink(
        {"FPort": 5, "payload_hex": "0100e2", "DriverCfg": {"app": {"pId": "Elsys", "mId": "ERS"}}}
    )

    assert in_strings == by_application
    assert [(first(one), one.value) for one in in_strings.quantities or ()] == [("temperature", 22.6)]


def test_names_are_those_of_the_model() -> None:
    assert {"temperature", "humidity"} <= {name for names in names_of("nke/th") for name in names}
    assert names_of(None) == ()
