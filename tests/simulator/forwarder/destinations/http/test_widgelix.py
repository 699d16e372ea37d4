"""Widgelix: its one address, and the access token in its header."""

import pytest

from tests.simulator.forwarder.making import WIDGELIX_EXAMPLE, changed
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.http.widgelix import bearer, compile_keyed
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.patterns.headers import HeaderError
from uplab.simulator.forwarder.platform import Platform

PLATFORM = Platform()


def refusal(body: object, platform: Platform = PLATFORM) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        parse_connection(body, CONNECTORS, platform)
    return caught.value


@pytest.mark.parametrize("given", ["abc-1", "Bearer abc-1", "bearer abc-1", "BEARER  abc-1", "Bearer Bearer abc-1"])
def test_access_token_gets_exactly_one_bearer(given: str) -> None:
    assert bearer("Authorization", given) == "Bearer abc-1"


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic abc", "two words"])
def test_what_is_no_access_token_is_refused(given: str) -> None:
    with pytest.raises(HeaderError):
        bearer("Authorization", given)


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_widgelix_token_is_found_whatever_the_case(name: str) -> None:
    assert compile_keyed({name: "abc"}).constant == {name: "Bearer abc"}


def test_widgelix_without_authorization_is_refused() -> None:
    with pytest.raises(HeaderError, match="mandatory for WIDGELIX"):
        compile_keyed({"X": "y"})


@pytest.mark.parametrize(
    "url",
    [
        "https://app.widgelix.com/v1/input-node/actility/",
        "http://app.widgelix.com/v1/input-node/actility",
        "https://evil.io/",
    ],
)
def test_widgelix_has_one_destination(url: str) -> None:
    error = refusal(changed(WIDGELIX_EXAMPLE, destinationURL=url))

    assert error.field == "configuration.destinationURL"
    assert "https://app.widgelix.com/v1/input-node/actility" in str(error)


def test_platform_may_have_another_widgelix() -> None:
    platform = Platform(widgelix_url="https://widgelix.test/in")

    parse_connection(changed(WIDGELIX_EXAMPLE, destinationURL="https://widgelix.test/in"), CONNECTORS, platform)
    assert refusal(WIDGELIX_EXAMPLE, platform).field == "configuration.destinationURL"


@pytest.mark.parametrize("headers", [{}, {"X": "y"}, {"Authorization": ""}, {"Authorization": "Bearer"}])
def test_widgelix_needs_an_access_token(headers: dict[str, str]) -> None:
    assert refusal(changed(WIDGELIX_EXAMPLE, headers=headers)).field == "configuration.headers.Authorization"
