"""What the common suite is given: the ingress for documents of one's own making, faults to plan, another pace."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from scenarios.common.ingress import Ingress
from scenarios.faults.pace import needs_own_process
from scenarios.faults.plan import Faults, planned
from scenarios.lab import Lab


@pytest.fixture
def ingress(lab: Lab) -> Iterator[Ingress]:
    """The ingress, as a network server sees it."""
    with closing(Ingress(lab)) as ingress:
        yield ingress


@pytest.fixture
def faults(lab: Lab) -> Iterator[Faults]:
    """Faults to plan; the scenario is unknown when one of them never happened."""
    with planned(lab) as faults:
        yield faults


@pytest.fixture
def own_process(lab: Lab) -> None:
    """A forwarder that can be killed and started from here."""
    needs_own_process(lab)
