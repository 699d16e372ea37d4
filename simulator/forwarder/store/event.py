"""What happened to a connection, for its user: state changes, failures, losses, rejections, with time and cause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from uplab.simulator.forwarder.clock import iso

__all__ = ["Event", "Kind", "Severity"]

Severity = Literal["info", "warning", "error"]
Kind = Literal[
    "CONNECTION_CREATED",
    "CONNECTION_UPDATED",
    "CONNECTION_DELETED",
    "STATE_CHANGED",
    "COMMANDS_UNAVAILABLE",
    "RECONNECT_GIVEN_UP",
    "LOGIN_FAILED",
    "UPLINK_FAILED",
    "UPLINK_LOST",
    "UPLINK_EXPIRED",
    "UPLINK_FILTERED",
    "UPLINK_NOTED",
    "DOWNLINK_ACCEPTED",
    "DOWNLINK_REJECTED",
    "DOWNLINK_FAILED",
    "LOW_RATE_ALARM",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a connection's events; `time_s` is wall time in seconds since 1970."""

    time_s: float
    kind: Kind
    severity: Severity
    connection_id: int
    connection_name: str
    connector_id: str
    message: str
    dev_eui: str | None = None
    f_cnt: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Give the event as the API shows it, but for the id that storing gives it."""
        return {
            "time": iso(self.time_s),
            "type": self.kind,
            "severity": self.severity,
            "connectionId": str(self.connection_id),
            "connectionName": self.connection_name,
            "connectorId": self.connector_id,
            "devEUI": self.dev_eui,
            "fCntUp": self.f_cnt,
            "message": self.message,
            **self.facts,
        }
