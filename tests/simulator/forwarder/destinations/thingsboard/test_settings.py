"""The parameters of the ThingsBoard connector, by what is refused and what is accepted."""

import pytest

from tests.simulator.forwarder.making import THINGSBOARD_EXAMPLE, changed
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.destinations.thingsboard.settings import ThingsBoardBody
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform

PLATFORM = Platform()


def refusal(body: object, platform: Platform = PLATFORM) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        parse_connection(body, CONNECTORS, platform)
    return caught.value


@pytest.mark.parametrize(
    "host",
    [
        "https://thingsboard.cloud:443",
        "thingsboard.cloud",
        "thingsboard.cloud:",
        "a:0",
        "a:65536",
        ":1",
        "a:x",
        "a:1/x",
        "::1:80",
        "a b:1",
        1,
    ],
)
def test_host_name_is_host_and_port(host: object) -> None:
    body = {**THINGSBOARD_EXAMPLE, "configuration": {**THINGSBOARD_EXAMPLE["configuration"], "hostName": host}}
    assert refusal(body).field == "configuration.hostName"


@pytest.mark.parametrize("host", ["thingsboard.cloud:443", "cloud.thingsboard.io:1883", "10.0.0.1:8883", "[::1]:1883"])
def test_host_names_of_the_documents_are_accepted(host: str) -> None:
    body = parse_connection(changed(THINGSBOARD_EXAMPLE, hostName=host), CONNECTORS, PLATFORM).body
    assert isinstance(body, ThingsBoardBody)
