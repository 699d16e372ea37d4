"""A file of what a ThingsBoard is to begin with: tenants, accounts, device profiles, devices, dashboards (JSON).

What stands outside `tenants` belongs to the demo tenant:

{"users": [{"email": "qa@example.org", "password": "pw"}],
 "devices": [{"name": "Gateway", "gateway": true, "accessToken": "T0K3N"},
             {"name": "elsys-1", "type": "elsys", "attributes": {"SHARED_SCOPE": {"interval": 60}},
              "telemetry": [{"ts": 1700000000000, "values": {"temperature": 21.5}}]}],
 "deviceProfiles": [{"name": "elsys", "type": "DEFAULT"}],
 "dashboards": [{"title": "Offices"}],
 "tenants": [{"title": "Another", "users": [...], "devices": [...]}]}
"""

from typing import Any, Final, get_args

import orjson

from uplab.fakes.thingsboard.state.credentials import Credentials, CredentialsError
from uplab.fakes.thingsboard.state.profiles import ProfileError, Unsupported
from uplab.fakes.thingsboard.state.tenant import (
    CUSTOMER_USER,
    TENANT_ADMIN,
    DeviceLimitError,
    NameTakenError,
    Scope,
    State,
    Tenant,
    Thing,
)

__all__ = ["SeedError", "seed"]

_USER: Final = frozenset({"email", "password", "authority"})
_DEVICE: Final = frozenset(
    {"name", "type", "label", "gateway", "accessToken", "mqttBasic", "attributes", "telemetry", "additionalInfo"}
)
_TENANT: Final = frozenset({"title", "users", "deviceProfiles", "devices", "dashboards"})
_FILE: Final = (_TENANT - {"title"}) | {"tenants"}


class SeedError(ValueError):
    """The file cannot be used; the message says where and why."""


def seed(state: State, raw: bytes) -> None:
    """Add what a file names to the state; raises SeedError, and the state is then half seeded."""
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise SeedError(f"no JSON: {error}") from None
    fields = _object(tree, "the file", _FILE)
    _tenant(state, state.demo, fields, "")
    for number, one in enumerate(_list(fields, "tenants", "")):
        place = f"tenants[{number}]"
        inner = _object(one, place, _TENANT)
        _tenant(state, state.add_tenant(_text(inner, "title", place)), inner, f"{place}.")


def _tenant(state: State, tenant: Tenant, fields: dict[str, Any], place: str) -> None:
    for name, add in _PARTS.items():
        for number, one in enumerate(_list(fields, name, place)):
            where = f"{place}{name}[{number}]"
            try:
                add(state, tenant, one, where)
            except (NameTakenError, DeviceLimitError, CredentialsError, ProfileError) as error:
                raise SeedError(f"{where}: {error}") from None
            except Unsupported as error:
                raise SeedError(f"{where}: this fake does not have {error}") from None


def _user(state: State, tenant: Tenant, one: Any, place: str) -> None:
    fields = _object(one, place, _USER)
    authority = fields.get("authority", TENANT_ADMIN)
    if authority not in (TENANT_ADMIN, CUSTOMER_USER):
        raise SeedError(f"{place}: authority must be {TENANT_ADMIN} or {CUSTOMER_USER}")
    email, password = _text(fields, "email", place), _text(fields, "password", place)
    customer = {"customer_id": state.demo_customer} if authority == CUSTOMER_USER else {}
    state.add_user(email, password, authority=authority, tenant=tenant, **customer)
    if authority == TENANT_ADMIN:
        # As with the demo account: its login is that of a gateway over MQTT too.
        state.provision_gateway(email, password, tenant=tenant)


def _profile(state: State, tenant: Tenant, one: Any, place: str) -> None:
    state.profiles.save(tenant.id, {"type": "DEFAULT", **_object(one, place, None)})


def _device(state: State, tenant: Tenant, one: Any, place: str) -> None:
    fields = _object(one, place, _DEVICE)
    info = dict(_object(fields.get("additionalInfo", {}), f"{place}.additionalInfo", None))
    if fields.get("gateway") is True:
        info["gateway"] = True
    device = state.add_device(
        tenant.id,
        _text(fields, "name", place),
        type=fields.get("type"),
        credentials=_credentials(fields, place),
        additional_info=info,
        label=fields.get("label"),
    )
    for scope, values in _object(fields.get("attributes", {}), f"{place}.attributes", None).items():
        if scope not in get_args(Scope):
            raise SeedError(f"{place}.attributes: {scope} must be one of {', '.join(get_args(Scope))}")
        kept = _object(values, f"{place}.attributes.{scope}", None)
        device.save_attributes(scope, dict(kept), state.now())  # type: ignore[arg-type]  # checked above
    for number, entry in enumerate(_list(fields, "telemetry", f"{place}.")):
        where = f"{place}.telemetry[{number}]"
        point = _object(entry, where, frozenset({"ts", "values"}))
        if type(point.get("ts")) is not int:
            raise SeedError(f"{where}: ts must be a time in ms")
        device.save_telemetry(point["ts"], dict(_object(point.get("values"), f"{where}.values", None)))


def _credentials(fields: dict[str, Any], place: str) -> Credentials | None:
    if "accessToken" in fields:
        return Credentials.access_token(_text(fields, "accessToken", place))
    if "mqttBasic" not in fields:
        return None
    basic = _object(fields["mqttBasic"], f"{place}.mqttBasic", frozenset({"clientId", "userName", "password"}))
    return Credentials.mqtt_basic(
        client_id=basic.get("clientId"), username=basic.get("userName"), password=basic.get("password")
    )


def _dashboard(state: State, tenant: Tenant, one: Any, place: str) -> None:
    fields = _object(one, place, None)
    _text(fields, "title", place)
    thing = Thing(state.new_id(), tenant.id, "DASHBOARD", state.now(), fields)
    state.things[thing.id] = thing


# Profiles before the devices that may name them.
_PARTS: Final = {"users": _user, "deviceProfiles": _profile, "devices": _device, "dashboards": _dashboard}


def _object(value: Any, place: str, known: frozenset[str] | None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SeedError(f"{place} must be an object")
    unknown = value.keys() - known if known is not None else ()
    if unknown:
        raise SeedError(f"{place}: {min(unknown)!r} is not known; there are {', '.join(sorted(known or ()))}")
    return value


def _list(fields: dict[str, Any], name: str, place: str) -> list[Any]:
    value = fields.get(name, [])
    if not isinstance(value, list):
        raise SeedError(f"{place}{name} must be a list")
    return value


def _text(fields: dict[str, Any], name: str, place: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SeedError(f"{place}: {name} must be a text")
    return value
