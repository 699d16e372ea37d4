"""Conversations over REST: device profiles and device types."""

from typing import Any

import pytest

from tests.fakes.thingsboard.rest_client import RestClient


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


def save(rest: RestClient, **fields: Any) -> Any:
    status, profile = rest("POST", "/api/deviceProfile", {"type": "DEFAULT", "transportType": "DEFAULT", **fields})
    assert status == 200
    return profile


def test_profile_is_saved_and_read_as_it_came(rest: RestClient) -> None:
    made = save(rest, name="elsys", description="indoor")

    assert (made["name"], made["description"], made["default"]) == ("elsys", "indoor", False)
    assert rest("GET", f"/api/deviceProfile/{made['id']['id']}") == (200, made)
    assert rest("GET", f"/api/deviceProfileInfo/{made['id']['id']}")[1]["name"] == "elsys"


def test_renamed_profile_renames_the_type_of_its_devices(rest: RestClient) -> None:
    made = save(rest, name="elsys")
    _, device = rest("POST", "/api/device", {"name": "D", "deviceProfileId": made["id"]})
    assert device["type"] == "elsys"

    save(rest, **{**made, "name": "elsys2"})

    assert rest("GET", f"/api/device/{device['id']['id']}")[1]["type"] == "elsys2"


def test_device_without_a_type_gets_the_default_profile(rest: RestClient) -> None:
    made = save(rest, name="elsys")
    rest("POST", f"/api/deviceProfile/{made['id']['id']}/default")

    assert rest("POST", "/api/device", {"name": "D"})[1]["type"] == "elsys"
    assert rest("GET", "/api/deviceProfileInfo/default")[1]["name"] == "elsys"


def test_types_and_names_are_lists(rest: RestClient) -> None:
    rest.state.add_device(rest.state.demo.id, "D", type="elsys")
    save(rest, name="unused")

    _, types = rest("GET", "/api/device/types")
    _, names = rest("GET", "/api/deviceProfile/names")
    _, active = rest("GET", "/api/deviceProfile/names?activeOnly=true")

    assert [one["type"] for one in types] == ["default", "elsys"]
    assert {one["entityType"] for one in types} == {"DEVICE"}
    assert [one["name"] for one in names] == ["default", "elsys", "unused"]
    assert [one["name"] for one in active] == ["default", "elsys"]


def test_profile_in_use_and_the_default_one_stay(rest: RestClient) -> None:
    used, unused = save(rest, name="used"), save(rest, name="unused")
    rest("POST", "/api/device", {"name": "D", "deviceProfileId": used["id"]})
    default = rest.state.profiles.default(rest.state.demo.id)

    assert rest("DELETE", f"/api/deviceProfile/{used['id']['id']}")[0] == 400
    assert rest("DELETE", f"/api/deviceProfile/{default.id}")[0] == 400
    assert rest("DELETE", f"/api/deviceProfile/{unused['id']['id']}") == (200, "")
    assert rest("GET", f"/api/deviceProfile/{unused['id']['id']}")[0] == 404


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Device profile name should be specified!"),
        ({"name": "P", "type": ""}, "Device profile type should be specified!"),
        ({"name": "default"}, "Device profile with such name already exists!"),
    ],
)
def test_impossible_profile_is_refused(rest: RestClient, fields: dict[str, Any], message: str) -> None:
    status, answer = rest("POST", "/api/deviceProfile", {"type": "DEFAULT", **fields})

    assert (status, answer["message"]) == (400, message)


TOPIC = {"transportConfiguration": {"type": "MQTT", "deviceTelemetryTopic": "my/own"}}
PROTOBUF = {"transportConfiguration": {"transportPayloadTypeConfiguration": {"transportPayloadType": "PROTOBUF"}}}


# What the fake would take in and not do is refused, and named.
@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"transportType": "COAP"}, "COAP"),
        ({"transportType": "MQTT", "profileData": TOPIC}, "another topic"),
        ({"transportType": "MQTT", "profileData": PROTOBUF}, "protobuf"),
        ({"profileData": {"alarms": [{}]}}, "alarm rules"),
        ({"provisionType": "X509_CERTIFICATE_CHAIN"}, "X509_CERTIFICATE_CHAIN"),
    ],
)
def test_profile_that_asks_for_too_much_is_refused_aloud(rest: RestClient, fields: Any, what: str) -> None:
    status, answer = rest("POST", "/api/deviceProfile", {"name": "P", "type": "DEFAULT", **fields})

    assert (status, what in answer["message"]) == (501, True)


def test_lenient_mqtt_profile_acknowledges_what_is_malformed(rest: RestClient) -> None:
    made = save(rest, name="P", transportType="MQTT", profileData={
        "transportConfiguration": {"type": "MQTT", "sendAckOnValidationException": True}
    })  # fmt: skip
    session = rest.talk.device("D1")
    rest("POST", "/api/device", {"id": {"id": rest.device().id}, "name": "D1", "deviceProfileId": made["id"]})

    assert len(rest.talk.publish(session, "v1/devices/me/telemetry", b"{")) == 1
