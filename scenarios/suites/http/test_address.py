"""Where an uplink goes: to the address as it was written, from each connection that has it, and by its newest one."""

from typing import Any

import pytest

from uplab.fakes.faults import Fault, FirstN, Status
from uplab.scenarios import Faults, Lab, LabDevice, Route
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin, http_body, wait_until_open
from uplab.scenarios.suites.common.several import await_success, expect_accepted, judge_several

pytestmark = pytest.mark.needs("http")

# A slash, a tilde and a letter beyond ASCII that are escaped, digits of both cases, and what needs no escape.
ODD = "/a%2Fb/%7Eplant/%c3%A9;v=1,2/x+y"


@pytest.mark.needs("names")
@pytest.mark.requirement("HTTP-12.a")
def test_address_is_requested_as_it_was_written(lab: Lab, device: LabDevice) -> None:
    """Escapes, small and capital digits in them, a plus sign and a query: all of it stands in the request."""
    connection = lab.connect(http_body(f"{ODD}?q=a%20b%2Bc"), Route("posthere", ODD), device)

    sent = [device.send()]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and connection.route.takes(e.facts)]
    asked = [str(event.facts["url"]) for event in arrived]
    lab.expect_seen("its query is as it was written, too", asked, {"is": [f"{ODD}?q=a%20b%2Bc"]}, proves="HTTP-12.a")


@pytest.mark.needs("flows")
@pytest.mark.requirement("COM-22.a")
def test_two_connections_with_one_address_deliver_both(lab: Lab, device: LabDevice) -> None:
    """A device that is bound to two connections is delivered by each, also where both lead to the same place."""
    one, other = connect_bin(lab, "/shared", device), connect_bin(lab, "/shared", device)

    sent = [device.send()]
    expect_accepted(lab, *sent)
    lab.history.wait_for(
        lambda e: e.hop == "destination.answered" and sent[0].id in e.ids, count=2, timeout_s=lab.deadlines.delivery_s
    )
    lab.barrier(device)

    both = checks.Tried("each of the two delivers it once", [sent[0].id], one.route, least=2, most=2)
    lab.judge_alone(both, proves="COM-22.a")
    assert one.id != other.id


@pytest.mark.needs("replacing")
@pytest.mark.requirement("HTTP-02.a")
def test_what_waits_at_put_goes_by_the_new_configuration(
    lab: Lab, faults: Faults, device: LabDevice, soon: dict[str, Any]
) -> None:
    """An uplink that was refused twice, and waits, goes to the new address once the connection is changed."""
    faults.plan(Fault("refused", FirstN(2), Status(503), only="/before"))
    connection = connect_bin(lab, "/before", device, headers={"X-Site": "before"}, **soon)
    waiting = device.send()
    faults.happened(count=2)

    connection.replace(http_body("/after", headers={"X-Site": "after"}, **soon))
    connection.route = Route("posthere", "/after")
    sent = [waiting, device.send()]
    await_success(lab, sent, connection.route, after_s=soon["blamePeriod"])

    events, ids = lab.history.events, [one.id for one in sent]
    lab.judge(
        checks.none_lost(events, ids, connection.route),
        checks.in_order(events, ids, connection.route),
        checks.right_headers(events, ids, connection.route, {"X-Site": lambda _: "after"}),
    )


@pytest.mark.needs("replacing", "names")
@pytest.mark.requirement("HTTP-02.a")
def test_put_that_changes_little_of_the_address_is_obeyed(lab: Lab, device: LabDevice) -> None:
    """Another query, another case of a letter, a slash at the end, another scheme: each is another address."""
    host, old = "posthere.io", "/small?key=1"
    connection = lab.connect(http_body(old, at=f"https://{host}"), Route("posthere", "/small"), device)
    steps = {"/small?key=2": "https", "/Small?key=2": "https", "/Small/?key=2": "https", "/small?key=1": "http"}
    asked = []

    for address, scheme in steps.items():
        connection.replace(http_body(address, at=f"{scheme}://{host}"))
        connection.route = Route("posthere", address.partition("?")[0])
        wait_until_open(lab, connection)
        sent = [device.send()]
        await_success(lab, sent, connection.route)
        arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and sent[0].id in e.ids]
        asked.append([str(event.facts["url"]) for event in arrived])

    lab.expect_seen("each went to the newest address", asked, {"is": [[one] for one in steps]}, proves="HTTP-02.a")
