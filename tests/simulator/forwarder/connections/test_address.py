"""Host and port of a destination; what each connector makes of it is tested there."""

import pytest
from pydantic_core import PydanticCustomError

from uplab.simulator.forwarder.connections.address import host_check

check = host_check("broker.example:1883")


@pytest.mark.parametrize("text", ["a:1", "10.0.0.1:8883", "[::1]:65535"])
def test_host_and_port_are_given_back(text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize("text", ["mqtt://a:1", "a"])
def test_refusal_gives_the_connectors_own_example(text: str) -> None:
    with pytest.raises(PydanticCustomError, match=r"such as broker\.example:1883"):
        check(text)
