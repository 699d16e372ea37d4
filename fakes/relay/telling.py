"""What a relay tells the history of one connection, and to which topic a message of it is."""

from dataclasses import dataclass

from uplab.fakes import hops
from uplab.fakes.hops import Said
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.properties import TOPIC_ALIAS, plain_properties
from uplab.fakes.mqtt.wire import WireError

__all__ = ["Telling", "topic_of"]


@dataclass(frozen=True, slots=True)
class Telling:
    """Makes the hops of one session; `name` is the broker's."""

    name: str
    session: int

    def connected(self, connect: p.Connect, code: int) -> Said:
        """A CONNECT was answered with this code."""
        return hops.destination_connected(
            fake=self.name,
            session=self.session,
            username=connect.username,
            client_id=connect.client_id,
            level=connect.level,
            code=code,
        )

    def published(self, publish: p.Publish, topic: str, exchange: int, level: int) -> Said:
        """A client has published."""
        return hops.destination_published(
            fake=self.name,
            session=self.session,
            exchange=exchange,
            topic=topic,
            level=level,
            qos=publish.qos,
            retain=publish.retain,
            duplicate=publish.dup,
            packet_id=publish.packet_id,
            properties=plain_properties(publish.properties) if publish.properties else [],
            members=None,
            raw=publish.payload,
        )

    def acknowledged(self, exchange: int, kind: str, code: int) -> Said:
        """An acknowledgement was written."""
        return hops.destination_acknowledged(
            fake=self.name, session=self.session, exchange=exchange, kind=kind, code=code
        )

    def pushed(self, publish: p.Publish, topic: str, level: int) -> Said:
        """The broker has handed a message to the client."""
        return hops.destination_pushed(
            fake=self.name,
            session=self.session,
            topic=topic,
            level=level,
            qos=publish.qos,
            retain=publish.retain,
            duplicate=publish.dup,
            raw=publish.payload,
        )


def topic_of(publish: p.Publish, aliases: dict[int, str]) -> str:
    """The topic of a message; WireError for an alias that stands for nothing (MQTT 5 §3.3.2.3.4)."""
    alias = next((value for name, value in publish.properties if name == TOPIC_ALIAS), None)
    if not isinstance(alias, int):
        return publish.topic
    if publish.topic:
        aliases[alias] = publish.topic
    elif alias not in aliases:
        raise WireError(f"the topic alias {alias} stands for no topic", 0x94)
    return aliases[alias]
