import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.making import DEV_EUI, OTHER_EUI
from tests.simulator.forwarder.process import Forwarder


def test_without_flow_nothing_is_delivered(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    forwarder.uplink(1)
    forwarder.bind(connection)
    forwarder.uplink(2)

    assert [arrival.uplink["FCntUp"] for arrival in destination.wait_for(1)] == [2]


def test_deleted_flow_binds_no_longer(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    flow = forwarder.bind(connection)
    assert forwarder.call("DELETE", f"/flows/{flow}").status_code == 204
    forwarder.uplink(1)
    forwarder.bind(connection)
    forwarder.uplink(2)

    assert [arrival.uplink["FCntUp"] for arrival in destination.wait_for(1)] == [2]
    assert forwarder.call("GET", f"/flows/{flow}").status_code == 404


def test_replaced_flow_binds_other_devices(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    flow = forwarder.bind(connection)
    body = forwarder.call("GET", f"/flows/{flow}").json()
    body["matchers"] = [{"type": "key", "key": f"lora:{OTHER_EUI}"}]
    assert forwarder.call("PUT", f"/flows/{flow}", json=body).status_code == 200

    forwarder.uplink(1, DEV_EUI)
    forwarder.uplink(2, OTHER_EUI)

    assert [arrival.uplink["DevEUI"] for arrival in destination.wait_for(1)] == [OTHER_EUI]


def test_tags_bind_whatever_their_case(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    body = {
        "name": "paris",
        "matchers": [{"type": "thing", "tags": ["PARIS:nord", "lab"]}],
        "connectors": [{"id": "actility-http-iot", "connectionId": connection}],
    }
    assert forwarder.call("POST", "/flows", json=body).status_code == 201
    forwarder.uplink(1, CustomerData={"tags": ["Paris:Nord"]})
    forwarder.uplink(2, CustomerData={"tags": ["more", "LAB", "Paris:Nord"]})
    forwarder.uplink(3, CustomerData={})  # it says nothing of tags, so the known ones count

    assert [arrival.uplink["FCntUp"] for arrival in destination.wait_for(2)] == [2, 3]


def test_flow_to_an_unknown_connection_is_refused(forwarder: Forwarder) -> None:
    body = {"name": "x", "matchers": [{"type": "key", "key": f"lora:{DEV_EUI}"}], "connectors": [{"connectionId": "9"}]}
    answer = forwarder.call("POST", "/flows", json=body)

    assert (answer.status_code, answer.json()["field"]) == (400, "connectors.0.connectionId")


def test_each_connection_of_a_flow_gets_the_uplink(forwarder: Forwarder, destination: Destination) -> None:
    for site in ("A", "B"):
        forwarder.bind(forwarder.create(destination.url, headers={"X-Site": site}))
    forwarder.uplink()

    assert sorted(str(arrival.header("X-Site")) for arrival in destination.wait_for(2)) == ["A", "B"]


def test_validity_of_a_flow_drops_old_uplinks(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    forwarder.bind(connection, uplinkTimeValidity="1m")
    forwarder.uplink(1, Time="2020-01-01T00:00:00.000+00:00")

    (event,) = forwarder.wait_until("an event", lambda: forwarder.events(connection, "UPLINK_EXPIRED"))
    assert (event["devEUI"], event["fCntUp"]) == (DEV_EUI, 1)
    assert "uplinkTimeValidity is 60 s" in event["message"]
    assert destination.arrivals == []


@pytest.mark.parametrize("id_", ["77", 1, None])
def test_id_that_is_not_the_flow_s_own_is_refused(forwarder: Forwarder, id_: object) -> None:
    flow = forwarder.bind(forwarder.create("http://127.0.0.1:1/"))
    body = forwarder.call("GET", f"/flows/{flow}").json()

    for answer in (
        forwarder.call("POST", "/flows", json=body | {"id": id_}),
        forwarder.call("PUT", f"/flows/{flow}", json=body | {"id": id_, "name": "new"}),
    ):
        assert (answer.status_code, answer.json()["field"]) == (400, "id")
    assert forwarder.call("GET", "/flows").json() == [body]


def test_thousands_of_flows_are_kept_apart(forwarder: Forwarder, destination: Destination) -> None:
    connection = forwarder.create(destination.url)
    for number in range(500):
        forwarder.bind(connection, f"{number:016X}", f"{number + 1000:016X}")

    forwarder.uplink(1, "00000000000000FF")
    forwarder.uplink(2, f"{1499:016x}")
    forwarder.uplink(3, f"{1500:016X}")
    forwarder.uplink(4, f"{1000:016X}")

    assert sorted(arrival.uplink["FCntUp"] for arrival in destination.wait_for(3)) == [1, 2, 4]
    answer = forwarder.call("GET", "/flows?page=5&perPage=100")
    assert (len(answer.json()), answer.headers["X-Total"], answer.headers.get("X-Next-Page")) == (100, "500", None)
