"""A relay's conversation as tests hold one: packets in, commands out in a short form."""

from __future__ import annotations

from typing import Any

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Fault
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.fakes.relay import commands as c
from uplab.fakes.relay.conversation import Conversation

__all__ = ["Talk", "short"]


class Talk:
    """A conversation, and its commands in a short form."""

    def __init__(self, *faults: Fault, level: int = 4, **options: Any) -> None:
        self.level = level
        self.behaviour = Behaviour(faults)
        self.conversation = Conversation("broker", 1, lambda: self.behaviour, **options)

    def client(self, *packets: p.Packet | bytes) -> list[Any]:
        return short(self.conversation.from_client(self._bytes(packets)))

    def broker(self, *packets: p.Packet | bytes) -> list[Any]:
        return short(self.conversation.from_broker(self._bytes(packets)))

    def resume(self) -> list[Any]:
        return short(self.conversation.resume())

    def _bytes(self, packets: tuple[p.Packet | bytes, ...]) -> bytes:
        return b"".join(one if isinstance(one, bytes) else encode(one, self.level) for one in packets)

    def open(self) -> Talk:
        """A client that the broker has let in."""
        self.client(p.Connect(self.level, "me", username="user", password=b"secret"))
        assert self.broker(p.Connack(False, 0))[-1] == ("answer", encode(p.Connack(False, 0), self.level))
        return self


def short(commands: list[c.Command]) -> list[Any]:
    """Commands as tuples; of a hop its name alone, where several facts are another test's."""
    found: list[Any] = []
    for command in commands:
        match command:
            case c.Forward(data):
                found.append(("forward", data))
            case c.Answer(data, said):
                found.append(("answer", data, *(hop.removeprefix("destination.") for hop, _ in said)))
            case c.Drip(data, bytes_per_s, said):
                found.append(("drip", data, bytes_per_s, *(hop.removeprefix("destination.") for hop, _ in said)))
            case c.Tell((hop, _)):
                found.append(hop.removeprefix("destination."))
            case c.Later(delay_s):
                found.append(("later", delay_s))
            case c.End(reason, reset):
                found.append(("reset" if reset else "end", reason))
            case c.Dial():
                found.append("dial")
    return found
