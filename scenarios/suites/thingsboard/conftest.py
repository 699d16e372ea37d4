"""What the ThingsBoard suite is given: the demo tenant, and the document's own body with that account."""

import copy
from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route, ThingsBoardAccount, example_body
from uplab.scenarios.lab.witness import AnyPath

TELEMETRY = Route("thingsboard", "v1/gateway/telemetry")
PORTS = {"mqtt": 1883, "mqtts": 8883, "rest": 443}  # thingsboard.md: the port of hostName says which it is


@pytest.fixture
def account(lab: Lab) -> ThingsBoardAccount:
    """The tenant, logged in over REST: the demo one, or the user's own."""
    return ThingsBoardAccount(lab.browser, **lab.options.thingsboard_login)


@pytest.fixture
def body(lab: Lab) -> dict[str, Any]:
    """The document's example body with the demo account, at the port of the transport that is under test."""
    body = copy.deepcopy(example_body("thingsboard.md"))
    host = body["configuration"]["hostName"].partition(":")[0]
    body["configuration"] |= {
        "hostName": f"{host}:{PORTS[lab.transport]}",
        **lab.options.thingsboard_login,
    }
    return body


@pytest.fixture
def over_mqtt(lab: Lab) -> None:
    """Makes the scenario not applicable where ThingsBoard is reached over REST alone: there no line names an uplink."""
    if lab.transport == "rest":
        pytest.skip(f"the profile {lab.profile.name} reaches ThingsBoard over REST, not over MQTT")


@pytest.fixture
def route(lab: Lab) -> Route:
    """Where uplinks arrive."""
    return AnyPath("thingsboard", "REST") if lab.transport == "rest" else TELEMETRY


@pytest.fixture
def connection(lab: Lab, body: dict[str, Any], route: Route, devices: list[LabDevice]) -> LabConnection:
    """The connection, open, with three devices bound to it."""
    return lab.connect(body, route, *devices)
