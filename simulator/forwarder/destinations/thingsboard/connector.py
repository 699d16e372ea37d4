"""The ThingsBoard connector: its row of the table."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.connector import Back, Connector, Envelope, Wrap
from uplab.simulator.forwarder.destinations.sink import Sink
from uplab.simulator.forwarder.destinations.thingsboard import command
from uplab.simulator.forwarder.destinations.thingsboard.form import KIND
from uplab.simulator.forwarder.destinations.thingsboard.settings import ID, ThingsBoardBody
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import read_account
from uplab.simulator.forwarder.documents.document import Document
from uplab.simulator.forwarder.documents.report import WrongTimeError
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError
from uplab.simulator.forwarder.settings import Settings

__all__ = ["THINGSBOARD"]


class _ThingsBoardExit:
    """Connections to ThingsBoard, which share nothing (an Exit)."""

    def __init__(self, settings: Settings) -> None:
        self._resolve, self._ca, self._timeout_s = settings.resolve, settings.ca, settings.timeout_s
        self._own_times, self._spoken = settings.telemetry_ts == "measurement", settings.transports

    def sink(self, connection: Connection[ThingsBoardBody], back: Back) -> Sink:
        """Make the sink of one connection, by the transport that is spoken at its port."""
        configuration = connection.given["configuration"]
        account = read_account(configuration, own_times=self._own_times, spoken=self._spoken)
        # Both clients are large, and many a forwarder needs one of them or none.
        if account.transport in ("http", "https"):
            from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink  # noqa: PLC0415

            return ThingsBoardRestSink(account, resolve=self._resolve, ca_file=self._ca, timeout_s=self._timeout_s)
        from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink  # noqa: PLC0415

        return ThingsBoardSink(
            account,
            resolve=self._resolve,
            ca_file=self._ca,
            on_rpc=partial(command.carry_out, back) if connection.body.configuration.downlink_enabled else None,
            on_lost=back.lost,
            timeout_s=self._timeout_s,
        )

    async def close(self) -> None:
        """There is nothing to let go of."""


def _told(_connection: Connection[ThingsBoardBody], _number: int, _settings: Settings) -> Wrap:
    """Telemetry is of a device and of an instant: no later attempt helps a document that names none."""

    def wrap(document: Document, _content: Mapping[str, Any], _whole: Mapping[str, Any]) -> Envelope:
        try:
            time = document.time
        except WrongTimeError as error:
            raise UnresolvedError(f"telemetry needs a time: {error}") from None
        if not document.about:
            raise UnresolvedError(f"telemetry needs a device: {document.root} names none")
        return _PLAIN if time else _UNTIMED

    return wrap


_PLAIN = Envelope()
_UNTIMED = Envelope(note="has no time of its own; its telemetry has that of its acceptance")

THINGSBOARD = Connector(
    id=ID,
    description="ThingsBoard connector",
    body=ThingsBoardBody,
    exit=_ThingsBoardExit,
    envelope=_told,
    kinds=(KIND,),
)
