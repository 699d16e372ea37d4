"""The broker's page for people: what it answers to which request. Topics and messages come live, as events."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from uplab.fakes.broker.state import Board, Message
from uplab.fakes.messages import Answer, Request, json_answer, text_answer

__all__ = ["BrokerPages", "LiveView", "event_of"]

_FILES: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/assets/broker.js": ("broker.js", "text/javascript; charset=utf-8"),
    "/assets/broker.css": ("broker.css", "text/css; charset=utf-8"),
}
_HEADERS: Final = (
    ("Cache-Control", "no-cache"),
    ("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class LiveView:
    """An answer that goes on: the messages after this number, as they come."""

    after: int


class BrokerPages:
    """Answers requests from what the board remembers."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def answer(self, request: Request) -> Answer | LiveView:
        """The page, its files, /topics and /messages as JSON, /live as events."""
        if request.method not in ("GET", "HEAD"):
            return text_answer(405, f"expected GET, not {request.method}\n", ("Allow", "GET, HEAD"))
        path = request.path.rstrip("/") or "/"
        if path in _FILES:
            name, kind = _FILES[path]
            return Answer(200, b"" if request.method == "HEAD" else _read(name), (("Content-Type", kind), *_HEADERS))
        if path == "/live":
            return self._live(request)
        if path == "/topics":
            return json_answer(200, self.topics())
        if path == "/messages":
            return json_answer(200, [event_of(message) for message in self._board.messages])
        return text_answer(404, "There are /, /topics, /messages and /live.\n")

    def _live(self, request: Request) -> Answer | LiveView:
        after = request.header("Last-Event-ID") or dict(request.query).get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 18):
            return text_answer(400, f"after must be the number of a message, not {after!r:.40}\n")
        return LiveView(int(after))

    def topics(self) -> dict[str, Any]:
        """Every topic with its last message, the newest first, and who is there."""
        board = self._board
        return {
            "topics": [
                {"name": topic.name, "count": topic.count, "last": event_of(topic.last) if topic.last else None}
                for topic in reversed(board.topics.values())
            ],
            "forgotten": board.forgotten_topics,
            "clients": self.clients(),
        }

    def clients(self) -> list[dict[str, Any]]:
        """Who is connected."""
        return [
            {"session": one.session, "clientId": one.client_id, "username": one.username, "level": one.level}
            for one in self._board.clients.values()
        ]


def event_of(message: Message) -> dict[str, Any]:
    """A message as the page reads it; a payload that is no text in hexadecimal."""
    try:
        payload, text = message.payload.decode(), True
    except UnicodeDecodeError:
        payload, text = message.payload.hex(), False
    return {
        "number": message.number,
        "timeMs": int(message.time_s * 1000),
        "way": message.way,
        "topic": message.topic,
        "payload": payload,
        "text": text,
        "size": message.size,
        "qos": message.qos,
        "retain": message.retain,
        "session": message.session,
    }


@cache
def _read(name: str) -> bytes:
    return files("uplab.fakes.broker").joinpath("pages", name).read_bytes()
