"""Which conditions a document meets."""

from typing import Any

import pytest

from uplab.scenarios.checks.conditions.uplinks import OF_READINGS, OF_REPORTS, OF_ROOTS, reading_of

USUAL: dict[str, Any] = {
    "Time": "2026-01-01T00:00:00.000+00:00",
    "DevEUI": "20635F0106000001",
    "FPort": 5,
    "FCntUp": 7,
    "payload_hex": "0100d70228",
    "LrrSNR": 7.5,
    "CustomerData": {"name": "hall"},
    "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
    "Lrrs": {"Lrr": [{"Lrrid": "1"}, {"Lrrid": "2"}]},
}


def met(**changes: Any) -> set[str]:
    report = {name: value for name, value in {**USUAL, **changes}.items() if value is not ...}
    found = {one.name for one in OF_REPORTS if one.holds(report)}
    return found | {one.name for one in OF_READINGS if one.holds(reading_of(report))}


def test_usual_uplink_meets_nothing_odd() -> None:
    assert met() == {"several gateways", "driver by mod alone", "a device of Elsys"}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"FPort": ...}, "FPort absent"),
        ({"FPort": "0"}, "FPort 0"),
        ({"FPort": 224}, "FPort 223 or 224"),
        ({"payload_hex": ""}, "payload of no byte"),
        ({"payload_hex": "0501" * 26}, "payload of more than 51 bytes"),
        ({"payload_hex": "0501" * 111}, "payload of more than 200 bytes"),
        ({"payload_hex": "0100D7"}, "payload in capitals"),
        ({"FCntUp": "65535"}, "FCntUp 65,535"),
        ({"FCntUp": 65_536}, "FCntUp past 16 bits"),
        ({"FCntUp": 4_294_967_295}, "FCntUp past 31 bits"),
        ({"FCntUp": ...}, "FCntUp absent"),
        ({"Late": "1"}, "late"),
        ({"Time": "2026-01-01T05:45:00.000+05:45"}, "Time east of UTC"),
        ({"Time": "2026-01-01T00:00:00.000-08:00"}, "Time west of UTC"),
        ({"Time": ...}, "no Time"),
        ({"Lrrs": {"Lrr": []}}, "no gateway"),
        ({"Lrrs": {"Lrr": {"Lrrid": "1"}}}, "one gateway without a list"),
        ({"LrrSNR": "-7.250000"}, "SNR below 0"),
        ({"CustomerData": {"name": "Köln"}}, "letters beyond ASCII"),
        ({"DriverCfg": ...}, "no driver"),
        ({"FPort": 6}, "a port that is not its model's"),
        ({"payload_hex": "0100000228"}, "a value of 0"),
        ({"payload_hex": "01ffd70228"}, "a value below 0"),
        ({"DriverCfg": {"app": {"pId": "nobody", "mId": "x", "ver": "1"}}}, "a driver that nobody here knows"),
    ],
)
def test_boundary_of_a_document_is_met(changes: dict[str, Any], wanted: str) -> None:
    assert wanted in met(**changes)
    assert wanted not in met()


@pytest.mark.parametrize("value", [None, [], {}, "x", True, 1e400])
def test_whatever_stands_there_breaks_no_condition(value: Any) -> None:
    for name in USUAL:
        met(**{name: value})


def test_each_other_root_is_a_condition() -> None:
    assert [one.name for one in OF_ROOTS if one.holds("DevEUI_location")] == ["DevEUI_location"]
