"""Conversations over WebSocket: dashboards, that follow several devices by a query."""

from typing import Any

import pytest

from tests.fakes.thingsboard.conversation import NOW_MS
from tests.fakes.thingsboard.rest_client import RestClient
from tests.fakes.thingsboard.ws_client import WsClient
from uplab.fakes.thingsboard.state.tenant import Device


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


@pytest.fixture(name="ws")
def a_session(rest: RestClient) -> WsClient:
    return WsClient(rest).log_in()


def query(name: str = "D", **more: Any) -> dict[str, Any]:
    return {
        "entityFilter": {"type": "deviceType", "deviceTypes": ["default"], "deviceNameFilter": name},
        "pageLink": {"pageSize": 10, "page": 0, **more},
        "entityFields": [{"type": "ENTITY_FIELD", "key": "name"}],
        "latestValues": [{"type": "TIME_SERIES", "key": "t"}],
    }


LATEST = {"keys": [{"type": "TIME_SERIES", "key": "t"}, {"type": "SHARED_ATTRIBUTE", "key": "a"}]}


def page(answers: list[Any]) -> Any:
    (one,) = answers
    assert (one["cmdId"], one["errorCode"], one["cmdUpdateType"], one["update"]) == (1, 0, "ENTITY_DATA", None)
    return one["data"]


def update(answers: list[Any]) -> Any:
    (one,) = answers
    assert (one["data"], len(one["update"])) == (None, 1)
    return one["update"][0]


def test_page_of_devices_comes_first(rest: RestClient, ws: WsClient) -> None:
    rest.device("D1").save_telemetry(5, {"t": 21.5})
    rest.device("D2")

    data = page(ws.command("ENTITY_DATA", query=query(pageSize=1)))

    assert (data["totalElements"], data["totalPages"], data["hasNext"]) == (2, 2, True)
    (row,) = data["data"]
    assert row["entityId"] == {"entityType": "DEVICE", "id": rest.device("D1").id}
    assert row["latest"] == {
        "ENTITY_FIELD": {"name": {"ts": NOW_MS, "value": "D1"}},
        "TIME_SERIES": {"t": {"ts": 5, "value": "21.5"}},
    }


# What was never set has the time 0 and an empty value.
def test_latest_values_are_followed(rest: RestClient, ws: WsClient) -> None:
    device = rest.device("D1")
    (row,) = page(ws.command("ENTITY_DATA", query=query(), latestCmd=LATEST))["data"]
    assert row["latest"]["TIME_SERIES"] == {"t": {"ts": 0, "value": ""}}

    device.save_telemetry(7, {"t": 1, "other": 2})
    assert update(ws.heard())["latest"] == {"TIME_SERIES": {"t": {"ts": 7, "value": "1"}}}
    device.save_attributes("SHARED_SCOPE", {"a": "x"}, 8)
    assert update(ws.heard())["latest"] == {"SHARED_ATTRIBUTE": {"a": {"ts": 8, "value": "x"}}}
    device.save_attributes("CLIENT_SCOPE", {"a": "y"}, 9)
    device.save_telemetry(6, {"t": 0})  # older
    device.save_telemetry(7, {"t": 1})  # the same again
    assert ws.heard() == []
    device.delete_attributes("SHARED_SCOPE", ["a"], 10)
    assert update(ws.heard())["latest"] == {"SHARED_ATTRIBUTE": {"a": {"ts": 0, "value": ""}}}


def test_values_of_a_page_without_a_command_are_not_followed(rest: RestClient, ws: WsClient) -> None:
    device = rest.device("D1")
    ws.command("ENTITY_DATA", query=query())

    device.save_telemetry(7, {"t": 1})

    assert ws.heard() == []


def test_time_series_comes_with_its_past_and_is_followed(rest: RestClient, ws: WsClient) -> None:
    device = rest.device("D1")
    for ts in (1, 2, 3):
        device.save_telemetry(ts, {"t": ts})
    ws.command("ENTITY_DATA", query=query())

    answer = update(ws.command("ENTITY_DATA", tsCmd={"keys": ["t"], "startTs": 2, "timeWindow": 5}))
    assert answer["timeseries"] == {"t": [{"ts": 3, "value": "3"}, {"ts": 2, "value": "2"}]}

    device.save_telemetry(4, {"t": 4, "h": 1})
    assert update(ws.heard())["timeseries"] == {"t": [{"ts": 4, "value": "4"}]}


def test_history_is_answered_once(rest: RestClient, ws: WsClient) -> None:
    device = rest.device("D1")
    device.save_telemetry(1, {"t": 1})
    history = {"keys": ["t", "x"], "startTs": 0, "endTs": 9}

    (row,) = page(ws.command("ENTITY_DATA", query=query(), historyCmd=history))["data"]

    assert row["timeseries"] == {"t": [{"ts": 1, "value": "1"}], "x": []}
    device.save_telemetry(2, {"t": 2})
    assert ws.heard() == []


def test_new_renamed_and_deleted_devices_make_a_new_page(rest: RestClient, ws: WsClient) -> None:
    ws.command("ENTITY_DATA", query=query(), latestCmd=LATEST)

    def names() -> list[str]:
        ws.session.refresh()
        return [row["latest"]["ENTITY_FIELD"]["name"]["value"] for row in page(ws.heard())["data"]]

    device = rest.device("D1")
    assert ws.session.stale
    assert names() == ["D1"]
    rest.state.rename_device(device, "D2")
    assert names() == ["D2"]
    device.save_telemetry(1, {"t": 1})
    assert update(ws.heard())["entityId"]["id"] == device.id
    rest.state.delete_device(device)
    assert names() == []
    rest.device("other")
    ws.session.refresh()
    assert ws.heard() == []


def test_count_is_followed(rest: RestClient, ws: WsClient) -> None:
    rest.device("D1")
    count = {key: value for key, value in query().items() if key == "entityFilter"}

    assert ws.command("ENTITY_COUNT", query=count)[0] == {
        "cmdId": 1, "errorCode": 0, "errorMsg": None, "cmdUpdateType": "COUNT_DATA", "count": 1
    }  # fmt: skip
    rest.device("D2")
    ws.session.refresh()
    assert [one["count"] for one in ws.heard()] == [2]
    assert ws.command("ENTITY_COUNT_UNSUBSCRIBE") == []
    rest.device("D3")
    ws.session.refresh()
    assert ws.heard() == []


def test_unsubscribing_ends_it(rest: RestClient, ws: WsClient) -> None:
    device = rest.device("D1")
    ws.command("ENTITY_DATA", query=query(), latestCmd=LATEST)

    assert ws.command("ENTITY_DATA_UNSUBSCRIBE") == []

    device.save_telemetry(1, {"t": 1})
    assert ws.heard() == []
    assert device.watchers == ()


def test_activity_is_followed(rest: RestClient, ws: WsClient) -> None:
    rest.device("D1")
    keys = {"keys": [{"type": "ATTRIBUTE", "key": "active"}]}
    ws.command("ENTITY_DATA", query=query(), latestCmd=keys)

    rest.talk.device("D1")
    ws.session.refresh()

    assert update(ws.heard())["latest"] == {"ATTRIBUTE": {"active": {"ts": NOW_MS, "value": "true"}}}


def test_aggregates_of_a_window_stand_under_the_ids_of_their_keys(rest: RestClient, ws: WsClient) -> None:
    for ts, value in ((1, 5), (10, 2), (12, 4)):
        rest.device("D1").save_telemetry(ts, {"t": value})
    keys = [
        {"id": 7, "key": "t", "agg": "AVG", "previousStartTs": 0, "previousEndTs": 10},
        {"id": 8, "key": "t", "agg": "MAX", "previousStartTs": 0, "previousEndTs": 10, "previousValueOnly": True},
        {"id": 9, "key": "none", "agg": "SUM"},
        {"id": 10, "key": "none", "agg": "MIN"},
    ]

    data = page(ws.command("ENTITY_DATA", query=query(), aggHistoryCmd={"keys": keys, "startTs": 10, "endTs": 20}))

    (row,) = data["data"]
    assert row["aggLatest"] == {
        "7": {"current": {"ts": 15, "value": "3.0"}, "previous": {"ts": 5, "value": "5.0"}},
        "8": {"previous": {"ts": 5, "value": "5"}},
        "9": {"current": {"ts": 15, "value": "0"}},
        "10": {"current": {"ts": 0, "value": ""}},
    }
    rest.device("D1").save_telemetry(15, {"t": 6})
    assert ws.heard() == []  # a history is told once


def test_aggregate_over_time_is_followed_by_each_value_that_comes(rest: RestClient, ws: WsClient) -> None:
    rest.device("D1").save_telemetry(10, {"t": 2})
    asked = {"keys": [{"id": 1, "key": "t", "agg": "SUM"}], "startTs": 10, "timeWindow": 100}

    data = page(ws.command("ENTITY_DATA", query=query(), aggTsCmd=asked))
    rest.device("D1").save_telemetry(15, {"t": 6, "u": 1})

    assert data["data"][0]["aggLatest"] == {"1": {"current": {"ts": 60, "value": "2"}}}
    assert update(ws.heard())["timeseries"] == {"t": [{"ts": 15, "value": "6"}]}


def filtered(device: Device, **members: Any) -> dict[str, Any]:
    assert device
    return {"cmds": [{"type": "ENTITY_DATA", "cmdId": 1, **members}]}


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, 2, "Query is empty!"),
        ({"tsCmd": {"keys": ["t"]}}, 2, "Query is empty!"),
        ({"query": {"entityFilter": {"type": "relationsQuery"}}}, 1, "entity filters of the type relationsQuery"),
        (
            {"query": query(), "aggHistoryCmd": {"keys": [{"id": 1, "key": "t", "agg": "MODE"}], "endTs": 9}},
            *(1, "MODE"),
        ),
        (
            {"query": query(), "aggTsCmd": {"keys": [{"id": 1, "key": "t", "agg": "AVG"}], "timeWindow": 0}},
            *(1, "'interval' must be greater than 0"),
        ),
        ({"query": query(), "latestCmd": {"keys": [{"type": "ALARM_FIELD", "key": "x"}]}}, 1, "ALARM_FIELD"),
    ],
)
def test_impossible_query_is_refused(rest: RestClient, ws: WsClient, members: Any, code: int, message: str) -> None:
    (answer,) = ws.say(filtered(rest.device(), **members))

    assert answer["errorCode"] == code
    assert message in answer["errorMsg"]
