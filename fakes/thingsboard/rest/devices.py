"""The REST API of devices: list, make, change, delete, credentials, profiles, relations (DeviceController)."""

import itertools
import secrets
import string
import uuid
from collections.abc import Callable
from typing import Any

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.mqtt import firmware
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.routing import (
    OK,
    TENANT,
    USERS,
    Call,
    Route,
    bad_request,
    check_version,
    forbidden,
    not_found,
    not_here,
)
from uplab.fakes.thingsboard.state import claims
from uplab.fakes.thingsboard.state.credentials import Credentials, CredentialsError
from uplab.fakes.thingsboard.state.profiles import Unsupported
from uplab.fakes.thingsboard.state.tenant import (
    CUSTOMER_USER,
    NULL_ID,
    TENANT_ADMIN,
    Device,
    DeviceLimitError,
    NameTakenError,
)

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
    _refuse_what_is_not_here(fields)
    given = fields.get("id")
    device = the_device(call, str(given.get("id"))) if isinstance(given, dict) else None
    if device is not None:
        check_version(fields, device.version, "Device")
    customer_id = _customer(call, fields)
    name = _free_name(call, name, device)
    firmware_id = _firmware(call, fields)
    try:
        if device is not None:
            _change(call, device, name, info, fields)
            if credentials:
                call.state.set_credentials(device, credentials)
                call.board.act(call.board.links.dismiss(device, "the device's credentials were changed"))
        else:
            device = call.state.add_device(
                call.user.tenant_id,
                name,
                type=_type(call, fields),
                credentials=credentials,
                additional_info=info,
                label=fields.get("label"),
            )
    except (NameTakenError, DeviceLimitError, CredentialsError) as error:
        raise bad_request(str(error)) from None
    device.firmware_id, device.customer_id = firmware_id, customer_id
    call.board.act(firmware.told(call.board.links, device))
    return device


def _customer(call: Call, fields: dict[str, Any]) -> str:
    """Whose a device shall be; a change that names nobody takes it from whoever had it, as in ThingsBoard."""
    given = fields.get("customerId")
    wanted = str(given.get("id")) if isinstance(given, dict) else NULL_ID
    if wanted not in (NULL_ID, call.state.demo_customer):
        raise bad_request("Can't assign device to non-existent customer!")
    return wanted


def _refuse_what_is_not_here(fields: dict[str, Any]) -> None:
    """Refuse what would be kept and never be done; raises ApiError 501."""
    if fields.get("softwareId"):
        raise not_here("software packages of devices")
    data = fields.get("deviceData")
    transport = data.get("transportConfiguration") if isinstance(data, dict) else None
    kind = transport.get("type", "DEFAULT") if isinstance(transport, dict) else "DEFAULT"
    if kind not in ("DEFAULT", "MQTT"):
        raise not_here(f"devices with the transport {kind}")


def _free_name(call: Call, name: str, device: Device | None) -> str:
    """The name itself, or with `nameConflictPolicy=UNIQUIFY` one like it that nobody has; raises ApiError 400."""
    policy, strategy = call.query.get("nameConflictPolicy", "FAIL"), call.query.get("uniquifyStrategy", "RANDOM")
    for asked, known, value in (
        ("nameConflictPolicy", ("FAIL", "UNIQUIFY"), policy),
        ("uniquifyStrategy", ("RANDOM", "INCREMENTAL"), strategy),
    ):
        if value not in known:
            raise bad_request(f"Method parameter '{asked}': Failed to convert value '{value}'")
    separator, free = call.query.get("uniquifySeparator", "_"), name
    numbers = itertools.count(1)
    while policy == "UNIQUIFY" and call.state.device_named(call.user.tenant_id, free) not in (None, device):
        suffix = str(next(numbers)) if strategy == "INCREMENTAL" else _random_suffix()
        free = f"{name}{separator}{suffix}"
    return free


def _random_suffix() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(6))


def _firmware(call: Call, fields: dict[str, Any]) -> str | None:
    given = fields.get("firmwareId")
    if not isinstance(given, dict):
        return None
    package = call.state.packages.get(str(given.get("id")))
    if package is None or package.tenant_id != call.user.tenant_id:
        raise bad_request("Can't assign non-existent firmware!")
    if not package.data:
        raise bad_request("Can't assign firmware with empty data!")
    return package.id


def _change(call: Call, device: Device, name: str, info: dict[str, Any] | None, fields: dict[str, Any]) -> None:
    old = device.name
    kind = _type(call, fields)
    call.state.rename_device(device, name)
    device.profile = (
        call.state.profiles.named(device.tenant_id, kind) if kind else call.state.profiles.default(device.tenant_id)
    )
    device.type = device.profile.name
    device.label = fields.get("label")
    device.additional_info = dict(info or {})
    device.version += 1
    if old != name:
        call.board.act(call.board.links.renamed(device, old))


def _type(call: Call, fields: dict[str, Any]) -> str | None:
    """The type of a device is the name of its profile, by whichever of the two it is given; None: the default one."""
    wanted = fields.get("deviceProfileId")
    if isinstance(wanted, dict):
        profile = call.state.profiles.get(call.user.tenant_id, wanted.get("id"))
        if profile is None:
            raise bad_request("Device is referencing non existing device profile!")
        return profile.name
    return str(fields["type"]) if fields.get("type") else None


def _credentials(make: Callable[[], Credentials]) -> Credentials:
    try:
        return make()
    except Unsupported as error:
        raise not_here(str(error)) from None
    except CredentialsError as error:
        raise bad_request(str(error)) from None


def _delete(call: Call) -> Answer:
    device = the_device(call, call.ids["deviceId"])
    commands = call.board.links.dismiss(device, "the device was deleted")
    call.state.delete_device(device)
    call.board.act(commands + call.board.links.deleted(device))
    return OK


def _get_credentials(call: Call) -> Answer:
    return json_answer(200, views.credentials(the_device(call, call.ids["deviceId"])))


def _save_credentials(call: Call) -> Answer:
    body = call.json()
    given = body.get("deviceId")
    device = the_device(call, str(given.get("id") if isinstance(given, dict) else None))
    check_version(body, device.credentials_version, "Entity")
    credentials = _credentials(lambda: Credentials.parse(body))
    try:
        call.state.set_credentials(device, credentials)
    except CredentialsError as error:
        raise bad_request(str(error)) from None
    device.credentials_version += 1
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
    return _listed(call, lambda found: views.device_info(found, call.state), _info_filters(call))


def _info_filters(call: Call) -> Callable[[Device], bool]:
    """What only the lists of device infos are narrowed by: `active` and `deviceProfileId`; raises ApiError 400."""
    profile, active, now_ms = call.query.get("deviceProfileId"), call.query.get("active"), call.state.now()
    if active is not None and active.lower() not in ("true", "false"):
        raise bad_request(f"Method parameter 'active': Failed to convert value '{active}'")
    if profile and call.state.profiles.get(call.user.tenant_id, _uuid(profile)) is None:
        return lambda _device: False
    return lambda device: (
        (not profile or device.profile.id == profile)
        and (active is None or device.active(now_ms) is (active.lower() == "true"))
    )


_SORTED: dict[str, Callable[[Device], Any]] = {
    "createdTime": lambda one: one.created_ms,
    "name": lambda one: one.name.lower(),
    "type": lambda one: one.type.lower(),
    "deviceProfileName": lambda one: one.profile.name.lower(),
    "label": lambda one: (one.label or "").lower(),
}


def _listed(
    call: Call, view: Callable[[Device], dict[str, Any]], fits: Callable[[Device], bool] = lambda _device: True
) -> Answer:
    number, size = call.page()
    query = call.query
    text, kind, customer = query.get("textSearch", "").lower(), query.get("type"), call.ids.get("customerId")
    found = [
        device
        for device in call.state.devices_of(call.user.tenant_id)
        if may_see(call, device)
        and (text in device.name.lower() or text in (device.label or "").lower())
        and (not kind or device.type == kind)
        and (customer is None or device.customer_id == customer)
        and fits(device)
    ]
    return json_answer(200, views.page(call.sorted(found, _SORTED), number, size, view))


def _several(call: Call) -> Answer:
    wanted = [call.state.devices.get(one) for one in call.query.get("deviceIds", "").split(",")]
    return json_answer(200, [views.device(device) for device in wanted if device and may_see(call, device)])


def _assign(call: Call) -> Answer:
    device = the_device(call, call.ids["deviceId"])
    if call.ids["customerId"] != call.state.demo_customer:
        raise not_found(f"Customer with id [{call.ids['customerId']}] is not found")
    device.customer_id = call.ids["customerId"]
    return json_answer(200, views.device(device))


def _unassign(call: Call) -> Answer:
    device = the_device(call, call.ids["deviceId"])
    if device.customer_id == NULL_ID:
        raise bad_request("Device isn't assigned to any customer!")
    device.customer_id = NULL_ID
    return json_answer(200, views.device(device))


def _to_claim(call: Call) -> Device:
    """The device of that name, of the user's tenant."""
    found = call.state.device_named(call.user.tenant_id, call.ids["deviceName"])
    if found is None:
        raise not_found()
    return found


def _claim(call: Call) -> Answer:
    device = _to_claim(call)
    secret = call.json().get("secretKey") if call.request.body else None
    outcome = claims.claim(call.state, device, call.user.customer_id, str(secret or ""))
    if outcome != "SUCCESS":
        return json_answer(400, outcome)
    return json_answer(200, {"device": views.device(device), "response": outcome})


def _reclaim(call: Call) -> Answer:
    device = _to_claim(call)
    if not may_see(call, device):
        raise forbidden()
    claims.reclaim(call.state, device)
    return OK


def _relations(call: Call) -> Answer:
    query = call.query
    asked, place = (query["fromId"], "from_id") if "fromId" in query else (query.get("toId"), "to_id")
    if asked is None:
        raise bad_request("fromId or toId must be given")
    kind, group = query.get("relationType"), query.get("relationTypeGroup") or "COMMON"
    if group != "COMMON":
        raise not_here(f"relations of the group {group}")
    if query.get(f"{place.removesuffix('_id')}Type", "DEVICE") != "DEVICE":
        raise not_here("relations of other entities than devices")
    the_device(call, asked)
    found = [one for one in call.state.relations.values() if getattr(one, place) == asked]
    return json_answer(200, [views.relation(one) for one in found if kind is None or one.type == kind])


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
    Route("DELETE", "/api/customer/device/{deviceId}", _unassign, _TENANT_ONLY),
    Route("POST", "/api/customer/device/{deviceName}/claim", _claim, frozenset({CUSTOMER_USER})),
    Route("DELETE", "/api/customer/device/{deviceName}/claim", _reclaim, TENANT),
    Route("GET", "/api/relations", _relations, USERS),
)
