"""Patterns that cannot be resolved are never sent as braces: refused at once, or a failed delivery that is told."""

import copy
from typing import Any

import pytest

from uplab.scenarios import Event, Lab, LabDevice, Route, example_body
from uplab.scenarios.suites.common.destination import attempt, connect_bin, http_body, metrics_of, telling
from uplab.scenarios.suites.common.reports import uplink

pytestmark = pytest.mark.needs("http", "patterns")


def sent_with_braces(lab: Lab, path: str) -> list[Event]:
    """The requests to a place that carry a brace in any header."""
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and str(e.facts["url"]).startswith(path)]
    return [e for e in arrived if any("{" in value or "}" in value for _, value in e.facts["headers"])]


@pytest.mark.requirement("HTTP-20.b")
def test_unresolved_pattern_is_never_sent_as_braces(lab: Lab, device: LabDevice) -> None:
    """A header that names what the uplink does not have is a failed delivery, never a header with braces in it."""
    headers = {"X-Thing": "{DevEUI}", "X-Room": "room {CustomerData.room}"}
    connection = connect_bin(lab, "/unresolved", device, headers=headers)

    device.send()
    lab.barrier(device)

    literal = sent_with_braces(lab, "/unresolved")
    lab.expect_seen("no header carries braces", literal, {"empty": True}, [e.facts["headers"] for e in literal])
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and connection.route.takes(e.facts)]
    lab.expect_seen(
        "without its header an uplink is not delivered", arrived, {"empty": True}, f"{len(arrived)} requests arrived"
    )


@pytest.mark.requirement("HTTP-05.b")
def test_line_break_in_a_document_makes_no_header(lab: Lab, device: LabDevice) -> None:
    """A value of the uplink that holds a line break cannot smuggle a header in; the next uplink is delivered."""
    connection = connect_bin(lab, "/smuggled", device, headers={"X-Name": "{CustomerData.name}"})

    lab.post(uplink(device, CustomerData={"name": "hall\r\nX-Evil: 1"}))
    sent = lab.barrier(device)
    lab.await_delivery(sent, connection.route)

    arrived = [e for e in lab.history.events if e.hop == "destination.arrived"]
    smuggled = [e for e in arrived if any(name.lower() == "x-evil" for name, _ in e.facts["headers"])]
    lab.expect_seen("no header is smuggled in", smuggled, {"empty": True}, [e.facts["headers"] for e in smuggled])
    lab.expect("no request is malformed", not any("malformed" in e.facts for e in arrived), f"{len(arrived)} requests")
    lab.judge_delivery(sent, connection, {"X-Name": lambda _: device.name})


@pytest.mark.needs("events", "metrics")
@pytest.mark.requirement("HTTP-20.c")
def test_unresolved_pattern_is_told(lab: Lab, device: LabDevice) -> None:
    """An event names the device and the pattern, and the delivery counts as failed."""
    connection = connect_bin(lab, "/unresolved", device, headers={"X-Room": "{CustomerData.room}"})

    device.send()

    telling(lab, connection, "CustomerData.room", dev_eui=device.dev_eui)
    counted = metrics_of(lab, connection)["lastHour"]
    lab.expect(
        "it is counted as failed, not as delivered",
        counted["uplinksFailed"] >= 1 and counted["uplinksDelivered"] == 0,
        counted,
    )


@pytest.mark.needs("api")
@pytest.mark.parametrize("value", ["{DevEUI", "DevEUI}", "{}", "{DevEUI|}", "{$..[?(@ =~ /a}"])
@pytest.mark.requirement("HTTP-20.a")
@pytest.mark.needs("validation")
def test_pattern_that_is_wrong_in_itself_is_refused(lab: Lab, value: str) -> None:
    """A pattern without its end, or with nothing in it, answers 400 with a message that names the header."""
    refused = attempt(lab, http_body("/wrong-pattern", headers={"X-Thing": value}))
    lab.expect_answer(f"X-Thing: {value} answers 400", refused, 400)
    lab.expect_seen(
        "the message names the header", refused.json().get("message", ""), {"holds": "X-Thing"}, refused.text[:200]
    )


@pytest.mark.needs("api")
@pytest.mark.parametrize("path", ["/{DevEUI}", "/rooms?name={CustomerData.room}"], ids=["resolves", "does-not"])
@pytest.mark.needs("api")
@pytest.mark.requirement("HTTP-20.d")
def test_address_with_braces_is_resolved_or_refused(lab: Lab, device: LabDevice, path: str) -> None:
    """A pattern in destinationURL is refused by the field, or resolved for each uplink; braces reach no destination."""
    body = http_body(path)
    tried = attempt(lab, body)
    if tried.status_code != 201:
        named = tried.status_code == 400 and "destinationURL" in tried.json().get("message", "")
        lab.expect("it is refused by the field", named, f"{tried.status_code} {tried.text[:200]}")
    else:
        lab.connect(body, Route("posthere", path), device, state=None)
    sent = device.send()
    lab.barrier(device)
    urls = [str(e.facts["url"]) for e in lab.history.events if e.hop == "destination.arrived" and sent.id in e.ids]
    raw = [url for url in urls if any(brace in url.lower() for brace in ("{", "}", "%7b", "%7d"))]
    lab.expect_seen("no request has braces in its address", raw, {"empty": True})


@pytest.mark.needs("widgelix", "api")
@pytest.mark.requirement("HTTP-20.b")
def test_placeholder_of_the_widgelix_example_is_never_sent(lab: Lab, device: LabDevice) -> None:
    """The document's own `Bearer {access-token}`, taken verbatim, is refused, or nothing is sent; braces never are."""
    path = "/v1/input-node/actility"
    body: dict[str, Any] = copy.deepcopy(example_body("widgelix.md"))
    tried = attempt(lab, body)
    if tried.status_code == 201:
        lab.connect(body, Route("widgelix", path), device)
    else:
        lab.expect_seen(
            "it is taken, or refused with 400",
            tried.status_code,
            {"is": 400},
            f"{tried.status_code} {tried.text[:200]}",
        )

    device.send()
    lab.barrier(device)

    literal = sent_with_braces(lab, path)
    lab.expect_seen("no header carries braces", literal, {"empty": True}, [e.facts["headers"] for e in literal])
