"""The REST API of devices: list, make, change, delete, credentials, profiles, relations (DeviceController)."""

import uuid
from collections.abc import Callable
from typing import Any

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.routing import OK, TENANT, USERS, Call, Route, bad_request, forbidden, not_found
from uplab.fakes.thingsboard.state.credentials import Credentials, CredentialsError
from uplab.fakes.thingsboard.state.tenant import CUSTOMER_USER, TENANT_ADMIN, Device, DeviceLimitError, NameTakenError

__all__ = ["ROUTES", "the_device"]

_TENANT_ONLY = frozenset({TENANT_ADMIN})


def the_device(call: Call, identifier: str) -> Device:
    """The device with that id, if the user may see it; raises ApiError 400, 403 or 404."""
    found = call.state.devices.get(identifier) or call.state.devices.get(_uuid(identifier))
    if found is None:
        raise not_found(f"Device with id [{identifier}] is not found")
    if not may_see(call, found):
        raise forbidden()
    return found


def _uuid(identifier: str) -> str:
    try:
        return str(uuid.UUID(identifier))
    except ValueError:
        raise bad_request(f"Invalid UUID string: {identifier}") from None


def may_see(call: Call, device: Device) -> bool:
    """Whether a device belongs to the user's tenant, and to the customer if the user is one of a customer."""
    user = call.user
    if user.authority == CUSTOMER_USER and device.customer_id != user.customer_id:
        return False
    return device.tenant_id == user.tenant_id


def _get(call: Call) -> Answer:
    return json_answer(200, views.device(the_device(call, call.ids["deviceId"])))


def _info(call: Call) -> Answer:
    return json_answer(200, views.device_info(the_device(call, call.ids["deviceId"]), call.state))


def _save(call: Call) -> Answer:
    token = call.query.get("accessToken")
    credentials = _credentials(lambda: Credentials.access_token(token)) if token else None
    return json_answer(200, views.device(_saved(call, call.json(), credentials)))


def _save_with_credentials(call: Call) -> Answer:
    body = call.json()
    fields, secret = body.get("device"), body.get("credentials")
    if not isinstance(fields, dict) or not isinstance(secret, dict):
        raise bad_request("device and credentials must be objects")
    return json_answer(200, views.device(_saved(call, fields, _credentials(lambda: Credentials.parse(secret)))))


def _saved(call: Call, fields: dict[str, Any], credentials: Credentials | None) -> Device:
    name = fields.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("Device name should be specified!")
    info = fields.get("additionalInfo")
    if info is not None and not isinstance(info, dict):
        raise bad_request("additionalInfo must be an object")
    given = fields.get("id")
    try:
        if isinstance(given, dict):
            return _changed(call, the_device(call, str(given.get("id"))), name, info, fields)
        return call.state.add_device(
            call.user.tenant_id,
            name,
            type=_type(call, fields),
            credentials=credentials,
            additional_info=info,
            label=fields.get("label"),
        )
    except (NameTakenError, DeviceLimitError, CredentialsError) as error:
        raise bad_request(str(error)) from None


def _changed(call: Call, device: Device, name: str, info: dict[str, Any] | None, fields: dict[str, Any]) -> Device:
    call.state.rename_device(device, name)
    device.type = _type(call, fields)
    device.profile = call.state.profile(device.tenant_id, device.type)
    device.label = fields.get("label")
    device.additional_info = dict(info or {})
    device.version += 1
    return device


def _type(call: Call, fields: dict[str, Any]) -> str:
    """The type of a device is the name of its profile, by whichever of the two it is given."""
    wanted = fields.get("deviceProfileId")
    if isinstance(wanted, dict):
        for profile in call.state.profiles.values():
            if profile.id == wanted.get("id") and profile.tenant_id == call.user.tenant_id:
                return profile.name
        raise bad_request("Device is referencing to non existent device profile!")
    return str(fields.get("type") or "default")


def _credentials(make: Callable[[], Credentials]) -> Credentials:
    try:
        return make()
    except CredentialsError as error:
        raise bad_request(str(error)) from None


def _delete(call: Call) -> Answer:
    device = the_device(call, call.ids["deviceId"])
    commands = call.board.links.dismiss(device, "the device was deleted")
    call.state.delete_device(device)
    call.board.act(commands)
    return OK


def _get_credentials(call: Call) -> Answer:
    return json_answer(200, views.credentials(the_device(call, call.ids["deviceId"])))


def _save_credentials(call: Call) -> Answer:
    body = call.json()
    given = body.get("deviceId")
    device = the_device(call, str(given.get("id") if isinstance(given, dict) else None))
    credentials = _credentials(lambda: Credentials.parse(body))
    try:
        call.state.set_credentials(device, credentials)
    except CredentialsError as error:
        raise bad_request(str(error)) from None
    device.version += 1
    call.board.act(call.board.links.dismiss(device, "the device's credentials were changed"))
    return json_answer(200, views.credentials(device))


def _named(call: Call) -> Answer:
    found = call.state.device_named(call.user.tenant_id, call.query["deviceName"])
    if found is None:
        raise not_found()
    return json_answer(200, views.device(found))


def _tenant_devices(call: Call) -> Answer:
    return _named(call) if "deviceName" in call.query else _listed(call, views.device)


def _tenant_device(call: Call) -> Answer:
    if "deviceName" not in call.query:
        raise bad_request("Required request parameter 'deviceName' for method parameter type String is not present")
    return _named(call)


def _infos(call: Call) -> Answer:
    return _listed(call, lambda found: views.device_info(found, call.state))


def _listed(call: Call, view: Callable[[Device], dict[str, Any]]) -> Answer:
    size, number = call.number("pageSize"), call.number("page")
    if size < 1 or number < 0:
        raise bad_request(f"Incorrect page link page size '{size}'. Page size must be greater than zero.")
    query = call.query
    text, kind, customer = query.get("textSearch", "").lower(), query.get("type"), call.ids.get("customerId")
    found = [
        device
        for device in call.state.devices_of(call.user.tenant_id)
        if may_see(call, device)
        and text in device.name.lower()
        and (not kind or device.type == kind)
        and (customer is None or device.customer_id == customer)
    ]
    keys: dict[str, Callable[[Device], Any]] = {"name": lambda one: one.name, "type": lambda one: one.type}
    found.sort(
        key=keys.get(query.get("sortProperty", ""), lambda one: one.created_ms),
        reverse=query.get("sortOrder", "").upper() == "DESC",
    )
    return json_answer(200, views.page(found, number, size, view))


def _several(call: Call) -> Answer:
    wanted = [call.state.devices.get(one) for one in call.query.get("deviceIds", "").split(",")]
    return json_answer(200, [views.device(device) for device in wanted if device and may_see(call, device)])


def _assign(call: Call) -> Answer:
    device = the_device(call, call.ids["deviceId"])
    device.customer_id = call.ids["customerId"]
    return json_answer(200, views.device(device))


def _profiles(call: Call) -> Answer:
    found = [profile for profile in call.state.profiles.values() if profile.tenant_id == call.user.tenant_id]
    return json_answer(200, views.page(found, call.number("page"), max(1, call.number("pageSize")), views.profile_info))


def _default_profile(call: Call) -> Answer:
    return json_answer(200, views.profile_info(call.state.profile(call.user.tenant_id, "default")))


def _relations(call: Call) -> Answer:
    query = call.query
    asked, place = (query["fromId"], "from_id") if "fromId" in query else (query.get("toId"), "to_id")
    if asked is None:
        raise bad_request("fromId or toId must be given")
    the_device(call, asked)
    return json_answer(
        200, [views.relation(one) for one in call.state.relations.values() if getattr(one, place) == asked]
    )


ROUTES = (
    Route("POST", "/api/device", _save, _TENANT_ONLY),
    Route("POST", "/api/device-with-credentials", _save_with_credentials, _TENANT_ONLY),
    Route("POST", "/api/device/credentials", _save_credentials, _TENANT_ONLY),
    Route("GET", "/api/device/{deviceId}", _get, TENANT),
    Route("DELETE", "/api/device/{deviceId}", _delete, _TENANT_ONLY),
    Route("GET", "/api/device/info/{deviceId}", _info, TENANT),
    Route("GET", "/api/device/{deviceId}/credentials", _get_credentials, TENANT),
    Route("GET", "/api/devices", _several, TENANT),
    Route("GET", "/api/tenant/devices", _tenant_devices, _TENANT_ONLY),
    Route("GET", "/api/tenant/device", _tenant_device, _TENANT_ONLY),
    Route("GET", "/api/tenant/deviceInfos", _infos, _TENANT_ONLY),
    Route("GET", "/api/customer/{customerId}/devices", lambda call: _listed(call, views.device), TENANT),
    Route("GET", "/api/customer/{customerId}/deviceInfos", _infos, TENANT),
    Route("POST", "/api/customer/{customerId}/device/{deviceId}", _assign, _TENANT_ONLY),
    Route("GET", "/api/deviceProfileInfos", _profiles, TENANT),
    Route("GET", "/api/deviceProfiles", _profiles, _TENANT_ONLY),
    Route("GET", "/api/deviceProfileInfo/default", _default_profile, TENANT),
    Route("GET", "/api/relations", _relations, USERS),
)
