"""Device profiles: the type of a device, how it is provisioned, and how strict its transport is (DeviceProfile)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["CHECK_KNOWN", "CREATE_NEW", "PROVISION_TYPES", "Profile", "ProfileError", "Profiles", "Unsupported"]

CREATE_NEW, CHECK_KNOWN = "ALLOW_CREATE_NEW_DEVICES", "CHECK_PRE_PROVISIONED_DEVICES"
PROVISION_TYPES: Final = ("DISABLED", CREATE_NEW, CHECK_KNOWN)
_TOPICS: Final = {
    "deviceTelemetryTopic": "v1/devices/me/telemetry",
    "deviceAttributesTopic": "v1/devices/me/attributes",
    "deviceAttributesSubscribeTopic": "v1/devices/me/attributes",
}


class ProfileError(ValueError):
    """A profile that cannot be; the message is ThingsBoard's own."""


class Unsupported(Exception):  # noqa: N818 - it is no error of the client's
    """A profile asks for what ThingsBoard has and this fake does not; the message names it."""


@dataclass(slots=True, eq=False)
class Profile:
    """A device profile; with `ack_malformed` a malformed payload is acknowledged (sendAckOnValidationException).

    `fields` is what a client saved, as it came; `provision` is (type, key, secret).
    """

    id: str
    tenant_id: str
    name: str
    created_ms: int
    default: bool = False
    ack_malformed: bool = False
    version: int = 1
    fields: dict[str, Any] = field(default_factory=dict)
    provision: tuple[str, str | None, str | None] = ("DISABLED", None, None)

    @property
    def firmware_id(self) -> str | None:
        """The OTA package that the devices of this profile should have."""
        found = self.fields.get("firmwareId")
        return str(found.get("id")) if isinstance(found, dict) else None


class Profiles:
    """The device profiles of all tenants."""

    def __init__(self, new_id: Callable[[], str], now: Callable[[], int]) -> None:
        self._new_id = new_id
        self._now = now
        self._by_name: dict[tuple[str, str], Profile] = {}
        self._by_id: dict[str, Profile] = {}

    def named(self, tenant_id: str, name: str) -> Profile:
        """The profile of that name; made when there is none, the tenant's first one as the default."""
        found = self._by_name.get((tenant_id, name))
        if found is None:
            found = Profile(self._new_id(), tenant_id, name, self._now(), default=not any(self.of(tenant_id)))
            self._by_name[tenant_id, name] = self._by_id[found.id] = found
        return found

    def restore(self, profile: Profile) -> None:
        """Take in a profile that was stored."""
        self._by_name[profile.tenant_id, profile.name] = self._by_id[profile.id] = profile

    def get(self, tenant_id: str, identifier: object) -> Profile | None:
        """The tenant's profile with that id."""
        found = self._by_id.get(str(identifier))
        return found if found is not None and found.tenant_id == tenant_id else None

    def of(self, tenant_id: str) -> Iterator[Profile]:
        """The profiles of a tenant, in the order of their making."""
        return (one for one in self._by_id.values() if one.tenant_id == tenant_id)

    def default(self, tenant_id: str) -> Profile:
        """The tenant's default profile."""
        return next((one for one in self.of(tenant_id) if one.default), None) or self.named(tenant_id, "default")

    def make_default(self, profile: Profile) -> None:
        """Make this one the tenant's default."""
        for one in self.of(profile.tenant_id):
            one.default = one is profile

    def with_key(self, key: str) -> Profile | None:
        """The profile with that provision key, of whichever tenant."""
        return next((one for one in self._by_id.values() if one.provision[1] == key), None)

    def save(self, tenant_id: str, fields: dict[str, Any]) -> Profile:
        """Make a profile, or change the one whose id is given; raises ProfileError and Unsupported."""
        name = fields.get("name")
        if not isinstance(name, str) or not name.strip():
            raise ProfileError("Device profile name should be specified!")
        if not fields.get("type"):
            raise ProfileError("Device profile type should be specified!")
        ack_malformed, provision = _transport(fields), _provision(fields)
        given = fields.get("id")
        profile = self.get(tenant_id, given.get("id")) if isinstance(given, dict) else None
        if isinstance(given, dict) and profile is None:
            raise ProfileError(f"Device profile with id [{given.get('id')}] is not found")
        if self._by_name.get((tenant_id, name), profile) is not profile:
            raise ProfileError("Device profile with such name already exists!")
        if provision[1] and (self.with_key(provision[1]) or profile) is not profile:
            raise ProfileError("Device profile with such provision device key already exists!")
        if profile is None:
            profile = self.named(tenant_id, name)
        else:
            del self._by_name[tenant_id, profile.name]
            profile.name, profile.version = name, profile.version + 1
            self._by_name[tenant_id, name] = profile
        profile.fields, profile.ack_malformed, profile.provision = fields, ack_malformed, provision
        return profile

    def delete(self, profile: Profile) -> None:
        """Forget a profile; raises ProfileError for the default one."""
        if profile.default:
            raise ProfileError("Deletion of Default Device Profile is prohibited!")
        del self._by_name[profile.tenant_id, profile.name], self._by_id[profile.id]


def _transport(fields: dict[str, Any]) -> bool:
    """Whether malformed payloads are acknowledged; raises Unsupported for what this fake would ignore."""
    data = fields.get("profileData") or {}
    if not isinstance(data, dict):
        raise ProfileError("profileData must be an object")
    if data.get("alarms"):
        raise Unsupported("alarm rules in device profiles")
    for name in ("defaultRuleChainId", "softwareId"):
        if fields.get(name):
            raise Unsupported(f"device profiles with a {name}")
    kind = fields.get("transportType") or "DEFAULT"
    if kind not in ("DEFAULT", "MQTT"):
        raise Unsupported(f"device profiles with the transport {kind}")
    settings = data.get("transportConfiguration") or {}
    for name, topic in _TOPICS.items():
        if settings.get(name, topic) != topic:
            raise Unsupported(f"device profiles with another topic ({name})")
    payload = settings.get("transportPayloadTypeConfiguration") or {}
    if payload.get("transportPayloadType", "JSON") != "JSON":
        raise Unsupported("device profiles with protobuf payloads")
    return settings.get("sendAckOnValidationException") is True


def _provision(fields: dict[str, Any]) -> tuple[str, str | None, str | None]:
    kind = fields.get("provisionType") or "DISABLED"
    if kind not in PROVISION_TYPES:
        raise Unsupported(f"device profiles with the provision type {kind}")
    data = fields.get("profileData") or {}
    configuration = data.get("provisionConfiguration") or {}
    key = fields.get("provisionDeviceKey") or configuration.get("provisionDeviceKey")
    return kind, key, configuration.get("provisionDeviceSecret")
