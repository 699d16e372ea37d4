from typing import Any

import pytest

from uplab.scenarios.checks.content.additions import Additions

SENT: dict[str, Any] = {
    "FPort": 5,
    "payload_hex": "0100e2022904000005000710e8",
    "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
}
PAYLOAD = {"temperature": 22.6, "humidity": 41, "light": 0, "motion": 0, "batteryVoltage": 4.328}
ERROR = {"code": "com-5002", "message": "Invalid fPort!"}
DRIVER = {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}, "id": "elsys:ers:1"}


def problems(sent: dict[str, Any], added: dict[str, Any], additions: Additions | None = None) -> list[str]:
    return list((additions or Additions(drivers=True)).problems({**SENT, **sent}, {**SENT, **sent, **added}))


@pytest.mark.parametrize(
    ("sent", "added"),
    [
        ({}, {"payload": PAYLOAD, "DriverCfg": DRIVER}),
        ({}, {"payload": {**PAYLOAD, "more": None}}),
        ({"FPort": 99}, {"payloadDecodedError": ERROR}),
        ({"FPort": 0}, {}),
        ({"payload_hex": ""}, {}),
        ({"DriverCfg": None}, {}),
        ({"payload": {"own": 1}}, {"payload": {"own": 1}}),
        ({"DriverCfg": {"mod": {"pId": "nobody", "mId": "nothing"}}}, {"payload": {"whatever": 1}}),
        ({"payload_hex": "ff"}, {"payloadDecodedError": ERROR}),
        ({"DriverCfg": {"mod": {"pId": "nke", "mId": "th"}}, "FPort": 125, "payload_hex": "110a04020000290000"}, {}),
    ],
)
def test_what_may_be_added(sent: dict[str, Any], added: dict[str, Any]) -> None:
    assert problems(sent, added) == []


@pytest.mark.parametrize(
    ("sent", "added"),
    [
        ({}, {}),
        ({}, {"payload": None}),
        ({}, {"payload": 0}),
        ({}, {"payload": "x"}),
        ({}, {"payload": {**PAYLOAD, "temperature": "22.6"}}),
        ({}, {"payload": {**PAYLOAD, "light": False}}),
        ({}, {"payload": {**PAYLOAD, "externalTemperature": 3.0}}),
        ({}, {"payload": {name: value for name, value in PAYLOAD.items() if name != "temperature"}}),
        ({}, {"payload": PAYLOAD, "payloadDecodedError": ERROR}),
        ({}, {"payloadDecodedError": ERROR}),
        ({"FPort": 99}, {"payload": PAYLOAD}),
        ({"FPort": 99}, {"payloadDecodedError": {"code": "", "message": "x"}}),
        ({"FPort": 99}, {"payloadDecodedError": None}),
        ({"FPort": 0}, {"payload": PAYLOAD}),
        ({"payload_hex": ""}, {"payload": {}}),
        ({"DriverCfg": None}, {"payload": PAYLOAD}),
        ({}, {"payload": PAYLOAD, "DriverCfg": {**DRIVER, "id": None}}),
        ({}, {"payload": PAYLOAD, "DriverCfg": {**DRIVER, "id": 0}}),
        ({}, {"payload": PAYLOAD, "DriverCfg": {**DRIVER, "id": ""}}),
    ],
)
def test_what_may_not_be_added(sent: dict[str, Any], added: dict[str, Any]) -> None:
    assert problems(sent, added) != []


def test_what_was_said_once_is_due_always() -> None:
    additions = Additions(drivers=False)
    assert problems({}, {}, additions) == []
    assert problems({}, {"payload": PAYLOAD, "DriverCfg": DRIVER}, additions) == []

    assert problems({}, {}, additions) == ["has no payload, although its driver decodes others"]
    without_light = {name: value for name, value in PAYLOAD.items() if name != "light"}
    assert problems({}, {"payload": without_light, "DriverCfg": DRIVER}, additions) == [
        "has a payload without light, which is 0"
    ]
    assert problems({}, {"payload": PAYLOAD}, additions) == ['does not name its driver, expected "elsys:ers:1"']
    other = {"payload": PAYLOAD, "DriverCfg": {**DRIVER, "id": "nke:th:1"}}
    assert len(problems({}, other, additions)) == 1


TIMED = {"records": [{"eventTime": "2026-05-04T03:02:01Z", "value": 1}]}


@pytest.mark.parametrize(
    ("points", "right"),
    [
        ({"a": {"unitId": "m", "record": 1}, "b": TIMED, "c": {"record": [1, 2]}}, True),
        ([], False),
        ({"a": 1}, False),
        ({"a": {"unitId": "m"}}, False),
        ({"a": {"records": [{"value": 1}]}}, False),
        ({"a": {"records": [{"eventTime": "soon", "value": 1}]}}, False),
    ],
)
def test_points_have_a_record_or_records_with_times(points: Any, right: bool) -> None:
    assert (problems({}, {"payload": PAYLOAD, "points": points}) == []) is right


def test_points_without_a_payload_are_of_nothing() -> None:
    assert problems({"FPort": 0}, {"points": {"a": {"record": 1}}}) != []


def test_payload_and_error_stand_together_where_a_part_was_not_read() -> None:
    assert problems({"payload_hex": "ff"}, {"payload": {"a": 1}, "payloadDecodedError": ERROR}) == []


def test_application_decides_before_the_model() -> None:
    other = {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}, "app": {"pId": "acme", "mId": "x", "ver": "1"}}

    assert problems({"DriverCfg": other}, {}) == []
    assert problems({"DriverCfg": {"app": {"pId": "elsys", "mId": "generic", "ver": "1"}}}, {}) != []
