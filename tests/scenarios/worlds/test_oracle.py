"""The oracle: from a plan alone, what must happen, what may, and what must not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.checks.policy.declared import GENERATIONS, DeliveryPolicy
from uplab.scenarios.worlds.oracle import Due, Fates, Report, fates, given_up, validity_s
from uplab.scenarios.worlds.plan import Connection

SEND = {"do": "send", "device": "a"}
OTHER = {"do": "send", "device": "b"}
WAIT = {"do": "wait"}


def going(*steps: dict[str, Any], **more: Any) -> tuple[Fates, list[tuple[int, str, tuple[int, ...], bool]]]:
    """The fates of a world, and its dues without those of the barrier."""
    plan = small_world(*steps, **more)
    found = fates(plan)
    dues = [(one.step, one.connection, one.versions, one.certain) for one in found.dues if one.step < len(plan.steps)]
    return found, sorted(dues)


def test_document_goes_to_each_connection_of_its_device() -> None:
    _, dues = going(SEND, OTHER)
    assert dues == [(0, "x", (0,), True), (0, "y", (0,), True), (1, "x", (0,), True)]


def test_device_that_is_bound_twice_is_delivered_once() -> None:
    _, dues = going(SEND, flows=[{"devices": ["a"], "connections": ["x"]}] * 2)
    assert dues == [(0, "x", (0,), True)]


def test_what_goes_wrong_on_the_air_is_delivered_as_what_is_sent() -> None:
    trouble = {"do": "air", "device": "a", "trouble": "rejoin"}
    found, dues = going(trouble, SEND)
    assert dues == [(0, "x", (0,), True), (0, "y", (0,), True), (1, "x", (0,), True), (1, "y", (0,), True)]
    assert found.frames == {"a": [], "b": []}
    down = {"do": "downlink", "device": "a", "through": "x", "fields": {"FPort": 5, "payload_hex": "01"}}
    assert going(down, trouble)[0].frames["a"] is None


def test_what_is_released_stays_away() -> None:
    _, dues = going({"do": "unbind", "flow": 1}, SEND)
    assert dues == [(1, "x", (0,), True)]


def test_what_is_under_way_at_a_put_may_go_either_way() -> None:
    change = {"do": "change", "connection": "x", "to": {"suffix": "/new"}}
    found, dues = going(SEND, change, SEND, WAIT)
    assert (0, "x", (0, 1), True) in dues
    assert (2, "x", (1,), True) in dues
    assert found.open == 1


def test_after_a_wait_nothing_is_open() -> None:
    change = {"do": "change", "connection": "x", "to": {"suffix": "/new"}}
    found, dues = going(SEND, WAIT, change, SEND)
    assert (0, "x", (0,), True) in dues
    assert found.open == 0


def test_what_comes_while_inactive_waits_and_goes_by_the_newest_configuration() -> None:
    off = {"do": "change", "connection": "x", "to": {"active": False}}
    on = {"do": "change", "connection": "x", "to": {"active": True, "suffix": "/on"}}
    _, dues = going(off, SEND, WAIT, on, WAIT)
    assert (1, "x", (2,), True) in dues
    _, dues = going(off, SEND, WAIT)
    assert not any(name == "x" for _, name, _, _ in dues)


def test_what_is_queued_goes_with_the_connection() -> None:
    off = {"do": "change", "connection": "x", "to": {"active": False}}
    found, dues = going(off, SEND, {"do": "delete", "connection": "x"}, SEND)
    assert not any(name == "x" for _, name, _, _ in dues)
    assert found.ends["x"].gone


def test_what_is_under_way_at_delete_may_stay_away() -> None:
    found, dues = going(SEND, {"do": "delete", "connection": "x"})
    assert (0, "x", (0,), False) in dues
    assert found.open == 1


def test_each_document_has_its_end_by_the_next_wait() -> None:
    plan = small_world(SEND, WAIT, SEND)
    assert Due(0, "x", (0,), 1) in fates(plan).dues
    last = max(one.by for one in fates(plan).dues)
    assert last == len(plan.steps) + len(plan.devices)


def test_barrier_goes_where_the_flows_stand() -> None:
    plan = small_world({"do": "unbind", "flow": 1})
    barrier = [(one.step, one.connection) for one in fates(plan).dues if one.step >= len(plan.steps)]
    assert barrier == [(1, "x"), (2, "x")]


def down(device: str = "a", **fields: Any) -> dict[str, Any]:
    return {"do": "downlink", "device": device, "through": "x", "fields": fields}


def test_downlink_comes_with_the_next_uplink() -> None:
    found, _ = going(down(FPort=5, payload_hex="0A"), down("b", FPort="9", payload_hex="0b"), SEND, OTHER)
    assert found.frames == {"a": [(5, "0a")], "b": [(9, "0b")]}
    assert [one.taken for one in found.answers] == [True, True]


def test_flush_empties_the_queue_of_its_device_alone() -> None:
    flush = down(FlushDownlinkQueue="1")
    steps = (down(FPort=5, payload_hex="01"), down("b", FPort=5, payload_hex="02"), flush, SEND, OTHER)
    assert going(*steps)[0].frames == {"a": [], "b": [(5, "02")]}


@pytest.mark.parametrize(
    ("step", "connection", "why"),
    [
        (down(FPort=5, payload_hex="01"), {"configuration": {"downlinkEnabled": False}}, "downlinkEnabled"),
        (down(payload_hex="01"), {}, "no FPort"),
        (down(FPort=225, payload_hex="01"), {}, "no FPort"),
        (down(FPort=5), {}, "no payload"),
    ],
)
def test_downlink_is_refused(step: dict[str, Any], connection: dict[str, Any], why: str) -> None:
    found, _ = going(step, SEND, connections={"x": connection, "y": {}})
    assert found.frames["a"] == []
    assert not found.answers[0].taken
    assert why in found.answers[0].why


def test_downlink_to_a_device_that_is_not_bound_is_refused() -> None:
    found, _ = going({**down("b", FPort=5, payload_hex="01"), "through": "y"}, OTHER)
    assert not found.answers[0].taken


def test_port_of_the_connection_is_used_where_the_downlink_has_none() -> None:
    found, _ = going(down(payload_hex="01"), SEND, connections={"x": {"configuration": {"downlinkPort": 7}}, "y": {}})
    assert found.frames["a"] == [(7, "01")]


def test_late_uplink_opens_no_window_that_counts() -> None:
    found, _ = going(down(FPort=5, payload_hex="01"), {**SEND, "late": True})
    assert found.frames["a"] == [(5, "01")]  # the barrier's uplink takes it
    two = (down(FPort=5, payload_hex="01"), down(FPort=5, payload_hex="02"))
    assert going(*two, {**SEND, "late": True})[0].frames["a"] == [(5, "01")]


def test_faults_are_counted_by_connection() -> None:
    found, _ = going({"do": "fault", "connection": "y", "kind": "503", "times": 2}, SEND)
    assert found.faults == {"y": 2}


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7200), ("6d", 518_400), ("", None)])
def test_validity(text: str, seconds: float | None) -> None:
    assert validity_s({"uplinkTimeValidity": text}) == seconds


def test_fault_that_is_none_fails_nothing() -> None:
    found, _ = going({"do": "fault", "connection": "y", "kind": "slow", "times": 2}, SEND)
    assert not found.faults


def test_what_waited_goes_out_once() -> None:
    off = {"do": "change", "connection": "x", "to": {"active": False}}
    on = {"do": "change", "connection": "x", "to": {"suffix": "/on"}}
    again = {"do": "change", "connection": "x", "to": {"suffix": "/again"}}
    found, dues = going(off, SEND, on, WAIT, again, WAIT)
    assert [one for one in dues if one[1] == "x"] == [(1, "x", (2,), True)]
    assert found.ends["x"].waiting == []


def test_trouble_holds_back_until_a_put() -> None:
    connections = {"x": {"trouble": "nobody"}, "y": {}}
    mended = {"do": "change", "connection": "x", "to": {}}
    assert not any(name == "x" for _, name, _, _ in going(SEND, WAIT, connections=connections)[1])
    assert (0, "x", (1,), True) in going(SEND, WAIT, mended, WAIT, connections=connections)[1]


def test_nothing_waits_at_a_connection_that_is_deleted() -> None:
    off = {"do": "change", "connection": "x", "to": {"active": False}}
    assert going(off, SEND, {"do": "delete", "connection": "x"})[0].ends["x"].waiting == []


def test_flow_that_is_bound_later_holds_from_then_on() -> None:
    _, dues = going(OTHER, WAIT, {"do": "bind", "flow": {"devices": ["b"], "connections": ["y"]}}, OTHER)
    assert [(step, name) for step, name, _, _ in dues] == [(0, "x"), (3, "x"), (3, "y")]


@pytest.mark.parametrize("end", [WAIT, {"do": "restart"}, {"do": "restart", "kill": True}])
def test_what_is_under_way_is_over_at_a_wait_and_at_a_restart(end: dict[str, Any]) -> None:
    assert Due(0, "x", (0,), 1) in fates(small_world(SEND, end, OTHER)).dues


def test_what_is_under_way_at_the_end_is_over_there() -> None:
    assert Due(0, "x", (0,), 1) in fates(small_world(SEND)).dues


def test_each_uplink_takes_one_downlink() -> None:
    downs = [down(FPort=5, payload_hex=f"0{number}") for number in range(4)]
    assert going(*downs, {**SEND, "times": 2})[0].frames["a"] == [(5, "00"), (5, "01"), (5, "02")]  # and the barrier's
    assert going(*downs)[0].frames["a"] == [(5, "00")]


def test_what_waits_for_a_device_that_joins_again_is_open() -> None:
    join = {"do": "join", "device": "a"}
    assert going(down(FPort=5, payload_hex="01"), join)[0].frames == {"a": None, "b": []}
    assert going(join, down(FPort=5, payload_hex="01"), SEND)[0].frames["a"] == [(5, "01")]


def test_network_is_handed_what_was_posted() -> None:
    steps = (down(FPort=5, payload_hex="0A", CorrelationID="00000000000b0b01"), down(FlushDownlinkQueue=1))
    assert going(*steps)[0].handed == {"a": [(5, "0a", "00000000000B0B01"), (None, "", None)], "b": []}


@pytest.mark.parametrize(
    ("fields", "rejected"),
    [
        ({"payload_hex": "00" * 242}, False),
        ({"payload_hex": "00" * 243}, True),
        ({"payload_hex": "01", "ValidityTime": "2020-01-01T00:00:00.000+00:00"}, True),
        ({"payload_hex": "01", "ValidityTime": "2099-01-01T00:00:00.000+00:00"}, False),
        ({"payload_hex": "01", "ValidityTime": 3600}, False),
    ],
)
def test_what_the_network_rejects_is_reported_and_reaches_no_device(fields: dict[str, Any], rejected: bool) -> None:
    found, _ = going(down(FPort=5, CorrelationID="00000000000B0B01", **fields), SEND)
    assert found.reports == ([Report("x", "a", "00000000000B0B01")] if rejected else [])
    assert found.frames["a"] == ([] if rejected else [(5, fields["payload_hex"])])
    assert found.answers[0].taken


def test_report_without_an_id_is_not_awaited() -> None:
    assert going(down(FPort=5, payload_hex="00" * 243))[0].reports == []


@pytest.mark.parametrize(("port", "taken"), [(1, True), (224, True), ("9", True), (0, False), (225, False)])
def test_ports_are_taken_from_1_to_224(port: Any, taken: bool) -> None:
    assert going(down(FPort=port, payload_hex="01"))[0].answers[0].taken is taken


@pytest.mark.parametrize("digits", ["zz", "0", "0 "])
def test_digits_that_are_no_bytes_are_refused(digits: str) -> None:
    found, _ = going(down(FPort=5, payload_hex=digits), SEND)
    assert "no bytes" in found.answers[0].why
    assert found.handed["a"] == []


def test_connection_that_does_not_work_says_nothing_of_downlinks() -> None:
    found, _ = going(down(FPort=5, payload_hex="01"), connections={"x": {"trouble": "nobody"}, "y": {}})
    assert (found.answers, found.frames["a"]) == ([], None)


def test_deleted_connection_refuses_downlinks() -> None:
    found, _ = going({"do": "delete", "connection": "x"}, down(FPort=5, payload_hex="01"))
    assert "deleted" in found.answers[0].why


def test_as_id_of_the_connection_is_unknown_to_the_network() -> None:
    connections = {"x": {"configuration": {"downlinkAsId": "TWA_world.1.AS"}}, "y": {}}
    found, _ = going(down(FPort=5, payload_hex="01", CorrelationID="00000000000B0B01"), SEND, connections=connections)
    assert found.frames["a"] == []
    assert found.reports == [Report("x", "a", "00000000000B0B01")]
    assert found.rejected == [("x", "a")]


def test_key_of_the_connection_is_unknown_to_the_network() -> None:
    connections = {"x": {"configuration": {"downlinkAsKey": "00112233445566778899AABBCCDDEEFF"}}, "y": {}}
    found, _ = going(down(FPort=5, payload_hex="01"), SEND, connections=connections)
    assert (found.frames["a"], found.rejected, found.reports) == ([], [("x", "a")], [])


OWN = DeliveryPolicy(attempts=3, pauses_s=(0.5,), never_again=("404",), stops=("401",))
RESEND = GENERATIONS["strict-resend"]
STRICT: dict[str, Any] = {"x": {}, "y": {"configuration": {"strictMode": True}}}


def certain(policy: DeliveryPolicy, *steps: dict[str, Any], **more: Any) -> list[bool]:
    """Whether what goes to y certainly comes, in the order of the steps."""
    plan = small_world(*steps, **more)
    found = fates(plan, policy, "strict-resend" if policy is RESEND else "own").dues
    return [one.certain for one in found if one.connection == "y" and one.step < len(plan.steps)]


def fault(kind: str, times: int = 1, connection: str = "y") -> dict[str, Any]:
    return {"do": "fault", "connection": connection, "kind": kind, "times": times}


@pytest.mark.parametrize(
    ("policy", "kind", "times", "sure"),
    [
        (GENERATIONS["blame"], "503", 5, True),
        (GENERATIONS["none"], "503", 1, False),
        (GENERATIONS["none"], "slow", 1, True),
        (OWN, "503", 2, True),
        (OWN, "503", 3, False),
        (OWN, "404", 1, False),
        (OWN, "401", 1, False),
        (OWN, "cut after the body", 1, True),
        (RESEND, "503", 3, True),
        (RESEND, "503", 4, False),
    ],
)
def test_policy_says_what_is_given_up(policy: DeliveryPolicy, kind: str, times: int, sure: bool) -> None:
    assert certain(policy, fault(kind, times), SEND, connections=STRICT) == [sure]


def test_what_comes_after_a_wait_is_certain_again_unless_an_answer_has_stopped_it() -> None:
    again = {"do": "change", "connection": "y", "to": {}}
    assert certain(OWN, fault("404"), SEND, WAIT, SEND) == [False, True]
    assert certain(OWN, fault("401"), SEND, WAIT, SEND) == [False, False]
    assert certain(OWN, fault("401"), WAIT, fault("503"), SEND, WAIT, SEND) == [False, False]
    assert certain(OWN, fault("404"), fault("503"), SEND) == [False]
    assert certain(OWN, fault("401"), SEND, again, WAIT, SEND) == [False, True]


def test_what_may_still_fail_later_stays_open() -> None:
    again = {"do": "change", "connection": "y", "to": {}}
    assert certain(OWN, fault("404", 2), SEND, WAIT, SEND) == [False, False]
    assert certain(OWN, fault("401", 2), SEND, again, WAIT, SEND) == [False, False]
    assert certain(OWN, fault("503", 3), SEND, WAIT, SEND) == [False, True]


def test_policy_without_an_end_gives_nothing_up() -> None:
    patient = OWN.model_copy(update={"attempts": 0})
    assert certain(patient, fault("503", 5), SEND) == [True]
    once = OWN.model_copy(update={"attempts": 1})
    assert certain(once, fault("503"), SEND) == [False]


def test_without_strict_mode_nothing_is_tried_again() -> None:
    assert certain(RESEND, fault("503"), SEND) == [False]
    assert given_up(Connection(), "strict-resend")
    assert not given_up(Connection(configuration={"strictMode": True}), "strict-resend")
    assert not given_up(Connection(), "own")


def test_policy_is_about_requests_alone() -> None:
    assert certain(OWN, fault("closed", 5), SEND, connections={"x": {}, "y": {"to": "broker"}}) == [True]
