"""MQTT without a socket: bytes to packets and back, for 3.1, 3.1.1 and 5.

`Decoder.feed` takes bytes as they come, in any pieces, and gives the packets that are complete. It is strict: what the
standard calls malformed or a protocol error becomes one `Malformed` at its place in the order, and after that the
stream is dead. Packets before it still count.
"""

from collections.abc import Callable
from typing import Final

from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.properties import CONNECT, TOPIC_ALIAS, WILL, decode_properties, encode_properties
from uplab.fakes.mqtt.wire import Reader, WireError, binary, text, varint

__all__ = ["MAX_PACKET_BYTES", "Decoder", "encode"]

MAX_PACKET_BYTES: Final = 65_536  # ThingsBoard's NETTY_MAX_PAYLOAD_SIZE: the largest remaining length it reads
_MAX_CLIENT_ID_3_1 = 23  # MQTT 3.1 §3.1; Netty refuses a longer one while it decodes
_LEVELS = {("MQIsdp", p.V3_1), ("MQTT", p.V3_1_1), ("MQTT", p.V5)}
_TOPICS_KEPT = 1_000

# First bytes that are allowed: the type's number and its fixed flags (MQTT 3.1.1 §2.2.2). PUBLISH is seen to apart.
_FIRST: Final[dict[int, str]] = {
    0x10: "CONNECT",
    0x20: "CONNACK",
    0x40: "PUBACK",
    0x50: "PUBREC",
    0x62: "PUBREL",
    0x70: "PUBCOMP",
    0x82: "SUBSCRIBE",
    0x90: "SUBACK",
    0xA2: "UNSUBSCRIBE",
    0xB0: "UNSUBACK",
    0xC0: "PINGREQ",
    0xD0: "PINGRESP",
    0xE0: "DISCONNECT",
    0xF0: "AUTH",
}
_ONLY_SERVERS_SEND = frozenset({0x20, 0x90, 0xB0, 0xD0})


class Decoder:
    """The reading end of one connection: a server's, unless `level` says which protocol a client's end speaks.

    With `aliases` a topic of MQTT 5 may be empty where an alias stands for it (MQTT 5 §3.3.2.3.4).
    """

    def __init__(self, *, max_bytes: int = MAX_PACKET_BYTES, level: int = 0, aliases: bool = False) -> None:
        self.level = level
        self._aliases = aliases
        self._server = not level
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._need = 0
        self._dead = False
        self._topics: dict[bytes, str] = {}

    @property
    def begun(self) -> bool:
        """Whether a packet has come in part."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[p.Packet | p.Malformed]:
        """Take the next bytes and give the packets that they complete; a `Malformed` is always the last one ever."""
        if self._dead:
            return []
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._need:
                return []
            data = bytes(self._buffer)
            self._buffer.clear()
        found: list[p.Packet | p.Malformed] = []
        try:
            rest = self._read(data, found)
        except WireError as error:
            self._dead = True
            found.append(p.Malformed(error.reason, error.code))
        else:
            self._buffer += data[rest:]
        return found

    def _read(self, data: bytes, found: list[p.Packet | p.Malformed]) -> int:
        """Append the whole packets of `data` to `found`; the place where the first unfinished one begins."""
        at, end = 0, len(data)
        while at < end:
            first = data[at]
            publish = first & 0xF0 == 0x30
            if not publish or not self.level:
                self._check_first(first)
            length, body = self._length(data, at)
            stop = body + length
            if not body or stop > end:
                self._need = stop - at if body else end - at + 1
                break
            if publish:
                found.append(self._publish(data, at, body, stop))
            else:
                found.append(self._decode(first, Reader(data[body:stop])))
            at = stop
        return at

    def _check_first(self, first: int) -> None:
        name = _FIRST.get(first)
        if not self.level and first != 0x10:
            raise WireError("the first packet is not CONNECT", 0x82)
        if name is None:
            raise WireError(f"packet type and flags 0x{first:02x} are reserved")
        if self._server and first in _ONLY_SERVERS_SEND:
            raise WireError(f"a client never sends {name}", 0x82)
        if self._server and self.level and first == 0x10:
            raise WireError("a second CONNECT", 0x82)

    def _length(self, data: bytes, at: int) -> tuple[int, int]:
        """The remaining length and where the body begins; (0, 0) when the length is not complete yet."""
        value = shift = 0
        for body, byte in enumerate(data[at + 1 : at + 5], at + 2):
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value > self._max_bytes:
                    raise WireError(f"packet of {value} bytes; at most {self._max_bytes} are read", 0x95)
                return value, body
            shift += 7
        if shift == 28:
            raise WireError("remaining length of more than four bytes")
        return 0, 0

    def _publish(self, data: bytes, at: int, body: int, stop: int) -> p.Publish:
        first = data[at]
        qos = first >> 1 & 3
        if qos == 3 or (not qos and first & 8):
            raise WireError("PUBLISH with QoS 3" if qos else "PUBLISH with QoS 0 and the DUP flag")
        start = body + 2
        end = start + (data[body] << 8 | data[body + 1]) if start <= stop else start
        tail = end + 2 if qos else end
        if tail > stop:
            raise WireError("PUBLISH ends within its header")
        name = data[start:end]
        aliased = not name and self._aliases and self.level == p.V5
        topic = "" if aliased else self._topics.get(name) or self._topic(name)
        packet_id = 0
        if qos:
            packet_id = data[end] << 8 | data[end + 1]
            if not packet_id:
                raise WireError("packet identifier is 0", 0x82)
        if self.level != p.V5:
            return p.Publish(topic, data[tail:stop], qos, packet_id, bool(first & 1), bool(first & 8))
        reader = Reader(data[tail:stop])
        properties = decode_properties(reader, 3)
        if aliased and all(name != TOPIC_ALIAS for name, _ in properties):
            raise WireError("an empty topic name without an alias", 0x82)
        return p.Publish(topic, reader.rest(), qos, packet_id, bool(first & 1), bool(first & 8), properties)

    def _topic(self, name: bytes) -> str:
        topic = Reader(len(name).to_bytes(2, "big") + name).text()
        if "+" in topic or "#" in topic:
            raise WireError("a topic name with a wildcard", 0x90)
        # MQTT 5 allows an empty one with a topic alias; who grants no alias has none that could stand for it.
        if not topic:
            raise WireError("an empty topic name", 0x82)
        if len(self._topics) >= _TOPICS_KEPT:
            self._topics.clear()
        self._topics[name] = topic
        return topic

    def _decode(self, first: int, reader: Reader) -> p.Packet:
        if first == 0x10:
            packet: p.Packet = _connect(reader)
            self.level = packet.level if isinstance(packet, p.Connect) else 0
        else:
            packet = _BODIES[first](reader, self.level)
        if reader.left:
            raise WireError(f"{_FIRST[first]} with {reader.left} bytes too many")
        return packet


# --- one function for the body of each packet -----------------------------------------------------------------------


def _connect(reader: Reader) -> p.Connect:
    name, level = reader.text(), reader.u8()
    if (name, level) not in _LEVELS:
        raise WireError(f"protocol {name!r} level {level} is not known", 0x84)
    flags, keep_alive_s = reader.u8(), reader.u16()
    if flags & 1:
        raise WireError("the reserved connect flag is set")
    if flags >> 3 & 3 == 3 or (not flags & 4 and flags & 0x38):
        raise WireError("will flags contradict each other")
    properties = decode_properties(reader, CONNECT) if level == p.V5 else ()
    client_id = reader.text()
    if level == p.V3_1 and not 1 <= len(client_id) <= _MAX_CLIENT_ID_3_1:
        raise WireError(f"client identifier of {len(client_id)} characters; 3.1 allows 1 to {_MAX_CLIENT_ID_3_1}", 0x85)
    will = None
    if flags & 4:
        will_properties = decode_properties(reader, WILL) if level == p.V5 else ()
        will = p.Will(reader.text(), reader.binary(), flags >> 3 & 3, bool(flags & 0x20), will_properties)
    username = reader.text() if flags & 0x80 else None
    password = reader.binary() if flags & 0x40 else None
    return p.Connect(level, client_id, bool(flags & 2), keep_alive_s, username, password, will, properties)


def _connack(reader: Reader, level: int) -> p.Connack:
    flags, code = reader.u8(), reader.u8()
    if flags > 1:
        raise WireError("reserved CONNACK flags are set")
    return p.Connack(bool(flags), code, decode_properties(reader, 2) if level == p.V5 else ())


def _acknowledgement(kind: Callable[[int, int, p.Properties], p.Packet], place: int) -> "_Body":
    def read(reader: Reader, level: int) -> p.Packet:
        packet_id = reader.packet_id()
        if level != p.V5 or not reader.left:
            return kind(packet_id, 0, ())
        code = reader.u8()
        return kind(packet_id, code, decode_properties(reader, place) if reader.left else ())

    return read


def _subscribe(reader: Reader, level: int) -> p.Subscribe:
    packet_id = reader.packet_id()
    properties = decode_properties(reader, 8) if level == p.V5 else ()
    wanted = []
    while reader.left:
        wanted.append(p.Subscription(_filter(reader), _options(reader.u8(), level)))
    if not wanted:
        raise WireError("SUBSCRIBE without a filter", 0x82)
    return p.Subscribe(packet_id, tuple(wanted), properties)


def _filter(reader: Reader) -> str:
    topic = reader.text()
    if not topic:
        raise WireError("an empty topic filter")
    return topic


def _options(options: int, level: int) -> int:
    if options & 3 == 3:
        raise WireError("SUBSCRIBE with QoS 3")
    if options & (0xC0 if level == p.V5 else 0xFC) or options & 0x30 == 0x30:
        raise WireError("reserved SUBSCRIBE options are set")
    return options


def _suback(reader: Reader, level: int) -> p.Suback:
    packet_id = reader.packet_id()
    properties = decode_properties(reader, 9) if level == p.V5 else ()
    return p.Suback(packet_id, tuple(reader.rest()), properties)


def _unsubscribe(reader: Reader, level: int) -> p.Unsubscribe:
    packet_id = reader.packet_id()
    properties = decode_properties(reader, 10) if level == p.V5 else ()
    topics = []
    while reader.left:
        topics.append(_filter(reader))
    if not topics:
        raise WireError("UNSUBSCRIBE without a filter", 0x82)
    return p.Unsubscribe(packet_id, tuple(topics), properties)


def _unsuback(reader: Reader, level: int) -> p.Unsuback:
    packet_id = reader.packet_id()
    properties = decode_properties(reader, 11) if level == p.V5 else ()
    return p.Unsuback(packet_id, tuple(reader.rest()) if level == p.V5 else (), properties)


def _disconnect(reader: Reader, level: int) -> p.Disconnect:
    if level != p.V5 or not reader.left:
        return p.Disconnect()
    return p.Disconnect(reader.u8(), decode_properties(reader, 14) if reader.left else ())


def _auth(reader: Reader, level: int) -> p.Auth:
    if level != p.V5:
        raise WireError("AUTH before MQTT 5")
    if not reader.left:
        return p.Auth()
    return p.Auth(reader.u8(), decode_properties(reader, 15) if reader.left else ())


_Body = Callable[[Reader, int], p.Packet]
_BODIES: Final[dict[int, _Body]] = {
    0x20: _connack,
    0x40: _acknowledgement(p.Puback, 4),
    0x50: _acknowledgement(p.Pubrec, 5),
    0x62: _acknowledgement(p.Pubrel, 6),
    0x70: _acknowledgement(p.Pubcomp, 7),
    0x82: _subscribe,
    0x90: _suback,
    0xA2: _unsubscribe,
    0xB0: _unsuback,
    0xC0: lambda reader, level: p.Pingreq(),  # noqa: ARG005
    0xD0: lambda reader, level: p.Pingresp(),  # noqa: ARG005
    0xE0: _disconnect,
    0xF0: _auth,
}


# --- packets to bytes -----------------------------------------------------------------------------------------------


def encode(packet: p.Packet, level: int = p.V3_1_1) -> bytes:
    """One packet as bytes for a connection of this protocol level; raises ValueError for what does not fit."""
    if type(packet) is p.Puback and level != p.V5:
        return b"\x40\x02" + packet.packet_id.to_bytes(2, "big")
    first, body = _encode(packet, level)
    return bytes((first,)) + varint(len(body)) + body


def _encode(packet: p.Packet, level: int) -> tuple[int, bytes]:  # noqa: C901 - one case for each packet type
    v5 = (packet.level if isinstance(packet, p.Connect) else level) == p.V5
    properties = b"" if isinstance(packet, p.Pingreq | p.Pingresp) or not v5 else encode_properties(packet.properties)
    match packet:
        case p.Publish(topic, payload, qos, packet_id, retain, dup):
            tail = packet_id.to_bytes(2, "big") if qos else b""
            return 0x30 | dup << 3 | qos << 1 | retain, text(topic) + tail + properties + payload
        case p.Connect():
            return 0x10, _encode_connect(packet, properties)
        case p.Connack(present, code):
            return 0x20, bytes((present, code)) + properties
        case p.Puback(packet_id, code) | p.Pubrec(packet_id, code) | p.Pubrel(packet_id, code):
            first = {p.Puback: 0x40, p.Pubrec: 0x50, p.Pubrel: 0x62}[type(packet)]
            return first, packet_id.to_bytes(2, "big") + _reason(code, packet.properties, v5)
        case p.Pubcomp(packet_id, code):
            return 0x70, packet_id.to_bytes(2, "big") + _reason(code, packet.properties, v5)
        case p.Subscribe(packet_id, wanted):
            filters = b"".join(text(one.topic) + bytes((one.options,)) for one in wanted)
            return 0x82, packet_id.to_bytes(2, "big") + properties + filters
        case p.Suback(packet_id, codes):
            return 0x90, packet_id.to_bytes(2, "big") + properties + bytes(codes)
        case p.Unsubscribe(packet_id, topics):
            return 0xA2, packet_id.to_bytes(2, "big") + properties + b"".join(map(text, topics))
        case p.Unsuback(packet_id, codes):
            return 0xB0, packet_id.to_bytes(2, "big") + properties + (bytes(codes) if v5 else b"")
        case p.Pingreq():
            return 0xC0, b""
        case p.Pingresp():
            return 0xD0, b""
        case p.Disconnect(code):
            return 0xE0, _reason(code, packet.properties, v5)
        case p.Auth(code):
            return 0xF0, _reason(code, packet.properties, v5)


def _reason(code: int, properties: p.Properties, v5: bool) -> bytes:
    # MQTT 5 lets a plain success go without reason code and properties (§3.4.2.1).
    if not v5 or (not code and not properties):
        return b""
    return bytes((code,)) + (encode_properties(properties) if properties else b"")


def _encode_connect(packet: p.Connect, properties: bytes) -> bytes:
    will = packet.will
    flags = packet.clean << 1 | (packet.username is not None) << 7 | (packet.password is not None) << 6
    tail = text(packet.client_id)
    if will:
        flags |= 4 | will.qos << 3 | will.retain << 5
        tail += encode_properties(will.properties) if packet.level == p.V5 else b""
        tail += text(will.topic) + binary(will.payload)
    if packet.username is not None:
        tail += text(packet.username)
    if packet.password is not None:
        tail += binary(packet.password)
    name = text("MQIsdp" if packet.level == p.V3_1 else "MQTT")
    return name + bytes((packet.level, flags)) + packet.keep_alive_s.to_bytes(2, "big") + properties + tail
