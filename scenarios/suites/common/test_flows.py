"""Flows: which devices are bound to which connections, by key or by tags, and only to those."""

from collections.abc import Callable
from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, NoneArrives, Sent, deliveries
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.reports import ROOTS, uplink
from uplab.scenarios.suites.common.several import await_success, expect_accepted, judge_several

pytestmark = pytest.mark.needs("http")

MakeFlow = Callable[..., str]


@pytest.fixture
def make_flow(lab: Lab) -> MakeFlow:
    """Creates flows with matchers of one's own."""

    def make(connection: LabConnection, *matchers: dict[str, Any]) -> str:
        body = {
            "name": "uplab flow",
            "matchers": list(matchers),
            "connectors": [{"id": connection.resource["connectorId"], "connectionId": connection.id}],
        }
        answer = lab.api.request("POST", "/flows", body)
        if answer.status_code == 400 and any(matcher["type"] == "thing" for matcher in matchers):
            pytest.skip(f"this forwarder refuses tags, so it has none: {answer.text[:200]}")
        lab.expect_seen(
            "the flow is created", answer.status_code, {"is": 201}, f"{answer.status_code} {answer.text[:200]}"
        )
        return str(answer.json()["id"])

    return make


def arrived(lab: Lab, connection: LabConnection, *sent: Sent) -> list[str]:
    """Which of these uplinks arrived at the connection's destination."""
    found = {id_ for delivery in deliveries(lab.history.events, connection.route) for id_ in delivery.ids}
    return [one.id for one in sent if one.id in found]


@pytest.mark.requirement("COM-22.a")
def test_device_bound_to_two_connections_reaches_both(lab: Lab, devices: list[LabDevice]) -> None:
    """Each connection gets each uplink of a device that is bound to both, once."""
    one, other = connect_bin(lab, "/one", *devices), connect_bin(lab, "/other", *devices)

    sent = [device.send() for _ in range(2) for device in devices]
    await_success(lab, sent, one.route, other.route)

    judge_several(lab, sent, one, other)


@pytest.mark.needs("form")
@pytest.mark.requirement("COM-15.e")
def test_every_document_reaches_each_connection(lab: Lab, device: LabDevice) -> None:
    """Notifications, locations, reports and alarms of a device with two connections go to both, as its uplinks do."""
    one, other = connect_bin(lab, "/one", device), connect_bin(lab, "/other", device)

    sent = [lab.post(make(device)) for make in ROOTS.values()]
    expect_accepted(lab, *sent)
    await_success(lab, sent, one.route, other.route)

    judge_several(lab, sent, one, other)


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-22.a")
def test_device_bound_twice_to_one_connection_is_delivered_once(
    lab: Lab, device: LabDevice, make_flow: MakeFlow
) -> None:
    """Two flows, or two matchers, that lead a device to the same connection do not double its uplinks."""
    connection = connect_bin(lab, "/twice", device)
    key = {"type": "key", "key": f"lora:{device.dev_eui}"}
    make_flow(connection, key, key)

    sent = [device.send(), *lab.barrier(device)]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)


@pytest.mark.needs("api", "flows")
@pytest.mark.parametrize("case", [str.lower, str.upper], ids=["lower", "upper"])
@pytest.mark.requirement("COM-22.b")
def test_key_of_a_flow_may_be_written_in_either_case(
    lab: Lab, device: LabDevice, make_flow: MakeFlow, case: Callable[[str], str]
) -> None:
    """The documents write DevEUIs in capitals and flow keys in small letters: both find the device."""
    connection = connect_bin(lab, "/case")
    make_flow(connection, {"type": "key", "key": f"lora:{case(device.dev_eui)}"})

    sent = [device.send()]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-22.c")
def test_device_is_released_with_its_flow(lab: Lab, devices: list[LabDevice]) -> None:
    """After DELETE of the flow nothing of its devices is delivered, and what came before stays as it was."""
    connection = connect_bin(lab, "/released", *devices)
    before = [device.send() for device in devices]
    lab.await_delivery(before, connection.route)

    connection.unbind()
    after = [*(device.send() for device in devices), *lab.barrier(*devices)]

    late = arrived(lab, connection, *after)
    lab.expect_seen("nothing is delivered after its flow is gone", late, {"empty": True})
    judge_several(lab, before, connection)


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-22.d")
def test_tags_bind_the_devices_that_have_them_all(lab: Lab, devices: list[LabDevice], make_flow: MakeFlow) -> None:
    """A flow by tags takes devices that have all of them, in any case and perhaps more, and none that lacks one."""
    connection = connect_bin(lab, "/tags")
    make_flow(connection, {"type": "thing", "tags": ["uplab-floor=3", "UPLAB-HOUSE=a"]})
    tagged: list[list[str]] = [
        ["Uplab-House=A", "uplab-floor=3", "more"],
        ["uplab-floor=3"],
        ["uplab-floor=33", "my-uplab-house=a", "uplab-house=ab"],
    ]

    sent = [
        lab.post(uplink(device, CustomerData={"tags": tags, "name": device.name}))
        for device, tags in zip(devices, tagged, strict=True)
    ]
    lab.await_delivery(sent[:1], connection.route)
    lab.barrier(*devices)

    found = arrived(lab, connection, *sent)
    lab.expect_seen(
        "only the device that has every tag is delivered", found, {"is": [sent[0].id]}, f"{found} of {len(sent)}"
    )
    judge_several(lab, sent[:1], connection)


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-22.e")
def test_any_of_several_matchers_is_enough(lab: Lab, devices: list[LabDevice], make_flow: MakeFlow) -> None:
    """Matchers of a flow are alternatives: a key or a tag; the device that meets neither is not delivered."""
    connection = connect_bin(lab, "/either")
    make_flow(
        connection,
        {"type": "key", "key": f"lora:{devices[0].dev_eui}"},
        {"type": "thing", "tags": ["uplab-either=yes"]},
    )

    data = {"name": "either"}
    sent = [
        lab.post(uplink(devices[0], CustomerData=data)),
        lab.post(uplink(devices[1], CustomerData={**data, "tags": ["uplab-either=yes"]})),
        lab.post(uplink(devices[2], CustomerData=data)),
    ]
    lab.await_delivery(sent[:2], connection.route)
    lab.barrier(*devices)

    found = arrived(lab, connection, *sent)
    lab.expect_seen("the two that meet a matcher are delivered", found, {"is": [one.id for one in sent[:2]]})


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-20.f")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"matchers": [{"type": "key", "key": "lora:20635F"}]}, "key", id="short-DevEUI"),
        pytest.param({"matchers": [{"type": "key"}]}, "key", id="key-without-key"),
        pytest.param({"matchers": [{"type": "colour", "tags": ["a"]}]}, "matchers", id="unknown-type"),
        pytest.param({"connectors": [{"connectionId": "99999999"}]}, "connectionId", id="unknown-connection"),
        pytest.param({"name": None}, "name", id="no-name"),
    ],
)
@pytest.mark.needs("validation")
def test_wrong_flow_is_refused_by_field(lab: Lab, device: LabDevice, changes: dict[str, Any], field: str) -> None:
    """A flow that is wrong answers 400 with a code and a message that names the field; nothing is bound."""
    connection = connect_bin(lab, "/wrong-flow")
    body = {
        "name": "wrong",
        "matchers": [{"type": "key", "key": f"lora:{device.dev_eui}"}],
        "connectors": [{"id": "actility-http-iot", "connectionId": connection.id}],
        **changes,
    }
    refused = lab.api.request("POST", "/flows", {k: v for k, v in body.items() if v is not None})
    lab.expect_answer(f"a flow that is wrong in {field} answers 400", refused, 400)
    told = refused.json()
    lab.expect(
        f"there is a code, and the message names {field}",
        bool(told.get("code")) and field in told["message"],
        refused.text[:200],
    )


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-22.a", "COM-22.c")
def test_end_of_one_flow_ends_no_other(lab: Lab, devices: list[LabDevice], make_flow: MakeFlow) -> None:
    """DELETE of one of several flows: its devices go on by every other flow that names them, and so do the others'."""
    one, other = connect_bin(lab, "/one"), connect_bin(lab, "/other")
    first, both, last = ({"type": "key", "key": f"lora:{device.dev_eui}"} for device in devices)
    make_flow(one, first, both)
    make_flow(other, both)
    doomed = make_flow(one, both, last)
    before = [device.send() for device in devices]
    await_success(lab, before, one.route)

    lab.expect_answer("DELETE of the flow answers 204", lab.api.request("DELETE", f"/flows/{doomed}"), 204)
    after = [device.send() for device in devices]
    await_success(lab, after[:2], one.route)
    await_success(lab, after[1:2], other.route)
    lab.barrier(*devices)

    events, ids = lab.history.events, [sent.id for sent in after]
    lab.judge(
        checks.none_lost(events, ids[:2], one.route).proving("COM-22.a"),
        checks.none_lost(events, ids[1:2], other.route).proving("COM-22.a"),
    )
    ended = NoneArrives("the device that only this flow named is bound nowhere", ids[2:], one.route)
    lab.judge_alone(ended, proves="COM-22.c")


@pytest.mark.needs("api", "flows")
@pytest.mark.requirement("COM-22.a", "COM-22.c")
def test_device_that_a_flow_leaves_out_keeps_its_others(
    lab: Lab, devices: list[LabDevice], make_flow: MakeFlow
) -> None:
    """PUT of a flow without one of its devices, where flows can be replaced: another flow of that device goes on."""
    one, other = connect_bin(lab, "/one"), connect_bin(lab, "/other")
    first, both, last = ({"type": "key", "key": f"lora:{device.dev_eui}"} for device in devices)
    make_flow(other, both, last)
    changed = make_flow(one, first, both)
    before = [device.send() for device in devices]
    await_success(lab, before[:2], one.route)

    body = {
        "name": "uplab flow",
        "matchers": [first, last],
        "connectors": [{"id": one.resource["connectorId"], "connectionId": one.id}],
    }
    answer = lab.api.request("PUT", f"/flows/{changed}", body)
    if answer.status_code in (404, 405, 501):
        pytest.skip(f"this forwarder replaces no flow: {answer.status_code} {answer.text[:200]}")
    lab.expect_answer("PUT of the flow answers 200", answer, 200)
    after = [device.send() for device in devices]
    await_success(lab, [after[0], after[2]], one.route)
    await_success(lab, after[1:], other.route)
    lab.barrier(*devices)

    events, ids = lab.history.events, [sent.id for sent in after]
    lab.judge(
        checks.none_lost(events, [ids[0], ids[2]], one.route).proving("COM-22.a"),
        checks.none_lost(events, ids[1:], other.route).proving("COM-22.a"),
    )
    left_out = NoneArrives("the device that was left out is bound here no more", ids[1:2], one.route)
    lab.judge_alone(left_out, proves="COM-22.c")
