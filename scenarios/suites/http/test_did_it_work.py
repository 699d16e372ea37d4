"""http.md, "Displaying information to know if it worked": the bin shows the uplinks that were sent."""

import json
from collections.abc import Callable

import pytest

from uplab.scenarios import Bin, Carries, Lab, LabConnection, LabDevice, NoneArrives, Posts

pytestmark = [pytest.mark.needs("http"), pytest.mark.delivery]

Headers = dict[str, Callable[[str], str]]

# Which sentence a check of the battery proves.
PROVES = {
    "none lost": "HTTP-12.a",
    "none twice": "HTTP-12.a",
    "in order": "HTTP-12.a",
    "right place": "HTTP-12.b",
    "unaltered": "HTTP-15.c",
    "Authorization": "HTTP-05.a",
    "X-Site": "HTTP-05.a",
    "X-Thing": "HTTP-06",
}


@pytest.mark.varies("generation", "regime", "model")
@pytest.mark.smoke
@pytest.mark.needs("form")
@pytest.mark.requirement("HTTP-12.a", "HTTP-12.b", "HTTP-05.a", "HTTP-06", "HTTP-15.a", "HTTP-15.b", "HTTP-15.c")
def test_bin_shows_exactly_the_uplinks_that_were_sent(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], posthere_bin: Bin, headers: Headers
) -> None:
    """Over its public JSON the bin holds each uplink once, with its headers; every other bin is empty."""
    # When each device sends, twice
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(*devices)

    # Then the history shows each uplink delivered once, in order, unaltered, with its headers
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection, headers, proves=PROVES)

    # And the user finds just these in the bin
    shown = posthere_bin.requests()
    reports = [json.loads(request.body)["DevEUI_uplink"] for request in shown]
    # By the document's header where the forwarder resolves its pattern, else by what the document itself says.
    named = [
        r.headers.get("x-thing") if "X-Thing" in headers else one["DevEUI"]
        for r, one in zip(shown, reports, strict=True)
    ]
    found = sorted((name, one["FCntUp"]) for name, one in zip(named, reports, strict=True))
    lab.expect_seen(
        "the bin shows exactly the uplinks that were sent",
        found,
        {"is": sorted((s.dev_eui, s.f_cnt) for s in sent)},
        f"sent {len(sent)}, shown {found}",
        proves="HTTP-12.a",
    )
    ids = [one.id for one in sent]
    lab.judge_alone(Posts("each was a POST of JSON, by its Content-Type", ids, connection.route), proves="HTTP-15.b")
    lab.expect(
        "the bin shows each as a POST, answered with 200",
        all((r.method, r.status) == ("POST", 200) for r in shown),
        [(r.method, r.status) for r in shown],
        proves="HTTP-15.a",
    )
    lab.expect_seen("every other bin is empty", posthere_bin.others(), {"is": []}, proves="HTTP-12.b")


@pytest.mark.needs("form")
@pytest.mark.requirement("HTTP-12.c")
def test_page_of_the_bin_names_device_and_header(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], posthere_bin: Bin
) -> None:
    """The page at the destination URL shows the uplink's DevEUI, its payload and the header X-Site."""
    sent = devices[0].send()
    lab.await_delivery([sent], connection.route)

    page = posthere_bin.page()
    assert sent.document is not None
    wanted = (sent.dev_eui, sent.document["DevEUI_uplink"]["payload_hex"], "X-Site", "BuildingA")
    shown = page.lower()  # names of headers have no case (RFC 9110 section 5.1); values are judged by the delivery
    lab.judge_delivery([sent], connection)
    lab.expect(
        "the page shows the uplink and its headers",
        all(text.lower() in shown for text in wanted),
        [text for text in wanted if text.lower() not in shown],
        hop="bin page",
    )


@pytest.mark.needs("flows")
@pytest.mark.requirement("COM-22.c")
def test_device_is_delivered_from_the_moment_it_is_bound(lab: Lab, connection: LabConnection) -> None:
    """Before Add an application nothing of a device is delivered; from then on its uplinks are."""
    newcomer = lab.device()
    before = [newcomer.send(), *lab.barrier(newcomer)]

    connection.bind(newcomer)
    after = newcomer.send()
    lab.await_delivery([after], connection.route)
    lab.barrier(newcomer)

    lab.judge_delivery([after], connection)
    early = [one.id for one in before]
    lab.judge_alone(NoneArrives("nothing is delivered before the device is bound", early, connection.route))


@pytest.mark.needs("drivers")
@pytest.mark.requirement("HTTP-15.d")
def test_decoded_payload_is_what_the_device_measured(
    lab: Lab, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """The driver adds `payload`, and it says what the device measured."""
    sent = devices[0].send(temperature_c=21.5, humidity_pct=40)
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection)
    payload = "/DevEUI_uplink/payload"
    decoded = {f"{payload}/temperature": {"is": 21.5}, f"{payload}/humidity": {"is": 40.0}}
    lab.judge_alone(Carries("payload holds temperature 21.5 and humidity 40", [sent.id], connection.route, decoded))
