"""The broker withholds, closes, vanishes, or the forwarder is killed: nothing is lost."""

import pytest

from uplab.fakes.faults import Action, Close, Fault, Garbage, Nth, RepeatPuback, TakeOver, WithholdPuback
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice, Route
from uplab.scenarios.checks import checks
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.common.several import await_success, judge_several

pytestmark = pytest.mark.needs("mqtt")

REOPENED_S = 6 * 60 / 600  # five minutes (NORMAL), a minute off by chance, at the pace of `hurried`


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(Close(), id="closed"),
        pytest.param(Close(reset=True), id="reset"),
        pytest.param(Close(handled=True), id="closed-after-taking-it"),
        pytest.param(TakeOver(), id="taken-over"),
        pytest.param(Garbage(), id="garbage"),
    ],
)
@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock")
@pytest.mark.requirement("MQTT-09.a")
def test_link_that_ends_is_renewed_without_loss(
    lab: Lab, faults: Faults, connection: LabConnection, devices: list[LabDevice], action: Action
) -> None:
    """In the middle of an uplink: the connection opens again, and every uplink arrives."""
    faults.plan(Fault("ended", Nth(2), action), at=lab.broker)

    sent = [device.send() for _ in range(2) for device in devices]
    await_success(lab, sent, connection.route, after_s=REOPENED_S)

    judge_several(lab, sent, connection)


@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock")
@pytest.mark.requirement("MQTT-09.a")
def test_unacknowledged_message_is_sent_again(
    lab: Lab, faults: Faults, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """What still waits for its PUBACK when the link ends was not delivered: it goes out again on the next link."""
    faults.plan(
        Fault("withheld", Nth(1), WithholdPuback(handled=False)), Fault("closed", Nth(2), Close()), at=lab.broker
    )
    sent = [device.send() for device in devices]
    faults.happened(count=2)
    await_success(lab, sent, connection.route, after_s=REOPENED_S)

    judge_several(lab, sent, connection)


@pytest.mark.delivery
@pytest.mark.requirement("MQTT-03.a")
def test_puback_that_comes_twice_does_no_harm(
    lab: Lab, faults: Faults, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """A second PUBACK for the same message loses and repeats nothing."""
    faults.plan(Fault("twice", Nth(1), RepeatPuback(2)), at=lab.broker)

    sent = [device.send() for _ in range(2) for device in devices]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)


@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock")
@pytest.mark.requirement("MQTT-09.b")
def test_killed_broker_costs_no_uplink(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """Killed between uplinks, and back with nothing of what it knew: each accepted uplink arrives."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.loop.run(lab.broker.kill())
    sent += [device.send() for device in devices]
    lab.loop.call(lab.broker.revive)
    await_success(lab, sent, connection.route, after_s=REOPENED_S)

    judge_several(lab, sent, connection)


@pytest.mark.usefixtures("own_process")
@pytest.mark.needs("durable")
@pytest.mark.requirement("MQTT-10")
def test_accepted_uplinks_survive_a_kill_of_the_forwarder(
    lab: Lab, faults: Faults, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """Accepted while the broker acknowledges nothing, the forwarder killed and started: each uplink arrives."""
    faults.plan(
        *(Fault(f"withheld {number}", Nth(number), WithholdPuback(handled=False)) for number in (1, 2, 3)),
        at=lab.broker,
    )
    sent = [device.send() for _ in range(3) for device in devices]
    faults.happened(count=3)

    lab.restart_forwarder(kill=True)
    faults.heal()
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)


@pytest.mark.usefixtures("own_process", "hurried")
@pytest.mark.needs("durable", "clock")
@pytest.mark.requirement("MQTT-10", "MQTT-09.b")
def test_kills_in_turn_under_traffic_cost_no_uplink(
    lab: Lab, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """Broker and forwarder are killed in turn, with uplinks before, between and after: each accepted one arrives."""
    sent = []
    for _ in range(2):
        sent += [device.send() for _ in range(3) for device in devices]
        lab.loop.run(lab.broker.kill())
        sent += [device.send() for device in devices]
        lab.restart_forwarder(kill=True)
        sent += [device.send() for device in devices]
        lab.loop.call(lab.broker.revive)
        lab.loop.run(lab.broker.ready(), timeout_s=lab.deadlines.ready_s)
        sent += [device.send() for device in devices]
    await_success(lab, sent, connection.route, after_s=2 * REOPENED_S)

    lab.judge_alone(checks.NoneLost([one.id for one in sent], connection.route), proves="MQTT-10")


@pytest.mark.requirement("MQTT-03.d")
def test_two_connections_to_one_broker_keep_their_sessions(lab: Lab, devices: list[LabDevice]) -> None:
    """Each connection is a client of its own to the broker: both deliver, and neither ends the session of the other."""
    one = lab.connect(broker_body(uplinkTopicPattern="one/{DevEUI}"), Route("broker", "one/+"), *devices)
    other = lab.connect(broker_body(uplinkTopicPattern="other/{DevEUI}"), Route("broker", "other/+"), *devices)

    sent = [device.send() for _ in range(2) for device in devices]
    await_success(lab, sent, one.route, other.route)

    judge_several(lab, sent, one, other)
    connected = [e for e in lab.history.events if e.hop == "destination.connected" and e.facts["fake"] == "broker"]
    names = [str(event.facts["client_id"]) for event in connected]
    twice = sorted({name for name in names if names.count(name) > 1})
    lab.expect_seen("no two of them have one client identifier", twice, {"empty": True}, names, proves="MQTT-03.d")
