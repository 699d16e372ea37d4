"""The gateway API over MQTT: a gateway speaks for the devices behind it (`v1/gateway/...`)."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import orjson

from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt import topics
from uplab.fakes.thingsboard.mqtt.device_api import NoAckError, RefusedError, attributes_asked_for
from uplab.fakes.thingsboard.mqtt.links import Links
from uplab.fakes.thingsboard.mqtt.session import Command, Send, Session
from uplab.fakes.thingsboard.state.claims import offer
from uplab.fakes.thingsboard.state.payloads import (
    PayloadError,
    attributes,
    gateway_telemetry,
    long,
    parse,
    read,
)
from uplab.fakes.thingsboard.state.tenant import Device, DeviceLimitError, Scope, State

__all__ = ["GatewayApi", "members"]

T = TypeVar("T")
_TELEMETRY: Final = f"{topics.GATEWAY}/telemetry"
_BROKEN, _QUOTA, _RATE_TOO_HIGH = 0x83, 0x97, 0x96  # reason codes of MQTT 5


def members(topic: str, payload: bytes) -> list[list[object]] | None:
    """What a batch of telemetry tells of, as (device, ts), one for each point in its order.

    None where the message is no telemetry of a gateway, or its payload not of the form {device: [{ts, values}]}; ts is
    None where a point has none.
    """
    if topic != _TELEMETRY:
        return None
    try:
        batch = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(batch, dict) or not all(isinstance(points, list) for points in batch.values()):
        return None
    return [
        [device, point.get("ts") if isinstance(point, dict) else None]
        for device, points in batch.items()
        for point in points
    ]


class GatewayApi:
    """Takes in what a gateway publishes; gives the commands that follow the PUBACK."""

    def __init__(self, state: State, links: Links) -> None:
        self._state = state
        self._links = links

    def publish(self, session: Session, gateway: Device, packet: p.Publish) -> list[Command]:
        """One PUBLISH; raises PayloadError, NoAckError or RefusedError."""
        topic = packet.topic
        if topic == _TELEMETRY:
            return self._telemetry(session, gateway, packet.payload)
        if topic == topics.GATEWAY_ATTRIBUTES:
            return self._attributes(session, gateway, packet.payload)
        if topic == f"{topics.GATEWAY}/claim":
            return self._claim(session, gateway, packet.payload)
        if topic not in _WITH_DEVICE:
            raise RefusedError(f"topic {topic} is none of the gateway API", 0x90, closes=False)
        asked = _object(parse(packet.payload))
        commands: list[Command] = []
        device = self._child(session, gateway, _text(asked, "device"), commands, asked.get("type"))
        if topic == topics.GATEWAY_DISCONNECT:
            self._links.release(session, device)
        elif topic == topics.GATEWAY_RPC:
            self._reply(device, asked)
        elif topic == f"{topics.GATEWAY_ATTRIBUTES}/request":
            commands.append(Send(session.id, self._attribute_answer(session, device, asked)))
        return commands

    def _telemetry(self, session: Session, gateway: Device, payload: bytes) -> list[Command]:
        now_ms = self._state.now()
        found = read(payload, lambda tree, raw: _parts("telemetry", tree, list, gateway_telemetry, now_ms, raw))
        commands: list[Command] = []
        failure, silent = None, False
        for name, entries in found:
            device = self._child(session, gateway, name, commands)
            if isinstance(entries, PayloadError):
                failure = failure or PayloadError(f"device {name}: {entries}")
                continue
            self._admit(session, gateway, device, sum(len(values) for _, values in entries))
            for ts, values in entries:
                device.save_telemetry(ts, values)
            device.last_activity_ms = now_ms
            silent = silent or not entries
        if failure:
            raise failure
        if silent:
            raise NoAckError
        return commands

    def _admit(self, session: Session, gateway: Device, device: Device, points: int) -> None:
        """Count one device's part against the gateway's rate limits; raises RefusedError when there are too many."""
        limits = self._state.limits
        if limits.off or limits.allow_message("gateway", gateway.id, self._state.now, points):
            return
        told = session.push(topics.GATEWAY_DISCONNECT, {"device": device.name, "reason": _RATE_TOO_HIGH})
        before: list[Command] = [Send(session.id, told)] if session.v5 else []
        raise RefusedError("the gateway's rate limit is exceeded", _QUOTA, closes=True, before=before)

    def _attributes(self, session: Session, gateway: Device, payload: bytes) -> list[Command]:
        now_ms = self._state.now()
        found = read(payload, lambda tree, raw: _parts("attributes", tree, dict, attributes, raw))
        commands: list[Command] = []
        failure = None
        for name, values in found:
            device = self._child(session, gateway, name, commands)
            if isinstance(values, PayloadError):
                failure = failure or PayloadError(f"device {name}: {values}")
                continue
            self._admit(session, gateway, device, 0)
            device.save_attributes("CLIENT_SCOPE", values, now_ms)
            device.last_activity_ms = now_ms
        if failure:
            raise failure
        return commands

    def _claim(self, session: Session, gateway: Device, payload: bytes) -> list[Command]:
        commands: list[Command] = []
        for name, asked in _parts("claim", parse(payload), dict, lambda claim: claim):
            offer(self._state, self._child(session, gateway, name, commands), asked)
        return commands

    def _reply(self, device: Device, asked: dict[str, Any]) -> None:
        if "data" not in asked:
            raise RefusedError("an RPC reply needs data", _BROKEN, closes=True)
        self._links.rpcs.replied(device, _number(asked, "id"), orjson.dumps(asked["data"]))

    def _attribute_answer(self, session: Session, device: Device, asked: dict[str, Any]) -> p.Publish:
        number = _number(asked, "id")
        keys = [asked["key"]] if "key" in asked else asked.get("keys")
        if not isinstance(keys, list) or not isinstance(asked.get("client"), bool):
            raise RefusedError("an attribute request needs client, and key or keys", _BROKEN, closes=True)
        scope: Scope = "CLIENT_SCOPE" if asked["client"] else "SHARED_SCOPE"
        names = list(dict.fromkeys(map(str, keys)))
        found = attributes_asked_for(self._state, device, scope, names, everything=False)
        if not names:
            found = attributes_asked_for(self._state, device, "CLIENT_SCOPE", [], everything=True)
            found |= attributes_asked_for(self._state, device, "SHARED_SCOPE", [], everything=True)
        answer: dict[str, object] = {"id": number, "device": device.name}
        if len(names) <= 1 and len(found) == 1:
            answer["value"] = next(iter(found.values()))
        elif found:
            answer["values"] = found
        return session.push(topics.GATEWAY_ATTRIBUTES_RESPONSE, answer)

    def _child(
        self, session: Session, gateway: Device, name: str, commands: list[Command], kind: object = None
    ) -> Device:
        """The device of that name behind the gateway; what making it or taking it over leads to joins the commands."""
        known = session.children.get(name)
        if known is not None and known.id in self._state.devices:
            return known
        if not name:
            raise RefusedError("the device name is empty", _BROKEN, closes=True)
        device = self._state.device_named(gateway.tenant_id, name)
        if device is None:
            try:
                device = self._state.add_device(gateway.tenant_id, name, type=str(kind or "default"))
            except DeviceLimitError as error:
                raise RefusedError(str(error), _QUOTA, closes=False) from None
            device.customer_id = gateway.customer_id
            self._state.relate(gateway.id, device.id, "Created")
        device.additional_info["lastConnectedGateway"] = gateway.id
        session.adopt(name, device)
        commands += self._links.attach(session, device)
        commands += self._links.call_waiting(device)
        return device


_WITH_DEVICE = frozenset(
    {
        f"{topics.GATEWAY}/connect",
        topics.GATEWAY_DISCONNECT,
        topics.GATEWAY_RPC,
        f"{topics.GATEWAY_ATTRIBUTES}/request",
    }
)


def _object(tree: Any) -> dict[str, Any]:
    if type(tree) is not dict:
        raise RefusedError("the payload must be an object", _BROKEN, closes=True)
    return tree


def _parts(
    what: str, tree: Any, kind: type, take: Callable[..., T], *arguments: Any
) -> list[tuple[str, T | PayloadError]]:
    """What each device's part gives; a malformed one does not keep the others from being taken in."""
    found: list[tuple[str, T | PayloadError]] = []
    for name, part in _object(tree).items():
        if type(part) is kind:
            try:
                found.append((name, take(part, *arguments)))
            except PayloadError as error:
                found.append((name, error))
    if not found:
        raise RefusedError(f"the {what} message names no device", _BROKEN, closes=True)
    return found


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RefusedError(f"{name} must be a string", _BROKEN, closes=True)
    return str(value)


def _number(asked: dict[str, Any], name: str) -> int:
    try:
        return long(asked.get(name), name)
    except PayloadError as error:
        raise RefusedError(str(error), _BROKEN, closes=True) from None
