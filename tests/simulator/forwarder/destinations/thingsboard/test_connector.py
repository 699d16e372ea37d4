"""The row of the ThingsBoard connector."""

import asyncio
from typing import Any

import pytest

from tests.simulator.forwarder.making import THINGSBOARD_EXAMPLE, changed
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.connector import Back
from uplab.simulator.forwarder.destinations.sink import Sink
from uplab.simulator.forwarder.destinations.thingsboard.connector import THINGSBOARD
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink
from uplab.simulator.forwarder.settings import read_settings


async def refuse(_document: object) -> str:
    return "nobody listens"


def sink_of(body: dict[str, Any]) -> Sink:
    """The sink of a connection that is never opened."""

    async def run() -> Sink:
        settings = read_settings([], {})
        way = THINGSBOARD.exit(settings)
        connection = parse_connection(body, {THINGSBOARD.id: THINGSBOARD}, settings.platform)
        try:
            return way.sink(connection, Back(refuse, lambda _: None))
        finally:
            await way.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("port", "kind"),
    [(443, ThingsBoardRestSink), (8080, ThingsBoardRestSink), (1883, ThingsBoardSink), (8883, ThingsBoardSink)],
)
def test_port_picks_the_sink(port: int, kind: type) -> None:
    assert type(sink_of(changed(THINGSBOARD_EXAMPLE, hostName=f"a:{port}"))) is kind


@pytest.mark.parametrize("enabled", [True, False])
def test_commands_are_taken_where_downlinks_are_enabled(enabled: bool) -> None:
    sink = sink_of(changed(THINGSBOARD_EXAMPLE, hostName="a:1883", downlinkEnabled=enabled))

    assert isinstance(sink, ThingsBoardSink)
    assert (sink._on_rpc is not None) is enabled
