from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.destination import HANG, Destination
from tests.simulator.forwarder.making import (
    HTTP_EXAMPLE,
    THINGSBOARD_EXAMPLE,
    WIDGELIX_EXAMPLE,
    changed,
)
from tests.simulator.forwarder.process import Forwarder


@pytest.mark.parametrize("example", [HTTP_EXAMPLE, WIDGELIX_EXAMPLE], ids=["http", "widgelix"])
def test_created_connection_is_answered_whole(forwarder: Forwarder, example: dict[str, Any]) -> None:
    answer = forwarder.call("POST", "/connections", json=example)
    resource = answer.json()

    assert answer.status_code == 201
    assert {name: resource[name] for name in example} == example
    assert resource["id"].isdigit()
    assert resource["state"] in ("CLOSED", "OPENING", "AUTHENTICATING", "OPENED")
    assert resource["startupTime"].endswith("+00:00")
    assert resource["downlinkUrl"].startswith(f"{forwarder.ready['downlink_base']}/iot-flow/downlinkMessages/")
    assert forwarder.show(resource["id"])["downlinkUrl"] == resource["downlinkUrl"]


def test_password_is_never_shown(forwarder: Forwarder) -> None:
    resource = forwarder.call("POST", "/connections", json=changed(THINGSBOARD_EXAMPLE, hostName="127.0.0.1:1")).json()

    assert resource["configuration"]["password"] == "*****"
    assert "HelloWorld" not in forwarder.call("GET", "/connections").text
    assert "HelloWorld" not in str(forwarder.events(resource["id"]))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "connectorId"),
        ({"connectorId": "actility-http-iot", "configuration": {}}, "name"),
        ({**HTTP_EXAMPLE, "configuration": {"destinationURL": "posthere.io"}}, "configuration.destinationURL"),
    ],
)
def test_refused_connection_is_not_created(forwarder: Forwarder, body: dict[str, Any], field: str) -> None:
    answer = forwarder.call("POST", "/connections", json=body)

    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert field in answer.json()["message"]
    assert forwarder.call("GET", "/connections").json() == []


def test_put_replaces_everything(forwarder: Forwarder) -> None:
    connection = forwarder.create("http://127.0.0.1:1/", description="old", blamePeriod=5)
    before = forwarder.show(connection)
    body = {**HTTP_EXAMPLE, "name": "new", "configuration": {"destinationURL": "http://127.0.0.1:2/"}}

    answer = forwarder.call("PUT", f"/connections/{connection}", json=body)

    assert answer.status_code == 200
    assert answer.json()["configuration"] == {"destinationURL": "http://127.0.0.1:2/"}
    assert forwarder.show(connection)["name"] == "new"
    assert forwarder.show(connection)["downlinkUrl"] == before["downlinkUrl"]


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "x"}, {**HTTP_EXAMPLE, "configuration": {}}, {**HTTP_EXAMPLE, "id": "77"}],
    ids=["empty", "no connector", "no destination", "another id"],
)
def test_refused_put_leaves_the_old_configuration(forwarder: Forwarder, body: dict[str, Any]) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    before = forwarder.show(connection)["configuration"]

    assert forwarder.call("PUT", f"/connections/{connection}", json=body).status_code == 400
    assert forwarder.show(connection)["configuration"] == before


def test_put_of_an_unknown_connection_is_not_found(forwarder: Forwarder) -> None:
    assert forwarder.call("PUT", "/connections/999", json=HTTP_EXAMPLE).status_code == 404
    assert forwarder.call("PUT", "/connections/999", content=b"{").status_code == 404


def test_next_uplink_uses_the_new_configuration_only(forwarder: Forwarder, destination: Destination) -> None:
    with Destination() as other:
        connection = forwarder.create(destination.url, headers={"X-Key": "old"})
        forwarder.bind(connection)
        forwarder.uplink(1)
        destination.wait_for(1)

        body = changed(HTTP_EXAMPLE, destinationURL=other.url, headers={"X-Key": "new"})
        forwarder.call("PUT", f"/connections/{connection}", json=body).raise_for_status()
        forwarder.uplink(2)

        (arrival,) = other.wait_for(1)
        assert (arrival.uplink["FCntUp"], arrival.header("X-Key")) == (2, "new")
        assert len(destination.arrivals) == 1


def test_deleted_connection_is_gone_and_delivers_nothing(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    witness = forwarder.create(destination.url, headers={"X-Witness": "yes"})
    forwarder.bind(connection)
    forwarder.bind(witness)

    answer = forwarder.call("DELETE", f"/connections/{connection}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert forwarder.call("GET", f"/connections/{connection}").status_code == 404
    assert forwarder.call("DELETE", f"/connections/{connection}").status_code == 404
    forwarder.uplink()
    assert [arrival.header("X-Witness") for arrival in destination.wait_for(1)] == ["yes"]


def test_deleting_drops_what_waits_and_says_how_much(forwarder: Forwarder, destination: Destination) -> None:
    destination.answers = lambda _: HANG
    connection = forwarder.create(destination.url)
    forwarder.bind(connection)
    for f_cnt in range(1, 6):
        forwarder.uplink(f_cnt)
    destination.wait_for(1)

    forwarder.call("DELETE", f"/connections/{connection}").raise_for_status()

    (event,) = forwarder.events(connection, "CONNECTION_DELETED")
    assert event["dropped"] == 5


def test_inactive_connection_is_deactivated_and_delivers_nothing(
    forwarder: Forwarder, destination: Destination
) -> None:
    connection = forwarder.create(body={**changed(HTTP_EXAMPLE, destinationURL=destination.url), "active": False})
    assert forwarder.show(connection)["state"] == "DEACTIVATED"
    forwarder.bind(connection)
    witness = forwarder.create(destination.url, headers={"X-Witness": "yes"})
    forwarder.bind(witness)
    forwarder.uplink(1)
    destination.wait_for(1)

    body = changed(HTTP_EXAMPLE, destinationURL=destination.url)
    forwarder.call("PUT", f"/connections/{connection}", json=body).raise_for_status()

    arrivals = destination.wait_for(2)
    assert [arrival.header("X-Witness") for arrival in arrivals] == ["yes", None]
    forwarder.wait_for_state(connection, "OPENED")


def test_deactivating_makes_no_error_event(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    forwarder.wait_for_state(connection, "OPENED")
    body = {**changed(HTTP_EXAMPLE, destinationURL=destination.url), "active": False}
    forwarder.call("PUT", f"/connections/{connection}", json=body).raise_for_status()
    forwarder.wait_for_state(connection, "DEACTIVATED")

    assert {event["severity"] for event in forwarder.events(connection)} == {"info"}


def test_each_state_change_makes_one_event(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    forwarder.wait_for_state(connection, "OPENED")

    events = forwarder.events(connection, "STATE_CHANGED")
    assert [(event["oldState"], event["newState"]) for event in events] == [
        ("CLOSED", "OPENING"),
        ("OPENING", "AUTHENTICATING"),
        ("AUTHENTICATING", "OPENED"),
    ]
    assert events[0]["connectionId"] == connection
    assert events[0]["connectionName"] == HTTP_EXAMPLE["name"]


def test_list_is_whole_or_in_pages(forwarder: Forwarder) -> None:
    ids = [forwarder.create("http://127.0.0.1:1/") for _ in range(5)]

    assert [shown["id"] for shown in forwarder.call("GET", "/connections").json()] == ids
    answer = forwarder.call("GET", "/connections?page=2&perPage=2")
    assert [shown["id"] for shown in answer.json()] == ids[2:4]
    assert (answer.headers["X-Total"], answer.headers["X-Total-Pages"], answer.headers["X-Next-Page"]) == (
        "5",
        "3",
        "3",
    )
    assert 'rel="next"' in answer.headers["Link"]
    assert forwarder.call("GET", "/connections?page=9").json() == []


def test_sixth_connection_is_refused_where_there_is_a_limit(tmp_path: Path) -> None:
    with Forwarder(tmp_path, "--connection-limit", "5") as forwarder:
        ids = [forwarder.create("http://127.0.0.1:1/") for _ in range(5)]
        refused = forwarder.call("POST", "/connections", json=HTTP_EXAMPLE)
        assert refused.status_code == 403
        assert "Maximum reached" in refused.json()["message"]

        forwarder.call("DELETE", f"/connections/{ids[0]}")
        forwarder.create("http://127.0.0.1:1/")


def test_header_values_are_masked_where_the_platform_does(tmp_path: Path) -> None:
    with Forwarder(tmp_path, "--mask-headers") as forwarder, Destination() as destination:
        connection = forwarder.create(destination.url)
        shown = forwarder.show(connection)
        assert set(shown["configuration"]["headers"].values()) == {"*****"}

        forwarder.call("PUT", f"/connections/{connection}", json=shown).raise_for_status()
        forwarder.bind(connection)
        forwarder.uplink()
        assert destination.wait_for(1)[0].header("Authorization") == "Bearer ee32e34ed!="
