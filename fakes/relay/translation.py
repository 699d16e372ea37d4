"""MQTT 5 for a client whose broker speaks 3.1.1 alone: each packet as the other side says it.

What 3.1.1 has no word for goes no further: properties, options of a subscription, reasons. A session lasts as 3.1.1
has it, so that one that was to expire begins anew at `clean start`; MQTT 5 lets a server forget a session at any time
(§4.1).
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.mqtt.wire import WireError
from uplab.fakes.relay.door import CODES_5
from uplab.fakes.relay.telling import topic_of

__all__ = ["Translation"]

_ASSIGNED_CLIENT_ID: Final = 0x12
_SUBSCRIPTION_IDS, _SHARED_SUBSCRIPTIONS = 0x29, 0x2A  # whether there are any (MQTT 5 §3.2.2.3.12 and 13)
_UNSPECIFIED: Final = 0x80
_NOT_OF_THIS_BROKER: Final = 0x83  # implementation specific error: AUTH


class Translation:
    """Both directions of one connection, whose first packet is the client's CONNECT; an older one stays as it is."""

    def __init__(self, new_client_id: Callable[[], str] = lambda: uuid.uuid4().hex) -> None:
        self._client = Decoder(max_bytes=1 << 28, aliases=True)
        self._broker = Decoder(max_bytes=1 << 28, level=p.V3_1_1)
        self._new_client_id = new_client_id
        self._plain = False  # whether nothing need be translated
        self._given = ""  # the client's id, where it has none of its own
        self._aliases: dict[int, str] = {}
        self._unsubscribing: dict[int, int] = {}  # by packet id: how many filters

    def to_broker(self, data: bytes) -> bytes:
        """What the client says in 3.1.1; WireError for what 3.1.1 has not."""
        if self._plain:
            return data
        packets = _read(self._client, data)
        self._plain = self._client.level in (p.V3_1, p.V3_1_1)
        return data if self._plain else b"".join(encode(self._older(packet), p.V3_1_1) for packet in packets)

    def to_client(self, data: bytes) -> bytes:
        """What the broker says in MQTT 5; WireError for what cannot be read."""
        if self._plain:
            return data
        return b"".join(encode(self._newer(packet), p.V5) for packet in _read(self._broker, data))

    def _older(self, packet: p.Packet) -> p.Packet:
        match packet:
            case p.Connect():
                will = replace(packet.will, properties=()) if packet.will is not None else None
                self._given = "" if packet.client_id else self._new_client_id()
                name = packet.client_id or self._given
                return p.Connect(
                    p.V3_1_1, name, packet.clean, packet.keep_alive_s, packet.username, packet.password, will
                )
            case p.Publish():
                return packet._replace(topic=topic_of(packet, self._aliases), properties=())
            case p.Subscribe():
                asked = tuple(p.Subscription(one.topic, one.qos) for one in packet.subscriptions)
                return p.Subscribe(packet.packet_id, asked)
            case p.Unsubscribe():
                self._unsubscribing[packet.packet_id] = len(packet.topics)
                return p.Unsubscribe(packet.packet_id, packet.topics)
            case p.Puback() | p.Pubrec() | p.Pubrel() | p.Pubcomp():
                return type(packet)(packet.packet_id)
            case p.Disconnect():
                return p.Disconnect()
            case p.Auth():
                raise WireError("the broker knows no AUTH", _NOT_OF_THIS_BROKER)
        return packet

    def _newer(self, packet: p.Packet) -> p.Packet:
        match packet:
            case p.Connack(present, code):
                said: p.Properties = ((_SUBSCRIPTION_IDS, 0), (_SHARED_SUBSCRIPTIONS, 0))
                given: p.Properties = ((_ASSIGNED_CLIENT_ID, self._given),) if self._given else ()
                return p.Connack(present, CODES_5.get(code, _UNSPECIFIED) if code else 0, () if code else given + said)
            case p.Unsuback(packet_id):
                return p.Unsuback(packet_id, (0,) * self._unsubscribing.pop(packet_id, 1))
        return packet


def _read(decoder: Decoder, data: bytes) -> list[p.Packet]:
    found: list[p.Packet] = []
    for packet in decoder.feed(data):
        if isinstance(packet, p.Malformed):
            raise WireError(packet.reason, packet.code)
        found.append(packet)
    return found
