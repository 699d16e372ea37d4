from typing import Any

import pytest

from simulator.forwarder.flow import Flow, FlowBody, Route, Routes, parse_flow, restore_flow
from simulator.forwarder.invalid import InvalidError
from tests.simulator.forwarder.making import DEV_EUI

HTTP = "actility-http-iot"
KNOWN = {8: HTTP, 9: "actility-thingsboard-iot"}
KEY = {"type": "key", "key": f"lora:{DEV_EUI.lower()}"}


def body(*matchers: dict[str, Any], **connector: Any) -> dict[str, Any]:
    return {
        "name": "office",
        "matchers": list(matchers) or [KEY],
        "connectors": [{"id": HTTP, "connectionId": "8"} | connector],
    }


def flow(*matchers: dict[str, Any], **connector: Any) -> Flow:
    return parse_flow(body(*matchers, **connector), KNOWN)


def refusal(raw: object) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        parse_flow(raw, KNOWN)
    return caught.value


def thing(*tags: str) -> dict[str, Any]:
    return {"type": "thing", "tags": list(tags)}


@pytest.mark.parametrize("key", [f"lora:{DEV_EUI}", f"lora:{DEV_EUI.lower()}", f"LORA:{DEV_EUI}"])
def test_key_matches_in_either_case(key: str) -> None:
    routes = Routes([flow({"type": "key", "key": key})], KNOWN)

    assert routes.find(DEV_EUI, frozenset()) == [Route(8)]
    assert routes.find("20635F0108000497", frozenset()) == []


def test_all_tags_of_a_matcher_are_needed_whatever_their_case() -> None:
    routes = Routes([flow(thing("Paris", "LAB"))], KNOWN)

    assert routes.find(DEV_EUI, frozenset({"paris", "lab", "more"})) == [Route(8)]
    assert routes.find(DEV_EUI, frozenset({"paris"})) == []


def test_one_matcher_of_several_is_enough() -> None:
    routes = Routes([flow(thing("paris"), thing("lyon"), KEY)], KNOWN)

    assert routes.find("0" * 16, frozenset({"lyon"})) == [Route(8)]
    assert routes.find(DEV_EUI, frozenset()) == [Route(8)]


def test_connection_named_twice_gets_each_message_once() -> None:
    routes = Routes([flow(), flow(thing("paris"), uplinkTimeValidity="5m"), flow(uplinkTimeValidity="1m")], KNOWN)

    assert routes.find(DEV_EUI, frozenset({"paris"})) == [Route(8, 60.0)]


def test_several_connections_get_a_message_each() -> None:
    routes = Routes([flow(), flow(id="actility-thingsboard-iot", connectionId="9")], KNOWN)

    assert routes.find(DEV_EUI, frozenset()) == [Route(8), Route(9)]


def test_without_flow_a_message_goes_nowhere() -> None:
    assert Routes([]).find(DEV_EUI, frozenset({"paris"})) == []


def test_connection_that_was_deleted_is_left_out() -> None:
    routes = Routes([restore_flow(body())], {9})

    assert routes.find(DEV_EUI, frozenset()) == []


def test_message_of_no_device_goes_to_every_connection_of_a_flow() -> None:
    assert Routes([flow(), flow(thing("x"))], KNOWN).everywhere == [Route(8)]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ([], ""),
        ({}, "name"),
        (body() | {"name": " "}, "name"),
        (body() | {"matchers": []}, "matchers"),
        (body() | {"connectors": []}, "connectors"),
        (body({"type": "key", "key": "lora:123"}), "matchers.0.key"),
        (body({"type": "key", "key": DEV_EUI}), "matchers.0.key"),
        (body({"type": "key", "key": f"sigfox:{DEV_EUI}"}), "matchers.0.key"),
        (body({"type": "thing", "tags": []}), "matchers.0.tags"),
        (body({"type": "thing", "tags": [""]}), "matchers.0.tags.0"),
        (body({"type": "other"}), "matchers.0.type"),
        (body({"tags": ["x"]}), "matchers.0.type"),
        (body() | {"matchers": [1]}, "matchers.0"),
        (body() | {"matchers": {}}, "matchers"),
        (body() | {"connectors": [[]]}, "connectors.0"),
        (body(connectionId="08"), "connectors.0.connectionId"),
        (body(connectionId="9" * 5000), "connectors.0.connectionId"),
        (body(id="actility-mqtt-iot"), "connectors.0.id"),
        (body() | {"driver": {"id": "elsys:ers:1"}}, "driver"),
        (body(connectionId="7"), "connectors.0.connectionId"),
        (body(connectionId=8), "connectors.0.connectionId"),
        (body(connectionId="x"), "connectors.0.connectionId"),
        (body(connectionId="9"), "connectors.0.id"),
        (body(uplinkTimeValidity="soon"), "connectors.0.uplinkTimeValidity"),
        (body() | {"Matchers": []}, "Matchers"),
        (body() | {"upOperations": []}, "upOperations"),
    ],
)
def test_wrong_flow_is_refused_by_field(raw: object, field: str) -> None:
    error = refusal(raw)

    assert error.field == field
    assert str(error).startswith(field or "the body")
    assert "^" not in str(error)  # a pattern is nothing for a user to read


def test_body_may_hold_the_id_that_was_shown() -> None:
    assert parse_flow(body() | {"id": "1"}, KNOWN).given == body()


def test_tags_are_looked_up_among_those_of_the_device() -> None:
    routes = Routes([flow(thing(f"Tag{number}")) for number in range(50)] + [flow(thing("b", "a"))], KNOWN)

    assert routes.find(DEV_EUI, frozenset({"tag49"})) == [Route(8)]
    assert routes.find(DEV_EUI, frozenset({"a", "b", "c"})) == [Route(8)]
    assert routes.find(DEV_EUI, frozenset({"b"})) == []


def test_flows_are_arranged_when_a_device_is_looked_up_first() -> None:
    read: list[str] = []

    class Noted:
        @property
        def body(self) -> FlowBody:
            read.append("body")
            return flow().body

    noted: Any = Noted()
    routes = Routes([noted], KNOWN)
    assert not read  # ten thousand flows, one created after the other, would be arranged ten thousand times
    assert routes.find(DEV_EUI, frozenset()) == [Route(8)]
    before = len(read)
    assert routes.find(DEV_EUI, frozenset()) == [Route(8)]
    assert len(read) == before


def test_devices_that_flows_name_are_told_from_those_that_only_tags_bind() -> None:
    routes = Routes([flow(KEY, thing("lab"))], KNOWN)

    assert list(routes.named) == [DEV_EUI]
    assert routes.keyed(DEV_EUI) == [Route(8)]
    assert routes.keyed("20635F0108000497") == []
    assert list(Routes([flow()]).named) == [DEV_EUI]  # also when its connection is gone
