from typing import Any

import pytest

from uplab.fakes.thingsboard.state.payloads import PayloadError
from uplab.fakes.thingsboard.state.profiles import CHECK_KNOWN, CREATE_NEW
from uplab.fakes.thingsboard.state.provisioning import provision
from uplab.fakes.thingsboard.state.tenant import State

KEY = {"provisionDeviceKey": "key", "provisionDeviceSecret": "secret"}


def with_profile(kind: str) -> State:
    state = State(now=lambda: 5)
    configuration = {"type": kind, "provisionDeviceSecret": "secret"}
    fields = {"name": "P", "type": "DEFAULT", "provisionType": kind, "provisionDeviceKey": "key"}
    state.profiles.save(state.demo.id, {**fields, "profileData": {"provisionConfiguration": configuration}})
    return state


def test_new_device_has_the_credentials_that_it_asked_for() -> None:
    state = with_profile(CREATE_NEW)
    login = {"credentialsType": "MQTT_BASIC", "clientId": "c", "username": "u", "password": "p"}

    answer = provision(state, {**KEY, "deviceName": " New ", **login})

    assert answer["credentialsValue"] == {"clientId": "c", "userName": "u", "password": "p"}
    device = state.device_named(state.demo.id, "New")
    assert device is not None
    assert device.profile.name == "P"
    assert device.attributes("SERVER_SCOPE", 5)["provisionState"][1] == "provisioned"


def test_device_may_ask_to_be_a_gateway_and_leave_its_name_open() -> None:
    state = with_profile(CREATE_NEW)
    before = set(state.devices)

    assert provision(state, {**KEY, "gateway": True})["status"] == "SUCCESS"

    (made,) = set(state.devices) - before
    assert state.devices[made].gateway


@pytest.mark.parametrize(
    ("kind", "asked", "status"),
    [
        (CREATE_NEW, {"provisionDeviceSecret": "other"}, "NOT_FOUND"),
        (CREATE_NEW, {"provisionDeviceKey": "other"}, "NOT_FOUND"),
        (CREATE_NEW, {"deviceName": " "}, "FAILURE"),
        (CREATE_NEW, {"credentialsType": "X509_CERTIFICATE"}, "FAILURE"),
        (CHECK_KNOWN, {"deviceName": "unknown"}, "FAILURE"),
        ("DISABLED", {"deviceName": "unknown"}, "NOT_FOUND"),
    ],
)
def test_refused_device_is_not_made(kind: str, asked: dict[str, Any], status: str) -> None:
    state = with_profile(kind)
    before = set(state.devices)

    assert provision(state, {**KEY, **asked})["status"] == status
    assert set(state.devices) == before


@pytest.mark.parametrize("asked", [[], {}, {"provisionDeviceKey": "key"}, {**KEY, "deviceName": 5}])
def test_what_is_no_request_is_malformed(asked: Any) -> None:
    with pytest.raises(PayloadError):
        provision(with_profile(CREATE_NEW), asked)
