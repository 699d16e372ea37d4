"""How the flows change when a device gets or loses an application."""

from typing import Any

from uplab.simulator.forwarder.pages.binding import Change, added, removed

ONE, TWO = "20635F0108000496", "20635F01080004A7"


def key(dev_eui: str) -> dict[str, Any]:
    return {"type": "key", "key": f"lora:{dev_eui.lower()}"}


def to(*ids: str) -> list[dict[str, Any]]:
    return [{"connectionId": id_} for id_ in ids]


def flow(id_: str, matchers: list[dict[str, Any]], connectors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": id_, "name": "f", "matchers": matchers, "connectors": connectors}


def test_application_is_added_by_a_flow_of_its_own() -> None:
    change = added(ONE, {"id": "8", "name": "bin", "connectorId": "actility-http-iot"})

    connectors = [{"id": "actility-http-iot", "connectionId": "8"}]
    assert change == Change(None, {"name": f"{ONE}: bin", "matchers": [key(ONE)], "connectors": connectors})


def test_name_of_the_flow_is_never_too_long() -> None:
    change = added(ONE, {"id": "8", "name": "n" * 255, "connectorId": "actility-http-iot"})

    assert change.body is not None
    assert len(change.body["name"]) == 255


def test_flow_of_one_device_and_one_connection_is_deleted() -> None:
    assert removed(ONE, "8", [flow("1", [key(ONE)], to("8"))], ["8"]) == [Change("1", None)]


def test_other_connections_of_the_device_stay() -> None:
    changes = removed(ONE, "8", [flow("1", [key(ONE)], to("8", "9"))], ["8", "9"])

    assert changes == [Change("1", {"name": "f", "matchers": [key(ONE)], "connectors": to("9")})]


def test_other_devices_stay_on_the_connection() -> None:
    changes = removed(ONE, "8", [flow("1", [key(ONE), key(TWO)], to("8", "9"))], ["8", "9"])

    assert changes == [
        Change("1", {"name": "f", "matchers": [key(TWO)], "connectors": to("8", "9")}),
        Change(None, {"name": "f", "matchers": [key(ONE)], "connectors": to("9")}),
    ]


def test_deleted_connections_are_named_no_more() -> None:
    changes = removed(ONE, "8", [flow("1", [key(ONE), key(TWO)], to("7", "8"))], ["8"])

    assert changes == [Change("1", {"name": "f", "matchers": [key(TWO)], "connectors": to("8")})]


def test_flows_of_others_and_by_tags_are_left_alone() -> None:
    tags = {"type": "thing", "tags": ["lab"]}
    flows = [flow("1", [tags], to("8")), flow("2", [key(TWO)], to("8")), flow("3", [key(ONE)], to("9"))]

    assert removed(ONE, "8", flows, ["8", "9"]) == []


def test_device_is_found_in_either_case() -> None:
    upper = {"type": "key", "key": f"LORA:{ONE}"}

    assert removed(ONE, "8", [flow("1", [upper], to("8"))], ["8"]) == [Change("1", None)]
