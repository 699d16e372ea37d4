from __future__ import annotations

import orjson
import pytest

from tests.scenarios.checks.standing.test_watch import CONTENT
from tests.scenarios.history_lines import BIN, DEV, OTHER, Story, document, point
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.flows import Bindings
from uplab.scenarios.checks.standing.watch import Watch

MOVED = "/6317-4654-94db"
BODY = {"configuration": {"destinationURL": f"https://posthere.io{MOVED}"}}


@pytest.fixture
def story() -> Story:
    return Story()


def broken(story: Story, *, flows: bool = True) -> list[str]:
    """The standing invariants that a history of one scenario breaks."""
    watch = Watch(flows=flows)
    watch.begin("a")
    watch.see(story.events)
    return [f"{verdict.check}: {','.join(verdict.ids)}" for _, verdict in watch.take() if verdict.check not in CONTENT]


def other(story: Story, *devices: str, path: str = "/other", id_: str = "2") -> None:
    story.connected(id_, *devices, destinationURL=f"https://posthere.io{path}")


def test_uplink_at_a_connection_that_its_device_is_not_bound_to_is_at_the_wrong_place(story: Story) -> None:
    story.connected("1", DEV)
    other(story, OTHER)
    story.sent(1)
    story.delivered(1)
    story.delivered(1, url="/other")

    assert broken(story) == ["right place: u1"]


def test_each_device_has_its_own_connections(story: Story) -> None:
    story.connected("1", DEV)
    other(story, DEV, OTHER)
    story.sent(1)
    story.sent(1, dev_eui=OTHER)
    story.delivered(1)
    story.delivered(1, url="/other")
    story.delivered(1, dev_eui=OTHER, url="/other")

    assert broken(story) == []


def test_without_flows_every_device_goes_everywhere(story: Story) -> None:
    story.connected("1")
    story.sent(1)
    story.delivered(1)

    assert broken(story, flows=False) == []
    assert broken(story) == ["right place: u1"]


@pytest.mark.parametrize("accepted", ["before", "after"])
def test_device_is_bound_as_the_flows_stand_at_acceptance(story: Story, accepted: str) -> None:
    story.connected("1", DEV)
    if accepted == "before":
        story.sent(1)
    story.api("DELETE", "/flows/1", status=204, answer="")
    if accepted == "after":
        story.sent(1)
    story.delivered(1)

    assert broken(story) == ([] if accepted == "before" else ["right place: u1"])


def test_flow_that_comes_while_a_document_is_being_posted_counts_either_way(story: Story) -> None:
    story.connected("1")
    story.sent(1, outcome=None)
    story.bound("1", DEV)
    story.tells("tunnel.answered", attempt=1, outcome="accepted")
    story.delivered(1)

    assert broken(story) == []


def test_refused_flow_binds_nothing(story: Story) -> None:
    story.connected("1")
    body = {"matchers": [{"type": "key", "key": f"lora:{DEV}"}], "connectors": [{"connectionId": "1"}]}
    story.api("POST", "/flows", body, 400, {"code": "com-1"})
    story.sent(1)
    story.delivered(1)

    assert broken(story) == ["right place: u1"]


@pytest.mark.parametrize(("tags", "right"), [(["HOUSE=a", "more"], True), (["more"], False), ([], False)])
def test_tags_bind_who_has_them_all(story: Story, tags: list[str], right: bool) -> None:
    story.connected("1")
    body = {"matchers": [{"type": "thing", "tags": ["house=A"]}], "connectors": [{"connectionId": "1"}]}
    story.api("POST", "/flows", body, 201, {"id": "9", **body})
    told = document(DEV, 1, CustomerData={"tags": tags})
    story.tells("network.document", root="DevEUI_uplink", dev_eui=DEV, f_cnt=1, document=told)
    story.tells("tunnel.sent", attempt=1, dev_eui=DEV, raw=orjson.dumps(told))
    story.tells("tunnel.answered", attempt=1, outcome="accepted")
    story.answered(story.arrives(told))

    assert broken(story) == ([] if right else ["right place: r1"])


@pytest.mark.parametrize("sent", ["before", "after"])
def test_put_moves_a_destination_and_what_is_under_way_may_go_to_either(story: Story, sent: str) -> None:
    story.connected("1", DEV)
    if sent == "before":
        story.sent(1)
    story.api("PUT", "/connections/1", BODY, answer={"id": "1", **BODY})
    if sent == "after":
        story.sent(1)
    story.delivered(1)

    assert broken(story) == ([] if sent == "before" else ["right place: u1"])


@pytest.mark.parametrize("url", [BIN, MOVED])
def test_refused_put_moves_nothing(story: Story, url: str) -> None:
    story.connected("1", DEV)
    story.api("PUT", "/connections/1", BODY, 400, {"code": "com-1"})
    story.sent(1)
    story.delivered(1, url=url)

    assert broken(story) == ([] if url == BIN else ["right place: u1"])


def test_several_connections_to_one_place_take_a_document_once_each(story: Story) -> None:
    story.connected("1", DEV)
    other(story, DEV, path=BIN)
    other(story, OTHER, path=BIN, id_="3")
    story.sent(1)
    story.delivered(1)
    story.delivered(1)
    assert broken(story) == []

    story.delivered(1)  # the third connection is not its own
    assert broken(story) == ["none twice: u1"]


def test_document_that_is_accepted_twice_is_delivered_twice(story: Story) -> None:
    story.connected("1", DEV)
    story.sent(1)
    story.tells("tunnel.sent", attempt=99, dev_eui=DEV, raw=orjson.dumps(document(DEV, 1)))
    story.tells("tunnel.answered", attempt=99, outcome="accepted")
    story.delivered(1)
    story.delivered(1)

    assert broken(story) == []


def test_counters_that_begin_anew_after_a_rejoin_are_other_documents(story: Story) -> None:
    story.connected("1", DEV)
    for minute in (0, 1):
        told = document(DEV, 1, Time=f"2026-01-01T00:0{minute}:01.000+00:00")
        story.tells("device.sent", dev_eui=DEV, f_cnt=1, time=told["DevEUI_uplink"]["Time"])
        story.tells("tunnel.sent", attempt=minute, dev_eui=DEV, raw=orjson.dumps(told))
        story.tells("tunnel.answered", attempt=minute, outcome="accepted")
        story.answered(story.arrives(told))

    assert broken(story) == []


def test_telemetry_of_a_device_that_is_not_bound_is_at_the_wrong_place(story: Story) -> None:
    story.connected("1", DEV, hostName="thingsboard.cloud:1883", username="me")
    story.tells("destination.connected", fake="thingsboard", session=1, username="me")
    story.sent(1)
    story.sent(2, dev_eui=OTHER)
    for device in (DEV, OTHER):
        story.publishes({"device": device}, topic="v1/gateway/connect")
    story.publishes({DEV: [point(1, FCntUp=1)], OTHER: [point(2, FCntUp=2)]})

    assert broken(story) == ["right place: u2"]


@pytest.mark.parametrize("shown", ["connection", "flow", "no list"])
def test_what_was_made_on_a_page_is_not_judged_by_its_flows(story: Story, shown: str) -> None:
    story.connected("1")
    if shown == "connection":
        body = {"id": "7", "configuration": {"destinationURL": f"https://posthere.io{BIN}"}}
        story.api("GET", "/connections", answer=[body])
    elif shown == "flow":
        story.api("GET", "/flows", answer=[{"id": "7"}])
    else:
        story.api("GET", "/flows", status=404, answer={"code": "com-1"})
    story.sent(1)
    story.delivered(1)

    assert broken(story) == []


def test_what_is_kept_of_a_scenario_ends_with_it(story: Story) -> None:
    bindings = Bindings(Connections())
    story.connected("1", DEV)
    story.sent(1)
    for event in story.events:
        if event.hop in Bindings.hops:
            bindings.see(event)
    assert bindings.device_of("u1") == DEV

    bindings.begin()

    assert bindings.device_of("u1") == ""
    assert bindings.may_have("u1") is None
