"""An account may have so many connections and no more."""

import pytest

from scenarios.common.destination import connect_bin
from scenarios.lab import Lab

pytestmark = pytest.mark.needs("http", "api")


@pytest.mark.requirement("COM-14")
def test_connection_beyond_the_limit_is_refused(lab: Lab) -> None:
    """The last connection is created, the next one refused as "Maximum reached", and nothing of it is made."""
    limit = lab.profile.choices.connection_limit
    if limit is None:
        pytest.skip("the profile names no connection_limit")
    for number in range(limit):
        connect_bin(lab, f"/limit-{number}")

    body = {"connectorId": "actility-http-iot", "name": "one too many"}
    refused = lab.api.create({**body, "configuration": {"destinationURL": "https://posthere.io/limit-beyond"}})

    lab.expect("the one beyond is refused with 4xx", 400 <= refused.status_code < 500, refused.status_code)
    lab.expect('the message says "Maximum reached"', "Maximum reached" in refused.text, refused.text[:200])
    listed = lab.api.request("GET", "/connections").json()
    lab.expect("nothing of it is made", len(listed) == limit, f"{len(listed)} connections")
