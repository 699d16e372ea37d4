"""The bench of the relay: it measures something for both."""

import asyncio

import pytest

from tests.bench.relay import measured


@pytest.mark.parametrize("kind", ["proxy", "relay"])
def test_cost_of_a_message_is_measured(kind: str) -> None:
    assert asyncio.run(measured(kind, 200)) >= 0
