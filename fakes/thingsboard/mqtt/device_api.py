"""The device API over MQTT: a device speaks for itself (`v1/devices/me/...` and the short `v2/...` topics)."""

from typing import Any

from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import MAX_PACKET_BYTES
from uplab.fakes.thingsboard.mqtt import topics
from uplab.fakes.thingsboard.mqtt.links import Links
from uplab.fakes.thingsboard.mqtt.session import Command, Later, Send, Session
from uplab.fakes.thingsboard.state.payloads import PayloadError, Value, attributes, parse, read, telemetry
from uplab.fakes.thingsboard.state.tenant import Device, Scope, State

__all__ = ["DeviceApi", "NoAckError", "RefusedError", "attributes_asked_for"]

_MAX_INFLIGHT = 100
_RPC_TIMEOUT_S = 60.0  # how long the rule chain may take to answer a device's own RPC
_UNSUPPORTED = ("v2/t/p", "v2/a/p", "v2/r/res/p/", "v2/r/req/p/", "v2/a/req/p/")
_NO_LIMITS = {"messages": None, "telemetryMessages": None, "telemetryDataPoints": None}


class NoAckError(Exception):
    """The message is taken in, but ThingsBoard never acknowledges one like it."""


class RefusedError(Exception):
    """The message is not taken in; `code` is the PUBACK's reason code in MQTT 5, and `closes` whether that is all."""

    def __init__(self, reason: str, code: int, *, closes: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.closes = closes


class DeviceApi:
    """Takes in what a device publishes; each method gives the commands that follow the PUBACK."""

    def __init__(self, state: State, links: Links) -> None:
        self._state = state
        self._links = links

    def publish(self, session: Session, device: Device, packet: p.Publish) -> list[Command]:
        """One PUBLISH; raises PayloadError, NoAckError, or RefusedError for a topic that is none of the API."""
        topic = packet.topic
        if topic in topics.TELEMETRY:
            self._telemetry(device, packet.payload)
            return []
        if topic in topics.ATTRIBUTES:
            device.save_attributes("CLIENT_SCOPE", read(packet.payload, attributes), self._state.now())
            return []
        if topic.startswith(_UNSUPPORTED):
            raise PayloadError("protobuf payloads are not supported")
        if topic == topics.CLAIM:
            _check_claim(packet.payload)
            return []
        return self._request(session, device, packet)

    def _telemetry(self, device: Device, payload: bytes) -> None:
        now_ms = self._state.now()
        entries = read(payload, lambda tree, raw: telemetry(tree, now_ms, raw))
        for ts, values in entries:
            device.series.save(ts, values)
        if not entries:
            # An empty array counts down to an acknowledgement that never comes (MsgPackCallback).
            raise NoAckError

    def _request(self, session: Session, device: Device, packet: p.Publish) -> list[Command]:
        topic = packet.topic
        for prefix in topics.RPC_RESPONSE:
            if topic.startswith(prefix):
                self._links.rpcs.replied(device, _request_id(topic, prefix), packet.payload)
                return []
        for prefix, answer in topics.ATTRIBUTE_REQUEST.items():
            if topic.startswith(prefix):
                number = _request_id(topic, prefix)
                found = self._attributes(device, parse(packet.payload))
                return [Send(session.id, session.push(f"{answer}{number}", found))]
        for prefix, answer in topics.RPC_REQUEST.items():
            if topic.startswith(prefix):
                return self._rpc(session, f"{answer}{_request_id(topic, prefix)}", parse(packet.payload))
        raise RefusedError(f"topic {topic} is none of the device API", 0x90, closes=False)

    def _attributes(self, device: Device, asked: Any) -> dict[str, Any]:
        if not isinstance(asked, dict):
            raise PayloadError("an attribute request must be an object")
        client, shared = _keys(asked, "clientKeys"), _keys(asked, "sharedKeys")
        everything = not client and not shared
        found = {
            "client": attributes_asked_for(self._state, device, "CLIENT_SCOPE", client, everything=everything),
            "shared": attributes_asked_for(self._state, device, "SHARED_SCOPE", shared, everything=everything),
        }
        return {group: values for group, values in found.items() if values}

    def _rpc(self, session: Session, answer: str, asked: Any) -> list[Command]:
        if not isinstance(asked, dict) or not isinstance(asked.get("method"), str):
            raise PayloadError("an RPC must be an object with a method")
        if asked["method"] == "getSessionLimits":
            limits: dict[str, object] = {
                "maxPayloadSize": MAX_PACKET_BYTES,
                "maxInflightMessages": _MAX_INFLIGHT,
                "rateLimits": _NO_LIMITS,
            }
            if session.gateway:
                limits["gatewayRateLimits"] = _NO_LIMITS
            return [Send(session.id, session.push(answer, limits))]
        if session.waiting >= _MAX_INFLIGHT:
            raise NoAckError
        # The default rule chain has no answer to any other method.
        session.waiting += 1
        return [Later(session.id, _RPC_TIMEOUT_S, session.push(answer, {"error": "timeout"}))]


def attributes_asked_for(
    state: State, device: Device, scope: Scope, keys: list[str], *, everything: bool
) -> dict[str, Value]:
    """The values of the asked keys that exist; with `everything`, all of the scope."""
    kept = device.attributes(scope, state.now())
    wanted = kept if everything else {key: kept[key] for key in keys if key in kept}
    return {key: value for key, (_, value) in wanted.items()}


def _keys(asked: dict[str, Any], name: str) -> list[str]:
    value = asked.get(name)
    if value is None:
        return []
    if not isinstance(value, str):
        raise PayloadError(f"{name} must be a string of keys with commas between them")
    return value.split(",")


def _request_id(topic: str, prefix: str) -> int:
    number = topic[len(prefix) :]
    if not (number.isascii() and number.isdigit() and int(number[:11]) < 1 << 31):
        raise PayloadError(f"request id {number[:20]!r} is no 32-bit number")
    return int(number)


def _check_claim(payload: bytes) -> None:
    if payload and not isinstance(parse(payload), dict):
        raise PayloadError("a claim must be an object or empty")
