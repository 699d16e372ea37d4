"""What a fake that stands alone says of the MQTT links that it closes itself."""

import sys
from typing import Any, Final

__all__ = ["ClosedLinks"]

# How a link ends that the fake did not close: the client left, or the user stopped the fake.
_NO_NEWS: Final = ("the client closed", "the client disconnected", "connection lost", "the server stops")
_LONGEST = 300  # characters: a line in a terminal, not the payload


class ClosedLinks:
    """The emit of a fake: one line on stderr for each link that the fake closed, with its account and the reason."""

    def __init__(self) -> None:
        self._accounts: dict[int, str] = {}

    def __call__(self, hop: str, facts: dict[str, Any]) -> None:
        """Take one hop."""
        if hop == "destination.connected":
            client = f"client {facts['client_id']}" if facts["client_id"] else "a client without a name"
            self._accounts[facts["session"]] = _account(facts["username"]) or client
        elif hop == "destination.closed":
            account = self._accounts.pop(facts["session"], "a client that never said who it is")
            reason = facts["reason"]
            if not reason.startswith(_NO_NEWS):
                print(_visible(f"closed the link of {account}: {reason}"), file=sys.stderr, flush=True)


def _account(username: str | None) -> str:
    """A user name as it may be printed: without an @ it may as well be an access token, and that is a secret."""
    if not username or "@" in username:
        return username or ""
    begins = f" that begins with {username[:3]}" if len(username) >= 12 else ""
    return f"an access token or user name{begins} ({len(username)} characters)"


def _visible(text: str) -> str:
    """One line that moves no cursor: user names and payloads are whatever a client sends."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)[:_LONGEST]
