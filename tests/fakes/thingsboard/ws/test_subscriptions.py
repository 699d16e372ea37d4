"""Conversations over WebSocket: one device's telemetry and attributes, as they are and as they change."""

from typing import Any

import pytest

from tests.fakes.thingsboard.conversation import NOW_MS
from tests.fakes.thingsboard.rest_client import RestClient
from tests.fakes.thingsboard.ws_client import WsClient, telemetry
from uplab.fakes.thingsboard.state.tenant import Device


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


@pytest.fixture(name="ws")
def a_session(rest: RestClient) -> WsClient:
    return WsClient(rest).log_in()


@pytest.fixture(name="device")
def a_device(rest: RestClient) -> Device:
    return rest.device()


def follow(ws: WsClient, device: Device, kind: str = "TIMESERIES", **more: Any) -> list[Any]:
    return ws.command(kind, entityType="DEVICE", entityId=device.id, **more)


# --- telemetry ------------------------------------------------------------------------------------------------------


def test_latest_values_come_first_and_then_each_change(rest: RestClient, ws: WsClient, device: Device) -> None:
    device.save_telemetry(5, {"t": 21.5, "on": True})

    assert follow(ws, device, scope="LATEST_TELEMETRY") == [telemetry(1, t=[[5, "21.5"]], on=[[5, "true"]])]
    rest("POST", f"/api/plugins/telemetry/DEVICE/{device.id}/timeseries/ANY", {"ts": 6, "values": {"t": 22}})
    assert ws.heard() == [telemetry(1, t=[[6, "22"]])]


def test_mqtt_telemetry_is_pushed(rest: RestClient, ws: WsClient) -> None:
    gateway = rest.talk.gateway()
    rest.talk.publish(gateway, "v1/gateway/connect", {"device": "A"})
    follow(ws, gateway.children["A"])

    rest.talk.publish(gateway, "v1/gateway/telemetry", {"A": [{"ts": 7, "values": {"t": 1}}]})

    assert ws.heard() == [telemetry(1, t=[[7, "1"]])]


def test_keys_narrow_what_is_followed(ws: WsClient, device: Device) -> None:
    assert follow(ws, device, keys="t,x") == [telemetry(1)]

    device.save_telemetry(1, {"h": 1})
    device.save_telemetry(2, {"t": 2, "h": 2})

    assert ws.heard() == [telemetry(1, t=[[2, "2"]])]


# Older points enter the history; only who follows the latest values is spared them.
@pytest.mark.parametrize(("scope", "pushed"), [({"scope": "LATEST_TELEMETRY"}, 0), ({}, 1)])
def test_older_point_is_no_latest_value(ws: WsClient, device: Device, scope: dict[str, str], pushed: int) -> None:
    device.save_telemetry(5, {"t": 5})
    follow(ws, device, **scope)

    device.save_telemetry(4, {"t": 4})

    assert ws.heard() == [telemetry(1, t=[[4, "4"]])] * pushed


def test_window_of_the_past_comes_first(ws: WsClient, device: Device) -> None:
    for ts in range(1, 6):
        device.save_telemetry(ts, {"t": ts})

    assert follow(ws, device, keys="t", startTs=2, timeWindow=3) == [telemetry(1, t=[[4, "4"], [3, "3"], [2, "2"]])]
    assert follow(ws, device, keys="t", startTs=2, timeWindow=3, limit=1) == [telemetry(1, t=[[4, "4"]])]
    averages = follow(ws, device, keys="t", startTs=0, timeWindow=6, agg="AVG", interval=3)
    assert averages == [telemetry(1, t=[[4, "4.0"], [1, "1.5"]])]


def test_history_is_answered_once(ws: WsClient, device: Device) -> None:
    device.save_telemetry(1, {"t": 1})

    assert follow(ws, device, "TIMESERIES_HISTORY", keys="t,x", startTs=0, endTs=9) == [telemetry(1, t=[[1, "1"]])]
    device.save_telemetry(2, {"t": 2})
    assert ws.heard() == []


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"keys": ""}, 2, "Keys are empty!"),
        ({"keys": "t", "agg": "AVG", "interval": 0, "startTs": 0, "endTs": 9}, 1, "'interval' must be greater than 0"),
        ({"keys": "t", "agg": "MODE", "interval": 1, "startTs": 0, "endTs": 9}, 1, "MODE"),
    ],
)
def test_impossible_history_is_refused(
    ws: WsClient, device: Device, more: dict[str, Any], code: int, message: str
) -> None:
    device.save_telemetry(1, {"t": 1})

    (answer,) = follow(ws, device, "TIMESERIES_HISTORY", **more)

    assert answer["errorCode"] == code
    assert message in answer["errorMsg"]


def test_deleted_key_comes_empty(rest: RestClient, ws: WsClient, device: Device) -> None:
    device.save_telemetry(1, {"t": 1, "h": 1})
    follow(ws, device, keys="t")

    rest("DELETE", f"/api/plugins/telemetry/DEVICE/{device.id}/timeseries/delete?keys=t,h&deleteAllDataForKeys=true")

    assert ws.heard() == [telemetry(1, t=[[0, ""]])]


def test_long_number_keeps_its_digits(ws: WsClient, device: Device) -> None:
    follow(ws, device)

    device.save_telemetry(1, {"n": 9_007_199_254_740_993})

    assert ws.heard() == [telemetry(1, n=[[1, "9007199254740993"]])]


# --- attributes -----------------------------------------------------------------------------------------------------


def test_attributes_of_a_scope_come_first_and_then_each_change(ws: WsClient, device: Device) -> None:
    device.save_attributes("SHARED_SCOPE", {"a": 1}, 5)
    device.save_attributes("CLIENT_SCOPE", {"c": 1}, 5)

    assert follow(ws, device, "ATTRIBUTES", scope="SHARED_SCOPE") == [telemetry(1, a=[[5, "1"]])]
    device.save_attributes("CLIENT_SCOPE", {"c": 2}, 6)
    device.save_attributes("SHARED_SCOPE", {"b": "x"}, 6)
    device.delete_attributes("SHARED_SCOPE", ["a"], 7)
    assert ws.heard() == [telemetry(1, b=[[6, "x"]]), telemetry(1, a=[[0, ""]])]


def test_attributes_of_all_scopes_may_share_a_key(ws: WsClient, device: Device) -> None:
    device.save_attributes("SHARED_SCOPE", {"a": 1}, 5)
    device.save_attributes("CLIENT_SCOPE", {"a": 2}, 6)

    (answer,) = follow(ws, device, "ATTRIBUTES", keys="a")

    assert sorted(answer["data"]["a"]) == [[5, "1"], [6, "2"]]


def test_unknown_scope_is_refused(ws: WsClient, device: Device) -> None:
    (answer,) = follow(ws, device, "ATTRIBUTES", scope="MY_SCOPE")

    assert answer["errorCode"] == 1


def test_activity_is_told_when_it_turns(rest: RestClient, ws: WsClient, device: Device) -> None:
    follow(ws, device, "ATTRIBUTES", scope="SERVER_SCOPE", keys="active")
    rest.talk.device("D1")
    ws.session.refresh()
    assert ws.heard() == [telemetry(1, active=[[NOW_MS, "true"]])]

    ws.session.refresh()
    rest.talk.now_ms += 600_000
    ws.session.refresh()

    assert ws.heard() == [telemetry(1, active=[[NOW_MS, "false"]])]
