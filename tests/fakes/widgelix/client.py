"""Somebody who uses the protocol without a socket: requests as values, answers as values."""

import itertools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from tests.fakes.widgelix.make import EUI, ManualClock, counted_tokens
from uplab.fakes.messages import Answer, Request
from uplab.fakes.widgelix.protocol import Protocol
from uplab.fakes.widgelix.routing import Posting, Reply
from uplab.fakes.widgelix.state import DEMO, TokenScope, WidgelixState

__all__ = ["Client"]

_numbers = itertools.count(1)


@dataclass
class Client:
    """Logged in as the demo account, over the API and the pages; `clock` may be set."""

    token_scope: TokenScope = "device"
    history_limit: int = 100
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.state = WidgelixState(
            clock=self.clock,
            new_token=counted_tokens(),
            token_scope=self.token_scope,
            history_limit=self.history_limit,
        )
        self.protocol = Protocol(self.state)
        session = self.state.log_in(DEMO.email, DEMO.password)
        assert session is not None
        self.session = session

    def reply(self, method: str, url: str, body: bytes = b"", **headers: str) -> Reply:
        """Send a request with just these headers."""
        pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return self.protocol.handle(Request(next(_numbers), method, url, pairs, body, len(body)))

    def call(self, method: str, url: str, members: Any = None) -> Reply:
        """Call the API as the demo account."""
        body = b"" if members is None else orjson.dumps(members)
        return self.reply(method, url, body, Authorization=f"Bearer {self.session}")

    def api(self, method: str, url: str, members: Any = None) -> tuple[int, Any]:
        """Call the API; returns status and body."""
        reply = self.call(method, url, members)
        answer = reply.answer if isinstance(reply, Posting) else reply
        assert isinstance(answer, Answer)
        return answer.status, orjson.loads(answer.body) if answer.body else None

    def page(self, method: str, url: str, **form: str) -> Reply:
        """Open a page, or send its form."""
        return self.reply(method, url, urlencode(form).encode(), Cookie=f"a=b; widgelix_session={self.session}")

    def text(self, url: str, status: int = 200) -> str:
        """Open a page and return its HTML."""
        reply = self.page("GET", url)
        assert isinstance(reply, Answer)
        assert reply.status == status
        return reply.body.decode()

    def device(self, dev_eui: str = EUI, name: str = "Room") -> str:
        """Add an ELSYS-ERS device; returns its id."""
        types = self.api("GET", "/api/device-types")[1] or [
            self.api("POST", "/api/device-types/load", {"name": "ELSYS-ERS"})[1]
        ]
        members = {"name": name, "deviceId": dev_eui, "deviceTypeId": types[0]["id"]}
        status, device = self.api("POST", "/api/devices", members)
        assert status == 201
        return str(device["id"])

    def key(self, device_id: str) -> str:
        """Generate a device's access token."""
        status, body = self.api("POST", f"/api/devices/{device_id}/connectivity/token")
        assert status == 201
        return str(body["accessToken"])

    def deliver(self, key: str, body: bytes) -> tuple[int, Any]:
        """Post a document to the ingest."""
        reply = self.reply("POST", "/v1/input-node/actility", body, Authorization=f"Bearer {key}")
        assert isinstance(reply, Answer)
        return reply.status, orjson.loads(reply.body)
