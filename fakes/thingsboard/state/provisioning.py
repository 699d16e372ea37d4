"""Provisioning: a device without credentials asks for some, by the key and secret of a device profile.

Rules of DeviceProvisionServiceImpl; the same over MQTT (`/provision/request`) and HTTP (`/api/v1/provision`).
"""

import secrets
from typing import Any

from uplab.fakes.thingsboard.state.credentials import ACCESS_TOKEN, MQTT_BASIC, Credentials, CredentialsError
from uplab.fakes.thingsboard.state.payloads import PayloadError
from uplab.fakes.thingsboard.state.profiles import CHECK_KNOWN, CREATE_NEW
from uplab.fakes.thingsboard.state.tenant import DeviceLimitError, State

__all__ = ["provision"]

_NOT_FOUND = {"errorMsg": "Provision data was not found!", "status": "NOT_FOUND"}
_FAILURE = {"errorMsg": "Failed to provision device!", "status": "FAILURE"}
_STATE_KEY, _PROVISIONED = "provisionState", "provisioned"


def provision(state: State, asked: Any) -> dict[str, Any]:
    """The answer to one request; raises PayloadError when it is none."""
    if not isinstance(asked, dict):
        raise PayloadError("a provision request must be an object")
    key, secret = _text(asked, "provisionDeviceKey"), _text(asked, "provisionDeviceSecret")
    if key is None or secret is None:
        raise PayloadError("a provision request needs provisionDeviceKey and provisionDeviceSecret")
    kind = _text(asked, "credentialsType") or ACCESS_TOKEN
    if kind not in (ACCESS_TOKEN, MQTT_BASIC):
        return {"errorMsg": f"uplab's fake ThingsBoard does not provision {kind}", "status": "FAILURE"}
    name = _text(asked, "deviceName")
    if name is not None and not (name := name.strip()):
        return _FAILURE
    profile = state.profiles.with_key(key)
    if profile is None or profile.provision[2] is None or profile.provision[2] != secret:
        return _NOT_FOUND
    device = state.device_named(profile.tenant_id, name) if name else None
    strategy = profile.provision[0]
    if strategy == CREATE_NEW and device is None:
        try:
            device = state.add_device(
                profile.tenant_id,
                name or secrets.token_hex(10),
                type=profile.name,
                credentials=_credentials(asked, kind),
                additional_info={"gateway": True} if asked.get("gateway") is True else None,
            )
        except (CredentialsError, DeviceLimitError):
            return _FAILURE
    elif strategy == CHECK_KNOWN and device is not None and device.profile is profile:
        if _STATE_KEY in device.attributes("SERVER_SCOPE", state.now()):
            return _FAILURE
    elif strategy in (CREATE_NEW, CHECK_KNOWN):
        return _FAILURE
    else:
        return _NOT_FOUND
    device.save_attributes("SERVER_SCOPE", {_STATE_KEY: _PROVISIONED}, state.now())
    known = device.credentials
    value: object = known.id
    if known.type == MQTT_BASIC:
        value = {"clientId": known.client_id, "userName": known.username, "password": known.password}
    return {"credentialsValue": value, "credentialsType": known.type, "status": "SUCCESS"}


def _credentials(asked: dict[str, Any], kind: str) -> Credentials | None:
    if kind == ACCESS_TOKEN:
        token = _text(asked, "token")
        return Credentials.access_token(token) if token else None
    return Credentials.mqtt_basic(
        client_id=_text(asked, "clientId"), username=_text(asked, "username"), password=_text(asked, "password")
    )


def _text(asked: dict[str, Any], name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise PayloadError(f"{name} must be a string")
    return value
