"""From a connection's configuration to what works: its policy, its sink, and the form in which its messages go out."""

from collections.abc import Callable
from typing import Any

from uplab.simulator.forwarder.clock import Clock, iso
from uplab.simulator.forwarder.connections.connection import Connection, Generation, HttpConfiguration, duration_s
from uplab.simulator.forwarder.delivery.backlog import Uplink
from uplab.simulator.forwarder.delivery.command import Manner, Policy
from uplab.simulator.forwarder.delivery.runner import Setup
from uplab.simulator.forwarder.destinations.http.sink import HttpClient, HttpSink
from uplab.simulator.forwarder.destinations.sink import Outgoing, Sink
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import OnLost, OnRpc, ThingsBoardSink
from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import read_account
from uplab.simulator.forwarder.documents.document import Document, Form, outgoing, read_document
from uplab.simulator.forwarder.documents.drivers import decode
from uplab.simulator.forwarder.documents.token import encode_query, uplink_query
from uplab.simulator.forwarder.settings import Settings

__all__ = ["Assembly"]

_STRICT = {Generation.STRICT_RESEND: Manner.STRICT_RESEND, Generation.STRICT_CLOSE: Manner.STRICT_CLOSE}


class Assembly:
    """Makes connections ready to work; it knows the process's settings and sockets, and no connection in particular."""

    def __init__(self, settings: Settings, client: HttpClient, downlink_url: Callable[[str], str]) -> None:
        """Take what all connections share; `downlink_url` gives the URL that belongs to a UUID."""
        self._settings = settings
        self._client = client
        self._downlink_url = downlink_url

    def setup(self, connection: Connection, number: int, uuid: str, on_rpc: OnRpc, on_lost: OnLost) -> Setup:
        """Make one connection ready."""
        return Setup(
            connection,
            self._policy(connection),
            lambda: self._sink(connection, on_rpc, on_lost),
            _Sender(connection, number, self._downlink_url(uuid), self._settings).outgoing,
        )

    def _policy(self, connection: Connection) -> Policy:
        configuration = connection.body.configuration
        manner, blame_s = Manner.LENIENT, 0.0
        if isinstance(configuration, HttpConfiguration):
            blame_s = float(configuration.blame_period)
            if self._settings.generation is Generation.BLAME:
                manner = Manner.BLAME
            elif configuration.strict_mode:
                manner = _STRICT[self._settings.generation]
        validity = configuration.uplink_time_validity
        return Policy(
            manner=manner,
            blame_s=blame_s,
            strategy=configuration.reconnect_strategy,
            validity_s=None if validity is None else duration_s(validity),
            retention_s=self._settings.retention_h * 3600.0,
            concurrency=self._settings.concurrency,
        )

    def _sink(self, connection: Connection, on_rpc: OnRpc, on_lost: OnLost) -> Sink:
        configuration = connection.body.configuration
        if isinstance(configuration, HttpConfiguration):
            return HttpSink(self._client, configuration.destination_url)
        account = read_account(connection.given["configuration"])
        if account.transport in ("http", "https"):
            return ThingsBoardRestSink(
                account, resolve=self._settings.resolve, ca_file=self._settings.ca, timeout_s=self._settings.timeout_s
            )
        return ThingsBoardSink(
            account,
            resolve=self._settings.resolve,
            ca_file=self._settings.ca,
            on_rpc=on_rpc if configuration.downlink_enabled else None,
            on_lost=on_lost,
            timeout_s=self._settings.timeout_s,
        )


class _Sender:
    """Gives each message the form in which one connection sends it."""

    def __init__(self, connection: Connection, number: int, downlink_url: str, settings: Settings) -> None:
        configuration = connection.body.configuration
        self._headers = connection.headers
        self._form = Form(
            downlink_url,
            bare_content=configuration.send_metadata,
            bare_payload=configuration.send_raw_decoded_format and not configuration.send_metadata,
        )
        self._clock: Clock = settings.clock
        self._sign: tuple[str, str, str] | None = None
        if isinstance(configuration, HttpConfiguration) and configuration.lrc_compliance:
            # No page says which AS_ID IoT Flow signs with: ours is downlinkAsId, with the TIAK as its key.
            as_id = configuration.downlink_as_id or settings.as_id or ""
            key = configuration.tiak or configuration.downlink_as_key or settings.as_key or ""
            self._sign = (as_id, key, f"UPLAB_{number}")

    def outgoing(self, uplink: Uplink) -> Outgoing | None:
        """Make the message; None when this connection does not send such, UnresolvedError when it cannot be sent."""
        document = read_document(uplink.body)
        made = outgoing(document, self._form, decode)
        if made is None:
            return None
        sent, body = made
        headers = self._headers.resolve(*_looked_up(document, sent, self._form))
        query = ""
        if self._sign is not None:
            as_id, key, infos = self._sign
            query = encode_query(
                uplink_query(document.root, document.content, as_id, key, infos, iso(self._clock.wall()))
            )
        return Outgoing(uplink.dev_eui, uplink.f_cnt, document.time, sent, body, headers, query)


def _looked_up(document: Document, sent: dict[str, Any], form: Form) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where patterns are looked up: in the content of the root, then in the whole document."""
    if form.bare_content:
        return sent, document.parsed
    content = sent.get(document.root)
    if isinstance(content, dict):
        return content, sent
    return document.content | {"payload": sent}, document.parsed
