"""The HTTP connector, Widgelix included: its row of the table."""

from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.connector import Back, Connector
from uplab.simulator.forwarder.destinations.http.envelope import envelope
from uplab.simulator.forwarder.destinations.http.form import KINDS
from uplab.simulator.forwarder.destinations.http.settings import ID, HttpBody, check, failures
from uplab.simulator.forwarder.destinations.http.sink import HttpClient, HttpSink
from uplab.simulator.forwarder.settings import Settings

__all__ = ["HTTP"]


class _HttpExit:
    """The sockets of all HTTP connections (an Exit)."""

    def __init__(self, settings: Settings) -> None:
        self._client = HttpClient(settings.resolve, settings.ca, settings.timeout_s)

    def sink(self, connection: Connection[HttpBody], _back: Back) -> HttpSink:
        """Make the sink of one connection; nothing comes back over HTTP, whose downlinks are posted to us."""
        return HttpSink(self._client, connection.body.configuration.destination_url)

    async def close(self) -> None:
        """Close every socket."""
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
