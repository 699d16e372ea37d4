"""Conversations over REST: devices, credentials, profiles, relations."""

import re
from typing import Any

import orjson
import pytest

from tests.fakes.thingsboard.conversation import NOW_MS, Conversation
from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.session import Session
from uplab.fakes.thingsboard.state.tenant import NULL_ID


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


def names(answer: tuple[int, Any]) -> list[str]:
    assert answer[0] == 200
    return [one["name"] for one in answer[1]["data"]]


def test_device_is_made_found_and_deleted(rest: RestClient) -> None:
    status, made = rest("POST", "/api/device", {"name": "D", "type": "elsys", "label": "one"})

    assert (status, made["name"], made["type"], made["label"]) == (200, "D", "elsys", "one")
    path = f"/api/device/{made['id']['id']}"
    assert rest("GET", path) == (200, made)
    assert rest("GET", "/api/tenant/devices?deviceName=D") == (200, made)
    assert rest("GET", "/api/tenant/device?deviceName=D") == (200, made)
    assert rest("DELETE", path) == (200, "")
    assert rest("GET", path)[0] == 404
    assert rest("GET", "/api/tenant/devices?deviceName=D")[1]["message"] == "Requested item wasn't found!"


def test_access_token_may_be_given(rest: RestClient) -> None:
    _, made = rest("POST", "/api/device?accessToken=T0K3N", {"name": "D"})

    _, secret = rest("GET", f"/api/device/{made['id']['id']}/credentials")

    assert (secret["credentialsType"], secret["credentialsId"], secret["credentialsValue"]) == (
        "ACCESS_TOKEN",
        "T0K3N",
        None,
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "taken"}, "Device with such name already exists!"),
        ({}, "Device name should be specified!"),
        ({"name": " "}, "Device name should be specified!"),
        ({"name": "D", "additionalInfo": 5}, "additionalInfo must be an object"),
        ({"name": "D", "deviceProfileId": {"id": "x"}}, "Device is referencing non existing device profile!"),
    ],
)
def test_impossible_device_is_refused(rest: RestClient, body: Any, message: str) -> None:
    rest.device("taken")

    status, error = rest("POST", "/api/device", body)

    assert (status, error["errorCode"], error["message"]) == (400, 31, message)


def test_device_is_changed_by_its_id(rest: RestClient) -> None:
    _, made = rest("POST", "/api/device", {"name": "D"})

    status, changed = rest("POST", "/api/device", {**made, "name": "E", "additionalInfo": {"gateway": True}})

    assert (status, changed["id"], changed["name"], changed["version"]) == (200, made["id"], "E", 2)
    assert rest.device("E").gateway


def test_gateway_is_made_with_basic_credentials(rest: RestClient) -> None:
    value = orjson.dumps({"userName": "u@x.org", "password": "pw"}).decode()
    body = {
        "device": {"name": "GW", "additionalInfo": {"gateway": True}},
        "credentials": {"credentialsType": "MQTT_BASIC", "credentialsValue": value},
    }

    assert rest("POST", "/api/device-with-credentials", body)[0] == 200

    session = rest.talk.client("u@x.org", "pw")
    assert session.gateway


def test_new_credentials_end_the_session(rest: RestClient) -> None:
    session = rest.talk.device("D1")
    _, secret = rest("GET", f"/api/device/{rest.device().id}/credentials")

    status, saved = rest("POST", "/api/device/credentials", {**secret, "credentialsId": "new"})

    assert (status, saved["credentialsId"]) == (200, "new")
    assert rest.talk.heard(session) == ["the device's credentials were changed"]
    assert rest.talk.client("new").device is rest.device()


@pytest.mark.parametrize(
    ("secret", "status"),
    [
        ({"credentialsId": ""}, 400),
        ({"credentialsType": "NONE"}, 400),
        ({"credentialsType": "X509_CERTIFICATE", "credentialsValue": "MII"}, 501),
        ({"credentialsType": "LWM2M_CREDENTIALS"}, 501),
    ],
)
def test_impossible_credentials_are_refused(rest: RestClient, secret: dict[str, str], status: int) -> None:
    device = rest.device()
    secret_id = device.credentials.id

    assert rest("POST", "/api/device/credentials", {"deviceId": {"id": device.id}, **secret})[0] == status
    assert rest("POST", "/api/device-with-credentials", {"device": {"name": "new"}, "credentials": secret})[0] == status
    assert device.credentials.id == secret_id


# Two people who edit one device: the second one is told, and does not undo what the first one did.
@pytest.mark.parametrize(
    ("get", "post"),
    [
        ("/api/device/{}", "/api/device"),
        ("/api/device/{}/credentials", "/api/device/credentials"),
        ("/api/deviceProfile/{}", "/api/deviceProfile"),
        ("/api/dashboard/{}", "/api/dashboard"),
    ],
)
def test_change_of_what_has_changed_since_is_refused(rest: RestClient, get: str, post: str) -> None:
    device = rest.device()
    _, board = rest("POST", "/api/dashboard", {"title": "Board"})
    _, profile = rest("POST", "/api/deviceProfile", {"name": "meter", "type": "DEFAULT"})
    known = {"deviceProfile": profile["id"]["id"], "dashboard": board["id"]["id"]}
    url = get.format(known.get(get.split("/")[2], device.id))
    _, first = rest("GET", url)

    assert rest("POST", post, first)[0] == 200
    status, refused = rest("POST", post, first)
    assert (status, refused["errorCode"]) == (409, 46)
    assert refused["message"].endswith(" was already changed by someone else")
    assert rest("POST", post, {**first, "version": None})[0] == 200
    assert rest("POST", post, rest("GET", url)[1])[0] == 200


def test_device_is_given_to_a_customer_as_it_is_saved(rest: RestClient) -> None:
    customer = {"entityType": "CUSTOMER", "id": rest.state.demo_customer}
    nobody = {"entityType": "CUSTOMER", "id": rest.state.demo.id}

    _, made = rest("POST", "/api/device", {"name": "given", "customerId": customer})
    assert made["customerId"] == customer
    assert rest("POST", "/api/device", made)[1]["customerId"] == customer
    assert rest("POST", "/api/device", {"name": "lost", "customerId": nobody})[0] == 400
    taken = {name: value for name, value in made.items() if name not in ("customerId", "version")}
    assert rest("POST", "/api/device", taken)[1]["customerId"]["id"] == NULL_ID


def test_deleted_device_loses_its_session(rest: RestClient) -> None:
    session = rest.talk.device("D1")

    rest("DELETE", f"/api/device/{rest.device().id}")

    assert rest.talk.heard(session) == ["the device was deleted"]


def test_devices_are_listed_by_page_and_text(rest: RestClient) -> None:
    for name in ("A1", "A2", "B1"):
        rest.device(name)

    assert names(
        rest("GET", "/api/tenant/devices?pageSize=10&page=0&textSearch=a&sortProperty=name&sortOrder=DESC")
    ) == [
        "Gateway of tenant@thingsboard.org",
        "A2",
        "A1",
    ]
    _, page = rest("GET", "/api/tenant/deviceInfos?pageSize=2&page=0&type=default")
    assert (page["totalElements"], page["totalPages"], page["hasNext"]) == (4, 2, True)
    assert page["data"][0]["deviceProfileName"] == "default"


@pytest.mark.parametrize("query", ["", "pageSize=0&page=0", "pageSize=x&page=0", "pageSize=10"])
def test_page_must_be_said(rest: RestClient, query: str) -> None:
    assert rest("GET", f"/api/tenant/devices?{query}")[0] == 400


def test_several_are_fetched_by_id(rest: RestClient) -> None:
    wanted = f"{rest.device('A').id},{rest.device('B').id},unknown"

    assert [one["name"] for one in rest("GET", f"/api/devices?deviceIds={wanted}")[1]] == ["A", "B"]


@pytest.mark.parametrize(("identifier", "status"), [("no-uuid", 400), (NULL_ID, 404)])
def test_device_that_is_not_there(rest: RestClient, identifier: str, status: int) -> None:
    assert rest("GET", f"/api/device/{identifier}")[0] == status


def test_device_of_another_tenant_is_forbidden(rest: RestClient) -> None:
    other = rest.state.add_tenant("Other")
    device = rest.state.add_device(other.id, "D")

    status, error = rest("GET", f"/api/device/{device.id}")

    assert (status, error["errorCode"]) == (403, 20)


def test_customer_sees_what_was_assigned_to_it(rest: RestClient) -> None:
    device, customer = rest.device("D"), rest.state.demo_customer
    rest.device("E")
    rest("POST", f"/api/customer/{customer}/device/{device.id}")

    rest.log_in("customer@thingsboard.org", "customer")

    assert names(rest("GET", f"/api/customer/{customer}/deviceInfos?pageSize=10&page=0")) == ["D"]
    assert rest("GET", f"/api/device/{rest.device('E').id}")[0] == 403
    assert rest("POST", "/api/device", {"name": "F"})[0] == 403


def test_profiles_are_listed(rest: RestClient) -> None:
    rest("POST", "/api/device", {"name": "D", "type": "elsys"})

    _, found = rest("GET", "/api/deviceProfileInfos?pageSize=10&page=0")
    profile = next(one for one in found["data"] if one["name"] == "elsys")
    _, made = rest("POST", "/api/device", {"name": "E", "deviceProfileId": profile["id"]})

    assert sorted(one["name"] for one in found["data"]) == ["default", "elsys"]
    assert made["type"] == "elsys"
    assert rest("GET", "/api/deviceProfileInfo/default")[1]["name"] == "default"


def test_gateway_is_related_to_its_devices(rest: RestClient) -> None:
    gateway = rest.talk.gateway()
    rest.talk.publish(gateway, "v1/gateway/connect", {"device": "A"})
    assert gateway.device

    _, found = rest("GET", f"/api/relations?fromId={gateway.device.id}&fromType=DEVICE")

    assert [(one["to"]["id"], one["type"]) for one in found] == [(rest.device("A").id, "Created")]
    assert rest("GET", f"/api/relations?toId={rest.device('A').id}&toType=DEVICE")[1] == found


# --- what the lists and the saving are asked for besides ------------------------------------------------------------


def test_infos_are_narrowed_by_activity_and_profile(rest: RestClient) -> None:
    rest.device("Quiet")
    rest.talk.device("Loud")
    rest.state.add_device(rest.state.demo.id, "Elsys", type="elsys")
    profile = rest.state.profiles.named(rest.state.demo.id, "elsys").id

    def found(query: str) -> list[str]:
        return names(rest("GET", f"/api/tenant/deviceInfos?pageSize=10&page=0&{query}"))

    assert found("active=true") == ["Loud"]
    assert "Loud" not in found("active=false")
    assert found(f"deviceProfileId={profile}") == ["Elsys"]
    assert found(f"deviceProfileId={NULL_ID}") == []
    assert rest("GET", "/api/tenant/deviceInfos?pageSize=10&page=0&active=perhaps")[0] == 400


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("nameConflictPolicy=UNIQUIFY&uniquifyStrategy=INCREMENTAL", r"D_1"),
        ("nameConflictPolicy=UNIQUIFY&uniquifyStrategy=INCREMENTAL&uniquifySeparator=-", r"D-1"),
        ("nameConflictPolicy=UNIQUIFY", r"D_[A-Za-z0-9]{6}"),
    ],
)
def test_name_that_is_taken_is_made_unique_when_asked(rest: RestClient, query: str, name: str) -> None:
    rest.device("D")

    status, made = rest("POST", f"/api/device?{query}", {"name": "D"})

    assert status == 200
    assert re.fullmatch(name, made["name"])


@pytest.mark.parametrize(
    ("query", "status"), [("", 400), ("?nameConflictPolicy=FAIL", 400), ("?nameConflictPolicy=PERHAPS", 400)]
)
def test_name_that_is_taken_is_refused_otherwise(rest: RestClient, query: str, status: int) -> None:
    rest.device("D")

    assert rest("POST", f"/api/device{query}", {"name": "D"})[0] == status


def test_unique_name_does_not_change_a_device_that_keeps_its_own(rest: RestClient) -> None:
    device = rest.device("D")

    _, saved = rest("POST", "/api/device?nameConflictPolicy=UNIQUIFY", {"id": {"id": device.id}, "name": "D"})

    assert saved["name"] == "D"


def test_list_sorted_by_what_is_not_known_here_is_refused_aloud(rest: RestClient) -> None:
    status, answer = rest("GET", "/api/tenant/devices?pageSize=1&page=0&sortProperty=customerTitle")

    assert status == 501
    assert "uplab" in answer["message"]


# --- what the gateway of a device is told ---------------------------------------------------------------------------


def commands(talk: Conversation, gateway: Session) -> list[tuple[str, object]]:
    pushed = [orjson.loads(one.payload) for one in talk.heard(gateway) if isinstance(one, p.Publish)]
    return [(one["method"], one["params"]) for one in pushed if "method" in one]


def test_gateway_is_told_of_a_new_name_and_of_a_deletion(rest: RestClient) -> None:
    talk, gateway = rest.talk, rest.talk.gateway()
    talk.say(gateway, p.Subscribe(1, (p.Subscription("v1/devices/me/rpc/request/+", 1),)))
    talk.publish(gateway, "v1/gateway/connect", {"device": "A"})
    _, device = rest("GET", "/api/tenant/devices?deviceName=A")

    rest("POST", "/api/device", {**device, "name": "B"})
    rest("DELETE", f"/api/device/{device['id']['id']}")

    assert commands(talk, gateway) == [
        ("gateway_device_renamed", {"A": "B"}),
        ("gateway_device_deleted", "B"),
    ]


def test_gateway_that_was_away_is_told_when_it_comes(rest: RestClient) -> None:
    talk, gateway = rest.talk, rest.talk.gateway()
    talk.publish(gateway, "v1/gateway/connect", {"device": "A"})
    _, device = rest("GET", "/api/tenant/devices?deviceName=A")
    talk.protocol.links.detach(gateway)

    rest("POST", "/api/device", {**device, "name": "B"})
    again = talk.gateway()
    talk.say(again, p.Subscribe(1, (p.Subscription("v1/devices/me/rpc/request/+", 1),)))

    assert rest.state.device_named(rest.state.demo.id, "B")
    rest.log_in()
    gateway_id = again.device.id if again.device else ""
    _, page = rest("GET", f"/api/rpc/persistent/device/{gateway_id}?pageSize=5&page=0")
    assert [(one["request"]["body"]["method"], one["status"]) for one in page["data"]] == [
        ("gateway_device_renamed", "SENT")
    ]


def test_telemetry_after_a_renaming_and_a_deletion_makes_the_device_anew(rest: RestClient) -> None:
    talk, gateway = rest.talk, rest.talk.gateway()
    talk.publish(gateway, "v1/gateway/connect", {"device": "A"})
    _, device = rest("GET", "/api/tenant/devices?deviceName=A")
    rest("POST", "/api/device", {**device, "name": "B"})
    assert talk.publish(gateway, "v1/gateway/telemetry", {"A": [{"t": 1}]})[0] == p.Puback(7)
    assert talk.latest("B", "t") == (NOW_MS, 1)  # the session still means that device by its old name
    rest("DELETE", f"/api/device/{device['id']['id']}")

    assert talk.publish(gateway, "v1/gateway/telemetry", {"A": [{"t": 2}]})[0] == p.Puback(7)

    assert talk.latest("A", "t") == (NOW_MS, 2)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"softwareId": {"id": NULL_ID}}, "software packages"),
        ({"deviceData": {"transportConfiguration": {"type": "LWM2M"}}}, "LWM2M"),
    ],
)
def test_device_that_asks_for_too_much_is_refused_aloud(rest: RestClient, fields: Any, what: str) -> None:
    status, answer = rest("POST", "/api/device", {"name": "D", **fields})

    assert (status, what in answer["message"]) == (501, True)


def test_relations_are_narrowed_by_type(rest: RestClient) -> None:
    gateway = rest.talk.gateway()
    rest.talk.publish(gateway, "v1/gateway/connect", {"device": "A"})
    path = f"/api/relations?fromId={gateway.device.id if gateway.device else ''}&fromType=DEVICE"

    assert len(rest("GET", path)[1]) == len(rest("GET", f"{path}&relationType=Created")[1]) == 1
    assert rest("GET", f"{path}&relationType=Manages") == (200, [])
    assert rest("GET", path.replace("DEVICE", "ASSET"))[0] == 501


def test_device_is_assigned_to_a_customer_that_exists(rest: RestClient) -> None:
    device = rest.device("D")

    assert rest("POST", f"/api/customer/{NULL_ID}/device/{device.id}")[0] == 404
    assert rest("POST", f"/api/customer/{rest.state.demo_customer}/device/{device.id}")[0] == 200
