"""Things as the REST API shows them: plain dicts in ThingsBoard's own shapes."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from uplab.fakes.thingsboard.state.device import entity_id
from uplab.fakes.thingsboard.state.package import Package
from uplab.fakes.thingsboard.state.profiles import Profile
from uplab.fakes.thingsboard.state.rpc import Record
from uplab.fakes.thingsboard.state.tenant import ApiKey, Device, Relation, State, User

__all__ = [
    "api_key",
    "credentials",
    "customer",
    "device",
    "device_info",
    "package",
    "page",
    "profile",
    "profile_info",
    "relation",
    "rpc",
    "user",
]

T = TypeVar("T")
_CUSTOMER = "Customer A"


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


def api_key(found: ApiKey) -> dict[str, Any]:
    """An API key, without its value."""
    return {
        "id": entity_id("API_KEY", found.id),
        "createdTime": found.created_ms,
        "tenantId": entity_id("TENANT", found.tenant_id),
        "userId": entity_id("USER", found.user_id),
        "expirationTime": found.expires_ms,
        "description": found.description,
        "enabled": found.enabled,
    }


def customer(state: State, tenant_id: str) -> dict[str, Any]:
    """The customer of the demo tenant."""
    return {
        "id": entity_id("CUSTOMER", state.demo_customer),
        "tenantId": entity_id("TENANT", tenant_id),
        "title": _CUSTOMER,
        "name": _CUSTOMER,
        "additionalInfo": None,
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
        "firmwareId": entity_id("OTA_PACKAGE", found.firmware_id) if found.firmware_id else None,
        "softwareId": None,
        "externalId": None,
        "version": found.version,
        "additionalInfo": found.additional_info,
    }


def device_info(found: Device, state: State) -> dict[str, Any]:
    """A device with what its list shows beside it."""
    title = _CUSTOMER if found.customer_id == state.demo_customer else None
    return {
        **device(found),
        "customerTitle": title,
        "customerIsPublic": False,
        "deviceProfileName": found.profile.name,
        "active": found.active(state.now()),
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
        "version": found.credentials_version,
    }


def profile(found: Profile) -> dict[str, Any]:
    """A device profile: what a client saved of it, and what ThingsBoard says itself."""
    data = {
        "configuration": {"type": "DEFAULT"},
        "transportConfiguration": {"type": "DEFAULT"},
        "provisionConfiguration": {"type": "DISABLED", "provisionDeviceSecret": None},
        "alarms": None,
    }
    return {
        "description": None,
        "image": None,
        "type": "DEFAULT",
        "transportType": "DEFAULT",
        "provisionType": "DISABLED",
        "defaultRuleChainId": None,
        "defaultDashboardId": None,
        "defaultQueueName": None,
        "profileData": data,
        "provisionDeviceKey": None,
        "firmwareId": None,
        "softwareId": None,
        "defaultEdgeRuleChainId": None,
        "externalId": None,
        **found.fields,
        "id": entity_id("DEVICE_PROFILE", found.id),
        "createdTime": found.created_ms,
        "tenantId": entity_id("TENANT", found.tenant_id),
        "name": found.name,
        "default": found.default,
        "version": found.version,
    }


def profile_info(found: Profile) -> dict[str, Any]:
    """A device profile in short."""
    return {
        "id": entity_id("DEVICE_PROFILE", found.id),
        "tenantId": entity_id("TENANT", found.tenant_id),
        "name": found.name,
        "image": found.fields.get("image"),
        "defaultDashboardId": found.fields.get("defaultDashboardId"),
        "type": found.fields.get("type", "DEFAULT"),
        "transportType": found.fields.get("transportType", "DEFAULT"),
    }


def package(found: Package) -> dict[str, Any]:
    """An OTA package, without its bytes."""
    return {
        **found.fields,
        "id": entity_id("OTA_PACKAGE", found.id),
        "createdTime": found.created_ms,
        "tenantId": entity_id("TENANT", found.tenant_id),
        "hasData": bool(found.data),
        "dataSize": len(found.data) or None,
        **found.file,
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


def rpc(found: Record) -> dict[str, Any]:
    """A persistent command and its state."""
    return {
        "id": entity_id("RPC", found.id),
        "createdTime": found.created_ms,
        "tenantId": entity_id("TENANT", found.tenant_id),
        "deviceId": entity_id("DEVICE", found.device_id),
        "expirationTime": found.expiration_ms,
        "request": found.request,
        "response": found.response,
        "status": found.status,
        "additionalInfo": found.additional_info,
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
