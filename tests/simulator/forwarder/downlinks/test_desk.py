"""Downlinks through a running forwarder: from a POST to the connection's URL to the network server, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.lrc_stub import LrcStub
from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, OTHER_EUI, changed
from tests.simulator.forwarder.process import AS_ID, AS_KEY, Forwarder
from uplab.simulator.forwarder.documents.token import sign

GOOD: dict[str, Any] = {"DevEUI": DEV_EUI, "FPort": 1, "payload_hex": "9e1c48"}


@pytest.fixture(scope="module")
def lrc() -> Iterator[LrcStub]:
    with LrcStub() as stub:
        yield stub


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, lrc: LrcStub) -> Iterator[Forwarder]:
    with Forwarder(tmp_path_factory.mktemp("forwarder"), UPLAB_NETWORK_URL=lrc.url) as forwarder:
        yield forwarder


@pytest.fixture(autouse=True)
def _willing(lrc: LrcStub) -> None:
    lrc.status, lrc.text = 200, "Request queued by LRC"
    lrc._socket.arrivals.clear()


@pytest.fixture
def connection(forwarder: Forwarder, destination: Destination) -> str:
    """A connection with one device."""
    connection_id = forwarder.create(destination.url)
    forwarder.bind(connection_id)
    return connection_id


def test_downlink_reaches_the_network_server_signed(forwarder: Forwarder, lrc: LrcStub, connection: str) -> None:
    answer = forwarder.downlink(connection, GOOD | {"CorrelationID": "00112233445566AB"})

    assert (answer.status_code, answer.content) == (202, b"")
    (query,) = lrc.queries()
    token = query.pop("Token")
    assert {name: query[name] for name in ("DevEUI", "FPort", "Payload", "AS_ID", "CorrelationID")} == {
        "DevEUI": DEV_EUI,
        "FPort": "1",
        "Payload": "9e1c48",
        "AS_ID": AS_ID,
        "CorrelationID": "00112233445566AB",
    }
    assert sign(query.items(), AS_KEY) == token
    (event,) = forwarder.events(connection, "DOWNLINK_ACCEPTED")
    assert event["devEUI"] == DEV_EUI
    assert (forwarder.counters(connection)["downlinks"], forwarder.counters(connection)["downlinksFailed"]) == (1, 0)


def test_account_and_port_of_the_connection_are_used(
    forwarder: Forwarder, lrc: LrcStub, destination: Destination
) -> None:
    connection = forwarder.create(destination.url, downlinkAsId="mine", downlinkAsKey="Key", downlinkPort="5")
    forwarder.bind(connection)

    assert forwarder.downlink(connection, {"DevEUI": DEV_EUI, "payload_hex": "00"}).status_code == 202
    (query,) = lrc.queries()
    assert (query["AS_ID"], query["FPort"]) == ("mine", "5")
    token = query.pop("Token")
    assert sign(query.items(), "Key") == token


def test_json_may_call_itself_text(forwarder: Forwarder, lrc: LrcStub, connection: str) -> None:
    assert forwarder.downlink(connection, GOOD, headers={"Content-Type": "text/plain"}).status_code == 202
    assert len(lrc.queries()) == 1


def test_rejection_comes_back_as_a_report(
    forwarder: Forwarder, lrc: LrcStub, connection: str, destination: Destination
) -> None:
    lrc.status, lrc.text = 350, "downlink queue is full"
    forwarder.uplink()
    destination.wait_for(1)

    assert forwarder.downlink(connection, GOOD | {"CorrelationID": "1" * 16}).status_code == 202

    report = destination.wait_for(2)[1].document["DevEUI_downlink_Rejected"]
    assert report.pop("Time")
    assert report == {
        "DevEUI": DEV_EUI,
        "FPort": 1,
        "DeliveryStatus": 350,
        "DownlinkRejectionCause": "downlink queue is full",
        "CustomerID": "100002164",
        "CorrelationID": "1" * 16,
    }
    (event,) = forwarder.events(connection, "DOWNLINK_REJECTED")
    assert "downlink queue is full" in event["message"]
    assert forwarder.counters(connection)["downlinksFailed"] == 1


def test_failing_network_server_is_said(forwarder: Forwarder, lrc: LrcStub, connection: str) -> None:
    lrc.status = 500

    answer = forwarder.downlink(connection, GOOD)

    assert (answer.status_code, answer.json()["code"]) == (503, "com-5003")
    assert len(forwarder.events(connection, "DOWNLINK_FAILED")) == 1


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"DevEUI": DEV_EUI, "FPort": 1}, "payload_hex"),
        (GOOD | {"payload": {}}, "payload_hex"),
        ({"DevEUI": DEV_EUI, "payload_hex": "00"}, "FPort"),
        (GOOD | {"FPort": 0}, "FPort"),
        (GOOD | {"DevEUI": "x"}, "DevEUI"),
        ({"FPort": 1, "payload_hex": "00"}, "DevEUI"),
    ],
)
def test_malformed_downlink_is_refused_by_field(
    forwarder: Forwarder, lrc: LrcStub, connection: str, content: dict[str, Any], field: str
) -> None:
    answer = forwarder.downlink(connection, content)

    assert (answer.status_code, answer.json()["field"]) == (400, f"DevEUI_downlink.{field}")
    assert lrc.queries() == []
    assert len(forwarder.events(connection, "DOWNLINK_REJECTED")) == 1


def test_device_of_another_connection_is_refused(forwarder: Forwarder, lrc: LrcStub, connection: str) -> None:
    other = forwarder.create("http://127.0.0.1:1/")
    forwarder.bind(other, OTHER_EUI)

    answer = forwarder.downlink(connection, GOOD | {"DevEUI": OTHER_EUI})

    assert (answer.status_code, answer.json()["field"]) == (403, "DevEUI_downlink.DevEUI")
    assert lrc.queries() == []
    assert forwarder.downlink(other, GOOD | {"DevEUI": OTHER_EUI}).status_code == 202


def test_disabled_downlinks_are_refused(forwarder: Forwarder, lrc: LrcStub) -> None:
    connection = forwarder.create("http://127.0.0.1:1/", downlinkEnabled=False)
    forwarder.bind(connection)

    assert forwarder.downlink(connection, GOOD).json()["field"] == "configuration.downlinkEnabled"
    assert lrc.queries() == []


def test_deactivated_connection_takes_no_downlinks(forwarder: Forwarder, lrc: LrcStub) -> None:
    body = {**changed(HTTP_EXAMPLE, destinationURL="http://127.0.0.1:1/"), "active": False}
    connection = forwarder.create(body=body)
    forwarder.bind(connection)

    assert forwarder.downlink(connection, GOOD).status_code == 403
    assert lrc.queries() == []


def test_url_is_unique_stable_and_gone_with_the_connection(forwarder: Forwarder, lrc: LrcStub, connection: str) -> None:
    url = forwarder.show(connection)["downlinkUrl"]
    other = forwarder.show(forwarder.create("http://127.0.0.1:1/"))["downlinkUrl"]
    assert url != other

    body = changed(HTTP_EXAMPLE, destinationURL="http://127.0.0.1:2/")
    assert forwarder.call("PUT", f"/connections/{connection}", json=body).json()["downlinkUrl"] == url
    assert forwarder.client.post(url, json={"DevEUI_downlink": GOOD}).status_code == 202
    forwarder.call("DELETE", f"/connections/{connection}").raise_for_status()
    answer = forwarder.client.post(url, json={"DevEUI_downlink": GOOD})

    assert (answer.status_code, answer.json()["code"]) == (404, "com-4004")
    assert len(lrc.queries()) == 1


def test_flush_alone_goes_through(forwarder: Forwarder, lrc: LrcStub, connection: str) -> None:
    assert forwarder.downlink(connection, {"DevEUI": DEV_EUI, "FlushDownlinkQueue": "1"}).status_code == 202
    assert lrc.queries()[0]["FlushDownlinkQueue"] == "1"


def test_payload_is_encoded_by_the_device_s_driver(forwarder: Forwarder, lrc: LrcStub, connection: str) -> None:
    assert forwarder.downlink(connection, {"DevEUI": DEV_EUI, "payload": {"reboot": True}}).status_code == 400
    milesight = {"mod": {"pId": "milesight", "mId": "em300-th", "ver": "1"}}
    forwarder.uplink(DriverCfg=milesight)

    assert forwarder.downlink(connection, {"DevEUI": DEV_EUI, "payload": {"reboot": True}}).status_code == 202
    assert (lrc.queries()[0]["Payload"], lrc.queries()[0]["FPort"]) == ("ff10ff", "85")


def test_without_a_network_server_it_is_said(tmp_path: Path) -> None:
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create("http://127.0.0.1:1/")
        forwarder.bind(connection)
        answer = forwarder.downlink(connection, GOOD)

    assert answer.status_code == 503
    assert "no network server is configured" in answer.json()["message"]
