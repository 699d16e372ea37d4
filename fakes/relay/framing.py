"""Whole MQTT packets out of a stream, each as the bytes that it came in: who hands them on alters nothing."""

from uplab.fakes.mqtt.wire import WireError

__all__ = [
    "CONNACK",
    "CONNECT",
    "DISCONNECT",
    "PINGREQ",
    "PUBACK",
    "PUBLISH",
    "PUBREC",
    "SUBACK",
    "SUBSCRIBE",
    "Framing",
    "kind_of",
]

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC = 0x10, 0x20, 0x30, 0x40, 0x50
SUBSCRIBE, SUBACK, PINGREQ, DISCONNECT = 0x80, 0x90, 0xC0, 0xE0
_LENGTH_BYTES = 4  # of a remaining length (MQTT 3.1.1 §2.2.3)


def kind_of(packet: bytes) -> int:
    """The type of a packet, in the upper half of its first byte."""
    return packet[0] & 0xF0


class Framing:
    """Cuts one direction of a connection into packets; of more than `max_bytes` none is read."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._need = 2

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and give the packets that they complete; WireError where no packet can follow."""
        if self._held:
            self._held += data
            if len(self._held) < self._need:
                return []
            data = bytes(self._held)
            self._held.clear()
        found: list[bytes] = []
        at = 0
        while (end := self._end(data, at)) is not None:
            found.append(data[at:end])
            at = end
        self._held += data[at:]
        return found

    def _end(self, data: bytes, at: int) -> int | None:
        """Where the packet that begins here ends; None while it is not whole."""
        value = shift = 0
        for place in range(at + 1, min(len(data), at + 1 + _LENGTH_BYTES)):
            value |= (data[place] & 0x7F) << shift
            shift += 7
            if data[place] < 0x80:
                if value > self._max_bytes:
                    raise WireError(f"packet of {value} bytes; at most {self._max_bytes} are read", 0x95)
                self._need = place + 1 + value - at
                return place + 1 + value if place + 1 + value <= len(data) else None
        if shift == 7 * _LENGTH_BYTES:
            raise WireError("remaining length of more than four bytes")
        self._need = len(data) - at + 1
        return None
