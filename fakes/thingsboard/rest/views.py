"""Things as the REST API shows them: plain dicts in ThingsBoard's own shapes."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from uplab.fakes.thingsboard.state.numbers import double_text
from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.tenant import Device, Profile, Relation, State, User

__all__ = ["credentials", "device", "device_info", "entity_id", "page", "profile_info", "relation", "user", "value_of"]

T = TypeVar("T")


def entity_id(kind: str, identifier: str) -> dict[str, str]:
    """A typed identifier."""
    return {"entityType": kind, "id": identifier}


def user(found: User) -> dict[str, Any]:
    """An account, without its password."""
    return {
        "id": entity_id("USER", found.id),
        "tenantId": entity_id("TENANT", found.tenant_id),
        "customerId": entity_id("CUSTOMER", found.customer_id),
        "email": found.email,
        "name": found.email,
        "authority": found.authority,
        "firstName": None,
        "lastName": None,
        "phone": None,
        "additionalInfo": {"userCredentialsEnabled": found.enabled},
    }


def device(found: Device) -> dict[str, Any]:
    """A device."""
    return {
        "id": entity_id("DEVICE", found.id),
        "createdTime": found.created_ms,
        "tenantId": entity_id("TENANT", found.tenant_id),
        "customerId": entity_id("CUSTOMER", found.customer_id),
        "name": found.name,
        "type": found.type,
        "label": found.label,
        "deviceProfileId": entity_id("DEVICE_PROFILE", found.profile.id),
        "deviceData": {"configuration": {"type": "DEFAULT"}, "transportConfiguration": {"type": "DEFAULT"}},
        "firmwareId": None,
        "softwareId": None,
        "externalId": None,
        "version": found.version,
        "additionalInfo": found.additional_info,
    }


def device_info(found: Device, state: State) -> dict[str, Any]:
    """A device with what its list shows beside it."""
    customer = "Customer A" if found.customer_id == state.demo_customer else None
    active = found.attributes("SERVER_SCOPE", state.now()).get("active", (0, False))[1]
    return {
        **device(found),
        "customerTitle": customer,
        "customerIsPublic": False,
        "deviceProfileName": found.profile.name,
        "active": active,
    }


def credentials(found: Device) -> dict[str, Any]:
    """A device's credentials; they have an identifier of their own in ThingsBoard, here the device's."""
    return {
        "id": {"id": found.id},
        "createdTime": found.created_ms,
        "deviceId": entity_id("DEVICE", found.id),
        "credentialsType": found.credentials.type,
        "credentialsId": found.credentials.id,
        "credentialsValue": found.credentials.value,
        "version": found.version,
    }


def profile_info(found: Profile) -> dict[str, Any]:
    """A device profile in short."""
    return {
        "id": entity_id("DEVICE_PROFILE", found.id),
        "tenantId": entity_id("TENANT", found.tenant_id),
        "name": found.name,
        "image": None,
        "defaultDashboardId": None,
        "type": "DEFAULT",
        "transportType": "DEFAULT",
    }


def relation(found: Relation) -> dict[str, Any]:
    """A relation between devices."""
    return {
        "from": entity_id("DEVICE", found.from_id),
        "to": entity_id("DEVICE", found.to_id),
        "type": found.type,
        "typeGroup": "COMMON",
        "additionalInfo": None,
    }


def page(found: Sequence[T], number: int, size: int, view: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """One page of a list, counted from 0."""
    start = number * size
    return {
        "data": [view(one) for one in found[start : start + size]],
        "totalPages": -(-len(found) // size),
        "totalElements": len(found),
        "hasNext": start + size < len(found),
    }


def value_of(value: Value, *, strict: bool) -> Value:
    """A telemetry value as the REST API gives it: as text, unless strict data types are asked for."""
    if strict or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return double_text(value)
    return str(value) if isinstance(value, int) else orjson.dumps(value).decode()
