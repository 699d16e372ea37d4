"""The network's downlink queue: emptied on request, left by what has expired, and every rejection comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from uplab.scenarios import Bin, Lab, LabConnection, LabDevice
from uplab.scenarios.suites.common.destination import telling
from uplab.scenarios.suites.downlink.conftest import PostDownlink

pytestmark = pytest.mark.needs("downlinks")

REJECTED, SENT = "DevEUI_downlink_Rejected", "DevEUI_downlink_Sent"


def reports(lab: Lab, connection: LabConnection, root: str) -> list[dict[str, Any]]:
    """The reports of one root that the connection's bin shows, oldest first."""
    shown = Bin(lab.browser, f"https://posthere.io{connection.route.path}").requests()
    documents = [json.loads(request.body) for request in shown]
    return [document[root] for document in documents if root in document]


def await_report(
    lab: Lab, connection: LabConnection, root: str, correlation: str, *, proves: str | None = None
) -> dict[str, Any]:
    """Waits for the report with this CorrelationID."""

    def fetch() -> list[dict[str, Any]]:
        found = reports(lab, connection, root)
        return [one for one in found if str(one.get("CorrelationID")).upper() == correlation.upper()]

    named = f"{root} with CorrelationID {correlation}"
    return lab.poll(fetch, bool, awaited=named, timeout_s=lab.deadlines.downlink_s, proves=proves)[0]


@pytest.mark.requirement("DL-09.a")
def test_flush_empties_the_queue_first(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """FlushDownlinkQueue 1: what waited before is gone, the new downlink arrives alone; other devices keep theirs."""
    for device in devices[:2]:
        for payload in ("01", "02"):
            post_downlink(connection.downlink_url, {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": payload})
    flush = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "03", "FlushDownlinkQueue": 1}
    answer = post_downlink(connection.downlink_url, flush)
    accepted = lab.profile.choices.downlink_status
    lab.expect_seen("it is accepted", answer.status_code, {"is": accepted}, f"{answer.status_code} {answer.text[:200]}")

    for _ in range(3):
        for device in devices:
            device.send()

    lab.expect_downlinks({devices[0]: [(5, "03")], devices[1]: [(5, "01"), (5, "02")]}, devices)


@pytest.mark.requirement("DL-09.b", "DL-05.c")
def test_flush_alone_empties_the_queue(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """FlushDownlinkQueue 1 needs no payload: it is accepted, and the device receives nothing of what waited."""
    post_downlink(connection.downlink_url, {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "01"})
    answer = post_downlink(connection.downlink_url, {"DevEUI": devices[0].dev_eui, "FlushDownlinkQueue": "1"})
    accepted = lab.profile.choices.downlink_status
    lab.expect_seen(
        "it is accepted",
        answer.status_code,
        {"is": accepted},
        f"{answer.status_code} {answer.text[:200]}",
        proves="DL-05.c",
    )

    devices[0].send()
    lab.expect_downlinks({}, devices)


@pytest.mark.requirement("DL-09.c")
def test_without_flush_the_queue_is_kept(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """FlushDownlinkQueue 0 leaves what waits where it is: one downlink for each uplink, in the order of posting."""
    for payload, flush in (("01", 0), ("02", 0), ("03", "0")):
        downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": payload, "FlushDownlinkQueue": flush}
        post_downlink(connection.downlink_url, downlink)
    for _ in range(3):
        devices[0].send()
    lab.expect_downlinks({devices[0]: [(5, "01"), (5, "02"), (5, "03")]}, devices)


def expect_refused_or_rejected(
    lab: Lab,
    connection: LabConnection,
    post_downlink: PostDownlink,
    devices: list[LabDevice],
    field: str,
    value: str,
) -> None:
    """A downlink with this value answers 400 by the field, or is rejected with a cause that names it; never sent."""
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "CorrelationID": "00000000000A11D2"}
    downlink[field] = value
    answer = post_downlink(connection.downlink_url, downlink)
    if answer.status_code == 400:
        lab.expect_seen(f"the refusal names {field}", answer.text, {"holds": field}, answer.text[:200])
    else:
        report = await_report(lab, connection, REJECTED, str(downlink["CorrelationID"]))
        told = str(report.get("DownlinkRejectionCause", ""))
        lab.expect_seen(f"the cause names {field}", told, {"holds": field})
    lab.expect_no_downlink(devices)


def past() -> str:
    """A date that is over, with its offset."""
    return (datetime.now(UTC) - timedelta(minutes=5)).isoformat(timespec="milliseconds")


REJECTIONS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "validity-over": (lambda: {"ValidityTime": past()}, "expired"),
    "payload-too-big": (lambda: {"payload_hex": "00" * 243}, "payload"),
}


@pytest.mark.parametrize("case", REJECTIONS)
@pytest.mark.requirement("DL-11.a", "COM-13.f")
def test_what_the_network_rejects_comes_back_with_its_cause(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink, case: str
) -> None:
    """DevEUI_downlink_Rejected arrives with the network's cause and the CorrelationID; the device gets nothing."""
    changes, cause = REJECTIONS[case]
    correlation = "00000000000A11D0"
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "CorrelationID": correlation}
    post_downlink(connection.downlink_url, {**downlink, **changes()})

    report = await_report(lab, connection, REJECTED, correlation)
    lab.expect_seen("it names the device", report.get("DevEUI"), {"is": devices[0].dev_eui}, report)
    told = str(report.get("DownlinkRejectionCause", ""))
    lab.expect_seen(
        f"its cause speaks of {cause}", told.lower(), {"holds": cause.lower()}, told or "no DownlinkRejectionCause"
    )
    if lab.profile.features.events:
        dev_eui, words = devices[0].dev_eui, ("reject", "refuse")
        events = telling(lab, connection, cause, dev_eui=dev_eui, among=words, proves="COM-13.f")
        lab.expect_seen("it is told once", len(events), {"is": 1}, events, proves="COM-13.f")
    lab.expect_no_downlink(devices)


@pytest.mark.requirement("DL-11.b")
def test_malformed_correlation_id_is_rejected_or_refused(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """13 decimal digits are no CorrelationID: 400 by the field, or a rejection that names it; no device gets it."""
    expect_refused_or_rejected(lab, connection, post_downlink, devices, "CorrelationID", "1700000000000")


@pytest.mark.requirement("DL-10.a")
def test_downlink_that_expires_in_the_queue_is_not_sent(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """Valid for a second and the device silent for longer: it is not sent, and DevEUI_downlink_Rejected says so."""
    correlation = "00000000000A11D1"
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "CorrelationID": correlation}
    post_downlink(connection.downlink_url, {**downlink, "ValidityTime": 1})
    over_s = time.monotonic() + 1.05
    lab.poll(time.monotonic, lambda now: now > over_s, awaited="the end of the validity")

    devices[0].send()

    lab.expect_downlinks({}, devices)
    report = await_report(lab, connection, REJECTED, correlation)
    told = str(report.get("DownlinkRejectionCause", ""))
    lab.expect("its cause is the validity", "expired" in told or "validity" in told.lower(), told)


@pytest.mark.parametrize("validity", ["date", "seconds"])
@pytest.mark.requirement("DL-10.b")
def test_downlink_within_its_validity_is_sent(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink, validity: str
) -> None:
    """A date to come, or a number of seconds that is not over, holds nothing up."""
    until = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="milliseconds")
    value = until if validity == "date" else 300
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "ValidityTime": value}
    answer = post_downlink(connection.downlink_url, downlink)
    accepted = lab.profile.choices.downlink_status
    lab.expect_seen("it is accepted", answer.status_code, {"is": accepted}, f"{answer.status_code} {answer.text[:200]}")
    devices[0].send()
    lab.expect_downlinks({devices[0]: [(5, "aa")]}, devices)


@pytest.mark.parametrize(("minutes", "taken"), [(5, True), (-5, False)], ids=["to-come", "over"])
@pytest.mark.parametrize("offset", [-8.0, 5.5], ids=["west", "east"])
@pytest.mark.requirement("DL-10.a", "DL-10.b")
def test_validity_counts_whatever_its_offset(
    lab: Lab,
    connection: LabConnection,
    devices: list[LabDevice],
    post_downlink: PostDownlink,
    minutes: int,
    taken: bool,
    offset: float,
) -> None:
    """A date is a moment, by clocks east and west of here: five minutes ahead is sent, five minutes ago is not."""
    zone = timezone(timedelta(hours=offset))
    until = (datetime.now(zone) + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "ValidityTime": until}
    post_downlink(connection.downlink_url, downlink)
    devices[0].send()
    wanted = {devices[0]: [(5, "aa")]} if taken else {}
    lab.expect_downlinks(wanted, devices, proves="DL-10.b" if taken else "DL-10.a")


@pytest.mark.parametrize("value", ["yesterday", "12:00", "-1", "1.5"])
@pytest.mark.requirement("DL-10.c")
def test_validity_that_is_no_time_is_rejected_or_refused(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink, value: str
) -> None:
    """ValidityTime is a date or a number of seconds; anything else is refused or rejected by its name, and not sent."""
    expect_refused_or_rejected(lab, connection, post_downlink, devices, "ValidityTime", value)


@pytest.mark.needs("replacing")
@pytest.mark.requirement("DL-12.b", "COM-07.b")
def test_unknown_as_id_of_the_connection_is_rejected(
    lab: Lab, connection: LabConnection, body: dict[str, Any], devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """downlinkAsId of the connection goes to the network: one that it does not know is rejected, and that is told."""
    body["configuration"] |= {"downlinkAsId": "nobody.AS", "downlinkAsKey": lab.secrets.hex("nobody's AS key")}
    connection.replace(body)
    correlation = "00000000000A11D3"
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "CorrelationID": correlation}
    post_downlink(connection.downlink_url, downlink)

    report = await_report(lab, connection, REJECTED, correlation, proves="COM-07.b")
    told = str(report.get("DownlinkRejectionCause", ""))
    lab.expect_seen("the cause names the AS_ID", told, {"holds": "AS_ID"})
    lab.expect_no_downlink(devices)


@pytest.mark.needs("api", "replacing")
@pytest.mark.requirement("COM-07.c", "COM-24.d")
def test_key_of_the_connection_signs_and_its_mask_keeps_it(
    lab: Lab, connection: LabConnection, body: dict[str, Any], devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """downlinkAsKey signs: a wrong one is rejected, the right one taken, and ***** in its place keeps it."""
    right, wrong = lab.as_key, lab.secrets.hex("wrong AS key")
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa"}
    steps = ((wrong, "COM-07.c", 0), (right, "COM-07.c", 1), ("*****", "COM-24.d", 2))
    for number, (key, proves, taken) in enumerate(steps):
        body["configuration"] |= {"downlinkAsId": lab.options.as_id, "downlinkAsKey": key}
        shown = connection.replace(body)["configuration"].get("downlinkAsKey")
        lab.expect_seen("the key is shown as five asterisks", shown, {"is": "*****"}, str(shown), proves="COM-24.d")
        mark = lab.history.mark
        post_downlink(connection.downlink_url, {**downlink, "CorrelationID": f"00000000000A11B{number}"})
        lab.history.wait_for(
            lambda e, mark=mark: e.hop == "network.downlink" and e.seq > mark,  # type: ignore[misc]
            timeout_s=lab.deadlines.downlink_s,
        )
        devices[0].send()
        found = len(devices[0].received)
        lab.expect_seen(f"{taken} of {number + 1} downlinks reached the device", found, {"is": taken}, proves=proves)


@pytest.mark.requirement("DL-08.a", "DL-08.b")
def test_reports_of_two_devices_keep_their_correlation_ids(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """Confirmed downlinks for two devices: each acknowledges its own, and each report carries its own CorrelationID."""
    for number, device in enumerate(devices[:2]):
        correlation = f"00000000000A11E{number}"
        downlink = {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": f"0{number}", "Confirmed": 1}
        post_downlink(connection.downlink_url, {**downlink, "CorrelationID": correlation})
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.expect_downlinks({device: [(5, f"0{number}")] for number, device in enumerate(devices[:2])}, devices)
    for number, device in enumerate(devices[:2]):
        report = await_report(lab, connection, SENT, f"00000000000A11E{number}")
        lab.expect_seen("the report is of the device that it names", report["DevEUI"], {"is": device.dev_eui}, report)
        lab.expect_seen("it says sent", str(report.get("DeliveryStatus")), {"is": "1"}, report)
    acknowledged = {one.dev_eui: (one.document or {})["DevEUI_uplink"].get("ACKbit") for one in sent[len(devices) :]}
    wanted = {device.dev_eui: 1 if device in devices[:2] else None for device in devices}
    lab.expect_seen("those two acknowledge, and no other", acknowledged, {"is": wanted}, hop="device", proves="DL-08.b")


@pytest.mark.requirement("DL-08.c")
def test_unconfirmed_downlink_is_not_acknowledged(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """Without Confirmed the device receives the downlink and its next uplink acknowledges nothing."""
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "Confirmed": 0}
    post_downlink(connection.downlink_url, downlink)
    sent = [devices[0].send(), devices[0].send()]

    lab.expect_downlinks({devices[0]: [(5, "aa")]}, devices)
    acknowledged = (sent[1].document or {})["DevEUI_uplink"].get("ACKbit")
    lab.expect_seen(
        "the next uplink acknowledges nothing", acknowledged, {"empty": True}, str(acknowledged), hop="device"
    )
