"""Somebody who uses the WebSocket API without a socket: what is said, and what comes back."""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.thingsboard.ws.session import WsClose, WsSession


@dataclass
class WsClient:
    """One session over the same state as a REST client."""

    rest: RestClient
    kind: Literal["general", "telemetry"] = "general"
    token: str = ""
    session: WsSession = field(init=False)

    def __post_init__(self) -> None:
        self.session = WsSession(self.rest.state, self.rest.tokens, self.kind)
        self.session.open(self.token)

    def say(self, message: Any) -> list[Any]:
        """Send a message (bytes as they are); what comes back: JSON, or the closing."""
        self.session.receive(message if isinstance(message, bytes) else orjson.dumps(message))
        return self.heard()

    def heard(self) -> list[Any]:
        """What came since it was last asked."""
        found = list(self.session.outbox)
        self.session.outbox.clear()
        return [one if isinstance(one, WsClose) else orjson.loads(one) for one in found]

    def log_in(self) -> "WsClient":
        """Authenticate by the first message."""
        assert self.say({"authCmd": {"cmdId": 0, "token": self.rest.token}}) == []
        return self

    def command(self, kind: str, **members: Any) -> list[Any]:
        """Send one typed command."""
        return self.say({"cmds": [{"type": kind, "cmdId": 1, **members}]})


def telemetry(cmd_id: int, **data: list[list[Any]]) -> dict[str, Any]:
    """A TelemetrySubscriptionUpdate without an error."""
    latest = {key: pairs[-1][0] for key, pairs in data.items()}
    return {"subscriptionId": cmd_id, "errorCode": 0, "errorMsg": None, "data": data, "latestValues": latest}
