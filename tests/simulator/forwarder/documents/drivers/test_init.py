"""The drivers against the public vectors, the vendors' downlink examples, and bytes of any kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.simulator.forwarder.documents.drivers import DRIVERS, Decoded, DriverError, decode, encode

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[4] / "vectors" / "device-payloads.json").read_text(encoding="utf-8")
)["payloads"]

# How a vector begins -> the driver module that decodes it.
MODULES = {
    "Abeeway": ("abeeway", "tracker"),
    "Elsys": ("elsys", "ers"),
    "Adeunis": ("adeunis", "field-test"),
    "Dragino": ("dragino", "lht65"),
    "Milesight": ("msight", "em300-th"),
    "NKE": ("watteco", "th"),
    "Axioma": ("axioma", "w1"),
    "Ellenex": ("ellenex", "pls2-l"),
}

# A vector's name -> the decoded payload's name and how many of the vector's units one of the payload's is.
NAMES: dict[str, tuple[str, float]] = {
    "latitude": ("latitude", 1),
    "longitude": ("longitude", 1),
    "horizontal_accuracy_m": ("horizontalAccuracy", 1),
    "temperature_c": ("temperature", 1),
    "external_temperature_c": ("externalTemperature", 1),
    "humidity_pct": ("humidity", 1),
    "light_lx": ("light", 1),
    "motion": ("motion", 1),
    "age_s": ("age", 1),
    "mode": ("mode", 1),
    "battery_voltage_v": ("batteryVoltage", 1),
    "battery_v": ("batteryVoltage", 1),
    "battery_mv": ("vdd", 1),
    "battery_pct": ("battery", 1),
    "battery_status": ("batteryStatus", 1),
    "firmware_version": ("firmwareVersion", 1),
    "reset_cause": ("resetCause", 1),
    "gps_quality": ("gpsQuality", 1),
    "satellites": ("gpsSatellites", 1),
    "uplink_counter": ("uplinkCounter", 1),
    "downlink_counter": ("downlinkCounter", 1),
    "rssi_dbm": ("downlinkRssi", 1),
    "snr_db": ("downlinkSnr", 1),
    "last_volume_l": ("lastVolume", 1),
    "last_log_time": ("lastLogTime", 1),
    "level_mm": ("level", 1),
}


IN_VOLT = ("batteryVoltage", 1000.0)  # what one vendor tells in millivolt


@pytest.mark.parametrize("vector", [v for v in VECTORS if "decoded" in v], ids=lambda v: v["device"])
def test_public_vector_is_decoded(vector: dict[str, Any]) -> None:
    module = MODULES[vector["device"].split()[0]]

    payload = decoded(module, vector["f_port"], vector["payload_hex"])

    for name, expected in vector["decoded"].items():
        if name == "delta_count":
            assert len(payload["deltaVolumes"]) == expected
            continue
        key, factor = NAMES[name] if NAMES[name][0] in payload else IN_VOLT
        got = payload[key] * factor if factor != 1 else payload[key]
        assert got == (pytest.approx(expected, abs=1e-7) if isinstance(expected, float) else expected), name


def test_every_driver_has_a_vector() -> None:
    here = {DRIVERS[module].module_ids for module in MODULES.values()}
    assert here | {("asset-tracker-3",)} == {d.module_ids for d in DRIVERS.values()}, "its vectors have a module"


@pytest.mark.parametrize("module", [m for m, driver in DRIVERS.items() if 1 not in driver.f_ports], ids=":".join)
def test_wrong_port_gives_the_documented_error(module: tuple[str, str]) -> None:
    vector = next(v for v in VECTORS if "payload_decoded_error" in v)

    answer = decode(cfg(module), vector["f_port"], bytes.fromhex(vector["payload_hex"]))

    assert answer == Decoded(error=vector["payload_decoded_error"])


def test_driver_id_names_module_and_version() -> None:
    answer = decode(cfg(("elsys", "ers")), 5, bytes.fromhex("0100e2"))

    assert answer == Decoded({"temperature": 22.6}, None, "elsys:ers:1")


def test_application_reference_serves_without_a_module() -> None:
    answer = decode({"app": {"pId": "Elsys", "mId": "ERS", "ver": "2"}}, 5, bytes.fromhex("0229"))

    assert answer == Decoded({"humidity": 41}, None, "Elsys:ERS:2")


@pytest.mark.parametrize(
    "driver_cfg", [None, {}, {"mod": None}, {"mod": "elsys"}, {"mod": {"pId": "nke", "mId": "bob"}}]
)
def test_without_a_known_driver_nothing_is_decoded(driver_cfg: dict[str, Any] | None) -> None:
    assert decode(driver_cfg, 5, bytes.fromhex("0100e2")) == Decoded()


@pytest.mark.parametrize("f_port", [None, 0])
def test_frames_without_application_data_are_not_decoded(f_port: int | None) -> None:
    assert decode(cfg(("elsys", "ers")), f_port, b"") == Decoded()


@given(st.sampled_from(sorted(DRIVERS)), st.integers(0, 255), st.binary(max_size=242), st.data())
def test_any_bytes_give_a_payload_or_an_error(
    module: tuple[str, str], f_port: int, noise: bytes, data: st.DataObject
) -> None:
    if data.draw(st.booleans()):
        f_port = data.draw(st.sampled_from(sorted(DRIVERS[module].f_ports)))

    answer = decode(cfg(module), f_port, noise)

    assert answer.payload is not None or answer.error is not None or answer == Decoded()
    json.dumps(answer.payload, allow_nan=False)


@pytest.mark.parametrize("vector", [v for v in VECTORS if "decoded" in v], ids=lambda v: v["device"])
def test_a_payload_cut_short_is_an_error_or_has_fewer_fields(vector: dict[str, Any]) -> None:
    module, whole = MODULES[vector["device"].split()[0]], bytes.fromhex(vector["payload_hex"])

    answers = [decode(cfg(module), vector["f_port"], whole[:length]) for length in range(len(whole))]

    assert all(
        a.error is not None or a.payload != decode(cfg(module), vector["f_port"], whole).payload for a in answers
    )
    assert answers[0].error == {"code": "com-5002", "message": "driver internal error: Error: wrong payload length"}


def test_a_fault_inside_a_driver_becomes_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_f_port: int, _payload: bytes) -> dict[str, Any]:
        raise IndexError("list index out of range")

    ers = DRIVERS[("elsys", "ers")]
    monkeypatch.setitem(DRIVERS, ("elsys", "ers"), type(ers)("elsys", ("ers",), ers.f_ports, broken))

    assert failure(("elsys", "ers"), 5, "0100e2") == "list index out of range"


@pytest.mark.parametrize(
    ("driver_cfg", "payload", "message"),
    [
        (None, {}, "the device has no driver: give payload_hex instead of payload"),
        (
            cfg(("watteco", "th")),
            {},
            "the driver watteco:th:1 encodes no downlinks: give payload_hex instead of payload",
        ),
        (cfg(("elsys", "ers")), "3e", "payload must be an object"),
        (cfg(("elsys", "ers")), {}, "a downlink holds exactly one of samplePeriod, sendPeriod, not nothing"),
    ],
)
def test_downlink_that_cannot_be_encoded_says_why(
    driver_cfg: dict[str, Any] | None, payload: object, message: str
) -> None:
    with pytest.raises(DriverError) as caught:
        encode(driver_cfg, payload)

    assert str(caught.value).startswith(message)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=2), SCALARS, max_size=2)
FIELDS = (
    *("command", "unit", "time", "confirmation", "reset", "count", "downMessageType", "ackToken"),
    *("samplePeriod", "sendPeriod", "transmitInterval", "reportInterval", "reboot"),
)


@pytest.mark.parametrize("module", [module for module, driver in DRIVERS.items() if driver.encode], ids=":".join)
@given(
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=16), VALUES, max_size=4)
    | st.fixed_dictionaries({"command": st.integers(1, 4)}, optional=dict.fromkeys(FIELDS[1:], VALUES)),
)
def test_any_downlink_object_is_encoded_or_refused(module: tuple[str, str], payload: dict[str, Any]) -> None:
    refusal = ""
    try:
        f_port, coded = encode(cfg(module), payload)
    except DriverError as error:
        refusal = str(error)

    assert refusal or (1 <= f_port <= 224 and coded)
