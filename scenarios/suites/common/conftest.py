"""What the common suite is given: the ingress for documents of one's own making, faults to plan, another pace."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from uplab.scenarios import Lab
from uplab.scenarios.suites.common.ingress import Ingress
from uplab.scenarios.suites.faults.pace import needs_own_process


@pytest.fixture
def ingress(lab: Lab) -> Iterator[Ingress]:
    """The ingress, as a network server sees it."""
    with closing(Ingress(lab)) as ingress:
        yield ingress


@pytest.fixture
def own_process(lab: Lab) -> None:
    """A forwarder that can be killed and started from here."""
    needs_own_process(lab)
