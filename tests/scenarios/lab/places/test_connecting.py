from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.lab.device import LabDevice
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.lab.places.bin import Bin
from uplab.scenarios.lab.places.connecting import Connect
from uplab.scenarios.lab.places.destination import Destination, bin_of, topic_of

DEVICE = cast(LabDevice, SimpleNamespace(dev_eui="0011223344556677"))


@pytest.fixture
def made() -> list[Any]:
    return []


@pytest.fixture
def connection(made: list[Any]) -> Connect:
    def connect(body: dict[str, Any], route: Route, *devices: LabDevice, state: str | None) -> list[Any]:
        made.append((body, route, devices, state))
        return made

    return Connect(cast(Lab, SimpleNamespace(connect=connect, destination=bin_of)))


def test_bin_is_connected_with_its_devices(connection: Connect, made: list[Any]) -> None:
    connection(Bin(httpx.Client(), "https://posthere.io/a-b"), DEVICE, headers={"X-Site": "A"})

    [(body, route, devices, state)] = made
    assert body["configuration"] == {"destinationURL": "https://posthere.io/a-b", "headers": {"X-Site": "A"}}
    assert (str(route), devices, state) == (str(Route("posthere", "/a-b")), (DEVICE,), "OPENED")


def test_name_of_a_bin_is_enough(connection: Connect, made: list[Any]) -> None:
    connection("hall", state=None)

    [(body, _, devices, state)] = made
    assert (body["configuration"]["destinationURL"], devices, state) == ("https://posthere.io/hall", (), None)


def test_destination_is_left_as_it_is(connection: Connect, made: list[Any]) -> None:
    there: Destination = topic_of("hall/{DevEUI}", "hall/+")
    connection(there, topicLevel=1)

    [(body, route, _, _)] = made
    assert body["configuration"]["topicLevel"] == 1
    assert "topicLevel" not in there.body["configuration"]
    assert route == there.route
