import asyncio
import dataclasses
from typing import Any

import pytest

from tests.simulator.forwarder.making import (
    DEV_EUI,
    HTTP_EXAMPLE,
    THINGSBOARD_EXAMPLE,
    WIDGELIX_EXAMPLE,
    changed,
    compact,
    document,
)
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.delivery.assembly import Assembly
from uplab.simulator.forwarder.delivery.backlog import Uplink
from uplab.simulator.forwarder.delivery.runner import Setup
from uplab.simulator.forwarder.destinations.connector import Back
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Sink
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError
from uplab.simulator.forwarder.platform import Generation
from uplab.simulator.forwarder.settings import read_settings


async def refuse(_document: object) -> str:
    return "nobody listens"


def assembled(body: dict[str, Any], generation: Generation = Generation.BLAME) -> tuple[Setup, Sink]:
    """What works for a body, and the sink that it makes."""

    async def run() -> tuple[Setup, Sink]:
        settings = dataclasses.replace(
            read_settings([], {}), generation=generation, as_id="as", as_key="key", retention_h=2.0
        )
        assembly = Assembly(settings, CONNECTORS, lambda uuid: f"http://base/{uuid}")
        connection = parse_connection(body, CONNECTORS, settings.platform)
        setup = assembly.setup(connection, 8, "uuid", Back(refuse, lambda _: None))
        try:
            return setup, setup.sink()
        finally:
            await assembly.close()

    return asyncio.run(run())


def message(**content: Any) -> Uplink:
    return Uplink(1, DEV_EUI, 7, None, 0.0, compact(document(**content)))


def test_each_connector_makes_its_own_sink() -> None:
    assert type(assembled(HTTP_EXAMPLE)[1]) is HttpSink
    assert type(assembled(THINGSBOARD_EXAMPLE)[1]) is ThingsBoardRestSink


@pytest.mark.parametrize(
    ("generation", "strict", "manner"),
    [(Generation.BLAME, None, Manner.BLAME), (Generation.STRICT_CLOSE, True, Manner.STRICT_CLOSE)],
)
def test_connector_says_how_failures_are_met(generation: Generation, strict: bool | None, manner: Manner) -> None:
    assert assembled(changed(HTTP_EXAMPLE, strictMode=strict), generation)[0].policy.manner is manner


def test_parameters_become_the_policy() -> None:
    body = changed(HTTP_EXAMPLE, blamePeriod=5, reconnectStrategy="CALM", uplinkTimeValidity="10m")
    policy = assembled(body)[0].policy

    assert (policy.blame_s, policy.strategy, policy.validity_s, policy.retention_s) == (5.0, "CALM", 600.0, 7200.0)
    assert assembled(THINGSBOARD_EXAMPLE)[0].policy.manner is Manner.LENIENT


def test_message_gets_headers_payload_and_url() -> None:
    outgoing = assembled(HTTP_EXAMPLE)[0].outgoing(message())

    assert outgoing is not None
    assert outgoing.headers["X-Thing"] == DEV_EUI
    assert outgoing.document["DevEUI_uplink"]["payload"]["temperature"] == 22.6
    assert outgoing.document["DevEUI_uplink"]["downlinkUrl"] == "http://base/uuid"
    assert (outgoing.dev_eui, outgoing.f_cnt, outgoing.query) == (DEV_EUI, 7, "")


def test_widgelix_token_gets_its_bearer() -> None:
    outgoing = assembled(changed(WIDGELIX_EXAMPLE, headers={"authorization": "abc"}))[0].outgoing(message())

    assert outgoing is not None
    assert outgoing.headers == {"authorization": "Bearer abc"}


@pytest.mark.parametrize("form", [{}, {"sendMetadata": True}, {"sendRawDecodedFormat": True}], ids=str)
def test_patterns_are_looked_up_in_every_form(form: dict[str, Any]) -> None:
    headers = {"X-A": "{DevEUI}", "X-B": "{payload.temperature}", "X-C": "{DevEUI_uplink.FPort}"}
    outgoing = assembled(changed(HTTP_EXAMPLE, headers=headers, **form))[0].outgoing(message())

    assert outgoing is not None
    assert outgoing.headers == {"X-A": DEV_EUI, "X-B": "22.6", "X-C": "5"}


def test_unresolved_pattern_is_said() -> None:
    with pytest.raises(UnresolvedError):
        assembled(WIDGELIX_EXAMPLE)[0].outgoing(message())
