"""The row of the HTTP connector."""

import asyncio
from typing import Any

import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE, WIDGELIX_EXAMPLE
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.connector import Back
from uplab.simulator.forwarder.destinations.http.connector import HTTP
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Sink
from uplab.simulator.forwarder.settings import read_settings


async def refuse(_document: object) -> str:
    return "nobody listens"


def sink_of(body: dict[str, Any]) -> Sink:
    """The sink of a connection that is never opened."""

    async def run() -> Sink:
        settings = read_settings([], {})
        way = HTTP.exit(settings)
        connection = parse_connection(body, {HTTP.id: HTTP}, settings.platform)
        try:
            return way.sink(connection, Back(refuse, lambda _: None))
        finally:
            await way.close()

    return asyncio.run(run())


@pytest.mark.parametrize("body", [HTTP_EXAMPLE, WIDGELIX_EXAMPLE], ids=lambda body: body["name"])
def test_sink_goes_to_the_configured_address(body: dict[str, Any]) -> None:
    sink = sink_of(body)

    assert isinstance(sink, HttpSink)
    assert sink._url == body["configuration"]["destinationURL"]
