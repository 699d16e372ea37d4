"""From a connection's configuration to what works: its policy, its sink, and the form in which its messages go out."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from uplab.simulator.forwarder.clock import iso
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.connections.parameter import duration_s
from uplab.simulator.forwarder.delivery.backlog import Uplink
from uplab.simulator.forwarder.delivery.command import Policy
from uplab.simulator.forwarder.delivery.runner import Setup
from uplab.simulator.forwarder.destinations.connector import Back, Connectors, Exit, Wrap
from uplab.simulator.forwarder.destinations.sink import Outgoing
from uplab.simulator.forwarder.documents.document import Document, Form, outgoing, read_document
from uplab.simulator.forwarder.documents.drivers import BUILT_IN, Drivers
from uplab.simulator.forwarder.documents.report import WrongTimeError
from uplab.simulator.forwarder.settings import Settings

__all__ = ["Assembly"]

SAID_MAX = 10_000


class Assembly:
    """Makes connections ready to work; it knows the process's settings and ways out, and no connection at all."""

    def __init__(
        self,
        settings: Settings,
        connectors: Connectors,
        downlink_url: Callable[[str], str],
        drivers: Drivers = BUILT_IN,
    ) -> None:
        """Take what all connections share; `downlink_url` gives the URL that belongs to a UUID."""
        self._settings = settings
        self._drivers = drivers
        self._connectors = connectors
        self._exits: dict[str, Exit] = {name: connector.exit(settings) for name, connector in connectors.items()}
        self._downlink_url = downlink_url

    def setup(self, connection: Connection[Any], number: int, uuid: str, back: Back) -> Setup:
        """Make one connection ready."""
        connector = self._connectors[connection.body.connector_id]
        wrap = connector.envelope(connection, number, self._settings)
        sender = _Sender(connection, self._downlink_url(uuid), wrap, self._drivers)
        return Setup(
            connection,
            self._policy(connection),
            lambda: self._exits[connector.id].sink(connection, back),
            sender.outgoing,
            sender.thread,
        )

    async def close(self) -> None:
        """Let go of what connections shared, once all of them have stopped."""
        await asyncio.gather(*(shared.close() for shared in self._exits.values()))

    def _policy(self, connection: Connection[Any]) -> Policy:
        configuration = connection.body.configuration
        connector = self._connectors[connection.body.connector_id]
        manner, blame_s = connector.failures(connection.body, self._settings.platform)
        validity = configuration.uplink_time_validity
        return Policy(
            manner=manner,
            blame_s=blame_s,
            strategy=configuration.reconnect_strategy,
            validity_s=None if validity is None else duration_s(validity),
            retention_s=self._settings.retention_h * 3600.0,
            concurrency=self._settings.concurrency,
        )


class _Sender:
    """Gives each message the form in which one connection sends it."""

    def __init__(self, connection: Connection[Any], downlink_url: str, wrap: Wrap, drivers: Drivers) -> None:
        configuration = connection.body.configuration
        self._wrap = wrap
        self._drivers = drivers
        self._undecoded: set[str] = set()  # devices of which it was said that no driver is known
        self._form = Form(
            downlink_url,
            bare_content=configuration.send_metadata,
            bare_payload=configuration.send_raw_decoded_format and not configuration.send_metadata,
        )

    def thread(self, uplink: Uplink) -> Executor | None:
        """Where the message must be made, because a codec may take long over it; None for here and now."""
        if not self._drivers.slow:
            return None
        return self._drivers.thread(read_document(uplink.body).content.get("DriverCfg"))

    def outgoing(self, uplink: Uplink) -> Outgoing | None:
        """Make the message; None when this connection does not send such, UnresolvedError when it cannot be sent."""
        document = read_document(uplink.body)
        made = outgoing(document, self._form, self._drivers.decode)
        if made is None:
            return None
        sent, body = made
        envelope = self._wrap(document, *_looked_up(document, sent, self._form))
        if note := self._no_driver(document):
            envelope = envelope._replace(note="; ".join(filter(None, (note, envelope.note))))
        known = (document.about, uplink.f_cnt, _time(document, uplink), sent, body)
        return Outgoing(*known, *envelope, traceparent=uplink.traceparent)

    def _no_driver(self, document: Document) -> str:
        """Say once of each device that nothing decodes it."""
        if document.dev_eui in self._undecoded or not document.content.get("payload_hex"):
            return ""
        if "payload" in document.content or not (
            name := self._drivers.unknown_application(document.content.get("DriverCfg"))
        ):
            return ""
        if len(self._undecoded) < SAID_MAX:
            self._undecoded.add(document.dev_eui)
        return f"goes out without payload: no driver is known for the application {name}"


def _time(document: Document, uplink: Uplink) -> str:
    """The document's own time, or that of its acceptance; empty when its own is none, which not every form needs."""
    try:
        return document.time or iso(uplink.accepted_s)
    except WrongTimeError:
        return ""


def _looked_up(document: Document, sent: dict[str, Any], form: Form) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where patterns are looked up: in the content of the root, then in the whole document."""
    if form.bare_content:
        return sent, document.parsed
    content = sent.get(document.root)
    if isinstance(content, dict):
        return content, sent
    return document.content | {"payload": sent}, document.parsed
