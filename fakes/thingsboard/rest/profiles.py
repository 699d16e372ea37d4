"""The REST API of device profiles (DeviceProfileController), and of the device types that are their names."""

from typing import Any

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.mqtt import firmware
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.routing import (
    OK,
    TENANT,
    Call,
    Route,
    bad_request,
    check_version,
    not_found,
    not_here,
)
from uplab.fakes.thingsboard.state.device import entity_id
from uplab.fakes.thingsboard.state.profiles import Profile, ProfileError, Unsupported
from uplab.fakes.thingsboard.state.tenant import TENANT_ADMIN

__all__ = ["ROUTES"]

_TENANT_ONLY = frozenset({TENANT_ADMIN})


def _found(call: Call) -> Profile:
    identifier = call.ids["deviceProfileId"]
    found = call.state.profiles.get(call.user.tenant_id, identifier)
    if found is None:
        raise not_found(f"Device profile with id [{identifier}] is not found")
    return found


def _get(call: Call) -> Answer:
    return json_answer(200, views.profile(_found(call)))


def _get_info(call: Call) -> Answer:
    return json_answer(200, views.profile_info(_found(call)))


def _save(call: Call) -> Answer:
    fields = call.json()
    given = fields.get("id")
    known = call.state.profiles.get(call.user.tenant_id, given.get("id")) if isinstance(given, dict) else None
    if known is not None:
        check_version(fields, known.version, "Device profile")
    try:
        profile = call.state.profiles.save(call.user.tenant_id, fields)
    except ProfileError as error:
        raise bad_request(str(error)) from None
    except Unsupported as error:
        raise not_here(str(error)) from None
    for device in call.state.devices_of(profile.tenant_id):
        if device.profile is profile:
            device.type = profile.name
            call.board.act(firmware.told(call.board.links, device))
    return json_answer(200, views.profile(profile))


def _delete(call: Call) -> Answer:
    profile = _found(call)
    if any(device.profile is profile for device in call.state.devices_of(profile.tenant_id)):
        raise bad_request("The device profile referenced by the devices cannot be deleted!")
    try:
        call.state.profiles.delete(profile)
    except ProfileError as error:
        raise bad_request(str(error)) from None
    return OK


def _make_default(call: Call) -> Answer:
    profile = _found(call)
    call.state.profiles.make_default(profile)
    return json_answer(200, views.profile(profile))


def _default_info(call: Call) -> Answer:
    return json_answer(200, views.profile_info(call.state.profiles.default(call.user.tenant_id)))


def _listed(call: Call, view: Any) -> Answer:
    number, size = call.page()
    text = call.query.get("textSearch", "").lower()
    found = [one for one in call.state.profiles.of(call.user.tenant_id) if text in one.name.lower()]
    keys = {"name": lambda one: one.name.lower(), "createdTime": lambda one: one.created_ms}
    return json_answer(200, views.page(call.sorted(found, keys), number, size, view))


def _names(call: Call) -> Answer:
    found = list(call.state.profiles.of(call.user.tenant_id))
    if call.flag("activeOnly"):
        used = {device.profile.id for device in call.state.devices_of(call.user.tenant_id)}
        found = [one for one in found if one.id in used]
    shown = [{"id": entity_id("DEVICE_PROFILE", one.id), "name": one.name} for one in found]
    return json_answer(200, sorted(shown, key=lambda one: str(one["name"])))


def _types(call: Call) -> Answer:
    used = sorted({device.type for device in call.state.devices_of(call.user.tenant_id)})
    tenant = entity_id("TENANT", call.user.tenant_id)
    return json_answer(200, [{"tenantId": tenant, "entityType": "DEVICE", "type": one} for one in used])


_INFOS_REFUSES = ("transportType", "deviceProfileIds")

ROUTES = (
    Route("POST", "/api/deviceProfile", _save, _TENANT_ONLY),
    Route("GET", "/api/deviceProfile/{deviceProfileId}", _get, _TENANT_ONLY),
    Route("DELETE", "/api/deviceProfile/{deviceProfileId}", _delete, _TENANT_ONLY),
    Route("POST", "/api/deviceProfile/{deviceProfileId}/default", _make_default, _TENANT_ONLY),
    Route("GET", "/api/deviceProfile/names", _names, TENANT),
    Route("GET", "/api/deviceProfiles", lambda call: _listed(call, views.profile), _TENANT_ONLY),
    Route("GET", "/api/deviceProfileInfo/{deviceProfileId}", _get_info, TENANT),
    Route("GET", "/api/deviceProfileInfo/default", _default_info, TENANT),
    Route("GET", "/api/deviceProfileInfos", lambda call: _listed(call, views.profile_info), TENANT, _INFOS_REFUSES),
    Route("GET", "/api/device/types", _types, TENANT),
)
