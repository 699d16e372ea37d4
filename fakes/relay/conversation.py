"""One client's conversation with a broker, as the relay between them follows it: bytes in, commands out, no I/O.

What goes through goes through byte by byte. The relay reads along, tells the history what came and when it was
acknowledged, and at a fault does something else with a packet than to hand it on. A message counts as acknowledged when
the broker's PUBACK (with QoS 2 its PUBREC) was written to the client.

Until the broker has accepted the client, what comes after its CONNECT waits here, so that no line of the history comes
before the one that says who speaks.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from uplab.fakes.behaviour import Behaviour, delivered
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
    WithholdPingresp,
    WithholdPuback,
)
from uplab.fakes.journal import next_exchange
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.mqtt.wire import WireError
from uplab.fakes.relay import commands as c
from uplab.fakes.relay.door import CODES_5, Door, Guest
from uplab.fakes.relay.framing import (
    CONNACK,
    CONNECT,
    DISCONNECT,
    PINGREQ,
    PUBACK,
    PUBLISH,
    PUBREC,
    SUBACK,
    SUBSCRIBE,
    Framing,
    kind_of,
)
from uplab.fakes.relay.telling import Telling, topic_of

__all__ = ["Conversation"]

_TAKEN_OVER: Final = 0x8E  # MQTT 5 §3.14.2.1
_NOT_AUTHORISED: Final = 0x87
_FAILURE: Final = 0x80  # of a subscription, MQTT 3.1.1 §3.9.3


@dataclass(slots=True)
class _Pending:
    """A message that the broker has, and whose acknowledgement is still to come."""

    exchange: int
    fault: Fault | None = None
    action: Action | None = None


class Conversation:
    """Follows one connection; `behaviour` gives the faults in force, `subject` the client certificate's."""

    def __init__(
        self,
        name: str,
        session: int,
        behaviour: Callable[[], Behaviour],
        *,
        door: Door | None = None,
        subject: str | None = None,
        max_packet_bytes: int = 1_000_000,
    ) -> None:
        self.session = session
        self.guest: Guest | None = None
        self.reason = ""
        """What one side has said of the end before it closed; empty where it said nothing."""
        self._tell = Telling(name, session)
        self._behaviour = behaviour
        self._door = door
        self._subject = subject
        self._client, self._broker = Framing(max_packet_bytes), Framing(1 << 28)  # what the broker sends is its affair
        self._decoder = Decoder(max_bytes=1 << 28, aliases=True)
        self._reader: Decoder | None = None  # of what the broker sends
        self._connect: p.Connect | None = None
        self._begun = self._accepted = self._ended = False
        self._held: deque[bytes] = deque()  # what came while a fault, or the CONNACK, holds it back
        self._holding = False
        self._resume: Callable[[], list[c.Command]] | None = None
        self._pending: dict[int, _Pending] = {}
        self._refused: dict[int, tuple[int, ...]] = {}  # by packet id: the codes of filters that the door refused
        self._silent_pings = 0
        self._aliases: dict[int, str] = {}
        self._own_aliases: dict[int, str] = {}  # of the broker

    # --- from the client ----------------------------------------------------------------------------------------------

    def from_client(self, data: bytes) -> list[c.Command]:
        """What follows from the client's next bytes."""
        if self._ended:
            return []
        try:
            if self._connect is None and data[:1] != b"\x10" and not self._begun:
                raise WireError("the first packet is not CONNECT", 0x82)  # before a length that it never meant
            self._begun = True
            self._held.extend(self._client.feed(data))
        except WireError as error:
            return [*self._work(), *self._break_off(error)]
        return self._work()

    def resume(self) -> list[c.Command]:
        """The time of a `Later` is over."""
        if self._ended or self._resume is None:
            return []
        go_on, self._resume = self._resume, None
        self._holding = False
        return [*go_on(), *self._work()]

    def _work(self) -> list[c.Command]:
        """Deal with what is there, as far as nothing holds it back."""
        found: list[c.Command] = []
        while self._held and not (self._holding or self._ended):
            packet = self._held.popleft()
            try:
                found += self._one(packet)
            except WireError as error:
                found += self._break_off(error)
        return found

    @property
    def stalled(self) -> bool:
        """Whether the client need not be listened to now."""
        return self._holding and bool(self._held)

    def _one(self, packet: bytes) -> list[c.Command]:
        kind = kind_of(packet)
        if self._connect is None or kind == CONNECT:
            return self._connecting(packet)
        if kind == PUBLISH:
            return self._publishing(packet)
        if kind == SUBSCRIBE and (self._door is not None or self._behaviour().watches("subscribe")):
            return self._subscribing(packet)
        if kind == PINGREQ and self._behaviour().watches("ping"):
            return self._pinging(packet)
        if kind == DISCONNECT:
            self.reason = "the client said DISCONNECT"
        return [c.Forward(packet)]

    def _read(self, packet: bytes) -> p.Packet:
        [found] = self._decoder.feed(packet)
        if isinstance(found, p.Malformed):
            raise WireError(found.reason, found.code)
        return found

    def _connecting(self, packet: bytes) -> list[c.Command]:
        connect = self._read(packet)
        assert isinstance(connect, p.Connect)
        self._connect = connect
        self.guest = Guest(connect.username, connect.client_id, self._subject)
        chosen = None
        if self._behaviour().watches("connect"):
            facts = {"kind": "connect", "username": connect.username, "client_id": connect.client_id}
            chosen = self._behaviour().choose(facts)
        return self._let_in(packet, connect, *(chosen or (None, None)))

    def _let_in(self, packet: bytes, connect: p.Connect, fault: Fault | None, action: Action | None) -> list[c.Command]:
        told = [c.Tell(delivered(fault, next_exchange()))] if fault is not None else []
        match action:
            case Delay(s, then):
                return self._wait(s, lambda: self._let_in(packet, connect, fault, then))
            case RefuseConnect(code):
                return [*told, *self._refuse(connect, code)]
            case Hang():
                self._holding = True
                return [*told]
            case Garbage(_, data):
                return [*told, c.Answer(data)]
            case Close(_, reset):
                return [*told, self._end(f"fault {fault.id if fault else ''}", reset=reset)]
        refusal = self._door.refusal(self.guest, connect.password) if self._door and self.guest else 0
        if refusal:
            return [*told, *self._refuse(connect, CODES_5[refusal] if connect.level == p.V5 else refusal)]
        self._holding = True
        self._reader = Decoder(max_bytes=1 << 28, level=connect.level, aliases=True)
        return [*told, c.Dial(), c.Forward(packet)]

    def _refuse(self, connect: p.Connect, code: int) -> list[c.Command]:
        said = self._tell.connected(connect, code)
        connack = encode(p.Connack(False, code), connect.level)
        return [c.Tell(said), c.Answer(connack), self._end(f"refused with {code}")]

    def _publishing(self, packet: bytes) -> list[c.Command]:
        publish = self._read(packet)
        assert isinstance(publish, p.Publish)
        topic = topic_of(publish, self._aliases)
        exchange = next_exchange()
        said = self._tell.published(publish, topic, exchange, self._decoder.level)
        found: list[c.Command] = [c.Tell(said)]
        if self._door is not None and self.guest and not self._door.may_publish(self.guest, topic):
            return [*found, *self._forbid(publish, exchange, topic)]
        chosen = None
        if self._behaviour().watches("publish"):
            chosen = self._behaviour().choose({"kind": "publish", "topic": topic, "raw": publish.payload})
        if chosen is None:
            return [*found, *self._pass_on(packet, publish, _Pending(exchange))]
        return [*found, *self._meet(packet, publish, _Pending(exchange, *chosen))]

    def _pass_on(self, packet: bytes, publish: p.Publish, pending: _Pending) -> list[c.Command]:
        if publish.qos:
            self._pending[publish.packet_id] = pending
        return [c.Forward(packet)]

    def _forbid(self, publish: p.Publish, exchange: int, topic: str) -> list[c.Command]:
        """What a user may not publish never reaches the broker; MQTT 3.1.1 has no word for it but the end (§3.3.5)."""
        if self._decoder.level != p.V5 or not publish.qos:
            return [self._end(f"{self._who()} may not publish to {topic!r:.200}")]
        refused = p.Puback(publish.packet_id, _NOT_AUTHORISED)
        answer = refused if publish.qos == 1 else p.Pubrec(publish.packet_id, _NOT_AUTHORISED)
        kind = "PUBACK" if publish.qos == 1 else "PUBREC"
        return [c.Answer(encode(answer, p.V5), (self._tell.acknowledged(exchange, kind, _NOT_AUTHORISED),))]

    def _meet(self, packet: bytes, publish: p.Publish, pending: _Pending) -> list[c.Command]:
        """Do what a fault says with a message; what concerns its acknowledgement waits for the broker's."""
        fault, action = pending.fault, pending.action
        assert fault is not None
        told = c.Tell(delivered(fault, pending.exchange))
        match action:
            case Delay(s, then):
                # Acknowledgements keep the order of the messages (MQTT 3.1.1 §4.6), so that later ones wait as well.
                pending.action = then
                return self._wait(s, lambda: self._meet(packet, publish, pending))
            case WithholdPuback(handled) | Close(handled, _) | TakeOver(handled) | Garbage(handled, _) | Hang(handled):
                if isinstance(action, Hang):
                    self._holding = True
                if handled and publish.qos:
                    return self._pass_on(packet, publish, pending)
                first = [c.Forward(packet)] if handled else []
                return [*first, *self._instead(pending), told]
            case RepeatPuback() | Drip() if publish.qos:
                return self._pass_on(packet, publish, pending)
        return [*self._pass_on(packet, publish, _Pending(pending.exchange)), told]

    def _instead(self, pending: _Pending) -> list[c.Command]:
        """What is done in the place of an acknowledgement."""
        assert pending.fault is not None
        match pending.action:
            case Close(_, reset):
                return [self._end(f"fault {pending.fault.id}", reset=reset)]
            case TakeOver():
                last = [c.Answer(encode(p.Disconnect(_TAKEN_OVER), p.V5))] if self._decoder.level == p.V5 else []
                return [*last, self._end("taken over by a newer session of the client")]
            case Garbage(_, data):
                return [c.Answer(data)]
        return []

    def _subscribing(self, packet: bytes) -> list[c.Command]:
        subscribe = self._read(packet)
        assert isinstance(subscribe, p.Subscribe)
        topics = [one.topic for one in subscribe.subscriptions]
        refused = _NOT_AUTHORISED if self._decoder.level == p.V5 else _FAILURE
        chosen = self._behaviour().choose({"kind": "subscribe", "topic": topics[0]})
        if chosen and isinstance(chosen[1], RefuseSubscribe):
            suback = p.Suback(subscribe.packet_id, (refused,) * len(topics))
            return [self._answer(suback), c.Tell(delivered(chosen[0], next_exchange()))]
        guest, door = self.guest, self._door
        may = [door is None or guest is None or door.may_subscribe(guest, topic) for topic in topics]
        if all(may):
            return [c.Forward(packet)]
        if not any(may):
            return [self._answer(p.Suback(subscribe.packet_id, (refused,) * len(topics)))]
        kept = tuple(one for one, allowed in zip(subscribe.subscriptions, may, strict=True) if allowed)
        self._refused[subscribe.packet_id] = tuple(0 if allowed else refused for allowed in may)
        rest = p.Subscribe(subscribe.packet_id, kept, subscribe.properties)
        return [c.Forward(encode(rest, self._decoder.level))]

    def _pinging(self, packet: bytes) -> list[c.Command]:
        chosen = self._behaviour().choose({"kind": "ping"})
        if chosen and isinstance(chosen[1], WithholdPingresp):  # the broker never hears of it: it need not answer
            return [c.Tell(delivered(chosen[0], next_exchange()))]
        return [c.Forward(packet)]

    # --- from the broker ----------------------------------------------------------------------------------------------

    def from_broker(self, data: bytes) -> list[c.Command]:
        """What follows from the broker's next bytes; those that cannot be read are the client's affair."""
        if self._ended:
            return []
        try:
            packets = self._broker.feed(data)
        except WireError as error:
            return [self._end(f"the broker sent what is no MQTT: {error.reason}")]
        found: list[c.Command] = []
        for packet in packets:
            found += self._answered(packet)
        return found

    def _answered(self, packet: bytes) -> list[c.Command]:
        if self._ended:
            return []
        kind = kind_of(packet)
        if kind in (PUBACK, PUBREC):
            return self._acknowledging(packet, "PUBACK" if kind == PUBACK else "PUBREC")
        if kind == PUBLISH:
            return self._pushing(packet)
        if kind == CONNACK and not self._accepted:
            return self._welcoming(packet)
        if kind == SUBACK and self._refused:
            return self._subscribed(packet)
        if kind == DISCONNECT:
            self.reason = "the broker said DISCONNECT"
        return [c.Answer(packet)]

    def _welcoming(self, packet: bytes) -> list[c.Command]:
        assert self._connect is not None
        connack = self._of_broker(packet)
        code = connack.code if isinstance(connack, p.Connack) else 0
        self._accepted, self._holding = True, False
        said = self._tell.connected(self._connect, code)
        if code:
            return [c.Tell(said), c.Answer(packet), self._end(f"the broker refused the client with {code}")]
        return [c.Tell(said), c.Answer(packet), *self._work()]

    def _acknowledging(self, packet: bytes, kind: str) -> list[c.Command]:
        found = self._of_broker(packet)
        if not isinstance(found, p.Puback | p.Pubrec):
            return [c.Answer(packet)]
        pending = self._pending.pop(found.packet_id, None)
        if pending is None:
            return [c.Answer(packet)]
        code = found.code if self._decoder.level == p.V5 else 0
        said = self._tell.acknowledged(pending.exchange, kind, code)
        if pending.fault is None:
            return [c.Answer(packet, (said,))]
        told = delivered(pending.fault, pending.exchange)
        match pending.action:
            case RepeatPuback(times):
                return [c.Answer(packet * times, (*[said] * times, told))]
            case Drip(bytes_per_s):
                return [c.Drip(packet, bytes_per_s, (said, told))]
        return [*self._instead(pending), c.Tell(told)]

    def _pushing(self, packet: bytes) -> list[c.Command]:
        publish = self._of_broker(packet)
        if not isinstance(publish, p.Publish):
            return [c.Answer(packet)]
        topic = topic_of(publish, self._own_aliases)
        said = self._tell.pushed(publish, topic, self._decoder.level)
        return [c.Answer(packet, (said,))]

    def _subscribed(self, packet: bytes) -> list[c.Command]:
        suback = self._of_broker(packet)
        codes = self._refused.pop(suback.packet_id, None) if isinstance(suback, p.Suback) else None
        if codes is None or not isinstance(suback, p.Suback):
            return [c.Answer(packet)]
        given = iter(suback.codes)
        whole = tuple(code or next(given, _FAILURE) for code in codes)
        return [self._answer(p.Suback(suback.packet_id, whole, suback.properties))]

    def _of_broker(self, packet: bytes) -> p.Packet | p.Malformed:
        if self._reader is None:
            return p.Malformed("the broker speaks before it was spoken to")
        found = self._reader.feed(packet)
        return found[0] if found else p.Malformed("the broker's stream is broken")

    # --- what both need -----------------------------------------------------------------------------------------------

    def _answer(self, packet: p.Packet) -> c.Command:
        return c.Answer(encode(packet, self._decoder.level))

    def _wait(self, delay_s: float, then: Callable[[], list[c.Command]]) -> list[c.Command]:
        self._holding, self._resume = True, then
        return [c.Later(delay_s)]

    def _who(self) -> str:
        return (self.guest.username if self.guest else None) or "a client without a user name"

    def _break_off(self, error: WireError) -> list[c.Command]:
        """What the client sends is no MQTT: it is told where it can be, and shut out."""
        last = [self._answer(p.Disconnect(error.code))] if self._accepted and self._decoder.level == p.V5 else []
        return [*last, self._end(f"what the client sent is no MQTT: {error.reason}")]

    def _end(self, reason: str, *, reset: bool = False) -> c.Command:
        self._ended = True
        self._held.clear()
        return c.End(reason, reset)
