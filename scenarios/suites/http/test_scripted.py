"""A destination that is scripted by hand, with pytest-httpserver: the lab knows it like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.suites.common.several import await_success, judge_several
from uplab.scenarios.suites.faults.presumed import presume_trying_again

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer
    from werkzeug import Request, Response

pytestmark = pytest.mark.needs("http", "names")


@pytest.mark.requirement("HTTP-12.a", "HTTP-15.c")
def test_scripted_destination_gets_every_uplink(lab: Lab, devices: list[LabDevice], httpserver: HTTPServer) -> None:
    """What the handlers of the scenario take is judged as at a fake."""
    httpserver.expect_request("/uplinks", method="POST").respond_with_data("", status=204)
    there = lab.destination(httpserver)
    connection = lab.connect(there.body, there.route, *devices)

    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, proves={"unaltered": "HTTP-15.c"})
    lab.expect("its own log has them too", len(httpserver.log) == len(sent), f"{len(httpserver.log)} of {len(sent)}")


@pytest.mark.requirement("HTTP-16.a")
def test_refusal_by_a_handler_is_tried_again(lab: Lab, device: LabDevice, httpserver: HTTPServer) -> None:
    """A handler that says no once: the uplink comes again, and is taken."""
    from werkzeug import Response  # noqa: PLC0415 - no other scenario needs it

    presume_trying_again(lab)
    answers = iter((503,))

    def handle(_: Request) -> Response:
        return Response("", status=next(answers, 200))

    httpserver.expect_request("/uplinks", method="POST").respond_with_handler(handle)
    there = lab.destination(httpserver, blamePeriod=1)
    connection = lab.connect(there.body, there.route, device)

    sent = [device.send() for _ in range(2)]
    await_success(lab, sent, connection.route, after_s=1.0)

    judge_several(lab, sent, connection)
