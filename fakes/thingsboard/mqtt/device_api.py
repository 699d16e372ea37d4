"""The device API over MQTT: a device speaks for itself (`v1/devices/me/...` and the short `v2/...` topics)."""

from typing import Any

from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt import firmware, topics
from uplab.fakes.thingsboard.mqtt.links import Links, close
from uplab.fakes.thingsboard.mqtt.session import Command, Later, Send, Session
from uplab.fakes.thingsboard.state.claims import offer
from uplab.fakes.thingsboard.state.package import chunk
from uplab.fakes.thingsboard.state.payloads import PayloadError, Value, attributes, parse, read, telemetry
from uplab.fakes.thingsboard.state.tenant import Device, Scope, State

__all__ = ["DeviceApi", "NoAckError", "RefusedError", "attributes_asked_for"]

_MAX_INFLIGHT = 100
_RPC_TIMEOUT_S = 60.0  # how long the rule chain may take to answer a device's own RPC
_UNSUPPORTED = ("v2/t/p", "v2/a/p", "v2/r/res/p/", "v2/r/req/p/", "v2/a/req/p/")


class NoAckError(Exception):
    """The message is taken in, but ThingsBoard never acknowledges one like it."""


class RefusedError(Exception):
    """The message is not taken in; `code` is the PUBACK's reason code in MQTT 5, and `closes` whether that is all.

    Without `acks` there is no PUBACK; `before` goes out before the end.
    """

    def __init__(
        self, reason: str, code: int, *, closes: bool, acks: bool = True, before: list[Command] | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.closes = closes
        self.acks = acks
        self.before = before or []


class DeviceApi:
    """Takes in what a device publishes; each method gives the commands that follow the PUBACK."""

    def __init__(self, state: State, links: Links) -> None:
        self._state = state
        self._links = links

    def publish(self, session: Session, device: Device, packet: p.Publish) -> list[Command]:
        """One PUBLISH; raises PayloadError, NoAckError, or RefusedError for a topic that is none of the API."""
        topic = packet.topic
        if topic in topics.TELEMETRY:
            self._telemetry(session, device, packet.payload)
            return []
        if not self._state.limits.off:
            self._admit(session, device, 0)
        if topic in topics.ATTRIBUTES:
            device.save_attributes("CLIENT_SCOPE", read(packet.payload, attributes), self._state.now())
            return []
        if topic.startswith(_UNSUPPORTED):
            raise PayloadError("protobuf payloads are not supported")
        if topic == topics.CLAIM:
            offer(self._state, device, parse(packet.payload) if packet.payload else {})
            return []
        return self._request(session, device, packet)

    def _admit(self, session: Session, device: Device, points: int) -> None:
        """Count a message against the rate limits; raises RefusedError when there are too many."""
        kind = "gateway_device" if session.gateway else "device"
        if not self._state.limits.allow_message(kind, device.id, self._state.now, points):
            raise RefusedError("the device's rate limit is exceeded", 0x83, closes=True, acks=False)

    def _telemetry(self, session: Session, device: Device, payload: bytes) -> None:
        now_ms = self._state.now()
        entries = read(payload, lambda tree, raw: telemetry(tree, now_ms, raw))
        if not self._state.limits.off:
            self._admit(session, device, sum(len(values) for _, values in entries))
        for ts, values in entries:
            device.save_telemetry(ts, values)
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
        wanted = topics.FIRMWARE.fullmatch(topic)
        if wanted:
            return self._chunk(session, device, packet, wanted.groups())
        for prefix, answer in topics.RPC_REQUEST.items():
            if topic.startswith(prefix):
                return self._rpc(session, f"{answer}{_request_id(topic, prefix)}", parse(packet.payload))
        raise RefusedError(f"topic {topic} is none of the device API", 0x90, closes=False)

    def _chunk(self, session: Session, device: Device, packet: p.Publish, wanted: tuple[str, ...]) -> list[Command]:
        """One chunk of the firmware that the device should have; its size is said once for a request."""
        kind, request, number = wanted
        text = packet.payload.decode(errors="replace").strip()
        if text and not (text.isascii() and text.isdigit()):
            raise RefusedError(f"chunk size {text[:20]!r} is no number", 0x83, closes=True)
        if text and int(text[:11]):
            if len(session.chunk_bytes) >= _MAX_INFLIGHT:
                session.chunk_bytes.clear()
            session.chunk_bytes[request] = int(text[:11])
        size = session.chunk_bytes.get(request, 0)
        package = firmware.assigned(self._state, device) if kind == "fw" else None
        if size > self._state.max_packet_bytes or package is None:
            error = "PAYLOAD_TOO_LARGE" if size > self._state.max_packet_bytes else "NOT_FOUND"
            return [
                Send(session.id, session.push(topics.FIRMWARE_ERROR, error.encode())),
                *close(session, f"firmware: {error}", 0x83),
            ]
        data = chunk(package, size, int(number))
        return [Send(session.id, session.push(f"v2/fw/response/{request}/chunk/{number}", data))]

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
            told = self._state.limits.told
            limits: dict[str, object] = {
                "maxPayloadSize": self._state.max_packet_bytes,
                "maxInflightMessages": _MAX_INFLIGHT,
                "rateLimits": told("gateway_device" if session.gateway else "device"),
            }
            if session.gateway:
                limits["gatewayRateLimits"] = told("gateway")
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
