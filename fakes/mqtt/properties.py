"""Properties of MQTT 5: which exist, what they hold, and where they are allowed (MQTT 5 §2.2.2.2)."""

from typing import Final

from uplab.fakes.mqtt.packets import Properties
from uplab.fakes.mqtt.wire import Reader, WireError, binary, text, varint

__all__ = [
    "CONNECT",
    "MAXIMUM_PACKET_SIZE",
    "TOPIC_ALIAS",
    "WILL",
    "decode_properties",
    "encode_properties",
    "plain_properties",
]

MAXIMUM_PACKET_SIZE: Final = 0x27
TOPIC_ALIAS: Final = 0x23
_USER: Final = 0x26

# Where a property may stand: the packet type's number, and two places of their own.
CONNECT, _CONNACK, _PUBLISH, _PUBACK, _PUBREC, _PUBREL, _PUBCOMP = 1, 2, 3, 4, 5, 6, 7
_SUBSCRIBE, _SUBACK, _UNSUBSCRIBE, _UNSUBACK, _DISCONNECT, _AUTH = 8, 9, 10, 11, 14, 15
WILL: Final = 16
_ACKS = (_CONNACK, _PUBACK, _PUBREC, _PUBREL, _PUBCOMP, _SUBACK, _UNSUBACK, _DISCONNECT, _AUTH)
_EVERYWHERE = (CONNECT, _PUBLISH, _SUBSCRIBE, _UNSUBSCRIBE, WILL, *_ACKS)

_BYTE, _U16, _U32, _VARINT, _TEXT, _BINARY, _PAIR = "byte", "u16", "u32", "varint", "text", "binary", "pair"

_TABLE: Final[dict[int, tuple[str, tuple[int, ...]]]] = {
    0x01: (_BYTE, (_PUBLISH, WILL)),  # payload format indicator
    0x02: (_U32, (_PUBLISH, WILL)),  # message expiry interval
    0x03: (_TEXT, (_PUBLISH, WILL)),  # content type
    0x08: (_TEXT, (_PUBLISH, WILL)),  # response topic
    0x09: (_BINARY, (_PUBLISH, WILL)),  # correlation data
    0x0B: (_VARINT, (_PUBLISH, _SUBSCRIBE)),  # subscription identifier
    0x11: (_U32, (CONNECT, _CONNACK, _DISCONNECT)),  # session expiry interval
    0x12: (_TEXT, (_CONNACK,)),  # assigned client identifier
    0x13: (_U16, (_CONNACK,)),  # server keep alive
    0x15: (_TEXT, (CONNECT, _CONNACK, _AUTH)),  # authentication method
    0x16: (_BINARY, (CONNECT, _CONNACK, _AUTH)),  # authentication data
    0x17: (_BYTE, (CONNECT,)),  # request problem information
    0x18: (_U32, (WILL,)),  # will delay interval
    0x19: (_BYTE, (CONNECT,)),  # request response information
    0x1A: (_TEXT, (_CONNACK,)),  # response information
    0x1C: (_TEXT, (_CONNACK, _DISCONNECT)),  # server reference
    0x1F: (_TEXT, _ACKS),  # reason string
    0x21: (_U16, (CONNECT, _CONNACK)),  # receive maximum
    0x22: (_U16, (CONNECT, _CONNACK)),  # topic alias maximum
    TOPIC_ALIAS: (_U16, (_PUBLISH,)),
    0x24: (_BYTE, (_CONNACK,)),  # maximum QoS
    0x25: (_BYTE, (_CONNACK,)),  # retain available
    _USER: (_PAIR, _EVERYWHERE),
    MAXIMUM_PACKET_SIZE: (_U32, (CONNECT, _CONNACK)),
    0x28: (_BYTE, (_CONNACK,)),  # wildcard subscription available
    0x29: (_BYTE, (_CONNACK,)),  # subscription identifiers available
    0x2A: (_BYTE, (_CONNACK,)),  # shared subscription available
}

_NAMES: Final = {  # of those that a PUBLISH may have (MQTT 5 §3.3.2.3)
    0x01: "payload_format_indicator",
    0x02: "message_expiry_interval_s",
    0x03: "content_type",
    0x08: "response_topic",
    0x09: "correlation_data_hex",
    0x0B: "subscription_identifier",
    TOPIC_ALIAS: "topic_alias",
    _USER: "user_property",
}


def plain_properties(properties: Properties) -> list[list[object]]:
    """The properties of a PUBLISH as plain data, [name, value] each in the order of the wire; bytes in hexadecimal."""
    return [
        [_NAMES[name], value.hex() if isinstance(value, bytes) else list(value) if isinstance(value, tuple) else value]
        for name, value in properties
    ]


def decode_properties(reader: Reader, place: int) -> Properties:
    """Read the length and the properties that a packet of this type has; raises WireError."""
    length = reader.varint()
    block = Reader(reader.take(length))
    found: list[tuple[int, int | str | bytes | tuple[str, str]]] = []
    seen: set[int] = set()
    while block.left:
        identifier = block.varint()
        kind, places = _TABLE.get(identifier, ("", ()))
        if place not in places:
            raise WireError(f"property 0x{identifier:02x} is not allowed here", 0x82 if kind else 0x81)
        if identifier in seen and identifier not in (_USER, 0x0B):
            raise WireError(f"property 0x{identifier:02x} is given twice", 0x82)
        seen.add(identifier)
        found.append((identifier, _decode(block, kind)))
    return tuple(found)


def _decode(block: Reader, kind: str) -> int | str | bytes | tuple[str, str]:
    match kind:
        case "byte":
            return block.u8()
        case "u16":
            return block.u16()
        case "u32":
            return block.u32()
        case "varint":
            return block.varint()
        case "text":
            return block.text()
        case "binary":
            return block.binary()
        case _:
            return block.text(), block.text()


def encode_properties(properties: Properties) -> bytes:
    """Write the length and the properties; raises ValueError for one that MQTT 5 does not know."""
    if not properties:
        return b"\x00"
    block = b"".join(_encode(identifier, value) for identifier, value in properties)
    return varint(len(block)) + block


def _encode(identifier: int, value: int | str | bytes | tuple[str, str]) -> bytes:
    head = bytes((identifier,))
    match _TABLE.get(identifier, ("", ()))[0], value:
        case "byte", int():
            return head + value.to_bytes(1, "big")
        case "u16", int():
            return head + value.to_bytes(2, "big")
        case "u32", int():
            return head + value.to_bytes(4, "big")
        case "varint", int():
            return head + varint(value)
        case "text", str():
            return head + text(value)
        case "binary", bytes():
            return head + binary(value)
        case "pair", tuple():
            return head + text(value[0]) + text(value[1])
        case _:
            raise ValueError(f"property 0x{identifier:02x} cannot hold {value!r}")
