"""The body of each connection of a world, and the states that it may show."""

from __future__ import annotations

import pytest

from uplab.scenarios.history.secrets import Secrets, is_canary
from uplab.scenarios.worlds.plan import Connection
from uplab.scenarios.worlds.playing.bodies import body_of, secret_of, states_of

SECRETS = Secrets(1)
TENANT = {"username": "u", "password": "p"}


def host_of(connection: Connection) -> str:
    configuration = body_of("w1", "y", connection, SECRETS, "", TENANT)["configuration"]
    return str(configuration.get("hostName") or configuration["destinationURL"])


@pytest.mark.parametrize(
    ("connection", "host"),
    [
        (Connection(suffix="/a?b=1"), "https://posthere.io/w1-y/a?b=1"),
        (Connection(trouble="nobody"), "https://nobody.uplab.test/w1-y"),
        (Connection(trouble="expired"), "https://expired.uplab.test/w1-y"),
        (Connection(to="mqtts"), "thingsboard.cloud:8883"),
        (Connection(to="mqtts", trouble="wrong host"), "wrong-host.uplab.test:8883"),
        (Connection(to="broker"), "broker.uplab.test:1883"),
        (Connection(to="broker", trouble="nobody"), "nobody.uplab.test:1883"),
    ],
)
def test_trouble_is_in_the_address(connection: Connection, host: str) -> None:
    assert host_of(connection) == host


def test_topics_are_the_world_s_own() -> None:
    configuration = body_of("w1", "y", Connection(to="broker", topic="all"), SECRETS, "", TENANT)["configuration"]
    assert (configuration["uplinkTopicPattern"], configuration["downlinkTopicPattern"]) == (
        "w1-y/all",
        "w1-y/down/{DevEUI}",
    )


def test_wrong_password_is_another_one_and_a_secret() -> None:
    right = body_of("w1", "y", Connection(to="mqtt"), SECRETS, "", TENANT)["configuration"]["password"]
    wrong = body_of("w1", "y", Connection(to="mqtt", trouble="password"), SECRETS, "", TENANT)["configuration"][
        "password"
    ]
    assert right != wrong
    assert is_canary(wrong)


def test_plan_holds_no_secret_but_its_name() -> None:
    headers = {"headers": {"Authorization": "secret:key", "X-Site": "A"}}
    made = body_of("w1", "y", Connection(configuration=headers), SECRETS, "", TENANT)["configuration"]["headers"]
    assert made == {"Authorization": secret_of("w1", "y", "secret:key", SECRETS), "X-Site": "A"}
    assert is_canary(made["Authorization"])
    assert made["Authorization"] != secret_of("w2", "y", "secret:key", SECRETS)


@pytest.mark.parametrize(
    ("connection", "states"),
    [
        (Connection(), ("OPENED",)),
        (Connection(active=False, trouble="nobody"), ("DEACTIVATED",)),
        (Connection(to="mqtt", trouble="password"), ("AUTHENTICATION_FAILED",)),
        (Connection(to="mqtt", trouble="nobody"), ("UNREACHABLE", "CLOSED", "CLOSING")),
        (Connection(trouble="nobody"), ("OPENED", "UNREACHABLE", "CLOSED", "CLOSING", "OPENING")),
    ],
)
def test_states(connection: Connection, states: tuple[str, ...]) -> None:
    assert states_of(connection) == states
