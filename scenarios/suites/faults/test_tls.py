"""Certificates are verified: nothing is sent to a host whose certificate is wrong, and an event tells why."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice, Route
from uplab.scenarios.lab.false_hosts import EXPIRED, UNKNOWN_AUTHORITY, WRONG_HOST, FalseHosts
from uplab.scenarios.suites.common.destination import http_body, telling
from uplab.scenarios.suites.common.several import await_success, judge_several

pytestmark = [pytest.mark.needs("http", "tls"), pytest.mark.delivery, pytest.mark.varies("generation")]

PATH = "/tls"


@pytest.mark.parametrize("host", [UNKNOWN_AUTHORITY, WRONG_HOST, EXPIRED])
@pytest.mark.requirement("HTTP-18.a", "HTTP-18.b")
def test_untrusted_certificate_is_refused(
    lab: Lab, device: LabDevice, soon_or_never: dict[str, Any] | None, host: str
) -> None:
    """Nothing reaches a host with such a certificate; with the right host configured, all that waited is delivered.

    What waited is judged where the profile says that it is tried again soon; else what is sent from then on.
    """
    soon = soon_or_never or {}
    # Given a connection to a host that cannot prove who it is
    connection = lab.connect(http_body(PATH, at=f"https://{host}", **soon), Route(FalseHosts.name, PATH), device)
    sent = [device.send(), *lab.barrier(device)]

    # Then nothing arrives there, and the cause is told
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and e.facts["fake"] == FalseHosts.name]
    lab.expect_seen(f"nothing is sent to {host}", arrived, {"empty": True}, f"{len(arrived)} requests arrived")
    if lab.profile.features.events:
        telling(lab, connection, "certificate", proves="HTTP-18.b")

    # And with the right address the uplinks arrive, where another one can be given
    if "replacing" in lab.options.withheld:
        return
    connection.replace(http_body(PATH, **soon))
    connection.route = Route("posthere", PATH)
    if soon_or_never is None:
        sent = [device.send()]
    await_success(lab, sent, connection.route)
    judge_several(lab, sent, connection)
