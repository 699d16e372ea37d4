"""The parameters of the MQTT connector, by what is refused and what is accepted."""

from typing import Any

import pytest

from tests.simulator.forwarder.destinations.mqtt.given import AUTHORITY, EXAMPLE, client
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.mqtt.settings import MqttBody
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform

PLATFORM = Platform()


def body(**changes: Any) -> dict[str, Any]:
    configuration = {**EXAMPLE["configuration"], **changes}
    return {**EXAMPLE, "configuration": {key: value for key, value in configuration.items() if value is not None}}


def parsed(**changes: Any) -> MqttBody:
    found = parse_connection(body(**changes), CONNECTORS, PLATFORM).body
    assert isinstance(found, MqttBody)
    return found


def test_defaults_are_the_documents() -> None:
    configuration = parsed().configuration

    assert (configuration.connection_timeout, configuration.action_timeout) == (5_000, 1_000)
    assert parsed(downlinkTopicPattern=None, username=None, password=None).configuration.username is None


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"uplinkTopicPattern": None}, "uplinkTopicPattern", "is mandatory"),
        ({"uplinkTopicPattern": "a/#"}, "uplinkTopicPattern", "holds a wildcard"),
        ({"uplinkTopicPattern": "a/{"}, "uplinkTopicPattern", "is no pattern"),
        ({"downlinkTopicPattern": "a/#/b"}, "downlinkTopicPattern", "not its last level"),
        ({"hostName": "broker.example"}, "hostName", ""),
        ({"hostName": "tcp://broker.example:1883"}, "hostName", ""),
        ({"protocol": None}, "protocol", "is mandatory"),
        ({"protocol": "WSS"}, "protocol", "WSS is not implemented by this forwarder"),
        ({"protocol": "ssl"}, "protocol", "'SSL', 'WSS' or 'TCP'"),
        ({"username": None}, "username", "is mandatory where there is a password"),
        ({"connectionTimeout": 10_001}, "connectionTimeout", "10000 or less"),
        ({"actionTimeout": 0}, "actionTimeout", "1 or more"),
        ({"headers": {}}, "headers", "is unknown"),
        ({"certificate": client()[0], "privateKey": client()[1]}, "certificate", "does not apply to the protocol TCP"),
        ({"protocol": "SSL", "certificate": client()[0]}, "privateKey", "is mandatory where there is a certificate"),
        ({"protocol": "SSL", "privateKey": client()[1]}, "certificate", "is mandatory where there is a privateKey"),
        ({"protocol": "SSL", "trustedCaCertficate": "none"}, "trustedCaCertficate", "must be an X.509 certificate"),
        (
            {"protocol": "SSL", "trustedCaCertficate": "a", "trustedCaCertificate": "b"},
            "trustedCaCertificate",
            "two spellings of one parameter",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InvalidError) as refused:
        parsed(**changes)

    assert refused.value.field == f"configuration.{field}"
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("spelling", ["trustedCaCertficate", "trustedCaCertificate"])
def test_authority_is_known_in_both_spellings(spelling: str) -> None:
    pem = AUTHORITY.cert_pem.bytes().decode()

    assert parsed(protocol="SSL", **{spelling: pem}).configuration.authority == pem


def test_certificate_and_key_are_shown_as_asterisks_and_kept_when_they_come_back() -> None:
    certificate, key = client()
    stored = parse_connection(body(protocol="SSL", certificate=certificate, privateKey=key), CONNECTORS, PLATFORM)
    shown = stored.shown(PLATFORM)

    secrets = ("password", "certificate", "privateKey")
    assert [shown["configuration"][name] for name in secrets] == ["*****"] * 3
    assert parse_connection(shown, CONNECTORS, PLATFORM, stored).body == stored.body
