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
    assert problems({}, {"payload": PAYLOAD}, additions) == ["does not name its driver, 'elsys:ers:1'"]
    other = {"payload": PAYLOAD, "DriverCfg": {**DRIVER, "id": "nke:th:1"}}
    assert len(problems({}, other, additions)) == 1
