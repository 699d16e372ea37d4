"""A device with all that is known of it: credentials, attributes by scope, telemetry, activity; and who watches it."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from uplab.fakes.thingsboard.state.credentials import Credentials
from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.profiles import Profile
from uplab.fakes.thingsboard.state.series import Series

__all__ = ["NULL_ID", "Device", "Scope", "Watcher", "entity_id"]

Scope = Literal["CLIENT_SCOPE", "SERVER_SCOPE", "SHARED_SCOPE"]
NULL_ID: Final = "13814000-1dd2-11b2-8080-808080808080"  # ThingsBoard's identifier of nobody
_INACTIVE_AFTER_MS = 600_000  # state.defaultInactivityTimeoutInSec


def entity_id(kind: str, identifier: str) -> dict[str, str]:
    """A typed identifier."""
    return {"entityType": kind, "id": identifier}


class Watcher(Protocol):
    """Who is told at once of what changes at a device; it may not change the values."""

    def telemetry(self, device: "Device", ts: int, values: dict[str, Value]) -> None:
        """Values of one time (ms) have come."""

    def attributes(self, device: "Device", scope: Scope, ts: int, values: dict[str, Value], deleted: list[str]) -> None:
        """Attributes were set, or deleted."""

    def forgotten(self, device: "Device", keys: list[str]) -> None:
        """Telemetry keys have no latest value any more."""


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
    account: str | None = None  # the email of the user whose login its credentials are
    additional_info: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    credentials_version: int = 1
    connected: bool = False
    last_connect_ms: int = 0
    last_disconnect_ms: int = 0
    last_activity_ms: int = 0
    firmware_id: str | None = None
    firmware_told: str | None = None  # the package that its shared attributes speak of
    watchers: tuple[Watcher, ...] = ()
    _attributes: dict[str, dict[str, tuple[int, Value]]] = field(default_factory=dict)

    @property
    def gateway(self) -> bool:
        """Whether it may speak for other devices."""
        return self.additional_info.get("gateway") is True

    def active(self, now_ms: int) -> bool:
        """Whether it was heard of within its inactivity timeout: an attribute of the server, 10 minutes by default."""
        _, after_ms = self._attributes.get("SERVER_SCOPE", {}).get("inactivityTimeout", (0, _INACTIVE_AFTER_MS))
        if isinstance(after_ms, bool) or not isinstance(after_ms, int | float) or after_ms <= 0:
            after_ms = _INACTIVE_AFTER_MS
        return bool(self.last_activity_ms) and self.last_activity_ms + after_ms > now_ms

    def activity(self, now_ms: int) -> dict[str, Value]:
        """What ThingsBoard itself says of its activity, among the server's attributes; nothing before there was any."""
        if not self.last_activity_ms:
            return {}
        return {
            "active": self.active(now_ms),
            "lastConnectTime": self.last_connect_ms,
            "lastDisconnectTime": self.last_disconnect_ms,
            "lastActivityTime": self.last_activity_ms,
        }

    def watch(self, watcher: Watcher) -> None:
        """Be told of what changes from now on."""
        self.watchers = (*self.watchers, watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Be told no longer."""
        self.watchers = tuple(one for one in self.watchers if one is not watcher)

    def save_telemetry(self, ts: int, values: dict[str, Value]) -> None:
        """Keep values of one time (ms) and tell who watches; the dict becomes the device's own."""
        told = dict(values) if self.watchers else values  # the series goes on writing into its dict
        self.series.save(ts, values)
        for watcher in self.watchers:
            watcher.telemetry(self, ts, told)

    def delete_telemetry(self, keys: list[str], start_ms: int, end_ms: int, *, latest: bool, rewrite: bool) -> None:
        """Delete points as `Series.delete` does and tell who watches."""
        gone = self.series.delete(keys, start_ms, end_ms, latest=latest, rewrite=rewrite)
        for watcher in self.watchers if gone else ():
            watcher.forgotten(self, gone)

    def save_attributes(self, scope: Scope, values: dict[str, Value], now_ms: int) -> None:
        """Keep attribute values and tell who watches."""
        kept = self._attributes.setdefault(scope, {})
        for key, value in values.items():
            kept[key] = (now_ms, value)
        for watcher in self.watchers:
            watcher.attributes(self, scope, now_ms, values, [])

    def delete_attributes(self, scope: Scope, keys: list[str], now_ms: int = 0) -> list[str]:
        """Delete attributes and tell who watches; the keys that existed."""
        kept = self._attributes.get(scope, {})
        gone = [key for key in keys if kept.pop(key, None) is not None]
        for watcher in self.watchers if gone else ():
            watcher.attributes(self, scope, now_ms, {}, gone)
        return gone

    def all_attributes(self) -> dict[str, dict[str, tuple[int, Value]]]:
        """The attributes that were set, by scope and key: (last update in ms, value)."""
        return self._attributes

    def restore_attributes(self, stored: dict[str, dict[str, Any]]) -> None:
        """Take in attributes that were stored."""
        self._attributes = {
            scope: {key: (ts, value) for key, (ts, value) in kept.items()} for scope, kept in stored.items()
        }

    def attributes(self, scope: Scope, now_ms: int) -> dict[str, tuple[int, Value]]:
        """The attributes of one scope: key to (last update in ms, value); activity is among the server's."""
        kept = dict(self._attributes.get(scope, {}))
        if scope == "SERVER_SCOPE":
            for key, value in self.activity(now_ms).items():
                kept.setdefault(key, (self.last_activity_ms, value))
        return kept
