"""Which conditions a connection's body meets."""

from typing import Any

import pytest

from uplab.scenarios.checks.conditions.connections import OF_CONNECTIONS

HTTP = "actility-http-iot"


def met(body: dict[str, Any]) -> list[str]:
    return [one.name for one in OF_CONNECTIONS if one.holds(body)]


def test_plain_http_connection_has_defaults_only() -> None:
    body = {"connectorId": HTTP, "configuration": {"destinationURL": "https://posthere.io/x"}}
    assert met(body) == ["blamePeriod absent", "headers absent"]


@pytest.mark.parametrize(
    ("configuration", "wanted"),
    [
        ({"headers": {"X": "a" * 1025}}, "a header of more than 1,024 bytes"),
        ({"headers": {"X": "{DevEUI}"}}, "a pattern in a header"),
        ({"headers": {"authorization": "Basic dTp1"}}, "Basic credentials"),
        ({"blamePeriod": 0}, "blamePeriod 0"),
        ({"hostName": "thingsboard.cloud:8883", "username": "u"}, "ThingsBoard at port 8883"),
        ({"sendMetadata": True}, "sendMetadata"),
    ],
)
def test_option_is_met(configuration: dict[str, Any], wanted: str) -> None:
    assert wanted in met({"connectorId": HTTP, "configuration": configuration})


@pytest.mark.parametrize("configuration", [None, [], "x", {"headers": ["x"]}, {"hostName": None, "blamePeriod": "0"}])
def test_whatever_stands_there_breaks_no_condition(configuration: Any) -> None:
    met({"connectorId": HTTP, "configuration": configuration})
