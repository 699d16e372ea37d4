"""Connect first: in each session a device is connected before its telemetry."""

from typing import Any

import orjson

from uplab.scenarios.checks.standing.invariant import Breach, Invariant, session_of
from uplab.scenarios.history.history import Event

__all__ = ["ConnectFirst"]

_CONNECT, _DISCONNECT, _TELEMETRY = (f"v1/gateway/{topic}" for topic in ("connect", "disconnect", "telemetry"))


class ConnectFirst(Invariant):
    """ThingsBoard's gateway API: `v1/gateway/connect` of a device, then its telemetry."""

    name = "connect first"
    promise = "in each session v1/gateway/connect of a device comes before its telemetry"
    source = ("TB-12", "TB-14", "CONTRACT 4")
    asks = "which devices has a session connected when their telemetry comes?"
    advice = "after each reconnect all devices are unknown to the session again"

    def __init__(self) -> None:
        super().__init__()
        self._connected: dict[object, set[str]] = {}  # the devices of each open session

    def see(self, event: Event) -> None:
        """Which devices a session has named."""
        session = session_of(event.facts)
        if event.hop == "destination.closed":
            self._connected.pop(session, None)
        if event.hop != "destination.published":
            return
        topic, devices = event.facts.get("topic"), self._connected.setdefault(session, set())
        if topic in (_CONNECT, _DISCONNECT):
            told = _parsed(event.raw)
            if isinstance(told, dict):
                device = str(told.get("device")).upper()
                if topic == _CONNECT:
                    devices.add(device)
                else:
                    devices.discard(device)
        elif topic == _TELEMETRY and isinstance(told := _parsed(event.raw), dict):
            for device in told:
                if device.upper() not in devices:
                    devices.add(device.upper())  # said once for each session
                    happened = f"telemetry of {device} came in a session in which it was not connected before"
                    self.breaches.append(Breach(happened, event.ids, device.upper()))


def _parsed(raw: bytes | None) -> Any:
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
