"""One running forwarder for the tests that only talk to it."""

from collections.abc import Iterator

import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.process import Forwarder


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarder]:
    """A forwarder that all tests of a module share."""
    with Forwarder(tmp_path_factory.mktemp("forwarder")) as forwarder:
        yield forwarder


@pytest.fixture
def forwarder(running: Forwarder) -> Iterator[Forwarder]:
    """The shared forwarder, emptied afterwards."""
    yield running
    for kind in ("flows", "connections"):
        for shown in running.call("GET", f"/{kind}").json():
            running.call("DELETE", f"/{kind}/{shown['id']}").raise_for_status()


@pytest.fixture
def destination() -> Iterator[Destination]:
    """A destination that takes everything, unless a test says otherwise."""
    with Destination() as listening:
        yield listening
