"""What a scenario may ask for beside `lab`, `device` and `devices` (awake.py): each a few words over the lab.

`awake.py` brings them; docs/reference/fixtures.md is made of their docstrings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

    from uplab.scenarios.lab.lab import Lab
    from uplab.scenarios.lab.places.bin import Bin
    from uplab.scenarios.lab.places.connecting import Connect
    from uplab.scenarios.lab.places.faults import Faults
    from uplab.scenarios.lab.places.station import Station
    from uplab.scenarios.lab.places.thingsboard_account import ThingsBoardAccount
    from uplab.scenarios.lab.places.widgelix_account import WidgelixAccount

__all__ = [
    "broker",
    "connection",
    "faults",
    "httpserver",
    "posthere_bin",
    "thingsboard_account",
    "widgelix_account",
]

# Where a fixture is asked for, the lab is there, and with it all that these import.


@pytest.fixture
def connection(lab: Lab) -> Connect:
    """Makes connections: `connection(posthere_bin, *devices)` is open, and the devices are bound to it.

    It takes a bin or its name, `httpserver`, or what an account or `lab.destination(...)` gives; further keys go into
    the connection's configuration.
    """
    from uplab.scenarios.lab.places.connecting import Connect  # noqa: PLC0415

    return Connect(lab)


@pytest.fixture
def posthere_bin(lab: Lab, request: pytest.FixtureRequest) -> Bin:
    """A bin of posthere, this scenario's own: `posthere_bin.requests()` is what it has taken."""
    from uplab.scenarios.lab.addresses import POSTHERE_HOST  # noqa: PLC0415
    from uplab.scenarios.lab.places.bin import Bin  # noqa: PLC0415

    own = hashlib.sha256(request.node.nodeid.encode()).hexdigest()
    return Bin(lab.browser, f"https://{POSTHERE_HOST}/{own[:4]}-{own[4:8]}-{own[8:12]}")


@pytest.fixture
def widgelix_account(lab: Lab) -> WidgelixAccount:
    """The demo user of Widgelix, logged in: `connection(widgelix_account.destination(device), device)`."""
    from uplab.scenarios.lab.places.widgelix_account import WidgelixAccount  # noqa: PLC0415

    return WidgelixAccount(lab.browser)


@pytest.fixture
def thingsboard_account(lab: Lab) -> ThingsBoardAccount:
    """The demo tenant of ThingsBoard, logged in: `connection(thingsboard_account.destination("mqtt"), device)`."""
    from uplab.scenarios.lab.places.thingsboard_account import ThingsBoardAccount  # noqa: PLC0415

    return ThingsBoardAccount(lab.browser, **lab.options.thingsboard_login)


@pytest.fixture
def broker(lab: Lab) -> Station:
    """A program of a user's at the lab's broker: it subscribes, publishes and hears.

    A connection leads there by `lab.destination("hall/{DevEUI}", wanted="hall/+")`.
    """
    from uplab.scenarios.lab.places.station import Station  # noqa: PLC0415

    return Station(lab)


@pytest.fixture
def faults(lab: Lab) -> Iterator[Faults]:
    """Faults to plan: `faults.plan(Fault("busy", Nth(1), Status(503)))`.

    The scenario is unknown when one of them never happened.
    """
    from uplab.scenarios.lab.places.faults import planned  # noqa: PLC0415

    with planned(lab) as faults:
        yield faults


@pytest.fixture
def httpserver() -> Iterator[HTTPServer]:
    """A server of pytest-httpserver, to script a destination by hand: `connection(httpserver, device)`."""
    from pytest_httpserver import HTTPServer  # noqa: PLC0415 - the plugin would cost every run its time

    with HTTPServer(host="127.0.0.1") as server:
        yield server
