"""What comes to the doors of the fakes before it is any request: TLS handshakes, and how they end."""

from __future__ import annotations

import ssl
from typing import Any

__all__ = ["Handshakes"]

_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
_KEPT = 20


class Handshakes:
    """Counts the handshakes of servers that it watches.

    A client that does not trust a certificate sends an alert, or only closes: then its handshake was begun and never
    done, and nobody says why.
    """

    def __init__(self) -> None:
        self.begun = 0
        self.done = 0
        self.alerts: list[str] = []
        """The first alerts, each with the name that the client had asked for: "posthere.io: TLSV1_ALERT_UNKNOWN_CA"."""

    @property
    def broken(self) -> int:
        """Those that were begun and not done: given up, or under way."""
        return self.begun - self.done

    def watch(self, context: ssl.SSLContext) -> None:
        """Counts those of a server with this context."""
        count = self

        class Watched(ssl.SSLObject):
            """One connection of the server."""

            uplab_name = ""

            def do_handshake(self) -> None:
                try:
                    super().do_handshake()
                except _WAITING:
                    raise
                except ssl.SSLError as error:
                    if len(count.alerts) < _KEPT:
                        count.alerts.append(f"{self.uplab_name or 'no name'}: {error.reason or type(error).__name__}")
                    raise
                count.done += 1

        def told(connection: Any, name: str | None, _: ssl.SSLContext) -> None:
            count.begun += 1  # called for each first message of a client, with a name in it or without
            connection.uplab_name = name or ""

        context.sslobject_class = Watched
        context.sni_callback = told
