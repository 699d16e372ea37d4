from __future__ import annotations

from typing import Any

import pytest

from uplab.scenarios.cli.hand.by_hand import Wish
from uplab.scenarios.cli.hand.saving import SavingError, step_of, world_of
from uplab.scenarios.worlds.plan import plan_of
from uplab.simulator.air import Conditions

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


def fault(id_: str, fake: str, **action: Any) -> dict[str, Any]:
    return {"do": "fault", "fake": fake, "fault": {"id": id_, "trigger": {"type": "Always"}, "action": action}}


# Broken for twenty seconds: in the world it fails as often as it did.
def test_fault_is_saved_as_often_as_it_was_met_and_the_rest_is_said() -> None:
    steps = [
        fault("by hand 1", "posthere", type="Status", code=503),
        STEPS[0],
        fault("by hand 2", "posthere", type="Hang"),
        fault("by hand 3", "thingsboard", type="Close"),
        fault("by hand 4", "posthere", type="Status", code=500),
        fault("by hand 5", "posthere", type="Status", code=429, retry_after="0"),
    ]
    met = {"by hand 1": 2, "by hand 2": 1, "by hand 3": 1, "by hand 5": 9}
    text, left = world_of("by-hand", DEVICES, [HTTP, BOARD], [("02FC2DD71BD588ED", "1")], steps, met)

    first, _, last = plan_of(text).steps
    kept = [(one.do, getattr(one, "kind", ""), getattr(one, "times", 0)) for one in (first, last)]
    assert kept == [("fault", "503", 2), ("fault", "hang", 1)]
    assert [one for one in left if one.startswith("the fault")] == [
        "the fault Close at thingsboard, met 1 times",
        "the fault Status at posthere, met 9 times",
    ]


def test_what_a_world_has_no_word_for_is_said() -> None:
    wish = Wish(data_rate=3, conditions=Conditions(at_s=1.0, rssi_dbm=-90.0, gateways=2))
    steps = [
        step_of("02FC2DD71BD588ED", {}, wish),
        {"do": "nothing", "left": ["a frame sent as bytes by 02FC2DD71BD588ED"]},
        {"do": "air", "dev_eui": "02FC2DD71BD588ED", "trouble": "counter-repeated"},
    ]
    text, left = world_of("by-hand", DEVICES, [HTTP], [("02FC2DD71BD588ED", "1")], steps)

    assert [step.do for step in plan_of(text).steps] == ["send", "air"]
    assert left[1:] == [
        "the data rate of an uplink of 02FC2DD71BD588ED",
        "the strength of an uplink of 02FC2DD71BD588ED",
        "the time of an uplink of 02FC2DD71BD588ED",
        "a frame sent as bytes by 02FC2DD71BD588ED",
    ]
