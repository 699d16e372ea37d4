"""Every point that arrives at ThingsBoard, over MQTT and over REST."""

from typing import Any

import orjson
import pytest

from tests.scenarios.checks.standing.test_watch import A, all_found, begun
from tests.scenarios.history_lines import DEV, Story, document, point
from uplab.scenarios.checks.standing.watch import Watch

FULL: dict[str, Any] = {"fCntUp": 1, "fPort": 5, "rssi": -46.0}
URL = "https://iot-flow.uplab.test/iot-flow/downlinkMessages/1"


def begun_with_session(**declared: Any) -> tuple[Watch, Story]:
    watch, story = Watch(flows=False, **declared), Story()
    begun(watch, story)
    configuration = {"hostName": "thingsboard.cloud:1883", "username": "me", "password": "*****"}
    body = {"id": "1", "configuration": configuration, "downlinkUrl": URL}
    story.tells("api.answered", method="POST", path="/connections", status=201, raw=orjson.dumps(body))
    story.tells("destination.connected", fake="thingsboard", session=7, username="me")
    story.publishes({"device": DEV}, topic="v1/gateway/connect", session=7)
    return watch, story


def told(story: Story, f_cnt: int, **values: Any) -> None:
    story.publishes({DEV: [point(f_cnt, **{**FULL, "fCntUp": f_cnt, **values})]}, session=7)


@pytest.mark.parametrize(
    ("values", "right"),
    [
        ({}, True),
        ({"rssi": -46}, True),
        ({"extra": "anything"}, True),
        ({"fPort": "5"}, False),
        ({"fPort": 0}, False),
        ({"rssi": None}, False),
        ({"fCntUp": 1 - 65_536}, False),
        ({"downlinkUrl": URL}, True),
        ({"downlinkUrl": URL + "0"}, False),
        ({"downlinkUrl": 0}, False),
    ],
)
def test_values_are_those_of_the_uplink(values: dict[str, Any], right: bool) -> None:
    watch, story = begun_with_session()
    story.sent(1)
    told(story, 1, **values)

    assert all_found(watch, story) == ([] if right else [(A, "right values")])


def carried(story: Story, f_cnt: int, **more: Any) -> None:
    """A document with more members goes through the tunnel."""
    told = document(DEV, f_cnt, **more)
    report = told["DevEUI_uplink"]
    known = {"dev_eui": DEV, "f_cnt": f_cnt}
    story.tells("network.document", root="DevEUI_uplink", time=report["Time"], document=told, **known)
    story.tells("tunnel.sent", attempt=f_cnt, url="http://f/ingress", raw=orjson.dumps(told), **known)


@pytest.mark.parametrize("late", [1, 0], ids=["said before", "said later"])
def test_what_is_said_of_one_uplink_is_said_of_all(late: int) -> None:
    """A forwarder that leaves out what is 0 is found by the uplink where it is not, whichever comes first."""
    watch, story = begun_with_session()
    for f_cnt, value in ((1, late), (2, 1 - late)):
        carried(story, f_cnt, Late=value, SpFact=7)
        told(story, f_cnt, **({"late": 1} if value else {}))

    assert [check for _, check in all_found(watch, story)] == ["right values"]


def test_what_is_said_of_none_need_not_be_said() -> None:
    watch, story = begun_with_session()
    carried(story, 1, Late=0)
    told(story, 1)
    assert all_found(watch, story) == []


def test_what_the_profile_declares_is_said_always() -> None:
    watch, story = begun_with_session(telemetry_fields=["Late"])
    carried(story, 1, Late=0)
    told(story, 1)
    assert [check for _, check in all_found(watch, story)] == ["right values"]


def test_several_points_of_one_time_are_one() -> None:
    watch, story = begun_with_session()
    story.sent(1)
    ts = point(1)["ts"]
    parts = [{"ts": ts, "values": {name: value}} for name, value in FULL.items()]
    story.publishes({DEV: parts}, session=7)

    assert all_found(watch, story) == []


@pytest.mark.parametrize("f_port", [5, 6])
def test_rest_is_judged_by_ts_and_counter(f_port: int) -> None:
    watch, story = begun_with_session()
    story.sent(1)
    body = {"ts": point(1)["ts"], "values": {**FULL, "fPort": f_port}}
    url = "/api/plugins/telemetry/DEVICE/1e0a/timeseries/ANY"
    story.tells(
        "destination.arrived",
        fake="thingsboard",
        exchange=9,
        method="POST",
        url=url,
        raw=orjson.dumps(body),
        complete=True,
        delivery=True,
    )

    assert all_found(watch, story) == ([] if f_port == 5 else [(A, "right values")])


def test_the_decoded_payload_alone_needs_no_metadata() -> None:
    watch, story = begun_with_session()
    configuration = {"hostName": "thingsboard.cloud:1883", "username": "me", "sendRawDecodedFormat": True}
    body = {"id": "1", "configuration": configuration}
    story.tells("api.answered", method="PUT", path="/connections/1", status=200, raw=orjson.dumps(body))
    story.sent(1)
    story.publishes({DEV: [point(1, temperature=22.6)]}, session=7)

    assert all_found(watch, story) == []


@pytest.mark.parametrize(("margin", "right"), [("12", True), ("13", False)])
def test_point_is_held_against_the_document_whose_names_it_says(margin: str, right: bool) -> None:
    """A join and its notification have one Time; where the decoded payload alone is due nothing of an uplink is."""
    watch, story = begun_with_session()
    configuration = {"hostName": "thingsboard.cloud:1883", "username": "me", "sendRawDecodedFormat": True}
    body = {"id": "1", "configuration": configuration}
    story.tells("api.answered", method="PUT", path="/connections/1", status=200, raw=orjson.dumps(body))
    story.sent(1)
    report = {"Time": document(DEV, 1)["DevEUI_uplink"]["Time"], "DevEUI": DEV, "CustomerID": "1", "FCntDn": 3}
    report |= {"Type": "devstatusans", "Var1": "200", "Var2": "12"}
    told = {"DevEUI_notification": report}
    story.tells("network.document", root="DevEUI_notification", time=report["Time"], document=told, dev_eui=DEV)
    story.tells("tunnel.sent", attempt=2, url="http://f/ingress", raw=orjson.dumps(told), dev_eui=DEV)
    values = {"notification": {**report, "Var2": margin}}
    story.publishes({DEV: [{"ts": point(1)["ts"], "values": values}]}, session=7)

    assert [check for _, check in all_found(watch, story) if check == "right values"] == (
        [] if right else ["right values"]
    )
    assert watch.read.unread == []
