"""A connector as every layer needs it: how its bodies are read, what it sends and to whom, and how people choose it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeVar

from uplab.simulator.forwarder.connections.connection import Body, Connection, ConnectionType
from uplab.simulator.forwarder.destinations.failures import Failures
from uplab.simulator.forwarder.destinations.form import Kind
from uplab.simulator.forwarder.destinations.sink import Sink
from uplab.simulator.forwarder.documents.document import Document
from uplab.simulator.forwarder.platform import Platform
from uplab.simulator.forwarder.settings import Settings

__all__ = ["Back", "Connector", "Connectors", "Envelope", "Exit", "Wrap", "bare"]

AnyBody = TypeVar("AnyBody", bound=Body)


@dataclass(frozen=True, slots=True)
class Back:
    """What can come back to one connection from its destination."""

    downlink: Callable[[object], Awaitable[str]]
    """Takes a DevEUI_downlink document, and says what is wrong with it; empty when it was accepted."""
    lost: Callable[[str], None]
    """Hears, with the reason, that the link has ended by itself."""
    identity: str = ""
    """A text by which the destination may know the connection again, the same for ever; it opens nothing."""


class Exit(Protocol):
    """The way out of all connections of one connector: what they share, and a sink for each."""

    def sink(self, connection: Connection[Any], back: Back) -> Sink:
        """Make the sink of one connection."""

    async def close(self) -> None:
        """Let go of what they shared; every sink is closed already."""


class Envelope(NamedTuple):
    """What goes around the body of one message; a connector fills in what its protocol has."""

    headers: Mapping[str, str] = MappingProxyType({})
    query: str = ""
    topic: str = ""
    note: str = ""


Wrap = Callable[[Document, Mapping[str, Any], Mapping[str, Any]], Envelope]
"""Makes the envelope of a message from its document, the content in which patterns are looked up first, and the whole
in which they are looked up then; UnresolvedError when a pattern finds nothing, or the protocol cannot tell it."""

_BARE = Envelope()


def bare(_connection: Connection[Any], _number: int, _settings: Settings) -> Wrap:
    """Put nothing around any message."""
    return lambda _document, _content, _whole: _BARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector(ConnectionType[AnyBody]):
    """One row of the table of connectors; the schema that the API shows is that of its models."""

    description: str
    exit: Callable[[Settings], Exit]
    """Called once, with a running loop."""
    failures: Callable[[AnyBody, Platform], Failures] = lambda _body, _platform: Failures()
    envelope: Callable[[Connection[AnyBody], int, Settings], Wrap] = bare
    """Makes ready what wraps the messages of one connection, whose number is given."""
    kinds: tuple[Kind, ...] = ()


Connectors = Mapping[str, Connector[Any]]
"""The table: connectors by their ids, in the order in which the API lists them."""
