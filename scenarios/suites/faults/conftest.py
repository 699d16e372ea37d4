"""What the fault suite is given: faults to plan, a configuration that tries again soon, and a port that is closed."""

from collections.abc import Iterator
from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.suites.faults.closed_port import ClosedPort, closed_port
from uplab.scenarios.suites.faults.pace import running_at
from uplab.scenarios.suites.faults.presumed import presume_trying_again


@pytest.fixture
def blame(lab: Lab) -> None:
    """The generation of failure semantics with blamePeriod."""
    presume_trying_again(lab)


@pytest.fixture
def soon(lab: Lab) -> dict[str, Any]:
    """Configuration with which a failed delivery is tried again after a second."""
    presume_trying_again(lab)
    return {"blamePeriod": 1}


@pytest.fixture
def soon_or_never(lab: Lab) -> dict[str, Any] | None:
    """The same; None where the profile promises that nothing is tried again, or at other times, or was seen not to."""
    presumed = lab.profile.choices.failure_generation == "blame" and not lab.measured.given_up
    return {"blamePeriod": 1} if presumed else None


@pytest.fixture
def fifteen_times(lab: Lab) -> Iterator[float]:
    """The forwarder's scheduled time runs fifteen times as fast: a second of it is told apart from the next."""
    with running_at(lab, 15.0):
        yield 15.0


@pytest.fixture
def nowhere(lab: Lab) -> Iterator[ClosedPort]:
    """A destination that refuses connections until it is opened."""
    with closed_port(lab) as port:
        yield port


@pytest.fixture
def many(lab: Lab) -> list[LabDevice]:
    """A dozen devices: more than a small pool of workers can serve at once."""
    return [lab.device() for _ in range(12)]
