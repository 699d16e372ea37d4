"""What passed the broker, as its page shows it: topics with their last message, the last messages, who is there."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any, Final

__all__ = ["MESSAGES_LIMIT", "TOPICS_LIMIT", "Board", "Client", "Message", "Topic"]

TOPICS_LIMIT: Final = 2_000
MESSAGES_LIMIT: Final = 500
SHOWN_BYTES: Final = 4_096
"""How much of a payload is kept for the page."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `way` is "in" from a client to the broker, "out" from the broker to a client."""

    number: int
    time_s: float
    way: str
    topic: str
    payload: bytes  # its beginning
    size: int  # bytes of the whole payload
    qos: int
    retain: bool
    session: int


@dataclass(slots=True)
class Topic:
    """A topic to which something was published."""

    name: str
    count: int = 0
    last: Message | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """Who is connected."""

    session: int
    client_id: str
    username: str | None
    level: int
    since_s: float


class Board:
    """The broker's memory for people; bounded, and an Emit of the relay's hops."""

    def __init__(self, *, now_s: Callable[[], float] = time) -> None:
        self._now_s = now_s
        self.topics: OrderedDict[str, Topic] = OrderedDict()
        self.messages: deque[Message] = deque(maxlen=MESSAGES_LIMIT)
        self.clients: dict[int, Client] = {}
        self.last_number = 0
        self.changes = 0
        """Rises with every change, of clients too."""
        self.forgotten_topics = 0

    def __call__(self, hop: str, facts: dict[str, Any]) -> None:
        """Take one hop in."""
        kind = hop.rpartition(".")[2]
        if kind in ("published", "pushed"):
            self._message(facts, "in" if kind == "published" else "out")
        elif kind == "connected" and not facts["code"]:
            session = facts["session"]
            who = facts["client_id"], facts["username"], facts["level"]
            self.clients[session] = Client(session, *who, self._now_s())
        elif kind == "closed":
            self.clients.pop(facts["session"], None)
        else:
            return
        self.changes += 1

    def clear(self) -> None:
        """Forget topics and messages; who is there, is there."""
        self.topics.clear()
        self.messages.clear()
        self.forgotten_topics = 0
        self.changes += 1

    def news(self, after: int) -> list[Message]:
        """The kept messages that came after the one with this number, oldest first."""
        found: list[Message] = []
        for message in reversed(self.messages):
            if message.number <= after:
                break
            found.append(message)
        return found[::-1]

    def _message(self, facts: dict[str, Any], way: str) -> None:
        self.last_number += 1
        payload = bytes(facts["raw"])
        message = Message(
            *(self.last_number, self._now_s(), way, facts["topic"], payload[:SHOWN_BYTES], len(payload)),
            *(facts["qos"], facts["retain"], facts["session"]),
        )
        self.messages.append(message)
        if way == "out":
            return
        topic = self.topics.pop(message.topic, None) or Topic(message.topic)
        self.topics[message.topic] = topic
        topic.count += 1
        topic.last = message
        while len(self.topics) > TOPICS_LIMIT:
            self.topics.popitem(last=False)
            self.forgotten_topics += 1
