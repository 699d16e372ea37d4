"""What the pages ask, answered by the service."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.forwarder.service import NotFoundError, Service

__all__ = ["ServiceRegistry"]


class ServiceRegistry:
    """The service in the form in which the pages ask (pages.Registry); it shows what the API shows."""

    def __init__(self, service: Service) -> None:
        """Ask this service."""
        self._service = service

    async def connections(self) -> Sequence[Mapping[str, Any]]:
        """All connections, in the order of their creation."""
        return self._service.connections()

    async def connection(self, connection_id: str) -> Mapping[str, Any] | None:
        """One connection, None when there is none."""
        try:
            return self._service.resource(self._service.runner(connection_id))
        except NotFoundError:
            return None

    async def metrics(self, connection_id: str, hours: int) -> Mapping[str, int]:
        """The counters of the last hours."""
        return self._service.metrics.window(int(connection_id), hours * 60, self._service.clock.now())

    async def events(self, connection_id: str, limit: int) -> Sequence[Mapping[str, Any]]:
        """The latest events, newest first."""
        return await self._service.events(int(connection_id), limit=limit, offset=0)
