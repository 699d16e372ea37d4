"""Conversations over REST: telemetry and attributes."""

from typing import Any

import orjson
import pytest

from tests.fakes.thingsboard.conversation import NOW_MS
from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.messages import Answer
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.state.tenant import NULL_ID


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


@pytest.fixture(name="path")
def a_path(rest: RestClient) -> str:
    return f"/api/plugins/telemetry/DEVICE/{rest.device().id}"


# --- telemetry ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["timeseries/ANY", "timeseries/LATEST_TELEMETRY", "timeseries/ANY/3600"])
def test_posted_telemetry_is_the_latest(rest: RestClient, path: str, tail: str) -> None:
    body = {"ts": 5, "values": {"t": 21.5, "n": "7", "on": True, "text": "a", "json": {"b": 1}}}

    assert rest("POST", f"{path}/{tail}", body) == (200, "")

    assert rest("GET", f"{path}/values/timeseries") == (
        200,
        {
            "t": [{"ts": 5, "value": "21.5"}],
            "n": [{"ts": 5, "value": "7"}],
            "on": [{"ts": 5, "value": "true"}],
            "text": [{"ts": 5, "value": "a"}],
            "json": [{"ts": 5, "value": '{"b":1}'}],
        },
    )
    _, strict = rest("GET", f"{path}/values/timeseries?keys=t,n,json&useStrictDataTypes=true")
    assert {key: point["value"] for key, (point,) in strict.items()} == {"t": 21.5, "n": 7, "json": {"b": 1}}
    assert rest("GET", f"{path}/keys/timeseries") == (200, ["t", "n", "on", "text", "json"])


def test_unknown_key_is_null_now(rest: RestClient, path: str) -> None:
    assert rest("GET", f"{path}/values/timeseries?keys=x") == (200, {"x": [{"ts": NOW_MS, "value": None}]})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "Unable to parse time series payload: Invalid JSON body!"),
        (b"5", "Unable to parse time series payload. Invalid JSON body: telemetry must be an object or an array"),
        (b'{"a":null}', "Unable to parse time series payload. Invalid JSON body: Can't parse value: null"),
        (b"{}", "No time series data found in request body!"),
        (b"[]", "No time series data found in request body!"),
    ],
)
def test_malformed_telemetry_is_refused_in_plain_text(rest: RestClient, path: str, body: bytes, text: str) -> None:
    assert rest("POST", f"{path}/timeseries/ANY", body) == (400, text)


def test_history_is_asked_by_time(rest: RestClient, path: str) -> None:
    for ts in (1, 2, 3, 4):
        rest.device().series.save(ts, {"a": ts, "b": ts})

    assert rest("GET", f"{path}/values/timeseries?keys=a&startTs=2&endTs=4&useStrictDataTypes=true") == (
        200,
        {"a": [{"ts": 3, "value": 3}, {"ts": 2, "value": 2}]},
    )
    _, oldest = rest("GET", f"{path}/values/timeseries/history?key=a&key=b&startTs=0&endTs=9&limit=1&orderBy=ASC")
    assert oldest == {"a": [{"ts": 1, "value": "1"}], "b": [{"ts": 1, "value": "1"}]}
    assert rest("GET", f"{path}/values/timeseries?startTs=0&endTs=9") == (200, {})


def test_history_is_aggregated(rest: RestClient, path: str) -> None:
    for ts in range(10):
        rest.device().series.save(ts, {"a": ts})

    _, found = rest("GET", f"{path}/values/timeseries?keys=a&startTs=0&endTs=10&agg=AVG&interval=5")

    assert found == {"a": [{"ts": 2, "value": "2.0"}, {"ts": 7, "value": "7.0"}]}
    assert rest("GET", f"{path}/values/timeseries?keys=a&startTs=0&endTs=10&agg=MODE")[0] == 400


def test_keys_are_deleted(rest: RestClient, path: str) -> None:
    rest.device().series.save(1, {"a": 1, "b": 1})

    assert rest("DELETE", f"{path}/timeseries/delete?keys=a&deleteAllDataForKeys=true") == (200, "")
    assert rest("GET", f"{path}/keys/timeseries") == (200, ["b"])
    assert rest("DELETE", f"{path}/timeseries/delete?keys=b") == (
        400,
        "When deleteAllDataForKeys is false, start and end timestamp values shouldn't be empty",
    )
    assert rest("DELETE", f"{path}/timeseries/delete")[0] == 400


@pytest.mark.parametrize(
    ("query", "latest", "left"),
    [
        ("", None, [1]),
        ("&deleteLatest=false", (3, 30), [1]),
        ("&rewriteLatestIfDeleted=true", (1, 10), [1]),
    ],
)
def test_range_is_deleted_and_the_latest_value_as_asked(
    rest: RestClient, path: str, query: str, latest: object, left: list[int]
) -> None:
    for ts in (1, 2, 3):
        rest.device().series.save(ts, {"a": ts * 10})

    assert rest("DELETE", f"{path}/timeseries/delete?keys=a&startTs=2&endTs=4{query}") == (200, "")

    assert rest.device().series.latest("a") == latest
    _, found = rest("GET", f"{path}/values/timeseries?keys=a&startTs=0&endTs=9")
    assert [one["ts"] for one in found["a"]] == left


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("agg=AVG&interval=-1", 400),
        ("agg=AVG&interval=0", 200),  # no interval: as if there were no aggregation
        ("agg=AVG&interval=1&startTs=0&endTs=701000", 400),
        ("agg=NONE&interval=-1", 200),
        ("agg=AVG&intervalType=YEAR", 400),
        ("agg=AVG&intervalType=WEEK&timeZone=Europe/Paris", 200),
    ],
)
def test_impossible_interval_is_refused(rest: RestClient, path: str, query: str, status: int) -> None:
    query = query if "startTs" in query else f"{query}&startTs=0&endTs=10"

    assert rest("GET", f"{path}/values/timeseries?keys=a&{query}")[0] == status


# What Spring and BaseTimeseriesService refuse, in plain text; a page is asked for only where nothing is aggregated.
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("keys=a&limit=0", "Page size must not be less than one"),
        ("keys=a&limit=-5", "Page size must not be less than one"),
        ("keys=a&orderBy=NEWEST", "Invalid value 'NEWEST' for orders given"),
        ("keys=a,,b", "Incorrect ReadTsKvQuery. Key can't be empty"),
        ("keys=a&agg=AVG&interval=-1", "Invalid TsKvQuery: 'interval' must be greater than 0"),
        ("keys=a&agg=AVG&interval=1000&limit=0&orderBy=NEWEST", ""),
        ("limit=0", ""),
        ("keys=a&orderBy=asc", ""),
    ],
)
def test_impossible_page_is_refused_in_plain_text(rest: RestClient, path: str, query: str, said: str) -> None:
    status, found = rest("GET", f"{path}/values/timeseries?startTs=0&endTs=10&{query}")

    assert (status, str(found).startswith(said)) == (400, True) if said else (status, found) == (200, {})


def test_calendar_interval_is_one_of_the_time_zone(rest: RestClient, path: str) -> None:
    new_year_ms = 1_704_067_200_000  # 2024-01-01T00:00:00Z, an hour later in Paris
    for ts in (new_year_ms - 1_800_000, new_year_ms + 1):
        rest.device().series.save(ts, {"a": 1})
    query = f"keys=a&startTs={new_year_ms - 86_400_000}&endTs={new_year_ms + 86_400_000}&agg=COUNT&intervalType=MONTH"

    def counts(place: str) -> list[str]:
        _, found = rest("GET", f"{path}/values/timeseries?{query}&timeZone={place}&orderBy=ASC")
        return [one["value"] for one in found["a"]]

    assert counts("UTC") == ["1", "1"]
    assert counts("Europe/Paris") == ["2"]


@pytest.mark.parametrize(("ttl", "status"), [("0", 200), ("-1", 200), ("60", 200), ("x", 400)])
def test_time_to_live_is_a_number(rest: RestClient, path: str, ttl: str, status: int) -> None:
    assert rest("POST", f"{path}/timeseries/ANY/{ttl}", {"a": 1})[0] == status


@pytest.mark.parametrize("body", [{"": 1}, {" ": 1}, {"a": 1, "": 2}, {"k" * 256: 1}, [{"ts": 1, "values": {"": 1}}]])
def test_impossible_key_is_refused_and_nothing_is_kept(rest: RestClient, path: str, body: object) -> None:
    assert rest("POST", f"{path}/timeseries/ANY", body)[0] == 400
    assert rest.device().series.keys() == []


def test_history_says_what_the_bound_of_the_fake_has_cost(rest: RestClient, path: str) -> None:
    rest.state.budget.rows_per_device = 10
    for ts in range(15):
        rest.device().series.save(ts, {"a": ts})

    answer = rest.send("GET", f"{path}/values/timeseries?keys=a&startTs=0&endTs=99&limit=99")

    assert isinstance(answer, Answer)
    assert dict(answer.headers)["X-Uplab-Dropped-Points"] == "5"


@pytest.mark.parametrize(
    ("entity", "status", "text"),
    [
        (f"DEVICE/{NULL_ID}", 404, "Device with requested id wasn't found!"),
    ],
)
def test_unknown_entity_is_refused_in_plain_text(rest: RestClient, entity: str, status: int, text: str) -> None:
    assert rest("POST", f"/api/plugins/telemetry/{entity}/timeseries/ANY", {"a": 1}) == (status, text)


# A tenant is there, and has telemetry in ThingsBoard: "not found" would be a lie.
@pytest.mark.parametrize(("kind", "status"), [("TENANT", 501), ("ASSET", 501), ("USER", 501), ("PLANT", 400)])
def test_only_devices_have_telemetry_and_the_others_are_refused_aloud(rest: RestClient, kind: str, status: int) -> None:
    place = f"/api/plugins/telemetry/{kind}/{rest.state.demo.id}"

    for method, path in (
        ("GET", "values/timeseries"),
        ("GET", "values/attributes"),
        ("POST", "timeseries/ANY"),
        ("POST", "attributes/SERVER_SCOPE"),
        ("DELETE", "SERVER_SCOPE?keys=a"),
    ):
        assert rest(method, f"{place}/{path}", {"a": 1} if method == "POST" else None)[0] == status, path


def test_other_tenants_and_the_administrator_are_kept_out(rest: RestClient, path: str) -> None:
    other = rest.state.add_tenant("Other")
    foreign = rest.state.add_device(other.id, "D")
    answer = rest("GET", f"/api/plugins/telemetry/DEVICE/{foreign.id}/keys/timeseries")
    assert answer == (403, "You don't have permission to perform this operation!")

    rest.log_in("sysadmin@thingsboard.org", "sysadmin")
    assert rest("GET", f"{path}/keys/timeseries")[0] == 403


# --- attributes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["SERVER_SCOPE", "attributes/SERVER_SCOPE"])
def test_attributes_are_saved_and_read(rest: RestClient, path: str, tail: str) -> None:
    assert rest("POST", f"{path}/{tail}", {"a": 1, "b": "x"}) == (200, "")

    wanted = [{"lastUpdateTs": NOW_MS, "key": "a", "value": 1}, {"lastUpdateTs": NOW_MS, "key": "b", "value": "x"}]
    assert rest("GET", f"{path}/values/attributes/SERVER_SCOPE") == (200, wanted)
    assert rest("GET", f"{path}/values/attributes?keys=b") == (200, wanted[1:])
    assert rest("GET", f"{path}/keys/attributes") == (200, ["a", "b"])
    assert rest("GET", f"{path}/keys/attributes/CLIENT_SCOPE") == (200, [])


def test_device_may_be_named_alone(rest: RestClient, path: str) -> None:
    short = f"/api/plugins/telemetry/{rest.device().id}/SHARED_SCOPE"

    assert rest("POST", short, {"a": 1}) == (200, "")
    assert rest("DELETE", f"{short}?keys=a") == (200, "")
    assert rest("GET", f"{path}/keys/attributes") == (200, [])


def test_shared_attributes_are_told_to_the_device(rest: RestClient) -> None:
    gateway = rest.talk.gateway()
    rest.talk.publish(gateway, "v1/gateway/connect", {"device": "A"})
    path = f"/api/plugins/telemetry/DEVICE/{rest.device('A').id}/SHARED_SCOPE"

    rest("POST", path, {"a": 1})
    rest("DELETE", f"{path}?keys=a")

    told = [orjson.loads(out.payload) for out in rest.talk.heard(gateway) if isinstance(out, p.Publish)]
    assert told == [{"device": "A", "data": {"a": 1}}, {"device": "A", "data": {"deleted": ["a"]}}]


@pytest.mark.parametrize(
    ("scope", "body", "status"),
    [
        ("CLIENT_SCOPE", {"a": 1}, 400),
        ("OTHER", {"a": 1}, 400),
        ("SERVER_SCOPE", b"{", 400),
        ("SERVER_SCOPE", [], 400),
        ("SERVER_SCOPE", {}, 400),
        ("SERVER_SCOPE", {" ": 1}, 400),
        ("SERVER_SCOPE", {"a": None}, 500),
    ],
)
def test_malformed_attributes_are_refused(rest: RestClient, path: str, scope: str, body: Any, status: int) -> None:
    assert rest("POST", f"{path}/{scope}", body)[0] == status


def test_nothing_to_delete_is_refused(rest: RestClient, path: str) -> None:
    assert rest("DELETE", f"{path}/SERVER_SCOPE") == (400, "Empty keys: []")
