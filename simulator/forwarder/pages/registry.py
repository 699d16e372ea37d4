"""What the pages ask and what they do, answered by the service: the API's own reading decides what is wrong."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from uplab.simulator.forwarder.connections.flow import Routes
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.pages.binding import Change, added, removed
from uplab.simulator.forwarder.pages.form import Kinds
from uplab.simulator.forwarder.pages.refusal import refusals
from uplab.simulator.forwarder.platform import Platform
from uplab.simulator.forwarder.service import NotFoundError, Service

__all__ = ["COUNTERS", "DeviceFacts", "Registry", "ServiceRegistry"]

COUNTERS = (
    "activeThings",
    "uplinks",
    "uplinksDelivered",
    "uplinksFailed",
    "uplinksLost",
    "downlinks",
    "downlinksFailed",
)


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A device that is known: what its documents told, and id and name of each connection that its uplinks go to."""

    dev_eui: str
    driver: str
    tags: tuple[str, ...]
    connections: tuple[tuple[str, str], ...]


class Registry(Protocol):
    """What the pages need; what they are shown is what the API shows, its secrets masked already.

    Lists may be long: names are cheap, and everything else is asked only of those that a page shows.
    """

    kinds: Kinds
    platform: Platform

    async def connections(self) -> Sequence[tuple[str, str]]:
        """Id and name of all connections, in the order of their ids."""

    async def connection(self, connection_id: str) -> Mapping[str, Any] | None:
        """One connection with id, name, state, downlinkUrl, configuration, ...; None when there is none."""

    async def metrics(self, connection_id: str, hours: int) -> Mapping[str, int]:
        """Counters of the last hours, by the names of COUNTERS."""

    async def count_events(self, connection_id: str) -> int:
        """How many events of a connection are kept."""

    async def events(self, connection_id: str, part: slice) -> Sequence[Mapping[str, Any]]:
        """Some of its events, newest first: time, severity, type, message, devEUI."""

    async def create(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create a connection; RefusedError."""

    async def replace(self, connection_id: str, body: Mapping[str, Any]) -> None:
        """Replace a connection's body; RefusedError."""

    async def delete(self, connection_id: str) -> None:
        """Delete a connection; RefusedError."""

    async def device_names(self) -> Sequence[str]:
        """The DevEUIs of all devices that were heard, or that a flow names, in their order."""

    async def knows(self, dev_eui: str) -> bool:
        """Whether a device was heard, or a flow names it."""

    async def device(self, dev_eui: str) -> DeviceFacts:
        """What is known of a device."""

    async def removable(self, dev_eui: str) -> Collection[str]:
        """The ids of the connections that a key binds it to; what tags bind cannot be taken from one device."""

    async def bind(self, dev_eui: str, connection_id: str) -> None:
        """Bind a device to a connection; RefusedError."""

    async def unbind(self, dev_eui: str, connection_id: str) -> None:
        """Take a connection away from a device; RefusedError."""


class ServiceRegistry:
    """The service in the form in which the pages ask."""

    def __init__(self, service: Service) -> None:
        """Ask this service."""
        self._service = service
        self.kinds = Kinds(service.connectors)
        self.platform = service.settings.platform
        self._names: list[str] = []
        self._names_of: tuple[int, Routes | None] = (-1, None)

    async def connections(self) -> Sequence[tuple[str, str]]:
        """Id and name of all connections, in the order of their creation."""
        return [(str(runner.id), runner.connection.body.name) for runner in self._service.runners]

    async def connection(self, connection_id: str) -> Mapping[str, Any] | None:
        """One connection, None when there is none."""
        try:
            return self._service.resource(self._service.runner(connection_id))
        except NotFoundError:
            return None

    async def metrics(self, connection_id: str, hours: int) -> Mapping[str, int]:
        """The counters of the last hours."""
        return self._service.metrics.window(int(connection_id), hours * 60, self._service.clock.now())

    async def count_events(self, connection_id: str) -> int:
        """How many are kept."""
        return await self._service.count_events(int(connection_id))

    async def events(self, connection_id: str, part: slice) -> Sequence[Mapping[str, Any]]:
        """Some events, newest first; the file reads no others."""
        return await self._service.events(int(connection_id), limit=part.stop - part.start, offset=part.start)

    async def create(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create a connection as POST does."""
        with refusals():
            return await self._service.create(body)

    async def replace(self, connection_id: str, body: Mapping[str, Any]) -> None:
        """Replace a connection as PUT does."""
        with refusals():
            await self._service.replace(connection_id, body)

    async def delete(self, connection_id: str) -> None:
        """Delete a connection as DELETE does."""
        with refusals():
            await self._service.delete(connection_id)

    async def device_names(self) -> Sequence[str]:
        """Every device that was heard, and every one that a flow names; sorted anew only when there are others."""
        heard, routes = self._service.devices.known(), self._service.routes
        if self._names_of != (len(heard), routes):
            self._names, self._names_of = sorted(heard | routes.named), (len(heard), routes)
        return self._names

    async def knows(self, dev_eui: str) -> bool:
        """Whether it was heard, or a flow names it."""
        return dev_eui in self._service.devices.known() or dev_eui in self._service.routes.named

    async def device(self, dev_eui: str) -> DeviceFacts:
        """What its documents told, and where its uplinks go."""
        service = self._service
        model = (service.devices.driver(dev_eui) or {}).get("mod")
        parts = [str(model[part]) for part in ("pId", "mId") if part in model] if isinstance(model, dict) else []
        tags = service.devices.tags(dev_eui)
        ids = sorted(route.connection_id for route in service.routes.find(dev_eui, tags))
        bound = tuple((str(number), service.runner(str(number)).connection.body.name) for number in ids)
        return DeviceFacts(dev_eui, " ".join(parts), tuple(sorted(tags)), bound)

    async def removable(self, dev_eui: str) -> Collection[str]:
        """The connections of the flows that name the device."""
        return {str(route.connection_id) for route in self._service.routes.keyed(dev_eui)}

    async def bind(self, dev_eui: str, connection_id: str) -> None:
        """Bind by a flow, as POST /flows does."""
        with refusals():
            if not connection_id:
                raise InvalidError("connectionId", "an application must be chosen")
            runner = self._service.runner(connection_id)
            if self._service.routed(runner, dev_eui):
                name = runner.connection.body.name
                raise InvalidError("connectionId", f"{name} is an application of this device already")
            await self._change([added(dev_eui, self._service.resource(runner))])

    async def unbind(self, dev_eui: str, connection_id: str) -> None:
        """Unbind by changing the flows that name the device."""
        with refusals():
            ids = [str(runner.id) for runner in self._service.runners]
            await self._change(removed(dev_eui, connection_id, self._service.flows(), ids))

    async def _change(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.flow_id is None:
                await self._service.create_flow(change.body)
            elif change.body is None:
                await self._service.delete_flow(change.flow_id)
            else:
                await self._service.replace_flow(change.flow_id, change.body)
