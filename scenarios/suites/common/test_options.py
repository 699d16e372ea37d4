"""The common options of a connection: active, the two formats, and how old an uplink may be."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice, Route, deliveries
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.difference import difference
from uplab.scenarios.suites.common.destination import (
    connect_bin,
    documents,
    http_body,
    metrics_of,
    telling,
    wait_until_open,
)
from uplab.scenarios.suites.common.reports import ROOTS, notification, uplink
from uplab.scenarios.suites.common.several import await_success, judge_several

pytestmark = pytest.mark.needs("http", "options", "form")


@pytest.mark.needs("replacing")
@pytest.mark.requirement("COM-01.a", "COM-01.c")
def test_inactive_connection_delivers_nothing(lab: Lab, device: LabDevice) -> None:
    """With active false nothing goes out; with active true it starts, and what was accepted meanwhile goes out too."""
    # Given a connection that is created inactive
    body = {**http_body("/inactive"), "active": False}
    connection = lab.connect(body, Route("posthere", "/inactive"), device, state=None)
    sent = [device.send(), *lab.barrier(device)]

    # Then nothing arrives
    early = deliveries(lab.history.events, connection.route)
    lab.expect_seen("an inactive connection delivers nothing", early, {"empty": True}, f"{len(early)} deliveries")
    if lab.profile.features.states:
        connection.wait_for_state("DEACTIVATED")

    # And when it is made active, everything does
    connection.replace({**body, "active": True})
    sent.append(device.send())
    await_success(lab, sent, connection.route)
    judge_several(lab, sent, connection, proves="COM-01.c")


@pytest.mark.needs("api")
@pytest.mark.requirement("COM-01.b")
def test_deactivated_connection_stops(lab: Lab, device: LabDevice) -> None:
    """A running connection that is set to active false delivers nothing of what comes afterwards."""
    connection = connect_bin(lab, "/stopped", device)
    before = [device.send()]
    lab.await_delivery(before, connection.route)

    connection.replace({**http_body("/stopped"), "active": False})
    lab.poll(connection.read, {"/active": {"is": False}}, awaited="the API showing active false")
    if lab.profile.features.states:
        connection.wait_for_state("DEACTIVATED")
    lab.barrier(device)

    arrived = deliveries(lab.history.events, connection.route)
    lab.expect_seen("nothing is delivered after it stopped", len(arrived), {"is": 1}, f"{len(arrived)} deliveries")


@pytest.mark.needs("api")
@pytest.mark.requirement("COM-01.d")
def test_connection_is_active_by_default(lab: Lab, device: LabDevice) -> None:
    """A body without active is shown as active, and delivers."""
    connection = connect_bin(lab, "/active", device, state=None)
    lab.expect_shown(
        "active is shown as true", lab.api.get(connection.id), {"/active": {"is": True}}, proves="COM-01.d"
    )
    wait_until_open(lab, connection, proves="COM-01.d")
    sent = [device.send()]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("COM-03.a", "COM-03.b")
def test_send_metadata_takes_the_root_away(lab: Lab, device: LabDevice) -> None:
    """sendMetadata true delivers the content of DevEUI_uplink without its root, and no other document."""
    connection = connect_bin(lab, "/metadata", device, sendMetadata=True)

    others = [lab.post(make(device)) for make in ROOTS.values()]
    sent = [device.send()]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(device)
    lab.await_delivery(sent, connection.route)

    events, ids, to = lab.history.events, [one.id for one in sent], connection.route
    lab.judge(checks.none_lost(events, ids, to), checks.none_twice(events, ids, to), checks.in_order(events, ids, to))
    shown = documents(lab, connection)
    passed = {id_ for d in deliveries(lab.history.events, connection.route) for id_ in d.ids}
    rooted = [document for document in shown if "DevEUI_uplink" in document]
    lab.expect("no body has the root key of an uplink", not rooted, rooted[:1] or "none has it", proves="COM-03.a")
    foreign = [next(iter(one.document or {})) for one in others if one.id in passed]
    lab.expect_seen("none of the other roots is delivered", foreign, {"empty": True}, proves="COM-03.b")
    lab.expect_seen(
        "only the uplinks arrive",
        len(shown),
        {"is": len(sent)},
        [sorted(document)[:3] for document in shown],
        proves="COM-03.b",
    )
    added = ("downlinkUrl", "payload", "DriverCfg")
    for one, document in zip(sent, shown, strict=True):
        wanted = {k: v for k, v in (one.document or {})["DevEUI_uplink"].items() if k not in added}
        found = difference(wanted, {k: v for k, v in document.items() if k not in added})
        lab.expect_seen(
            "the body is the content of the root, unaltered", found, {"is": None}, found or "equal", proves="COM-03.a"
        )


@pytest.mark.needs("drivers")
@pytest.mark.requirement("COM-04.a", "DL-02.b")
def test_send_raw_decoded_format_delivers_the_payload_alone(lab: Lab, device: LabDevice) -> None:
    """sendRawDecodedFormat true delivers what the driver decoded and nothing else."""
    connection = connect_bin(lab, "/decoded", device, sendRawDecodedFormat=True)

    device.send(temperature_c=21.5, humidity_pct=40)

    lab.poll(lambda: len(documents(lab, connection)), bool, awaited="the decoded payload in the bin")
    [shown] = documents(lab, connection)
    kept = (shown.get("temperature"), shown.get("humidity")) == (21.5, 40)
    lab.expect("the body is the decoded payload", kept and "DevEUI_uplink" not in shown, shown)
    lab.expect_seen("it carries no downlink URL", str(shown), {"lacks": "downlinkMessages"}, shown, proves="DL-02.b")


@pytest.mark.needs("drivers")
@pytest.mark.requirement("COM-04.b")
def test_without_a_payload_the_full_document_is_delivered(lab: Lab, device: LabDevice) -> None:
    """sendRawDecodedFormat true, and no driver, a decoding error or another root: the document arrives whole."""
    connection = connect_bin(lab, "/whole", device, sendRawDecodedFormat=True)

    documents_sent = [
        uplink(device, DriverCfg=None),
        uplink(device, payload_hex="ff"),
        uplink(device, FPort=None, payload_hex=None),
        notification(device),
    ]
    sent = [lab.post(document) for document in documents_sent]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("COM-03.c")
def test_send_metadata_goes_before_the_decoded_format(lab: Lab, device: LabDevice) -> None:
    """With both options true, sendRawDecodedFormat is ignored: the content of the root is delivered."""
    connection = connect_bin(lab, "/both", device, sendMetadata=True, sendRawDecodedFormat=True)

    sent = [device.send()]
    lab.await_delivery(sent, connection.route)

    lab.judge(checks.none_lost(lab.history.events, [sent[0].id], connection.route))
    [shown] = documents(lab, connection)
    lab.expect_seen("the body is the uplink's content", shown.get("FCntUp"), {"is": sent[0].f_cnt}, shown)


@pytest.mark.requirement("COM-05.a")
def test_old_uplink_is_dropped_with_an_event(lab: Lab, device: LabDevice) -> None:
    """Older than uplinkTimeValidity: not delivered, one event names device, counter and reason. Younger: delivered."""
    connection = connect_bin(lab, "/old", device, uplinkTimeValidity="10m")

    young = [lab.post(uplink(device, age_s=300.0))]
    old = lab.post(uplink(device, age_s=1200.0))
    late = [lab.post(uplink(device)), *lab.barrier(device)]
    lab.await_delivery([*young, *late], connection.route)

    arrived = [d for d in deliveries(lab.history.events, connection.route) if old.id in d.ids]
    lab.expect_seen(
        "an uplink of 20 minutes is not delivered when 10 are allowed",
        arrived,
        {"empty": True},
        f"{len(arrived)} deliveries",
    )
    judge_several(lab, [*young, *late], connection)
    if lab.profile.features.events:
        told = telling(lab, connection, old.f_cnt, dev_eui=device.dev_eui)
        lab.expect_seen("one event tells it", len(told), {"is": 1}, told)
        lab.expect("it tells age and limit", all(n in str(told[0]) for n in ("1200", "600")), told[0])
    if lab.profile.features.metrics:
        lost = metrics_of(lab, connection)["lastHour"]["uplinksLost"]
        lab.expect_seen("it is counted as lost", lost, {"is": 1}, f"{lost} lost")


def elsewhere(age_s: float, offset_h: float) -> str:
    """The moment so many seconds ago, as a place so many hours east of Greenwich writes it."""
    zone = timezone(timedelta(hours=offset_h))
    return (datetime.now(zone) - timedelta(seconds=age_s)).isoformat(timespec="milliseconds")


@pytest.mark.requirement("COM-05.a")
def test_age_counts_whatever_the_offset_of_time(lab: Lab, device: LabDevice) -> None:
    """Five and twenty minutes old by clocks east and west of here: what is delivered goes by the moment alone."""
    connection = connect_bin(lab, "/offsets", device, uplinkTimeValidity="10m")

    offsets = (5.5, -8.0)
    young = [lab.post(uplink(device, Time=elsewhere(300.0, offset))) for offset in offsets]
    old = [lab.post(uplink(device, Time=elsewhere(1200.0, offset))) for offset in offsets]
    fresh = [lab.post(uplink(device)), *lab.barrier(device)]
    await_success(lab, [*young, *fresh], connection.route)

    taken = {id_ for d in deliveries(lab.history.events, connection.route) if d.delivered for id_ in d.ids}
    kept = [one.id for one in young if one.id in taken]
    late = [one.id for one in old if one.id in taken]
    lab.expect_seen("those of 5 minutes are delivered, by both clocks", len(kept), {"is": 2}, kept, proves="COM-05.a")
    lab.expect_seen("those of 20 minutes are not", late, {"empty": True}, late, proves="COM-05.a")


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-05.e")
def test_validity_of_a_flow_counts_too(lab: Lab, device: LabDevice) -> None:
    """A flow's connector has an uplinkTimeValidity of its own, which is honoured, or refused by its name."""
    connection = connect_bin(lab, "/flow-validity")
    flow = {
        "name": "uplab validity",
        "matchers": [{"type": "key", "key": f"lora:{device.dev_eui.lower()}"}],
        "connectors": [
            {"id": connection.resource["connectorId"], "connectionId": connection.id, "uplinkTimeValidity": "10m"}
        ],
    }
    answer = lab.api.request("POST", "/flows", flow)
    if answer.status_code == 400:
        said = answer.json().get("message", "")
        lab.expect_seen("the refusal names it", said, {"holds": "uplinkTimeValidity"}, answer.text[:200])
        return
    lab.expect_answer("the flow is created", answer, 201)

    young, old = lab.post(uplink(device, age_s=300.0)), lab.post(uplink(device, age_s=1200.0))
    fresh = [lab.post(uplink(device)), *lab.barrier(device)]
    await_success(lab, [young, *fresh], connection.route)

    taken = {id_ for d in deliveries(lab.history.events, connection.route) if d.delivered for id_ in d.ids}
    found = (young.id in taken, old.id in taken)
    lab.expect_seen("an uplink of 5 minutes is delivered, one of 20 is not", found, {"is": (True, False)})


UNITS = {"90s": 90, "2m": 120, "1h": 3600, "1d": 86_400, "30d": 2_592_000}


@pytest.mark.requirement("COM-05.c")
def test_each_unit_of_validity_is_understood(lab: Lab, device: LabDevice) -> None:
    """s, m, h and d, a month too: an uplink of half that age is delivered, one of half as much again is not."""
    connections = {
        validity: connect_bin(lab, f"/validity-{validity}", device, uplinkTimeValidity=validity) for validity in UNITS
    }
    sent = {
        validity: (lab.post(uplink(device, age_s=0.5 * age_s)), lab.post(uplink(device, age_s=1.5 * age_s)))
        for validity, age_s in UNITS.items()
    }
    fresh = lab.post(uplink(device))
    await_success(lab, [fresh], *(connection.route for connection in connections.values()))

    for validity, connection in connections.items():
        young, old = sent[validity]
        taken = {id_ for d in deliveries(lab.history.events, connection.route) if d.delivered for id_ in d.ids}
        found = (young.id in taken, old.id in taken)
        lab.expect_seen(f"{validity}: half of it is delivered, half as much again is not", found, {"is": (True, False)})


@pytest.mark.needs("api")
@pytest.mark.parametrize("value", ["", "10", "10x", "-1m", "0m", "1.5h", "ten minutes", 600, True])
@pytest.mark.requirement("COM-05.b")
@pytest.mark.needs("validation")
def test_validity_that_is_no_duration_is_refused(lab: Lab, value: Any) -> None:
    """uplinkTimeValidity is a duration such as 1m, 10m or 72h; anything else answers 400 and names the key."""
    refused = lab.api.create(http_body("/duration", uplinkTimeValidity=value))
    lab.expect_answer(f"uplinkTimeValidity {value!r} answers 400", refused, 400)
    lab.expect_seen(
        "the message names it", refused.json().get("message", ""), {"holds": "uplinkTimeValidity"}, refused.text[:200]
    )
