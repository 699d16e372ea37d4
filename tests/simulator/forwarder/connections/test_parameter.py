"""The common kinds of parameter, by what is refused and what is accepted."""

import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE, changed
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform

PLATFORM = Platform()


def refusal(body: object, platform: Platform = PLATFORM) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        parse_connection(body, CONNECTORS, platform)
    return caught.value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("uplinkTimeValidity", "5"),
        ("uplinkTimeValidity", "0m"),
        ("uplinkTimeValidity", "-1m"),
        ("uplinkTimeValidity", "1w"),
        ("uplinkTimeValidity", 60),
        ("downlinkPort", 0),
        ("downlinkPort", 225),
        ("downlinkPort", "x"),
        ("downlinkPort", True),
        ("downlinkPort", 1.0),
        ("reconnectStrategy", "normal"),
        ("reconnectStrategy", "FAST"),
        ("downlinkAsKey", ""),
        ("sendMetadata", "true"),
        ("tiak", "xyz"),
        ("description", 7),
    ],
)
def test_wrong_common_parameter_is_named(key: str, value: object) -> None:
    error = refusal(changed(HTTP_EXAMPLE, **{key: value}))

    assert error.field == f"configuration.{key}"
    assert str(error).startswith(f"configuration.{key} ")
    assert "^" not in str(error)  # a pattern is nothing for a user to read


@pytest.mark.parametrize(("key", "value"), [("downlinkPort", 5), ("downlinkPort", "1"), ("uplinkTimeValidity", "72h")])
def test_documented_forms_of_a_parameter_are_accepted(key: str, value: object) -> None:
    parse_connection(changed(HTTP_EXAMPLE, **{key: value}), CONNECTORS, PLATFORM)
