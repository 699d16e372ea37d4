"""Which session speaks for which device, and what the server sends over it: RPC, attribute updates, closures.

Each device has one session at a time, its own or that of a gateway: the newer wins
(ACTORS_MAX_CONCURRENT_SESSION_PER_DEVICE = 1). The client id is no key.
"""

from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.session import Close, Command, Send, Session
from uplab.fakes.thingsboard.mqtt.topics import GATEWAY_ATTRIBUTES, GATEWAY_DISCONNECT, GATEWAY_RPC
from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.rpc import Rpc, Rpcs
from uplab.fakes.thingsboard.state.tenant import Device, State

__all__ = ["Links", "close"]

TAKEN_OVER, ADMINISTRATIVE = 0x8E, 0x98  # reason codes of MQTT 5


def close(session: Session, reason: str, code: int = 0) -> list[Command]:
    """End a session; MQTT 5 is told why, the older versions see the connection close."""
    if session.closed:
        return []
    session.closed = True
    told: list[Command] = [Send(session.id, p.Disconnect(code))] if session.v5 and session.device else []
    return [*told, Close(session.id, reason)]


class Links:
    """The sessions of one fake by the devices that they speak for."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.rpcs = Rpcs()
        self._by_device: dict[str, Session] = {}

    def attach(self, session: Session, device: Device) -> list[Command]:
        """A session begins to speak for a device, its own or a gateway's child."""
        commands = self.take_over(device) if self._by_device.get(device.id) is not session else []
        self._by_device[device.id] = session
        device.connected = True
        device.last_connect_ms = device.last_activity_ms = self.state.now()
        return commands

    def take_over(self, device: Device) -> list[Command]:
        """End what the present session does for a device, as when a second client comes with its credentials."""
        older = self._by_device.get(device.id)
        if older is None:
            return []
        if older.device is device:
            return close(older, "taken over by a newer session of the device", TAKEN_OVER)
        self.release(older, device)
        return []

    def detach(self, session: Session) -> None:
        """A connection is gone: nobody speaks for its device and its children any more."""
        session.closed = True
        for device in (*session.children.values(), *([session.device] if session.device else ())):
            self.release(session, device)

    def release(self, session: Session, device: Device) -> None:
        """A session no longer speaks for a device."""
        session.children.pop(device.name, None)
        if self._by_device.get(device.id) is session:
            del self._by_device[device.id]
            device.connected = False
            device.last_disconnect_ms = self.state.now()

    def clear(self) -> None:
        """Forget all sessions and commands."""
        self._by_device.clear()
        self.rpcs.clear()

    # --- what the server starts -------------------------------------------------------------------------------------

    def call(self, rpc: Rpc) -> list[Command]:
        """Send a command if the device can be reached now; else it waits for that."""
        session = self._by_device.get(rpc.device.id)
        if session is None:
            return []
        if session.device is not rpc.device:
            data = {"id": rpc.id, "method": rpc.method, "params": rpc.params}
            packet = session.push(GATEWAY_RPC, {"device": rpc.device.name, "data": data})
        elif session.rpc_topic is not None:
            packet = session.push(f"{session.rpc_topic}{rpc.id}", {"method": rpc.method, "params": rpc.params})
        else:
            return []
        self.rpcs.sent(rpc)
        return [Send(session.id, packet)]

    def call_waiting(self, device: Device) -> list[Command]:
        """Send the commands that waited until this device can be reached."""
        return [command for rpc in self.rpcs.unsent(device) for command in self.call(rpc)]

    def attributes_changed(
        self, device: Device, changed: dict[str, Value], deleted: list[str] | None = None
    ) -> list[Command]:
        """Tell the device of shared attributes that were changed, or of keys that were deleted."""
        session = self._by_device.get(device.id)
        if session is None or not (changed or deleted):
            return []
        data = {**changed, **({"deleted": deleted} if deleted else {})}
        if session.device is not device:
            return [Send(session.id, session.push(GATEWAY_ATTRIBUTES, {"device": device.name, "data": data}))]
        if session.attribute_topic is None:
            return []
        return [Send(session.id, session.push(session.attribute_topic, data))]

    def dismiss(self, device: Device, reason: str) -> list[Command]:
        """End the session of a device that was deleted or whose credentials were changed."""
        session = self._by_device.get(device.id)
        if session is None:
            return []
        if session.device is device:
            return close(session, reason, ADMINISTRATIVE)
        self.release(session, device)
        told = session.push(GATEWAY_DISCONNECT, {"device": device.name, "reason": ADMINISTRATIVE})
        return [Send(session.id, told)] if session.v5 else []
