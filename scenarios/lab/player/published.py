"""The packets of one MQTT connection on their way to a destination: telemetry may be altered, all else passes."""

import json
from collections.abc import Callable

from uplab.scenarios.lab.player.bug import Bug, Message
from uplab.scenarios.lab.player.mutation import Played

__all__ = ["Published"]

_CONNECT, _PUBLISH = 1, 3
_TELEMETRY = b"v1/gateway/telemetry"


class Published:
    """Takes in bytes as they come and gives those that go on (MQTT 3.1.1 and 5, section 2).

    What a bug loses is acknowledged here, by `answer`.
    """

    def __init__(
        self, playing: Callable[[], Played | Bug | None], *, answer: Callable[[bytes], None] = lambda _: None
    ) -> None:
        self._playing = playing
        self._answer = answer
        self._held = b""
        self._level = 4

    def feed(self, data: bytes) -> bytes:
        """The bytes that go on now; of a packet that is not whole they are held back."""
        self._held += data
        on = b""
        while (cut := _varint(self._held, 1)) is not None:
            size, at = cut
            if len(self._held) < at + size:
                break
            packet, self._held = self._held[: at + size], self._held[at + size :]
            on += self._packet(packet, at)
        return on

    def _packet(self, packet: bytes, at: int) -> bytes:
        kind = packet[0] >> 4
        if kind == _CONNECT:
            name = int.from_bytes(packet[at : at + 2], "big")
            self._level = packet[at + 2 + name]
        played = self._playing()
        if kind != _PUBLISH or played is None:
            return packet
        topic = int.from_bytes(packet[at : at + 2], "big")
        if packet[at + 2 : at + 2 + topic] != _TELEMETRY:
            return packet
        begin = at + 2 + topic + (2 if packet[0] & 0x06 else 0)
        if self._level >= 5:
            found = _varint(packet, begin)
            if found is None:
                return packet
            begin = found[1] + found[0]
        try:
            message = json.loads(packet[begin:])
        except ValueError:
            return packet
        if isinstance(played, Bug):
            return self._bugged(played, packet, at, begin, message)
        if not played.telemetry(message):
            return packet
        return _with(packet, at, begin, message)

    def _bugged(self, bug: Bug, packet: bytes, at: int, begin: int, document: object) -> bytes:
        devices = list(document) if isinstance(document, dict) else []
        message = Message("PUBLISH", "v1/gateway/telemetry", (), document, str(devices[0] if devices else ""), True)
        found = bug.goes_on(message)
        if len(found) == 1 and found[0] is message:
            return packet
        if not found and packet[0] & 0x06:
            named = at + 2 + int.from_bytes(packet[at : at + 2], "big")
            self._answer(b"\x40\x02" + packet[named : named + 2])
        return b"".join(_with(packet, at, begin, one.document) for one in found)


def _with(packet: bytes, at: int, begin: int, message: object) -> bytes:
    """The packet with another payload."""
    body = packet[at:begin] + json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return packet[:1] + _as_varint(len(body)) + body


def _varint(data: bytes, at: int) -> tuple[int, int] | None:
    """A variable byte integer and where it ends; None while it is not whole."""
    value = 0
    for shift in (0, 7, 14, 21):
        if at >= len(data):
            return None
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    return value, at


def _as_varint(value: int) -> bytes:
    found = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        found.append(low | 0x80 if value else low)
        if not value:
            return bytes(found)
