"""An account may have so many connections and no more."""

from collections.abc import Iterator

import pytest

from uplab.scenarios import Lab
from uplab.scenarios.suites.common.destination import attempt, connect_bin, http_body
from uplab.scenarios.suites.faults.pace import needs_own_process

pytestmark = pytest.mark.needs("http", "api", "alone")

VARIABLE = "UPLAB_CONNECTION_LIMIT"
DOCUMENTED = 5


@pytest.fixture
def limit(lab: Lab) -> Iterator[int]:
    """The limit that the forwarder has, or the documented one that it is given for this scenario."""
    fixed = lab.profile.choices.connection_limit
    if fixed is not None:
        yield fixed
        return
    if not lab.profile.features.limit:
        pytest.skip("the profile names no connection_limit and does not declare limit")
    needs_own_process(lab)
    lab.restart_forwarder(environment={VARIABLE: str(DOCUMENTED)})
    yield DOCUMENTED
    lab.restart_forwarder(environment={VARIABLE: ""})


@pytest.mark.requirement("COM-14.a", "COM-14.b")
def test_connection_beyond_the_limit_is_refused(lab: Lab, limit: int) -> None:
    """The last connection is created, the next one refused as "Maximum reached", and nothing of it is made."""
    created = [connect_bin(lab, f"/limit-{number}") for number in range(limit)]

    body = {"connectorId": "actility-http-iot", "name": "one too many"}
    refused = lab.api.create({**body, "configuration": {"destinationURL": "https://posthere.io/limit-beyond"}})

    lab.expect_seen("the one beyond is refused with 4xx", refused.status_code, {"least": 400, "below": 500})
    lab.expect_seen(
        'the message says "Maximum reached"', refused.text, {"holds": "Maximum reached"}, refused.text[:200]
    )
    listed = lab.api.request("GET", "/connections").json()
    lab.expect_seen("nothing of it is made", len(listed), {"is": limit}, f"{len(listed)} connections")

    created[0].delete()
    again = attempt(lab, http_body("/limit-again"))
    lab.expect_answer("a connection that is deleted makes room", again, 201, proves="COM-14.b")
