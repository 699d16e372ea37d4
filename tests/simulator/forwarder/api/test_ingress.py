import json
from typing import Any

import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.making import DEV_EUI, document, tunnel_query
from tests.simulator.forwarder.process import AS_ID, AS_KEY, Forwarder

CONTENT: dict[str, Any] = document()["DevEUI_uplink"]
QUERY = tunnel_query(CONTENT, as_id=AS_ID, key=AS_KEY)


def without(name: str) -> str:
    """The signed query without one of its parameters."""
    return "&".join(part for part in QUERY.split("&") if not part.startswith(f"{name}="))


def test_signed_document_is_accepted(forwarder: Forwarder) -> None:
    answer = forwarder.post(document())

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'"x"',
        b"{}",
        b'{"Unknown":{"DevEUI":"20635F0108000496"}}',
        b'{"DevEUI_uplink":{}}',
        b'{"DevEUI_uplink":{"DevEUI":"short"}}',
        b'{"DevEUI_uplink":{"DevEUI":17}}',
        b"[" * 5000 + b"]" * 5000,
        b'{"DevEUI_uplink":' * 5000,
        b"\xff\xfe",
    ],
    ids=range(12),
)
def test_what_is_no_document_is_refused(forwarder: Forwarder, body: bytes) -> None:
    answer = forwarder.post(body, QUERY)

    assert answer.status_code == 400
    assert answer.json()["code"] == "com-4000"
    assert answer.json()["message"]


@pytest.mark.parametrize("name", ["AS_ID", "Time", "Token"])
def test_missing_parameter_is_unauthorised(forwarder: Forwarder, name: str) -> None:
    answer = forwarder.post(json.dumps(document()).encode(), without(name))

    assert (answer.status_code, answer.json()["field"]) == (401, name)
    assert answer.json()["code"] == "com-4001"


@pytest.mark.parametrize(
    "query",
    [
        tunnel_query(CONTENT, as_id=AS_ID, key=AS_KEY.lower()),
        tunnel_query(CONTENT, as_id=AS_ID, key="wrong"),
        tunnel_query(CONTENT, as_id="other", key=AS_KEY),
        tunnel_query(CONTENT | {"FCntUp": 8}, as_id=AS_ID, key=AS_KEY),
        QUERY[:-1] + "x",
        without("LrnInfos"),
        without("LrnFPort"),
    ],
    ids=[
        "key in lower case",
        "wrong key",
        "wrong AS_ID",
        "other document",
        "wrong token",
        "no LrnInfos",
        "no LrnFPort",
    ],
)
def test_wrong_token_is_forbidden(forwarder: Forwarder, query: str) -> None:
    answer = forwarder.post(json.dumps(document()).encode(), query)

    assert answer.status_code == 403
    assert AS_KEY not in answer.text


def test_raw_plus_sign_in_time_is_taken_as_one(forwarder: Forwarder) -> None:
    assert forwarder.post(json.dumps(document()).encode(), QUERY.replace("%2B", "+")).status_code == 200


def test_as_id_is_compared_without_case(forwarder: Forwarder) -> None:
    query = tunnel_query(CONTENT, as_id=AS_ID.lower(), key=AS_KEY)
    assert forwarder.post(json.dumps(document()).encode(), query).status_code == 200


def test_query_for_another_device_is_refused(forwarder: Forwarder) -> None:
    query = tunnel_query(CONTENT | {"DevEUI": "0" * 16}, as_id=AS_ID, key=AS_KEY)
    answer = forwarder.post(json.dumps(document()).encode(), query)

    assert (answer.status_code, answer.json()["field"]) == (400, "LrnDevEui")


def test_parameter_given_twice_is_refused(forwarder: Forwarder) -> None:
    assert forwarder.post(json.dumps(document()).encode(), QUERY + "&AS_ID=x").status_code == 400


@pytest.mark.parametrize("chunked", [True, False])
def test_document_over_a_megabyte_is_refused(forwarder: Forwarder, chunked: bool) -> None:
    body = json.dumps(document(name="x" * 1_000_001)).encode()
    content = iter([body[:500_000], body[500_000:]]) if chunked else body
    answer = forwarder.client.post(f"{forwarder.ready['ingress']}?{QUERY}", content=content)

    assert (answer.status_code, answer.json()["code"]) == (413, "com-4013")


def test_large_document_below_the_limit_goes_through(forwarder: Forwarder, destination: Destination) -> None:
    forwarder.bind(forwarder.create(destination.url))
    forwarder.uplink(name="x" * 900_000)

    assert destination.wait_for(1)[0].uplink["name"] == "x" * 900_000


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_not_possible(forwarder: Forwarder, method: str) -> None:
    assert forwarder.client.request(method, forwarder.ready["ingress"]).status_code == 405


def test_lower_case_device_is_the_same_device(forwarder: Forwarder, destination: Destination) -> None:
    forwarder.bind(forwarder.create(destination.url))
    forwarder.uplink(dev_eui=DEV_EUI.lower())

    (arrival,) = destination.wait_for(1)
    assert arrival.uplink["DevEUI"] == DEV_EUI.lower()
    assert arrival.header("X-Thing") == DEV_EUI.lower()


@pytest.mark.parametrize(
    ("root", "content"),
    [
        ("DevEUI_uplink", {"MType": 0, "rawJoinRequest": "00", "FCntDn": 1}),
        ("DevEUI_notification", {"Type": "reset", "FCntDn": 3}),
        ("DevEUI_location", {"DevLAT": 48.9, "NwGeolocAlgo": 2}),
        ("DevEUI_downlink_Sent", {"FPort": 1, "FCntDn": 47, "DeliveryStatus": 1}),
        ("DevEUI_downlink_Rejected", {"FPort": 1, "DeliveryStatus": 350}),
        ("DevEUI_alarm", {"ID": 4}),
    ],
)
def test_every_root_is_delivered(
    forwarder: Forwarder, destination: Destination, root: str, content: dict[str, Any]
) -> None:
    connection = forwarder.create(destination.url)
    forwarder.bind(connection)
    content = {"Time": CONTENT["Time"], "DevEUI": DEV_EUI, "CustomerID": "1"} | content
    names = ["CustomerID", "DevEUI", "FPort", "FCntDn"]
    elements = "".join(str(content[name]) for name in names if name in content)
    query = tunnel_query(content, as_id=AS_ID, key=AS_KEY, elements=elements)

    assert forwarder.post(json.dumps({root: content}).encode(), query).status_code == 200
    got = destination.wait_for(1)[0].document
    got[root].pop("downlinkUrl", None)
    assert got == {root: content}


def test_alarm_of_a_base_station_reaches_every_connection(forwarder: Forwarder, destination: Destination) -> None:
    forwarder.bind(forwarder.create(destination.url, headers={}))
    content = {"LrrID": "10000033", "ID": 2}
    query = tunnel_query(content, as_id=AS_ID, key=AS_KEY, elements="")

    assert forwarder.post(json.dumps({"BS_alarm": content}).encode(), query).status_code == 200
    assert destination.wait_for(1)[0].document == {"BS_alarm": content}


def test_refused_document_is_not_delivered(forwarder: Forwarder, destination: Destination) -> None:
    forwarder.bind(forwarder.create(destination.url))
    forwarder.post(json.dumps(document(FCntUp=1)).encode(), QUERY)
    forwarder.uplink(2)

    assert [arrival.uplink["FCntUp"] for arrival in destination.wait_for(1)] == [2]
