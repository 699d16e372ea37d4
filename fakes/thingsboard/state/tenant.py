"""What a ThingsBoard knows: tenants, users, devices with their credentials, attributes, telemetry, relations.

No protocol and no clock of its own: `now` is given. Names, identifiers and rules are those of ThingsBoard.
"""

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from uplab.fakes.thingsboard.state.credentials import Credentials, CredentialsError
from uplab.fakes.thingsboard.state.device import NULL_ID, Device, Scope, Watcher
from uplab.fakes.thingsboard.state.limits import RateLimits
from uplab.fakes.thingsboard.state.package import Package
from uplab.fakes.thingsboard.state.profiles import Profiles
from uplab.fakes.thingsboard.state.series import Budget, Series

__all__ = [
    "CUSTOMER_USER",
    "NULL_ID",
    "SYS_ADMIN",
    "TENANT_ADMIN",
    "ApiKey",
    "Device",
    "DeviceLimitError",
    "NameTakenError",
    "Relation",
    "Scope",
    "State",
    "Tenant",
    "Thing",
    "User",
    "Watcher",
]

SYS_ADMIN, TENANT_ADMIN, CUSTOMER_USER = "SYS_ADMIN", "TENANT_ADMIN", "CUSTOMER_USER"


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
    failed_logins: int = 0

    @property
    def open(self) -> bool:
        """Whether one may log in to it."""
        return self.enabled and not self.locked


@dataclass(slots=True)
class ApiKey:
    """A key that stands for an account in requests; `expires_ms` 0 is never."""

    id: str
    user_id: str
    tenant_id: str
    created_ms: int
    description: str
    value: str
    expires_ms: int = 0
    enabled: bool = True

    def usable(self, now_ms: int) -> bool:
        """Whether it opens anything now."""
        return self.enabled and not 0 < self.expires_ms <= now_ms


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
    version: int = 1


class State:
    """All that one fake knows; `clear` brings back the state of a fresh demo installation."""

    def __init__(
        self,
        *,
        now: Callable[[], int],
        budget: Budget | None = None,
        max_devices: int = 100_000,
        limits: RateLimits | None = None,
    ) -> None:
        self.now = now  # epoch in ms
        self.max_devices = max_devices
        self.limits = limits or RateLimits()
        self.max_packet_bytes = 65_536  # transport.mqtt.netty.max_payload_size
        self.max_failed_logins = 0  # how many wrong passwords lock an account; 0: none do
        self._bounds = budget or Budget()
        self.observers: list[Callable[[], None]] = []  # told when a device is made, changed or deleted
        self.clear()

    def clear(self) -> None:
        """Forget everything but the demo tenant and its three accounts."""
        self.empty()
        self.demo = self.add_tenant("Tenant")
        self.demo_customer = self.new_id()
        self.add_user("sysadmin@thingsboard.org", "sysadmin", authority=SYS_ADMIN)
        self.add_user("tenant@thingsboard.org", "tenant")
        self.add_user("customer@thingsboard.org", "customer", authority=CUSTOMER_USER, customer_id=self.demo_customer)
        self.provision_gateway("tenant@thingsboard.org", "tenant")

    def empty(self) -> None:
        """Forget everything, the demo tenant too: something else takes its place."""
        self.budget = self._bounds.fresh()
        self.tenants: dict[str, Tenant] = {}
        self.users: dict[str, User] = {}
        self.api_keys: dict[str, ApiKey] = {}  # by their value
        self.devices: dict[str, Device] = {}
        self.things: dict[str, Thing] = {}
        self.packages: dict[str, Package] = {}
        self.claims: dict[str, tuple[str, int]] = {}  # by device: the secret, and until when (ms) it is good
        self.relations: dict[tuple[str, str, str], Relation] = {}
        self.profiles = Profiles(self.new_id, self.now)
        self._names: dict[tuple[str, str], Device] = {}
        self._credentials: dict[str, Device] = {}
        self._ids = 0

    def bound(self, *, points: int | None = None, rows: int | None = None) -> None:
        """Bound the history otherwise from now on: points of all devices, rows of one."""
        for budget in (self._bounds, self.budget):
            budget.points = points or budget.points
            budget.rows_per_device = rows or budget.rows_per_device

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
        self.profiles.named(tenant.id, "default")
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

    def user_with(self, identifier: str) -> User | None:
        """The account with that id, if there is one."""
        return next((one for one in self.users.values() if one.id == identifier), None)

    def add_api_key(self, user: User, description: str, expires_ms: int = 0, *, enabled: bool = True) -> ApiKey:
        """A new API key of an account."""
        value = f"tb_{secrets.token_urlsafe(48)}"
        key = ApiKey(self.new_id(), user.id, user.tenant_id, self.now(), description, value, expires_ms, enabled)
        self.api_keys[value] = key
        return key

    def gateways_of(self, user: User) -> list[Device]:
        """The gateways whose MQTT login is that of the account."""
        return [one for one in self.devices.values() if one.account == user.email.lower()]

    def admits(self, device: Device) -> bool:
        """Whether a device may log in: not while the account whose login it uses is disabled or locked."""
        user = self.users.get(device.account) if device.account else None
        return user is None or user.open

    def add_device(
        self,
        tenant_id: str,
        name: str,
        *,
        type: str | None = None,  # noqa: A002 - ThingsBoard's name for it; the tenant's default profile
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
        profile = self.profiles.named(tenant_id, type) if type else self.profiles.default(tenant_id)
        device = Device(
            id=self.new_id(),
            tenant_id=tenant_id,
            name=name,
            type=profile.name,
            profile=profile,
            created_ms=self.now(),
            series=Series(self.budget),
            credentials=credentials,
            label=label,
            additional_info=dict(additional_info or {}),
        )
        self.devices[device.id] = self._names[tenant_id, name] = self._credentials[credentials.id] = device
        self.changed()
        return device

    def restore_device(self, device: Device) -> None:
        """Take in a device that was stored."""
        self.devices[device.id] = self._names[device.tenant_id, device.name] = device
        self._credentials[device.credentials.id] = device

    def changed(self) -> None:
        """Tell the observers that there are other devices now, or that one is called otherwise."""
        for observer in self.observers:
            observer()

    def rename_device(self, device: Device, name: str) -> None:
        """Give a device another name; raises NameTakenError."""
        if self._names.get((device.tenant_id, name), device) is not device:
            raise NameTakenError("Device with such name already exists!")
        del self._names[device.tenant_id, device.name]
        device.name = name
        self._names[device.tenant_id, name] = device
        self.changed()

    def delete_device(self, device: Device) -> None:
        """Forget a device with its telemetry, credentials and relations."""
        device.series.forget(device.series.keys())
        del self.devices[device.id], self._names[device.tenant_id, device.name]
        del self._credentials[device.credentials.id]
        for key in [key for key in self.relations if device.id in key]:
            del self.relations[key]
        self.changed()

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
        device = self.add_device(
            (tenant or self.demo).id,
            f"Gateway of {username}",
            credentials=Credentials.mqtt_basic(username=username, password=password),
            additional_info={"gateway": True},
        )
        device.account = username.lower()
        return device


def _new_token() -> str:
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(20))
