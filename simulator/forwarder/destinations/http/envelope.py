"""What goes around a message over HTTP: its headers, and the signed query of the tunnel under lrcCompliance."""

from collections.abc import Mapping
from typing import Any

from uplab.simulator.forwarder.clock import iso
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.connector import Envelope, Wrap
from uplab.simulator.forwarder.destinations.http.settings import HttpBody, compiled
from uplab.simulator.forwarder.documents.document import Document
from uplab.simulator.forwarder.documents.token import encode_query, uplink_query
from uplab.simulator.forwarder.settings import Settings

__all__ = ["envelope"]


def envelope(connection: Connection[HttpBody], number: int, settings: Settings) -> Wrap:
    """Read headers and keys once, for all messages of a connection."""
    configuration, headers = connection.body.configuration, compiled(connection.body)

    def plain(_document: Document, content: Mapping[str, Any], whole: Mapping[str, Any]) -> Envelope:
        return Envelope(headers.resolve(content, whole))

    if not configuration.lrc_compliance:
        return plain
    # No page says which AS_ID IoT Flow signs with: ours is downlinkAsId, with the TIAK as its key.
    as_id = configuration.downlink_as_id or settings.as_id or ""
    key = configuration.tiak or configuration.downlink_as_key or settings.as_key or ""
    infos = f"UPLAB_{number}"

    def signed(document: Document, content: Mapping[str, Any], whole: Mapping[str, Any]) -> Envelope:
        resolved = headers.resolve(content, whole)
        query = uplink_query(document.root, document.content, as_id, key, infos, iso(settings.clock.wall()))
        return Envelope(resolved, encode_query(query))

    return signed
