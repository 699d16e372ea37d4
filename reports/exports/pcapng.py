"""packets.pcapng: the traffic of a scenario as packets that Wireshark opens, rebuilt from the history.

The history holds what each side read, and no packets: addresses, ports and sequence numbers are made up here, and so
are the headers that nobody read, which each packet's comment says. The form is that of the PCAP Next Generation dump
file, with IPv4 and TCP.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from uplab.reports.exports.exchanges import Exchange, exchanges, phrase
from uplab.scenarios.history.event import Event

__all__ = ["pcapng"]

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_COMMENT, _NAME, _APPLICATION, _RESOLUTION = 1, 2, 4, 9
_RAW_IP = 101  # link type: the packet begins with the IP header
_MOST = 60_000  # bytes of one packet's payload; the length field of IP has 16 bits
_SYN, _FIN, _PSH, _ACK = 0x02, 0x01, 0x08, 0x10

# Who is who, among the addresses for documentation (RFC 5737): the lab, the forwarder, the destinations.
_LAB, _FORWARDER, _DESTINATION = b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02", b"\xc0\x00\x02\x03"


@dataclass(slots=True)
class _Stream:
    """One TCP connection, as if there had been one for each exchange."""

    client: bytes
    server: bytes
    client_port: int
    server_port: int
    sent: dict[bool, int] = field(default_factory=lambda: {True: 1000, False: 5000})

    def packet(self, from_client: bool, flags: int, payload: bytes = b"") -> bytes:
        """The next IP packet of one side."""
        source, target = (self.client, self.server) if from_client else (self.server, self.client)
        ports = (self.client_port, self.server_port) if from_client else (self.server_port, self.client_port)
        sequence, acknowledged = self.sent[from_client], self.sent[not from_client]
        if flags == _SYN and from_client:
            acknowledged = 0
        tcp = struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 65535, 0, 0)
        pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp) + len(payload))
        tcp = tcp[:16] + struct.pack("!H", _checksum(pseudo + tcp + payload)) + tcp[18:]
        self.sent[from_client] = (sequence + len(payload) + bool(flags & (_SYN | _FIN))) & 0xFFFFFFFF
        length = 20 + len(tcp) + len(payload)
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 0, 0x4000, 64, 6, 0, source, target)
        head = head[:10] + struct.pack("!H", _checksum(head)) + head[12:]
        return head + tcp + payload


def pcapng(events: Iterable[Event], *, version: str) -> bytes:
    """The file's bytes: HTTP exchanges one connection each, MQTT messages one connection for each session."""
    found = list(events)
    packets = sorted([*_http(found), *_mqtt(found)], key=lambda packet: packet[0])
    blocks = [
        _block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options((_APPLICATION, f"uplab {version}"))),
        _block(_INTERFACE, struct.pack("<HHI", _RAW_IP, 0, 0) + _options((_NAME, "rebuilt"), (_RESOLUTION, b"\x06"))),
    ]
    for time_us, data, comment in packets:
        head = struct.pack("<IIIII", 0, time_us >> 32, time_us & 0xFFFFFFFF, len(data), len(data))
        blocks.append(_block(_PACKET, head + _padded(data) + _options((_COMMENT, comment))))
    return b"".join(blocks)


Packet = tuple[int, bytes, str]


def _http(events: list[Event]) -> Iterator[Packet]:
    for number, one in enumerate(exchanges(events)):
        to_destination = one.to not in ("forwarder", "api")
        client, server = (_FORWARDER, _DESTINATION) if to_destination else (_LAB, _FORWARDER)
        stream = _Stream(client, server, 20000 + number % 40000, 80)
        begun_us = round(one.begun.timestamp() * 1e6)
        ended_us = begun_us + max(1, round(one.took_ms * 1000))
        note = f"rebuilt from the history: {' '.join(one.ids) or one.to}"
        if one.made_up:
            note += f"; made up: {', '.join(one.made_up)}"
        yield begun_us, stream.packet(True, _SYN), note
        yield begun_us, stream.packet(False, _SYN | _ACK), note
        for part in _parts(_request(one)):
            yield begun_us, stream.packet(True, _PSH | _ACK, part), note
        if one.status is not None:
            for part in _parts(_answer(one)):
                yield ended_us, stream.packet(False, _PSH | _ACK, part), note
        yield ended_us, stream.packet(True, _FIN | _ACK), note
        yield ended_us, stream.packet(False, _FIN | _ACK), note


def _request(one: Exchange) -> bytes:
    parts = urlsplit(one.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _message(f"{one.method} {target} HTTP/1.1", one.asked, one.body)


def _answer(one: Exchange) -> bytes:
    return _message(f"HTTP/1.1 {one.status} {phrase(one.status)}", one.answered, one.answer)


def _message(first: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """With a length of its own: the body stands here unpacked and in one piece, however it was sent."""
    kept = [(n, v) for n, v in headers if n.lower() not in ("content-length", "transfer-encoding", "content-encoding")]
    lines = [first, *(f"{name}: {value}" for name, value in kept), f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(line.replace("\r", " ").replace("\n", " ") for line in lines).encode() + body


def _mqtt(events: list[Event]) -> Iterator[Packet]:
    """PUBLISH and PUBACK, and a CONNECT without its password before them."""
    streams: dict[object, _Stream] = {}
    identifiers: dict[object, int] = {}
    levels: dict[object, int] = {}
    for event in events:
        session, facts = event.facts.get("session"), event.facts
        if event.hop not in ("destination.connected", "destination.published", "destination.acknowledged"):
            continue
        time_us = round(datetime.fromisoformat(event.wall).timestamp() * 1e6)
        note = f"rebuilt from the history: {' '.join(event.ids) or event.hop}"
        stream = streams.get(session)
        if stream is None:
            stream = streams[session] = _Stream(_FORWARDER, _DESTINATION, 60001 + len(streams) % 5000, 1883)
            yield time_us, stream.packet(True, _SYN), note
            yield time_us, stream.packet(False, _SYN | _ACK), note
        level = levels.setdefault(session, int(facts.get("level") or 4))
        if event.hop == "destination.connected":
            user = facts.get("username")
            body = b"\x00\x04MQTT" + bytes([level, 0x80 if user else 0]) + b"\x00\x3c"
            body += (b"\x00" if level == 5 else b"") + _text(str(facts.get("client_id") or ""))
            body += _text(str(user)) if user else b""
            asked = stream.packet(True, _PSH | _ACK, _mqtt_packet(0x10, body))
            yield time_us, asked, f"{note}; the password is left out"
            answer = bytes([0, int(facts.get("code") or 0)]) + (b"\x00" if level == 5 else b"")
            yield time_us, stream.packet(False, _PSH | _ACK, _mqtt_packet(0x20, answer)), note
        elif event.hop == "destination.published":
            qos, identifier = int(facts.get("qos") or 0), int(facts.get("packet_id") or 0)
            identifiers[facts.get("exchange")] = identifier
            head = 0x30 | qos << 1 | bool(facts.get("retain")) | bool(facts.get("duplicate")) << 3
            body = _text(str(facts.get("topic"))) + (struct.pack("!H", identifier) if qos else b"")
            body += (b"\x00" if level == 5 else b"") + (event.raw or b"")
            dropped = "; its properties are left out" if facts.get("properties") else ""
            for part in _parts(_mqtt_packet(head, body)):
                yield time_us, stream.packet(True, _PSH | _ACK, part), note + dropped
        else:
            code = int(facts.get("code") or 0)
            body = struct.pack("!H", identifiers.get(facts.get("exchange"), 0)) + (bytes([code]) if code else b"")
            yield time_us, stream.packet(False, _PSH | _ACK, _mqtt_packet(0x40, body)), note


def _mqtt_packet(head: int, body: bytes) -> bytes:
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return bytes([head]) + length + body


def _text(text: str) -> bytes:
    encoded = text.encode()[:65535]
    return struct.pack("!H", len(encoded)) + encoded


def _parts(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), _MOST):
        yield data[at : at + _MOST]


def _checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\x00"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _padded(data: bytes) -> bytes:
    return data + b"\x00" * (-len(data) % 4)


def _options(*options: tuple[int, str | bytes]) -> bytes:
    found = b""
    for code, value in options:
        content = value if isinstance(value, bytes) else value.encode()[:2000]
        found += struct.pack("<HH", code, len(content)) + _padded(content)
    return found + struct.pack("<HH", 0, 0)


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length
