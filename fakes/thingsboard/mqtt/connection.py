"""One MQTT connection as an asyncio protocol: bytes in, packets to the protocol, commands out, hops, faults."""

import asyncio
import socket
import struct
from collections import deque
from typing import Any, Final, Protocol, cast

from uplab.fakes import hops
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import (
    Action,
    Close,
    Delay,
    Drip,
    Fault,
    Garbage,
    Hang,
    RefuseConnect,
    RefuseSubscribe,
    RepeatPuback,
    TakeOver,
    WithholdPuback,
)
from uplab.fakes.journal import Emit, next_exchange
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.mqtt.properties import plain_properties
from uplab.fakes.thingsboard.mqtt.gateway_api import members
from uplab.fakes.thingsboard.mqtt.links import TAKEN_OVER, close
from uplab.fakes.thingsboard.mqtt.protocol import Protocol as Answers
from uplab.fakes.thingsboard.mqtt.session import Command, Send, Session

__all__ = ["PACKET_S", "Connection"]

_MOST_KEPT_BYTES: Final = 8_000_000
FAILURE: Final = 0x80  # of a subscription (MQTT 3.1.1 §3.9.3)
NOT_AUTHORISED: Final = 0x87  # the same in MQTT 5, with its reason
PACKET_S: Final = 30.0
"""Seconds that a packet may take from its first byte to its last."""
_LINGER_S: Final = 5.0  # how long a closed connection may take to take in what was still to be sent


class Rim(Protocol):
    """What a connection asks of whoever opened it."""

    loop: asyncio.AbstractEventLoop
    emit: Emit
    behaviour: Behaviour
    name: str
    idle_s: float
    protocol: Answers

    def opened(self, connection: "Connection", /) -> None: ...
    def lost(self, connection: "Connection", reason: str, /) -> None: ...
    def perform(self, commands: list[Command], /) -> None: ...
    def delivered(self, fault: Fault, exchange: int, /) -> None: ...


class Connection(asyncio.Protocol):
    """Reads one client's packets and obeys the protocol's commands for it.

    What one piece of data leads to is written at once; `destination.acknowledged` follows that writing.
    """

    def __init__(self, rim: Rim, session: Session) -> None:
        self._rim = rim
        self.session = session
        self._decoder = Decoder(max_bytes=rim.protocol.state.max_packet_bytes)
        self._out: list[bytes] = []
        self._acknowledged: list[tuple[int, int]] = []  # exchange, and the reason code that went over the wire
        self._backlog: deque[p.Packet | p.Malformed] = deque()
        self._delayed = False  # a fault holds a message back, and what comes after it as well
        self._congested = False  # the client does not read its answers
        self._timers: set[asyncio.TimerHandle] = set()
        self._reason = ""
        self._heard_s = 0.0
        self._begun: asyncio.TimerHandle | None = None  # while a packet has come in part
        self._transport: asyncio.Transport | None = None

    # --- asyncio.Protocol -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has the methods, not the type
        self._rim.opened(self)
        self._heard_s = self._rim.loop.time()
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._heard_s = self._rim.loop.time()
        whole = self._decoder.feed(data)
        if self._begun is not None and (whole or not self._decoder.begun):
            self._begun.cancel()
            self._begun = None
        if self._begun is None and self._decoder.begun:
            reason = f"a packet had begun {PACKET_S:g} s ago and was not whole"
            self._begun = self._rim.loop.call_later(PACKET_S, self.close, reason)
        self._backlog.extend(whole)
        self._work()

    def pause_writing(self) -> None:
        # Who does not read its answers is not listened to either; that bounds what is kept for it.
        self._congested = True

    def resume_writing(self) -> None:
        self._congested = False
        self._work()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._begun is not None:
            self._begun.cancel()
        self._transport = None
        reason = self._reason or (f"connection lost: {exc}" if exc else "the client closed the connection")
        self._rim.lost(self, reason)

    # --- what the rim asks of it ------------------------------------------------------------------------------------

    def send(self, packet: p.Packet) -> bool:
        """Write a packet with the next `flush`, unless an MQTT 5 client said that it takes no packet so large."""
        raw = encode(packet, self.session.level)
        limit = self.session.max_packet_bytes
        if limit is not None and len(raw) > limit:
            return False
        self._out.append(raw)
        return True

    def flush(self) -> None:
        """Hand to the transport what was sent, and report the acknowledgements among it."""
        if not self._out:
            return None
        if self._transport is None or self._transport.is_closing():
            # Nothing is sent on a closing connection, so nothing is acknowledged there either.
            self._out.clear()
            return self._acknowledged.clear()
        self._transport.write(b"".join(self._out) if len(self._out) > 1 else self._out[0])
        self._out.clear()
        if self._congested and self._transport.get_write_buffer_size() > _MOST_KEPT_BYTES:
            return self.close("the client does not read what is pushed to it", reset=True)
        if self._acknowledged:
            done, self._acknowledged = self._acknowledged, []
            emit, fake, session = self._rim.emit, self._rim.name, self.session.id
            for exchange, code in done:
                said = hops.destination_acknowledged(
                    fake=fake, session=session, exchange=exchange, kind="PUBACK", code=code
                )
                emit(*said)
        return None

    def close(self, reason: str, *, reset: bool = False) -> None:
        """Close once everything is written; with a TCP reset at once when asked."""
        self.session.closed = True
        self._reason = self._reason or reason
        self.flush()
        transport = self._transport
        if transport is None:
            return
        if reset:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        elif not transport.is_closing():
            transport.close()
            self.later(_LINGER_S, transport.abort)

    def later(self, delay_s: float, action: Any, *arguments: Any) -> None:
        """Call something after a while, if the connection is still there."""
        timer: asyncio.TimerHandle

        def run() -> None:
            self._timers.discard(timer)
            action(*arguments)

        timer = self._rim.loop.call_later(delay_s, run)
        self._timers.add(timer)

    # --- packets ----------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Process what was read, as far as nothing stands in the way, and read on only then."""
        backlog = self._backlog
        while backlog and not (self._delayed or self._congested or self.session.closed):
            packet = backlog.popleft()
            if type(packet) is p.Publish:
                self._published(packet)
            elif type(packet) is p.Connect:
                self._connect(packet)
            elif type(packet) is p.Subscribe and self._rim.behaviour.watches("subscribe"):
                self._subscribe(packet)
            elif type(packet) is p.Pingreq and self._rim.behaviour.watches("ping"):
                self._ping(packet)
            else:
                self._rim.perform(self._rim.protocol.receive(self.session, packet))
        self.flush()
        if self._transport is None or self._transport.is_closing():
            return
        if self._delayed or self._congested:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _connect(self, packet: p.Connect) -> None:
        refuse = None
        client = {"username": packet.username, "client_id": packet.client_id}
        chosen = self._rim.behaviour.choose({"kind": "connect", **client})
        if chosen and isinstance(chosen[1], RefuseConnect):
            refuse = chosen[1].code
            self._rim.delivered(chosen[0], next_exchange())
        commands = self._rim.protocol.connect(self.session, packet, refuse=refuse)
        code = next((c.packet.code for c in commands if isinstance(c, Send) and isinstance(c.packet, p.Connack)), 0)
        said = hops.destination_connected(
            fake=self._rim.name,
            session=self.session.id,
            username=packet.username,
            client_id=packet.client_id,
            level=packet.level,
            code=code,
        )
        self._rim.emit(*said)
        self._rim.perform(commands)

    def _subscribe(self, packet: p.Subscribe) -> None:
        rim, topics = self._rim, [wanted.topic for wanted in packet.subscriptions]
        chosen = rim.behaviour.choose({"kind": "subscribe", "topic": topics[0]})
        if chosen is None or not isinstance(chosen[1], RefuseSubscribe):
            return rim.perform(rim.protocol.receive(self.session, packet))
        refused = (NOT_AUTHORISED if self.session.v5 else FAILURE,) * len(topics)
        rim.delivered(chosen[0], next_exchange())
        return rim.perform([Send(self.session.id, p.Suback(packet.packet_id, refused))])

    def _ping(self, packet: p.Pingreq) -> None:
        if chosen := self._rim.behaviour.choose({"kind": "ping"}):
            return self._rim.delivered(chosen[0], next_exchange())
        return self._rim.perform(self._rim.protocol.receive(self.session, packet))

    def _published(self, packet: p.Publish) -> None:
        """Tell of a message, its payload alone as `raw`, before anything is made of it."""
        rim = self._rim
        exchange = next_exchange()
        said = hops.destination_published(
            fake=rim.name,
            session=self.session.id,
            exchange=exchange,
            topic=packet.topic,
            level=self.session.level,
            qos=packet.qos,
            retain=packet.retain,
            duplicate=packet.dup,
            packet_id=packet.packet_id,
            properties=plain_properties(packet.properties) if packet.properties else [],
            members=members(packet.topic, packet.payload),
            raw=packet.payload,
        )
        rim.emit(*said)
        chosen = None
        if rim.behaviour.watches("publish"):
            chosen = rim.behaviour.choose({"kind": "publish", "topic": packet.topic, "raw": packet.payload})
        if chosen:
            self._meet(packet, exchange, *chosen)
        else:
            self._process(packet, exchange)

    def _process(self, packet: p.Publish, exchange: int, *, acks: int = 1) -> None:
        ack, commands = self._rim.protocol.publish(self.session, packet)
        if ack:
            code = ack.code if self.session.v5 else 0  # the older versions have none on the wire
            for _ in range(acks):
                if self.send(ack):
                    self._acknowledged.append((exchange, code))
        if commands:
            self._rim.perform(commands)

    def _meet(self, packet: p.Publish, exchange: int, fault: Fault, action: Action | None) -> None:
        """Do what a fault says instead of, or around, the usual processing."""
        match action:
            case Delay(s, then):
                # Acknowledgements keep the order of the messages (MQTT 3.1.1 §4.6), so that later ones wait as well.
                self._delayed = True
                return self.later(s, self._resume, packet, exchange, fault, then)
            case WithholdPuback(handled) | Close(handled, _) | TakeOver(handled) | Garbage(handled, _) | Hang(handled):
                if handled:
                    self._process(packet, exchange, acks=0)
                self._instead(fault, action)
            case RepeatPuback(times):
                self._process(packet, exchange, acks=times)
            case Drip(bytes_per_s):
                self._process(packet, exchange)
                return self._drip(b"".join(self._out), bytes_per_s, fault, exchange)
            case _:
                self._process(packet, exchange)
        return self._rim.delivered(fault, exchange)

    def _instead(self, fault: Fault, action: Action | None) -> None:
        """What is done in the place of an acknowledgement."""
        match action:
            case Close(_, reset):
                self.close(f"fault {fault.id}", reset=reset)
            case TakeOver():
                self._rim.perform(close(self.session, "taken over by a newer session of the device", TAKEN_OVER))
            case Garbage(_, data):
                self._out.append(data)
            case Hang():
                self._delayed = True  # and nobody ends that

    def _drip(self, data: bytes, bytes_per_s: float, fault: Fault, exchange: int) -> None:
        """Write what was to be sent byte by byte; what comes after it waits, and the last byte acknowledges."""
        held, self._out[:] = self._acknowledged, [data[:1]]
        self._delayed = len(data) > 1
        if self._delayed:
            self._acknowledged = []
            self.flush()
            self._acknowledged = held
            return self.later(1 / bytes_per_s, self._drip, data[1:], bytes_per_s, fault, exchange)
        self.flush()
        self._rim.delivered(fault, exchange)
        return self._work()

    def _resume(self, packet: p.Publish, exchange: int, fault: Fault, then: Action | None) -> None:
        self._delayed = False
        if self.session.closed:
            return
        self._meet(packet, exchange, fault, then)
        self._work()

    def _watch(self) -> None:
        """Close a connection that said nothing for the server's idle time."""
        quiet_s = self._rim.loop.time() - self._heard_s
        if quiet_s >= self._rim.idle_s:
            self._rim.perform(close(self.session, f"nothing heard for {self._rim.idle_s:g} s", 0xA0))
        else:
            self.later(self._rim.idle_s - quiet_s, self._watch)
