"""Which session speaks for which device, and what the server sends over it: RPC, attribute updates, closures.

Each device has one session at a time, its own or that of a gateway: the newer wins
(ACTORS_MAX_CONCURRENT_SESSION_PER_DEVICE = 1). The client id is no key.
"""

import uuid
from collections.abc import Callable
from typing import Any, Final

import orjson

from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.session import Close, Command, Send, Session
from uplab.fakes.thingsboard.mqtt.topics import GATEWAY_ATTRIBUTES, GATEWAY_DISCONNECT, GATEWAY_RPC
from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.rpc import Record, Rpc, Rpcs
from uplab.fakes.thingsboard.state.tenant import Device, State

__all__ = ["Links", "close"]

TAKEN_OVER, ADMINISTRATIVE = 0x8E, 0x98  # reason codes of MQTT 5
# What ThingsBoard tells the gateway that brought a device: a one-way command, kept for a day, tried again three times.
_RENAMED, _DELETED = "gateway_device_renamed", "gateway_device_deleted"
_TOLD_FOR_MS: Final = 86_400_000
_TOLD_RETRIES: Final = 3
_Poll = Callable[[dict[str, Any] | None], None]  # None: the device was deleted


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
        self.rpcs = Rpcs(state.now)
        self._by_device: dict[str, Session] = {}
        # Long polls of the HTTP device API: each is answered once, by the first thing that comes.
        self._rpc_polls: dict[str, list[_Poll]] = {}
        self._attribute_polls: dict[str, list[_Poll]] = {}

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
        for device in [*session.children.values(), *([session.device] if session.device else ())]:
            self.release(session, device)

    def release(self, session: Session, device: Device) -> None:
        """A session no longer speaks for a device."""
        session.disown(device)
        if self._by_device.get(device.id) is session:
            del self._by_device[device.id]
            device.connected = False
            device.last_disconnect_ms = self.state.now()

    def clear(self) -> None:
        """Forget all sessions and commands."""
        self._by_device.clear()
        self._rpc_polls.clear()
        self._attribute_polls.clear()
        self.rpcs.clear()

    # --- what the server starts -------------------------------------------------------------------------------------

    def call(self, rpc: Rpc) -> list[Command]:
        """Send a command if the device can be reached now; else it waits for that."""
        for poll in self._rpc_polls.pop(rpc.device.id, ()):
            self._answer_poll(poll, rpc)
        session = self._by_device.get(rpc.device.id)
        if session is None:
            return []
        own = session.device is rpc.device
        if not own:
            data = {"id": rpc.id, "method": rpc.method, "params": rpc.params}
            packet = session.push(GATEWAY_RPC, {"device": rpc.device.name, "data": data})
        elif session.rpc_topic is not None:
            packet = session.push(f"{session.rpc_topic}{rpc.id}", {"method": rpc.method, "params": rpc.params})
        else:
            return []
        if rpc.record is None:
            self.rpcs.sent(rpc)
        elif packet.qos:
            self.rpcs.unacknowledged(rpc)
            if own:
                session.awaiting[packet.packet_id] = rpc
            else:
                rpc.sent_ms = None  # a gateway's PUBACK is never taken for that of the device behind it
        else:
            self.rpcs.sent(rpc)
            self.rpcs.delivered(rpc)
        return [Send(session.id, packet)]

    def call_waiting(self, device: Device) -> list[Command]:
        """Send the commands that wait for this device, also those that were sent before and have come to no end."""
        return [command for rpc in self.rpcs.pending(device) for command in self.call(rpc)]

    def acknowledged(self, session: Session, packet_id: int) -> None:
        """A client's PUBACK; it matters for persistent commands only."""
        rpc = session.awaiting.pop(packet_id, None)
        if rpc is not None:
            self.rpcs.delivered(rpc)

    def renamed(self, device: Device, old: str) -> list[Command]:
        """Tell the gateway that brought a device of its new name."""
        return self._tell_gateway(device, _RENAMED, {old: device.name})

    def deleted(self, device: Device) -> list[Command]:
        """Tell the gateway that brought a device that it is gone, and forget what waited for it."""
        self.rpcs.forget(device.id)
        for polls in (self._rpc_polls, self._attribute_polls):
            for poll in polls.pop(device.id, ()):
                poll(None)
        return self._tell_gateway(device, _DELETED, device.name)

    def _tell_gateway(self, device: Device, method: str, params: object) -> list[Command]:
        gateway = self.state.devices.get(str(device.additional_info.get("lastConnectedGateway")))
        if gateway is None or gateway is device:
            return []
        record = self.persist(gateway, method, params, oneway=True, for_ms=_TOLD_FOR_MS, retries=_TOLD_RETRIES)
        return self.call(
            self.rpcs.open(gateway, method, params, oneway=True, record=record, retries=_TOLD_RETRIES),
        )

    def persist(
        self,
        device: Device,
        method: str,
        params: object,
        *,
        oneway: bool,
        for_ms: int,
        retries: int | None = None,
        identifier: str | None = None,
        additional_info: object = None,
    ) -> Record:
        """The record of a persistent command that expires after so many ms; not kept before the command is opened."""
        now_ms = self.state.now()
        record_id = identifier or str(uuid.uuid4())
        request = {
            "id": record_id,
            "tenantId": {"entityType": "TENANT", "id": device.tenant_id},
            "deviceId": {"entityType": "DEVICE", "id": device.id},
            "oneway": oneway,
            "expirationTime": now_ms + for_ms,
            "body": {"method": method, "params": orjson.dumps(params).decode()},
            "persisted": True,
            "retries": retries,
        }
        expires_ms = now_ms + for_ms
        return Record(
            record_id, device.tenant_id, device.id, now_ms, expires_ms, request, additional_info=additional_info
        )

    # --- long polls of the HTTP device API --------------------------------------------------------------------------

    def poll_rpc(self, device: Device, poll: _Poll) -> None:
        """Answer a long poll with the oldest command that waits, or with the next one."""
        waiting = self.rpcs.pending(device)
        if waiting:
            self._answer_poll(poll, waiting[0])
        else:
            self._rpc_polls.setdefault(device.id, []).append(poll)

    def poll_attributes(self, device: Device, poll: _Poll) -> None:
        """Answer a long poll with the next change of shared attributes."""
        self._attribute_polls.setdefault(device.id, []).append(poll)

    def end_poll(self, device: Device, poll: _Poll) -> None:
        """A long poll is over, answered or not."""
        for polls in (self._rpc_polls, self._attribute_polls):
            if poll in (waiting := polls.get(device.id, [])):
                waiting.remove(poll)
                if not waiting:
                    del polls[device.id]

    def _answer_poll(self, poll: _Poll, rpc: Rpc) -> None:
        poll({"id": rpc.id, "method": rpc.method, "params": rpc.params})
        self.rpcs.sent(rpc)
        self.rpcs.delivered(rpc)

    def attributes_changed(
        self, device: Device, changed: dict[str, Value], deleted: list[str] | None = None
    ) -> list[Command]:
        """Tell the device of shared attributes that were changed, or of keys that were deleted."""
        if not (changed or deleted):
            return []
        data = {**changed, **({"deleted": deleted} if deleted else {})}
        for poll in self._attribute_polls.pop(device.id, ()):
            poll(data)
        session = self._by_device.get(device.id)
        if session is None:
            return []
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
