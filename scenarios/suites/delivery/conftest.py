"""What the delivery suite is given: the policy of the profile, as this suite configures it, and devices of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.suites.air.drawn import drawn_device
from uplab.scenarios.suites.common.ingress import Ingress
from uplab.scenarios.suites.delivery.terms import Terms, terms_of


@pytest.fixture
def terms(lab: Lab) -> Terms:
    """How a connection of this suite promises to deliver."""
    terms = terms_of(lab.profile)
    if terms is None:
        pytest.skip("a refusal closes the connection for minutes in strict-close, which has scenarios of its own")
    return terms


@pytest.fixture
def trying_again(terms: Terms) -> Terms:
    """The same, where what failed is tried again at all."""
    if terms.policy.sent_once:
        pytest.skip("the profile declares that each uplink is sent once")
    return terms


@pytest.fixture
def device(lab: Lab) -> LabDevice:
    """One joined device of any model and region: nothing of this suite depends on what it measures or where."""
    return drawn_device(lab, "device")


@pytest.fixture
def devices(lab: Lab) -> list[LabDevice]:
    """Three of them."""
    return [drawn_device(lab, f"device {number}") for number in range(3)]


@pytest.fixture
def ingress(lab: Lab) -> Iterator[Ingress]:
    """The ingress, for documents of one's own making."""
    with closing(Ingress(lab)) as ingress:
        yield ingress
