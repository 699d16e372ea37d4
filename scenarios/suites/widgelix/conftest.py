"""What the Widgelix suite is given: an account, a device in it, and the document's own body with its key."""

import copy
from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route, WidgelixAccount, WidgelixDevice, example_body
from uplab.scenarios.suites.faults.presumed import presume_trying_again

ROUTE = Route("widgelix", "/v1/input-node/actility")


@pytest.fixture
def soon(lab: Lab) -> dict[str, Any]:
    """Configuration with which a failed delivery is tried again after a second."""
    presume_trying_again(lab)
    return {"blamePeriod": 1}


@pytest.fixture
def account(lab: Lab) -> WidgelixAccount:
    """The demo user, logged in."""
    return WidgelixAccount(lab.browser)


@pytest.fixture
def widgelix_device(account: WidgelixAccount, device: LabDevice) -> WidgelixDevice:
    """The simulated device, as the user made it in Widgelix."""
    return account.add_device(device.dev_eui, device.name)


def body_of(token: str) -> dict[str, Any]:
    """The document's example of POST /connections, with this in the place of {access-token}."""
    body = copy.deepcopy(example_body("widgelix.md"))
    headers = body["configuration"]["headers"]
    headers["Authorization"] = headers["Authorization"].replace("{access-token}", token)
    return body


@pytest.fixture
def body(widgelix_device: WidgelixDevice) -> dict[str, Any]:
    """The document's example with the device's access token."""
    return body_of(widgelix_device.access_token)


@pytest.fixture
def connection(lab: Lab, body: dict[str, Any], device: LabDevice) -> LabConnection:
    """The connection, open, with the device bound to it."""
    return lab.connect(body, ROUTE, device)
