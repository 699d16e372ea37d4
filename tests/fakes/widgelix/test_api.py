"""The REST API, from log-in to report, without a socket."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.widgelix.client import Client
from tests.fakes.widgelix.make import EUI, join, sent, uplink
from uplab.fakes.messages import Answer
from uplab.fakes.widgelix.api import ROUTES

DOWNLINK_URL = "https://community.thingpark.com/iot-flow/downlinkMessages/11111111-2222-4333-8444-555555555555"


def logged_in(members: Any) -> tuple[int, Any]:
    reply = Client().reply("POST", "/api/login", orjson.dumps(members))
    assert isinstance(reply, Answer)
    return reply.status, orjson.loads(reply.body)


def test_log_in_gives_a_token() -> None:
    assert logged_in({"email": "demo@widgelix.example", "password": "demo"}) == (200, {"token": "key-2"})


@pytest.mark.parametrize(
    ("members", "status", "error"),
    [
        ({"email": "demo@widgelix.example", "password": "wrong"}, 401, "the e-mail address or the password is wrong"),
        ({"email": "nobody@widgelix.example", "password": "demo"}, 401, "the e-mail address or the password is wrong"),
        ({"email": "demo@widgelix.example"}, 400, "expected a text"),
        ({"email": 5, "password": "demo"}, 400, "expected a text"),
        ([], 400, "the body is not a JSON object"),
    ],
)
def test_wrong_log_in_is_refused(members: Any, status: int, error: str) -> None:
    found, body = logged_in(members)

    assert (found, body["error"]) == (status, error)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "key-1", "Basic key-1"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_route_wants_a_session(route: Any, header: str) -> None:
    reply = Client().reply(route.method, route.path.replace("*", "1"), b"{}", Authorization=header)

    assert isinstance(reply, Answer)
    assert reply.status == 401


def test_logged_out_session_is_refused() -> None:
    client = Client()

    assert client.api("POST", "/api/logout") == (204, None)
    assert client.api("GET", "/api/devices")[0] == 401


def test_type_comes_from_the_repository() -> None:
    client = Client()
    assert client.api("GET", "/api/repository")[1][0]["name"] == "ELSYS-ERS"

    status, loaded = client.api("POST", "/api/device-types/load", {"name": "ELSYS-ERS"})

    assert status == 201
    assert loaded["fields"][0] == {"name": "temperature", "source": "codec"}
    assert client.api("GET", "/api/device-types") == (200, [loaded])
    assert client.api("POST", "/api/device-types/load", {"name": "ELSYS-ERS"})[0] == 409
    assert client.api("POST", "/api/device-types/load", {"name": "NOTHING"})[0] == 404


def test_own_type_reads_by_json_path() -> None:
    client = Client()
    fields = [{"name": "level", "source": "$.level"}, {"name": "temperature", "source": "codec"}]
    _, created = client.api("POST", "/api/device-types", {"name": "Tank", "fields": fields})
    members = {"name": "Tank 1", "deviceId": EUI, "deviceTypeId": created["id"]}
    device = client.api("POST", "/api/devices", members)[1]["id"]

    client.deliver(client.key(device), uplink(payload={"level": -1192}))

    _, history = client.api("GET", f"/api/devices/{device}/history")
    assert [message["values"] for message in history["messages"]] == [{"level": -1192, "temperature": 22.6}]


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({}, "fields"),
        ({"fields": "temperature"}, "fields"),
        ({"fields": ["temperature"]}, "fields"),
        ({"fields": [{"name": "a"}]}, "fields[0].source"),
        ({"fields": [{"name": "a", "source": "$.a"}]}, "name"),
        ({"name": 5, "fields": [{"name": "a", "source": "$.a"}]}, "name"),
        ({"name": "x" * 201, "fields": [{"name": "a", "source": "$.a"}]}, "name"),
        ({"name": "A", "fields": [{"name": "a", "source": "$.["}]}, "fields[0].source"),
        ({"name": "A", "codec": "other", "fields": [{"name": "a", "source": "$.a"}]}, "codec"),
    ],
)
def test_impossible_type_is_refused_by_name(members: Any, field: str) -> None:
    status, body = Client().api("POST", "/api/device-types", members)

    assert (status, body["field"]) == (400, field)


def test_type_in_use_stays() -> None:
    client = Client()
    device = client.device()
    type_id = client.api("GET", "/api/device-types")[1][0]["id"]

    assert client.api("DELETE", f"/api/device-types/{type_id}")[0] == 409
    assert client.api("DELETE", f"/api/devices/{device}")[0] == 204
    assert client.api("DELETE", f"/api/device-types/{type_id}")[0] == 204
    assert client.api("DELETE", f"/api/device-types/{type_id}")[0] == 404


def test_device_id_is_stored_in_upper_case() -> None:
    client = Client()

    device = client.device(EUI.lower())

    status, body = client.api("GET", f"/api/devices/{device}")
    assert (status, body["deviceId"], body["deviceType"]) == (200, EUI, "ELSYS-ERS")
    assert client.api("GET", f"/api/devices?deviceId={EUI.lower()}")[1][0]["id"] == device
    assert client.api("GET", "/api/devices?deviceId=0000000000000000")[1] == []


def test_device_that_is_there_is_a_conflict() -> None:
    client = Client()
    client.device()
    type_id = client.api("GET", "/api/device-types")[1][0]["id"]

    members = {"name": "Twin", "deviceId": EUI.lower(), "deviceTypeId": type_id}

    assert client.api("POST", "/api/devices", members) == (409, {"error": f"there is a device {EUI} already"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"deviceId": "A8"}, "deviceId"),
        ({"deviceId": None}, "deviceId"),
        ({"deviceTypeId": "99"}, "deviceTypeId"),
        ({"deviceTypeId": 1}, "deviceTypeId"),
    ],
)
def test_impossible_device_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    client = Client()
    client.api("POST", "/api/device-types/load", {"name": "ELSYS-ERS"})
    type_id = client.api("GET", "/api/device-types")[1][0]["id"]

    members = {"name": "Room", "deviceId": EUI, "deviceTypeId": type_id} | changes
    status, body = client.api("POST", "/api/devices", members)

    assert (status, body["field"]) == (400, field)


def test_new_device_was_never_seen() -> None:
    client = Client()

    _, body = client.api("GET", f"/api/devices/{client.device()}")

    assert (body["lastSeen"], body["lastEvents"], body["lastValues"], body["connectivity"]) == (None, [], {}, None)


def test_delivered_uplink_is_seen_everywhere() -> None:
    client = Client()
    device = client.device()

    client.deliver(client.key(device), uplink())

    _, body = client.api("GET", f"/api/devices/{device}")
    assert body["lastSeen"] == "2026-01-01T12:00:00.123+00:00"
    assert body["lastValues"]["temperature"] == {"value": 22.6, "time": "2026-01-01T12:00:00.123+00:00"}
    assert body["messages"] == {"kept": 1, "dropped": 0, "limit": 100}
    assert client.api("GET", f"/api/devices/{device}/history")[1] == {
        "total": 1,
        "dropped": 0,
        "messages": [
            {
                "time": "2026-01-01T12:00:00.123+00:00",
                "receivedAt": "2026-01-02T00:00:00.000+00:00",
                "fCntUp": 18,
                "fPort": 5,
                "payload_hex": "0100e202290400270506",
                "values": {"temperature": 22.6, "humidity": 41, "light": 39, "motion": 6},
                "error": None,
            }
        ],
    }


def test_history_is_chosen_by_field_range_and_place() -> None:
    client = Client()
    device = client.device()
    key = client.key(device)
    for minute in (2, 0, 1):
        client.deliver(key, uplink(Time=f"2026-01-01T12:0{minute}:00Z", FCntUp=minute))
    path = f"/api/devices/{device}/history"

    def counters(query: str) -> list[int]:
        return [message["fCntUp"] for message in client.api("GET", f"{path}?{query}")[1]["messages"]]

    assert counters("") == [0, 1, 2]
    assert counters("from=2026-01-01T12:01:00Z") == [1, 2]
    assert counters("to=2026-01-01T13:00:00%2B01:00") == [0]
    assert counters("range=week") == [0, 1, 2]
    assert counters("from=2026-01-02") == []
    assert counters("limit=1&offset=1") == [1]
    assert client.api("GET", f"{path}?field=motion")[1]["messages"][0]["values"] == {"motion": 6}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("field=snow", "field"),
        ("from=yesterday", "from"),
        ("range=decade", "range"),
        ("limit=-1", "limit"),
        ("limit=10001", "limit"),
        ("offset=many", "offset"),
        ("limit=%D9%A3", "limit"),
    ],
)
def test_impossible_history_query_is_refused_by_name(query: str, field: str) -> None:
    client = Client()

    status, body = client.api("GET", f"/api/devices/{client.device()}/history?{query}")

    assert (status, body["field"]) == (400, field)


def test_dropped_messages_are_counted() -> None:
    client = Client(history_limit=2)
    device = client.device()
    key = client.key(device)

    for minute in range(5):
        client.deliver(key, uplink(Time=f"2026-01-01T12:0{minute}:00Z"))

    assert client.api("GET", f"/api/devices/{device}")[1]["messages"] == {"kept": 2, "dropped": 3, "limit": 2}


def test_events_come_newest_first() -> None:
    client = Client()
    device = client.device()
    key = client.key(device)
    client.deliver(key, join())
    client.deliver(key, sent("00000000000000AB"))

    _, body = client.api("GET", f"/api/devices/{device}/events")

    assert [event["kind"] for event in body["events"]] == ["downlink sent", "join"]
    assert body["events"][0]["facts"]["CorrelationID"] == "00000000000000AB"
    assert client.api("GET", f"/api/devices/{device}")[1]["lastEvents"] == body["events"]


def test_unknown_path_and_method_are_told_apart() -> None:
    client = Client()

    assert client.api("GET", "/api/nothing")[0] == 404
    assert client.api("GET", "/api/devices//history")[0] == 404
    status, body = client.api("PATCH", "/api/devices")
    assert (status, body["error"]) == (405, "/api/devices knows GET, POST, not PATCH")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "source", "fields", "deviceId", "deviceTypeId", "downlinkUrl", "payload_hex", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.sampled_from(ROUTES), st.binary(max_size=40) | JSON.map(lambda value: orjson.dumps(str(value))) | JSON)
def test_any_body_to_any_route_is_answered(route: Any, body: Any) -> None:
    client = Client()
    device = client.device()
    client.api("PUT", f"/api/devices/{device}/connectivity", {"downlinkUrl": DOWNLINK_URL})
    try:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
    except orjson.JSONEncodeError:  # an integer beyond 64 bits
        return

    reply = client.reply(route.method, route.path.replace("*", device), raw, Authorization=f"Bearer {client.session}")

    if isinstance(reply, Answer):
        assert reply.status < 500
