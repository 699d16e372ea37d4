"""Somebody who uses the REST API without a socket."""

import asyncio
import itertools
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.fakes.thingsboard.conversation import Conversation
from uplab.fakes.messages import Answer, Request
from uplab.fakes.thingsboard.rest.protocol import Rest
from uplab.fakes.thingsboard.rest.routing import Board
from uplab.fakes.thingsboard.rest.tokens import Tokens
from uplab.fakes.thingsboard.state.tenant import Device

_numbers = itertools.count(1)


@dataclass
class RestClient:
    """The REST API over the same state as an MQTT conversation; logged in with `log_in`."""

    talk: Conversation = field(default_factory=Conversation)
    token: str = ""

    def __post_init__(self) -> None:
        self.state = self.talk.state
        self.tokens = Tokens(self.state)
        board = Board(self.state, self.talk.protocol.links, self.tokens, self.talk.obey, rpc_min_timeout_ms=20)
        self.rest = Rest(board)

    def log_in(self, username: str = "tenant@thingsboard.org", password: str = "tenant") -> dict[str, str]:  # noqa: S107 - public
        """Log in and keep the token."""
        status, pair = self("POST", "/api/auth/login", {"username": username, "password": password})
        assert status == 200
        self.token = pair["token"]
        return dict(pair)

    def send(self, method: str, url: str, body: Any = None, **headers: str) -> Answer | Awaitable[Answer]:
        """Send a request; bytes go as they are, all else as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        given = {"X_Authorization": f"Bearer {self.token}"} if self.token and not headers else headers
        given = given if not data or "Content_Type" in given else {**given, "Content_Type": "application/json"}
        pairs = tuple((name.replace("_", "-"), value) for name, value in given.items())
        return self.rest.handle(Request(next(_numbers), method, url, pairs, data, len(data)))

    def __call__(self, method: str, url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request; status and body, JSON where it is JSON."""
        return _read(self.send(method, url, body, **headers))

    async def call(self, method: str, url: str, body: Any = None) -> tuple[int, Any]:
        """Send a request whose answer may take its time."""
        answer = self.send(method, url, body)
        return _read(answer if isinstance(answer, Answer) else await answer)

    def run(self, method: str, url: str, body: Any = None) -> tuple[int, Any]:
        """The same in a loop of its own."""
        return asyncio.run(self.call(method, url, body))

    def device(self, name: str = "D1") -> Device:
        """A device of the demo tenant."""
        return self.state.device_named(self.state.demo.id, name) or self.state.add_device(self.state.demo.id, name)


def _read(answer: Answer | Awaitable[Answer]) -> tuple[int, Any]:
    assert isinstance(answer, Answer), "the answer has to be awaited"
    kind = dict(answer.headers).get("Content-Type", "")
    return answer.status, orjson.loads(answer.body) if "json" in kind else answer.body.decode()
