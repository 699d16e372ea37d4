"""Redirects are not delivery, and a header meant for one host never reaches another."""

from typing import Any

import pytest

from uplab.fakes.faults import Fault, Nth, Redirect
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.lab.addresses import WITNESS_HOST
from uplab.scenarios.lab.device import LabDevice
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success, verdicts_of_several
from uplab.scenarios.suites.faults.plan import Faults

pytestmark = [pytest.mark.needs("http", "api"), pytest.mark.delivery]

STOLEN = "/stolen"


def nothing_went_there(lab: Lab, secret: str) -> list[Verdict]:
    """No request of any method reached the place that the redirects named, and the secret no other host."""
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived"]
    followed = [e for e in arrived if str(e.facts["url"]).startswith(STOLEN)]
    strangers = [e for e in arrived if e.facts["host"] != "posthere.io" and redact_text(secret) in str(e.facts)]
    first = [f"{e.facts['method']} {e.facts['host']}{e.facts['url']}" for e in followed[:1]]
    return [
        Verdict(
            "right place",
            "failed" if followed else "passed",
            len(arrived),
            "no redirect is followed",
            f"{len(followed)} requests went where a redirect pointed{': ' if first else ''}{''.join(first)}",
            "forwarder" if followed else None,
            "switch redirects off in the HTTP client",
            tuple(id_ for e in followed for id_ in e.ids),
        ),
        Verdict(
            "no secret elsewhere",
            "failed" if strangers else "passed",
            len(arrived),
            "a header meant for one host never reaches another",
            f"{len(strangers)} requests carried it to another host",
            "forwarder" if strangers else None,
        ),
    ]


@pytest.mark.requirement("HTTP-17", "HTTP-16")
def test_redirect_is_not_followed(
    lab: Lab, faults: Faults, device: LabDevice, soon_or_never: dict[str, Any] | None
) -> None:
    """302, 303, 307 to another host and 308 to another bin are failed deliveries: none is followed, nothing is lost.

    What becomes of the uplink afterwards is judged where the profile says that it is tried again soon.
    """
    secret = lab.secrets.hex("header of the redirected")
    elsewhere = f"http://{WITNESS_HOST}{STOLEN}"
    targets = {302: elsewhere, 303: elsewhere, 307: elsewhere, 308: STOLEN}
    faults.plan(
        *(Fault(f"redirect {code}", Nth(1), Redirect(to, code), only=f"/moved-{code}") for code, to in targets.items())
    )
    headers = {"Authorization": f"Bearer {secret}"}
    connections = [
        connect_bin(lab, f"/moved-{code}", device, headers=headers, **(soon_or_never or {})) for code in targets
    ]

    sent = [device.send()]
    if soon_or_never is None:
        faults.happened(count=len(targets))
        lab.barrier(device)
        lab.judge(*nothing_went_there(lab, secret))
        return
    await_success(lab, sent, *(connection.route for connection in connections))
    sent += lab.barrier(device)
    await_success(lab, sent, *(connection.route for connection in connections))

    lab.judge(*nothing_went_there(lab, secret), *verdicts_of_several(lab, sent, *connections))
