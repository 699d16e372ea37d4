"""The HTTP connector, Widgelix included: its row of the table."""

from typing import TYPE_CHECKING

from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.connector import Back, Connector
from uplab.simulator.forwarder.destinations.http.envelope import envelope
from uplab.simulator.forwarder.destinations.http.form import KINDS
from uplab.simulator.forwarder.destinations.http.settings import ID, HttpBody, check, failures
from uplab.simulator.forwarder.destinations.sink import Sink
from uplab.simulator.forwarder.settings import Settings

if TYPE_CHECKING:
    from uplab.simulator.forwarder.destinations.http.sink import HttpClient

__all__ = ["HTTP"]


class _HttpExit:
    """The sockets of all HTTP connections (an Exit)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: HttpClient | None = None

    def sink(self, connection: Connection[HttpBody], _back: Back) -> Sink:
        """Make the sink of one connection; nothing comes back over HTTP, whose downlinks are posted to us."""
        # The HTTP client is large, and a forwarder without such a connection starts without it.
        from uplab.simulator.forwarder.destinations.http.sink import HttpClient, HttpSink  # noqa: PLC0415

        if self._client is None:
            self._client = HttpClient(self._settings.resolve, self._settings.ca, self._settings.timeout_s)
        return HttpSink(self._client, connection.body.configuration.destination_url)

    async def close(self) -> None:
        """Close every socket."""
        if self._client is not None:
            await self._client.close()


HTTP = Connector(
    id=ID,
    description="HTTP connector, also for Widgelix (brand WIDGELIX)",
    body=HttpBody,
    check=check,
    exit=_HttpExit,
    failures=failures,
    envelope=envelope,
    fixed=("brand",),
    kinds=KINDS,
)
