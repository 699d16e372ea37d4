"""What a ThingsBoard knows: tenants, users, devices with their credentials, attributes, telemetry, relations.

No protocol and no clock of its own: `now` is given. Names, identifiers and rules are those of ThingsBoard.
"""

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from uplab.fakes.thingsboard.state.credentials import Credentials, CredentialsError
from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.series import Budget, Series

__all__ = [
    "CUSTOMER_USER",
    "NULL_ID",
    "SYS_ADMIN",
    "TENANT_ADMIN",
    "Device",
    "DeviceLimitError",
    "NameTakenError",
    "Profile",
    "Relation",
    "Scope",
    "State",
    "Tenant",
    "Thing",
    "User",
]

Scope = Literal["CLIENT_SCOPE", "SERVER_SCOPE", "SHARED_SCOPE"]
NULL_ID: Final = "13814000-1dd2-11b2-8080-808080808080"  # ThingsBoard's identifier of nobody
SYS_ADMIN, TENANT_ADMIN, CUSTOMER_USER = "SYS_ADMIN", "TENANT_ADMIN", "CUSTOMER_USER"
_INACTIVE_AFTER_MS = 600_000  # state.defaultInactivityTimeoutInSec


class NameTakenError(ValueError):
    """The tenant has a device (a user) of that name already."""


class DeviceLimitError(ValueError):
    """The tenant has as many devices as it may have."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant."""

    id: str
    title: str


@dataclass(slots=True)
class User:
    """An account; `enabled` and `locked` may be changed to see how a client takes it."""

    id: str
    email: str
    password: str
    authority: str
    tenant_id: str = NULL_ID
    customer_id: str = NULL_ID
    enabled: bool = True
    locked: bool = False


@dataclass(slots=True)
class Profile:
    """A device profile; with `ack_malformed` a malformed payload is acknowledged (sendAckOnValidationException)."""

    id: str
    tenant_id: str
    name: str
    created_ms: int
    ack_malformed: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation from one entity to another, by their ids."""

    from_id: str
    to_id: str
    type: str


@dataclass(slots=True)
class Thing:
    """A dashboard or a domain: what a client says of it is kept as it came."""

    id: str
    tenant_id: str
    kind: str
    created_ms: int
    fields: dict[str, Any]


@dataclass(slots=True, eq=False)
class Device:
    """A device with all that is known of it."""

    id: str
    tenant_id: str
    name: str
    type: str
    profile: Profile
    created_ms: int
    series: Series
    credentials: Credentials
    label: str | None = None
    customer_id: str = NULL_ID
    additional_info: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    connected: bool = False
    last_connect_ms: int = 0
    last_disconnect_ms: int = 0
    last_activity_ms: int = 0
    _attributes: dict[str, dict[str, tuple[int, Value]]] = field(default_factory=dict)

    @property
    def gateway(self) -> bool:
        """Whether it may speak for other devices."""
        return self.additional_info.get("gateway") is True

    def save_attributes(self, scope: Scope, values: dict[str, Value], now_ms: int) -> None:
        """Keep attribute values."""
        kept = self._attributes.setdefault(scope, {})
        for key, value in values.items():
            kept[key] = (now_ms, value)

    def delete_attributes(self, scope: Scope, keys: list[str]) -> list[str]:
        """Delete attributes; the keys that existed."""
        kept = self._attributes.get(scope, {})
        return [key for key in keys if kept.pop(key, None) is not None]

    def attributes(self, scope: Scope, now_ms: int) -> dict[str, tuple[int, Value]]:
        """The attributes of one scope: key to (last update in ms, value); activity is among the server's."""
        kept = dict(self._attributes.get(scope, {}))
        if scope == "SERVER_SCOPE" and self.last_activity_ms:
            active = self.last_activity_ms + _INACTIVE_AFTER_MS > now_ms
            for key, value in (
                ("active", active),
                ("lastConnectTime", self.last_connect_ms),
                ("lastDisconnectTime", self.last_disconnect_ms),
                ("lastActivityTime", self.last_activity_ms),
            ):
                kept.setdefault(key, (self.last_activity_ms, value))
        return kept


class State:
    """All that one fake knows; `clear` brings back the state of a fresh demo installation."""

    def __init__(self, *, now: Callable[[], int], budget: Budget | None = None, max_devices: int = 100_000) -> None:
        self.now = now  # epoch in ms
        self.max_devices = max_devices
        self._limits = budget or Budget()
        self.clear()

    def clear(self) -> None:
        """Forget everything but the demo tenant and its three accounts."""
        limits = self._limits
        self.budget = Budget(limits.points, limits.rows_per_device, limits.keys_per_device)
        self.tenants: dict[str, Tenant] = {}
        self.users: dict[str, User] = {}
        self.devices: dict[str, Device] = {}
        self.things: dict[str, Thing] = {}
        self.relations: dict[tuple[str, str, str], Relation] = {}
        self.profiles: dict[tuple[str, str], Profile] = {}
        self._names: dict[tuple[str, str], Device] = {}
        self._credentials: dict[str, Device] = {}
        self._ids = 0
        self.demo = self.add_tenant("Tenant")
        self.demo_customer = self.new_id()
        self.add_user("sysadmin@thingsboard.org", "sysadmin", authority=SYS_ADMIN)
        self.add_user("tenant@thingsboard.org", "tenant")
        self.add_user("customer@thingsboard.org", "customer", authority=CUSTOMER_USER, customer_id=self.demo_customer)
        self.provision_gateway("tenant@thingsboard.org", "tenant")

    def new_id(self) -> str:
        """A new identifier: a UUID of version 1 of this state's clock, as ThingsBoard makes them."""
        self._ids += 1
        # 100 ns since 1582 (RFC 9562 §5.1); the count keeps ids of one millisecond apart.
        time = self.now() * 10_000 + 0x01B21DD213814000 + self._ids
        fields = (time & 0xFFFFFFFF, time >> 32 & 0xFFFF, time >> 48 & 0xFFF, 0x80, 0x80, 0x808080808080)
        return str(uuid.UUID(fields=fields, version=1))

    def add_tenant(self, title: str) -> Tenant:
        """A new tenant, with the device profile `default`."""
        tenant = Tenant(self.new_id(), title)
        self.tenants[tenant.id] = tenant
        self.profile(tenant.id, "default")
        return tenant

    def add_user(
        self,
        email: str,
        password: str,
        *,
        authority: str = TENANT_ADMIN,
        tenant: Tenant | None = None,
        customer_id: str = NULL_ID,
    ) -> User:
        """A new account, of the demo tenant unless told otherwise; raises NameTakenError."""
        if email.lower() in self.users:
            raise NameTakenError(f"user {email} exists already")
        tenant_id = NULL_ID if authority == SYS_ADMIN else (tenant or self.demo).id
        user = User(self.new_id(), email, password, authority, tenant_id, customer_id)
        self.users[email.lower()] = user
        return user

    def profile(self, tenant_id: str, name: str) -> Profile:
        """The device profile of that name; made when there is none."""
        found = self.profiles.get((tenant_id, name))
        if found is None:
            found = self.profiles[tenant_id, name] = Profile(self.new_id(), tenant_id, name, self.now())
        return found

    def add_device(
        self,
        tenant_id: str,
        name: str,
        *,
        type: str = "default",  # noqa: A002 - ThingsBoard's name for it
        credentials: Credentials | None = None,
        additional_info: dict[str, Any] | None = None,
        label: str | None = None,
    ) -> Device:
        """A new device, with an access token unless other credentials are given.

        Raises NameTakenError, DeviceLimitError, or CredentialsError when another device has those credentials.
        """
        if (tenant_id, name) in self._names:
            raise NameTakenError("Device with such name already exists!")
        if len(self.devices) >= self.max_devices:
            raise DeviceLimitError("Maximum number of devices reached")
        credentials = credentials or Credentials.access_token(_new_token())
        if credentials.id in self._credentials:
            raise CredentialsError("Device credentials are already assigned to another device!")
        device = Device(
            id=self.new_id(),
            tenant_id=tenant_id,
            name=name,
            type=type,
            profile=self.profile(tenant_id, type),
            created_ms=self.now(),
            series=Series(self.budget),
            credentials=credentials,
            label=label,
            additional_info=dict(additional_info or {}),
        )
        self.devices[device.id] = self._names[tenant_id, name] = self._credentials[credentials.id] = device
        return device

    def rename_device(self, device: Device, name: str) -> None:
        """Give a device another name; raises NameTakenError."""
        if self._names.get((device.tenant_id, name), device) is not device:
            raise NameTakenError("Device with such name already exists!")
        del self._names[device.tenant_id, device.name]
        device.name = name
        self._names[device.tenant_id, name] = device

    def delete_device(self, device: Device) -> None:
        """Forget a device with its telemetry, credentials and relations."""
        device.series.forget(device.series.keys())
        del self.devices[device.id], self._names[device.tenant_id, device.name]
        del self._credentials[device.credentials.id]
        for key in [key for key in self.relations if device.id in key]:
            del self.relations[key]

    def set_credentials(self, device: Device, credentials: Credentials) -> None:
        """Give a device other credentials; raises CredentialsError when another device has them."""
        if self._credentials.get(credentials.id, device) is not device:
            raise CredentialsError("Device credentials are already assigned to another device!")
        del self._credentials[device.credentials.id]
        device.credentials = credentials
        self._credentials[credentials.id] = device

    def device_named(self, tenant_id: str, name: str) -> Device | None:
        """The device of that exact name, if there is one."""
        return self._names.get((tenant_id, name))

    def device_with(self, credentials_id: str) -> Device | None:
        """The device with that credentials id, if there is one."""
        return self._credentials.get(credentials_id)

    def devices_of(self, tenant_id: str) -> Iterator[Device]:
        """The devices of a tenant, in the order of their making."""
        return (device for device in self.devices.values() if device.tenant_id == tenant_id)

    def relate(self, from_id: str, to_id: str, type: str) -> None:  # noqa: A002
        """Make a relation; once is enough."""
        self.relations[from_id, to_id, type] = Relation(from_id, to_id, type)

    def provision_gateway(self, username: str, password: str, *, tenant: Tenant | None = None) -> Device:
        """A gateway device whose MQTT basic credentials are this user name and password, such as an account's."""
        return self.add_device(
            (tenant or self.demo).id,
            f"Gateway of {username}",
            credentials=Credentials.mqtt_basic(username=username, password=password),
            additional_info={"gateway": True},
        )


def _new_token() -> str:
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(20))
