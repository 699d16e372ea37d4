"""The row of the MQTT connector: whose session it is, what is subscribed to, where a message goes."""

import asyncio
from typing import Any

import pytest

from tests.simulator.forwarder.destinations.mqtt.given import EXAMPLE
from uplab.simulator.forwarder.connections.connection import Connection, parse_connection
from uplab.simulator.forwarder.destinations.connector import Back
from uplab.simulator.forwarder.destinations.mqtt.connector import MQTT
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.documents.document import read_document
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError
from uplab.simulator.forwarder.settings import read_settings


async def refuse(_document: object) -> str:
    return "nobody listens"


def connection(**changes: Any) -> Connection[Any]:
    body = {**EXAMPLE, "configuration": {**EXAMPLE["configuration"], **changes}}
    return parse_connection(body, {MQTT.id: MQTT}, read_settings([], {}).platform)


def sink_of(identity: str = "abc", **changes: Any) -> MqttSink:
    async def run() -> MqttSink:
        way = MQTT.exit(read_settings([], {"UPLAB_RESOLVE": "broker.example:1883=127.0.0.1:7"}))
        found = way.sink(connection(**changes), Back(refuse, lambda _: None, identity))
        await way.close()
        assert isinstance(found, MqttSink)
        return found

    return asyncio.run(run())


def test_each_connection_has_a_session_of_its_own_that_the_broker_keeps() -> None:
    login = sink_of()._login()

    assert (login.host, login.port) == ("127.0.0.1", 7)
    assert (login.identifier, login.clean) == ("uplab-abc", False)
    assert (login.username, login.password) == ("me", "secret")
    assert login.connect_timeout_s == 5.0
    assert login.tls is None
    assert sink_of(protocol="SSL")._login().tls is not None
    assert sink_of("other")._login().identifier != login.identifier


@pytest.mark.parametrize(
    ("changes", "filters"),
    [
        ({}, ("mqtt/things/+/downlink",)),
        ({"downlinkEnabled": False}, ()),
        ({"downlinkTopicPattern": "all/downlinks"}, ("all/downlinks",)),
    ],
)
def test_downlinks_are_asked_for_where_they_are_enabled(changes: dict[str, Any], filters: tuple[str, ...]) -> None:
    assert sink_of(**changes)._filters() == filters


def test_message_goes_to_the_topic_of_its_uplink() -> None:
    document = read_document(b'{"DevEUI_uplink": {"DevEUI": "20635F0108000E09", "CustomerData": {"name": "a/#"}}}')
    settings = read_settings([], {})

    wrap = MQTT.envelope(connection(), 1, settings)
    assert wrap(document, document.content, document.parsed).topic == "mqtt/things/20635F0108000E09/uplink"
    wrap = MQTT.envelope(connection(uplinkTopicPattern="x/{CustomerData.name}"), 1, settings)
    with pytest.raises(UnresolvedError, match="holds a wildcard"):
        wrap(document, document.content, document.parsed)
