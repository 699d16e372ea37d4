"""What becomes of a downlink: checked, handed to the network server, and its rejection reported to the destination."""

import asyncio
from typing import Any, Protocol

from uplab.simulator.forwarder.clock import Clock, iso
from uplab.simulator.forwarder.connections.connection import Configuration
from uplab.simulator.forwarder.connections.device import Devices
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.documents.document import Document
from uplab.simulator.forwarder.documents.drivers import BUILT_IN, Drivers
from uplab.simulator.forwarder.downlinks.downlink import (
    ROOT,
    Downlink,
    downlink_query,
    parse_downlink,
    read_downlink,
    rejected,
)
from uplab.simulator.forwarder.downlinks.network_server import NetworkServer
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.settings import Settings

__all__ = ["Downlinks", "ForbiddenError", "UnavailableError"]


class ForbiddenError(Exception):
    """A downlink that is right in itself but not allowed here; `field` names what is in the way."""

    def __init__(self, message: str, field: str = "") -> None:
        """Keep the field apart from the message."""
        super().__init__(message)
        self.field = field


class UnavailableError(Exception):
    """The network server cannot be reached."""


class Uplinks(Protocol):
    """The part of the service that downlinks need."""

    devices: Devices

    def routed(self, runner: Runner, dev_eui: str) -> bool:
        """Whether a flow binds this device to this connection."""

    def send(self, runner: Runner, document: Document) -> None:
        """Send a document that we made through one connection."""


class Downlinks:
    """Takes downlinks for all connections."""

    def __init__(
        self, settings: Settings, uplinks: Uplinks, network: NetworkServer, drivers: Drivers = BUILT_IN
    ) -> None:
        """Hand downlinks to this network server."""
        self._drivers = drivers
        self._clock: Clock = settings.clock
        self._default = settings.as_id, settings.as_key
        self._uplinks = uplinks
        self._network = network

    async def take(self, runner: Runner, raw: object) -> None:
        """Take one posted document; InvalidError, ForbiddenError or UnavailableError, each with its event."""
        configuration = runner.connection.body.configuration
        try:
            thread = self._drivers.thread(self._driver(raw))
            if thread is None:
                downlink = self._checked(runner, raw, configuration)
            else:
                loop = asyncio.get_running_loop()
                downlink = await loop.run_in_executor(thread, self._checked, runner, raw, configuration)
        except (InvalidError, ForbiddenError) as error:
            self._note_failure(runner, f"a downlink is refused: {error}", _dev_eui(raw))
            raise
        own = configuration.downlink_as_id, configuration.downlink_as_key
        as_id, as_key = own[0] or self._default[0], own[1] or self._default[1]
        reply = await self._network.send(downlink_query(downlink, as_id, as_key, iso(self._clock.wall())))
        if reply.queued:
            event = runner.event(
                "DOWNLINK_ACCEPTED",
                "info",
                f"a downlink for {downlink.dev_eui} waits at the network server",
                dev_eui=downlink.dev_eui,
                fPort=downlink.f_port,
                correlationID=downlink.correlation_id,
            )
            runner.note(event, runner.count("downlinks"))
            return
        if reply.status is None:
            self._note_failure(runner, f"a downlink is not sent: {reply.cause}", downlink.dev_eui, "DOWNLINK_FAILED")
            raise UnavailableError(reply.cause)
        self._note_failure(runner, f"the network server rejects a downlink: {reply.cause}", downlink.dev_eui)
        customer = self._uplinks.devices.customer(downlink.dev_eui)
        report = rejected(downlink, reply.cause, reply.status, customer, iso(self._clock.wall()))
        self._uplinks.send(runner, report)

    async def answer(self, runner: Runner, raw: object) -> str:
        """Take a document that came over the connection's own link, and say what is wrong; empty when nothing is."""
        try:
            await self.take(runner, raw)
        except (InvalidError, ForbiddenError, UnavailableError) as error:
            return str(error)
        return ""

    def _checked(self, runner: Runner, raw: object, configuration: Configuration) -> Downlink:
        if not runner.connection.body.active:
            raise ForbiddenError("the connection is deactivated", "active")
        if not configuration.downlink_enabled:
            raise ForbiddenError("downlinks are disabled on this connection", "configuration.downlinkEnabled")
        content = parse_downlink(raw)
        dev_eui = content["DevEUI"].upper()
        driver = self._uplinks.devices.driver(dev_eui)
        downlink = read_downlink(content, configuration, driver, self._drivers.encode)
        if not self._uplinks.routed(runner, dev_eui):
            raise ForbiddenError(f"no flow binds device {dev_eui} to this connection", f"{ROOT}.DevEUI")
        return downlink

    def _driver(self, raw: object) -> dict[str, Any] | None:
        """The DriverCfg by which a posted document would be encoded."""
        content = raw.get(ROOT) if isinstance(raw, dict) else None
        named = content.get("DriverCfg") if isinstance(content, dict) else None
        if isinstance(named, dict):
            return named
        dev_eui = _dev_eui(raw)
        return None if dev_eui is None else self._uplinks.devices.driver(dev_eui)

    def _note_failure(self, runner: Runner, message: str, dev_eui: str | None, kind: Any = "DOWNLINK_REJECTED") -> None:
        runner.note(runner.event(kind, "error", message, dev_eui=dev_eui), runner.count("downlinksFailed"))


def _dev_eui(raw: object) -> str | None:
    """The DevEUI of a refused document, where it can be read."""
    content = raw.get(ROOT) if isinstance(raw, dict) else None
    dev_eui = content.get("DevEUI") if isinstance(content, dict) else None
    return dev_eui[:16].upper() if isinstance(dev_eui, str) else None
