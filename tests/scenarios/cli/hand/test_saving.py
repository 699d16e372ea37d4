from __future__ import annotations

from typing import Any

import pytest

from uplab.scenarios.cli.hand.saving import SavingError, world_of
from uplab.scenarios.worlds.plan import plan_of

DEVICES = {"02FC2DD71BD588ED": "elsys_ers", "02FC2DD71BD588EE": "hall_door"}
HTTP = {
    "id": "1",
    "name": "Hall 4",
    "connectorId": "actility-http-iot",
    "configuration": {
        "destinationURL": "https://posthere.io/a-b",
        "headers": {"X-Thing": "{DevEUI}"},
        "blamePeriod": 2,
    },
}
BOARD = {
    "id": "2",
    "name": "Board",
    "connectorId": "actility-thingsboard-iot",
    "configuration": {"hostName": "thingsboard.cloud:8883", "username": "u", "password": "p"},
}
MQTT = {"id": "3", "name": "Topic", "connectorId": "actility-mqtt-iot", "configuration": {}}
ELSEWHERE = {**HTTP, "id": "4", "name": "Other", "configuration": {"destinationURL": "https://hall.example/x"}}
STEPS: list[dict[str, Any]] = [
    {"do": "send", "dev_eui": "02FC2DD71BD588ED", "readings": {"temperature_c": 21.5}, "payload_hex": None},
    {"do": "send", "dev_eui": "02FC2DD71BD588EE", "readings": {}},
    {"do": "downlink", "dev_eui": "02FC2DD71BD588ED", "connection": "1", "fields": {"payload_hex": "0a", "FPort": 5}},
    {"do": "join", "dev_eui": "02FC2DD71BD588ED"},
]


def test_what_was_done_is_a_world_and_the_rest_is_said() -> None:
    bound = [("02FC2DD71BD588ED", "1"), ("02FC2DD71BD588ED", "2"), ("02FC2DD71BD588EE", "1")]
    text, left = world_of("by-hand", DEVICES, [HTTP, BOARD, MQTT, ELSEWHERE], bound, STEPS)

    plan = plan_of(text)
    assert {name: one.to for name, one in plan.connections.items()} == {"c1": "https", "c2": "mqtts"}
    assert plan.connections["c1"].configuration == {"headers": {"X-Thing": "{DevEUI}"}, "blamePeriod": 2}
    assert plan.connections["c2"].configuration == {}, "the account is that of the world"
    assert [(flow.devices, flow.connections) for flow in plan.flows] == [(("d1",), ("c1",)), (("d1",), ("c2",))]
    assert [step.do for step in plan.steps] == ["send", "downlink", "join"]
    assert left == [
        "the device 02FC2DD71BD588EE: its model hall_door is none of uplab's",
        "the connection 'Topic': a world has no connector actility-mqtt-iot",
        "the connection 'Other': a world delivers to bins of posthere.io",
    ]
    assert '"p"' not in text


def test_nothing_is_no_world() -> None:
    with pytest.raises(SavingError, match="nothing to save yet: make a connection"):
        world_of("by-hand", {}, [HTTP], [], [])


def test_step_that_no_world_can_have_is_one_line() -> None:
    with pytest.raises(SavingError, match=r"steps.0.f_port") as raised:
        world_of("w", DEVICES, [HTTP], [], [{"do": "send", "dev_eui": "02FC2DD71BD588ED", "f_port": 900}])

    assert "\n" not in str(raised.value)
