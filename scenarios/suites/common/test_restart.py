"""What was accepted and what was configured survive a stop, and a kill that gives no time for anything."""

import copy
from typing import Any

import pytest

from uplab.fakes.faults import Always, Delay, Fault, Hang, Nth, RefuseConnect, Status
from uplab.scenarios import Faults, Lab, LabDevice, NoneArrives, Route, deliveries, example_body
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin, documents, http_body, telling, wait_until_open
from uplab.scenarios.suites.common.several import await_arrival, await_success, judge_several
from uplab.scenarios.suites.faults.presumed import presume_trying_again

pytestmark = [pytest.mark.needs("http", "durable"), pytest.mark.usefixtures("own_process")]


@pytest.fixture
def blame(lab: Lab) -> None:
    """The generation of failure semantics in which a refused uplink waits for the next attempt."""
    presume_trying_again(lab)


@pytest.mark.usefixtures("blame")
@pytest.mark.requirement("COM-18.a")
def test_accepted_uplinks_survive_a_kill(lab: Lab, faults: Faults, devices: list[LabDevice]) -> None:
    """Accepted while the destination refuses, the forwarder killed and started: each uplink arrives once, in order."""
    # Given uplinks that wait because the destination refuses
    faults.plan(Fault("refuses", Always(), Status(503)))
    connection = connect_bin(lab, "/killed", *devices, blamePeriod=1)
    sent = [device.send() for _ in range(3) for device in devices]
    faults.happened()

    # When the forwarder is killed, and started while the destination is well again
    lab.restart_forwarder(kill=True)
    faults.heal()
    await_success(lab, sent, connection.route)

    # Then
    judge_several(lab, sent, connection)


@pytest.mark.varies("generation", "regime")
@pytest.mark.requirement("COM-18.b")
def test_delivered_uplinks_are_not_repeated_after_a_kill(lab: Lab, devices: list[LabDevice]) -> None:
    """What the destination had taken before the kill does not come again; what is sent afterwards comes once."""
    connection = connect_bin(lab, "/not-again", *devices)
    sent = [device.send() for _ in range(2) for device in devices]
    sent += lab.barrier(*devices)  # also gives time to write down what was delivered
    await_success(lab, sent, connection.route)

    lab.restart_forwarder(kill=True)
    sent += lab.barrier(*devices)
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)


@pytest.mark.varies("generation", "regime")
@pytest.mark.requirement("COM-18.c")
def test_delivery_that_was_open_at_the_kill_is_made_again(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """Killed while the destination had not answered yet: the uplink is sent again, and those behind it follow."""
    faults.plan(Fault("hangs", Nth(1), Hang()))
    connection = connect_bin(lab, "/open", device)
    sent = [device.send(), device.send()]
    faults.happened()

    lab.restart_forwarder(kill=True)
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)


@pytest.mark.varies("generation", "regime")
@pytest.mark.requirement("COM-18.d")
def test_orderly_stop_finishes_what_is_in_flight(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """Stopped while the destination takes its time, the forwarder waits for the answer, and does not send it again."""
    faults.plan(Fault("slow", Nth(1), Delay(0.5)))
    connection = connect_bin(lab, "/in-flight", device)
    sent = [device.send()]
    await_arrival(lab, connection.route)

    lab.restart_forwarder()
    sent += [device.send(), *lab.barrier(device)]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)
    tries = [d for d in deliveries(lab.history.events, connection.route) if sent[0].id in d.ids]
    lab.expect_seen("what was in flight was sent once", len(tries), {"is": 1}, f"{len(tries)} attempts")


@pytest.mark.needs("thingsboard")
@pytest.mark.requirement("COM-18.f")
def test_thingsboards_uplinks_survive_a_kill(lab: Lab, faults: Faults, devices: list[LabDevice]) -> None:
    """Accepted while ThingsBoard is not ready, killed and started: each uplink is published once, in order."""
    if "mqtt" not in lab.profile.choices.transports:
        pytest.skip(f"the profile {lab.profile.name} reaches ThingsBoard over {lab.transport} only")
    faults.plan(Fault("unavailable", Always(), RefuseConnect(3)), at=lab.thingsboard)
    body = copy.deepcopy(example_body("thingsboard.md"))
    account = lab.options.thingsboard_login
    body["configuration"] |= {"hostName": "thingsboard.cloud:1883", **account}
    connection = lab.connect(body, Route("thingsboard", "v1/gateway/telemetry"), *devices, state=None)
    sent = [device.send() for _ in range(2) for device in devices]
    faults.happened()

    lab.restart_forwarder(kill=True)
    faults.heal()
    if lab.profile.features.states and lab.profile.features.clock:
        lab.restart_forwarder(rate=600.0)  # the minutes between two attempts pass in a second
    try:
        await_success(lab, sent, connection.route)
    finally:
        lab.restart_forwarder(rate=1.0)
    lab.judge_telemetry(sent, connection)


@pytest.mark.needs("downlinks", "api")
@pytest.mark.requirement("DL-01.d")
def test_downlink_url_survives_a_restart(lab: Lab, device: LabDevice) -> None:
    """After a stop and after a kill the URL is the same, and a downlink posted to it reaches the device."""
    connection = connect_bin(lab, "/url", device)
    before = connection.downlink_url

    for kill in (False, True):
        lab.restart_forwarder(kill=kill)
        after = connection.read().get("downlinkUrl")
        lab.expect_seen(
            f"the URL is the same after a {'kill' if kill else 'stop'}", after, {"is": before}, f"{before}, {after}"
        )

    lab.post_downlink(before, {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "3e01"})
    device.send()
    lab.expect_downlinks({device: [(5, "3e01")]}, [device])


@pytest.mark.varies("generation", "regime")
@pytest.mark.needs("flows", "api")
@pytest.mark.requirement("COM-18.e")
def test_connections_and_flows_survive_a_kill(lab: Lab, devices: list[LabDevice]) -> None:
    """The connection is shown as it was, and the devices bound to it are still bound, the others still not."""
    stranger = lab.device()
    connection = connect_bin(lab, "/survives", *devices, description="as it was", headers={"X-Site": "A"})
    before = {key: connection.read()[key] for key in ("id", "name", "connectorId", "configuration")}

    lab.restart_forwarder(kill=True)
    wait_until_open(lab, connection)
    after = {key: connection.read().get(key) for key in before}
    lab.expect_seen("the connection is shown as it was", after, {"is": before})

    sent = [device.send() for device in devices]
    foreign = [stranger.send(), *lab.barrier(stranger)]
    await_success(lab, sent, connection.route)
    lab.judge_delivery(sent, connection, {"X-Site": lambda _: "A"})
    wrong = [d for d in deliveries(lab.history.events, connection.route) if {one.id for one in foreign} & set(d.ids)]
    lab.expect_seen(
        "a device that was not bound is still not bound", wrong, {"empty": True}, f"{len(wrong)} deliveries"
    )


@pytest.mark.needs("events", "clock", "options")
@pytest.mark.usefixtures("blame")
@pytest.mark.requirement("COM-05.d")
def test_what_expired_during_the_outage_is_dropped_with_its_event(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """An uplink that grows older than its validity while the destination refuses is dropped, told, and counted out."""
    faults.plan(Fault("refuses", Always(), Status(503)))
    connection = connect_bin(lab, "/outage", device, blamePeriod=60, uplinkTimeValidity="5m")
    old = device.send()
    faults.happened()

    lab.restart_forwarder(kill=True, rate=600.0)  # five minutes pass in half a second
    try:
        told = telling(lab, connection, old.f_cnt, dev_eui=device.dev_eui, among=("expire", "validity"))
        faults.heal()
    finally:
        lab.restart_forwarder(rate=1.0)

    lab.expect_seen("it is told once", len(told), {"is": 1}, told)
    fresh = [device.send(), *lab.barrier(device)]
    await_success(lab, fresh, connection.route)
    taken = [d for d in deliveries(lab.history.events, connection.route) if old.id in d.ids and d.delivered]
    lab.expect_seen("it is not delivered any more", taken, {"empty": True}, f"{len(taken)} deliveries")
    lab.judge(checks.none_lost(lab.history.events, [one.id for one in fresh], connection.route))


@pytest.mark.needs("flows", "api", "replacing", "deleting", "options", "form", "downlinks")
@pytest.mark.requirement("COM-18.e", "COM-01.b", "COM-01.c", "HTTP-03.a")
def test_what_was_changed_last_is_what_survives_a_kill(lab: Lab, devices: list[LabDevice]) -> None:
    """Replaced, made inactive, deleted: after a kill each connection is as it was left, and not as it was made."""
    changed = lab.connect(http_body("/before?old=1"), Route("posthere", "/before"), *devices)
    resting = connect_bin(lab, "/resting", *devices)
    deleted = connect_bin(lab, "/deleted", *devices)
    options: dict[str, Any] = {"sendMetadata": True, "downlinkPort": 77, "uplinkTimeValidity": "7d"}
    changed.replace(http_body("/before?new=2", headers={"X-Site": "after"}, **options))
    resting.replace({**http_body("/resting"), "active": False})
    deleted.delete()
    if lab.profile.features.states:
        resting.wait_for_state("DEACTIVATED")

    lab.restart_forwarder(kill=True)
    wait_until_open(lab, changed, proves="COM-18.e")
    told = lab.api.get(changed.id)
    wanted = {f"/configuration/{name}": {"is": value} for name, value in options.items()}
    lab.expect_shown("its options are those of the PUT", told, wanted, proves="COM-18.e")
    lab.expect_answer("what was deleted is gone", lab.api.get(deleted.id), 404, proves="HTTP-03.a")
    lab.expect_shown(
        "what was made inactive is shown so", lab.api.get(resting.id), {"/active": {"is": False}}, proves="COM-01.b"
    )

    # Then each does what it shows
    sent = [device.send() for device in devices]
    await_success(lab, sent, changed.route)
    lab.barrier(*devices)
    ids = [one.id for one in sent]
    events = lab.history.events
    lab.judge(checks.none_lost(events, ids, changed.route).proving("COM-18.e"))
    asked = [e for e in events if e.hop == "destination.arrived" and set(ids) & set(e.ids)]
    urls = {str(e.facts["url"]) for e in asked if changed.route.takes(e.facts)}
    lab.expect_seen("it goes to the address of the PUT", sorted(urls), {"is": ["/before?new=2"]}, proves="COM-18.e")
    roots = [body for body in documents(lab, changed) if "DevEUI_uplink" in body]
    lab.expect_seen("it has the form of the PUT", roots, {"empty": True}, f"{len(roots)} roots", proves="COM-18.e")
    silent = NoneArrives("what was made inactive delivers nothing", ids, resting.route)
    lab.judge_alone(silent, proves="COM-01.b")
    lab.judge_alone(NoneArrives("what was deleted delivers nothing", ids, deleted.route), proves="HTTP-03.a")

    # And what waited goes out once it is made active
    resting.replace({**http_body("/resting"), "active": True})
    await_success(lab, sent, resting.route)
    lab.judge(checks.none_lost(lab.history.events, ids, resting.route).proving("COM-01.c"))
