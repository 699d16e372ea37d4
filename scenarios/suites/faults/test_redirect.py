"""Redirects are not delivery, and a header meant for one host never reaches another."""

from collections.abc import Sequence
from typing import Any

import pytest

from uplab.fakes.faults import Fault, Nth, Redirect
from uplab.scenarios import Faults, Lab, LabDevice, Verdict, redact_text
from uplab.scenarios.lab.addresses import WITNESS_HOST
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success, verdicts_of_several

pytestmark = [pytest.mark.needs("http"), pytest.mark.delivery, pytest.mark.varies("generation")]

STOLEN = "/stolen"


def nothing_went_there(lab: Lab, secrets: Sequence[str], stolen: str, proves: str) -> list[Verdict]:
    """No request of any method reached the place that the redirects named, and no secret another host."""
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived"]
    followed = [e for e in arrived if str(e.facts["url"]) == stolen]
    hidden = [redact_text(secret) for secret in secrets]
    elsewhere = [str(e.facts) for e in arrived if e.facts["fake"] != "posthere"]
    strangers = [facts for facts in elsewhere if any(secret in facts for secret in hidden)]
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
            requirement=proves,
        ),
        Verdict(
            "no secret elsewhere",
            "failed" if strangers else "passed",
            len(arrived),
            "a header meant for one host never reaches another",
            f"{len(strangers)} requests carried it to another host",
            "forwarder" if strangers else None,
            requirement="HTTP-17.c",
        ),
    ]


def followed_none(lab: Lab, secrets: Sequence[str]) -> list[Verdict]:
    """The same of both places, that of 301 by itself."""
    of_301 = nothing_went_there(lab, secrets, f"{STOLEN}-301", "HTTP-17.b")[0]
    return [*nothing_went_there(lab, secrets, STOLEN, "HTTP-17.a"), of_301]


@pytest.mark.requirement("HTTP-17.a", "HTTP-17.b", "HTTP-17.c")
def test_redirect_is_not_followed(
    lab: Lab, faults: Faults, device: LabDevice, soon_or_never: dict[str, Any] | None
) -> None:
    """301, 302, 303, 307 to another host and 308 to another bin are failed deliveries: none is followed.

    What becomes of the uplink afterwards is judged where the profile says that it is tried again soon.
    """
    # Many clients drop Authorization on the way to another host, and nothing else.
    headers = {
        "Authorization": f"Bearer {lab.secrets.hex('authorization of the redirected')}",
        "X-Api-Key": lab.secrets.hex("key of the redirected"),
    }
    secrets = [value.removeprefix("Bearer ") for value in headers.values()]
    elsewhere = lab.outward(f"http://{WITNESS_HOST}{STOLEN}")
    of_301 = lab.outward(f"http://{WITNESS_HOST}{STOLEN}-301")
    targets = {301: of_301, 302: elsewhere, 303: elsewhere, 307: elsewhere, 308: STOLEN}
    faults.plan(
        *(Fault(f"redirect {code}", Nth(1), Redirect(to, code), only=f"/moved-{code}") for code, to in targets.items())
    )
    connections = [
        connect_bin(lab, f"/moved-{code}", device, headers=headers, **(soon_or_never or {})) for code in targets
    ]

    sent = [device.send()]
    if soon_or_never is None:
        faults.happened(count=len(targets))
        lab.barrier(device)
        lab.judge(*followed_none(lab, secrets))
        return
    await_success(lab, sent, *(connection.route for connection in connections))
    sent += lab.barrier(device)
    await_success(lab, sent, *(connection.route for connection in connections))

    lab.judge(*followed_none(lab, secrets), *verdicts_of_several(lab, sent, *connections))
