import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, TIME, changed
from uplab.simulator.forwarder.connections.connection import Configuration, parse_connection
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.documents.token import encode_query
from uplab.simulator.forwarder.downlinks.downlink import (
    Downlink,
    downlink_query,
    parse_downlink,
    read_downlink,
    rejected,
)
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "vectors" / "tunnel-tokens.json").read_text("utf-8"))
GOOD: dict[str, Any] = {"DevEUI": DEV_EUI, "FPort": 1, "payload_hex": "9e1c48"}
ELSYS = {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}}


def configuration(**parameters: Any) -> Configuration:
    connection = parse_connection(changed(HTTP_EXAMPLE, **parameters), CONNECTORS, Platform())
    configuration: Configuration = connection.body.configuration
    return configuration


def read(content: dict[str, Any], driver: dict[str, Any] | None = None, **parameters: Any) -> Downlink:
    return read_downlink(parse_downlink({"DevEUI_downlink": content}), configuration(**parameters), driver)


def refusal(content: dict[str, Any], driver: dict[str, Any] | None = None) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        read(content, driver)
    return caught.value


def query(content: dict[str, Any], **parameters: Any) -> dict[str, str]:
    return dict(downlink_query(read(content, **parameters), "as", "key", TIME))


@pytest.mark.parametrize("vector", VECTORS["downlink"], ids=lambda vector: vector["name"])
def test_public_vectors_are_signed_right(vector: dict[str, Any]) -> None:
    pairs = dict(part.split("=", 1) for part in vector["query"].split("&"))
    content = {"DevEUI": pairs["DevEUI"], "FPort": 1, "payload_hex": pairs["Payload"], "Time": pairs["Time"]}

    signed = downlink_query(read(content), pairs["AS_ID"], vector["key"], "unused")

    assert dict(signed)["Token"] == vector["token"]
    assert "&".join(f"{name}={value}" for name, value in signed[:-1]) == vector["query"]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "x",
        {},
        {"DevEUI_uplink": {}},
        {"DevEUI_downlink": {}, "x": 1},
        {"DevEUI_downlink": []},
        {"deveui_downlink": {}},
    ],
)
def test_body_without_its_root_is_refused(raw: object) -> None:
    with pytest.raises(InvalidError):
        parse_downlink(raw)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"DevEUI": None}, "DevEUI"),
        ({"DevEUI": "20635F010800049"}, "DevEUI"),
        ({"DevEUI": 17}, "DevEUI"),
        ({"FPort": 0}, "FPort"),
        ({"FPort": 225}, "FPort"),
        ({"FPort": "x"}, "FPort"),
        ({"FPort": True}, "FPort"),
        ({"FPort": 1.5}, "FPort"),
        ({"FPort": None}, "FPort"),
        ({"payload_hex": None}, "payload_hex"),
        ({"payload_hex": ""}, "payload_hex"),
        ({"payload_hex": "abc"}, "payload_hex"),
        ({"payload_hex": "zz"}, "payload_hex"),
        ({"payload_hex": 17}, "payload_hex"),
        ({"payload": {}}, "payload_hex"),
        ({"Confirmed": 2}, "Confirmed"),
        ({"Confirmed": True}, "Confirmed"),
        ({"Confirmed": 1.0}, "Confirmed"),
        ({"Confirmed": "yes"}, "Confirmed"),
        ({"FlushDownlinkQueue": -1}, "FlushDownlinkQueue"),
        ({"ValidityTime": "soon"}, "ValidityTime"),
        ({"ValidityTime": -5}, "ValidityTime"),
        ({"ValidityTime": []}, "ValidityTime"),
        ({"Time": "now"}, "Time"),
        ({"Time": 1}, "Time"),
        ({"CorrelationID": 17}, "CorrelationID"),
        ({"Token": "abc"}, "Token"),
        ({"AS_ID": ""}, "AS_ID"),
        ({"AS_ID": "a\r\nb"}, "AS_ID"),
        ({"FCntDn": -1}, "FCntDn"),
        ({"FCntDn": 2**32}, "FCntDn"),
        ({"fport": 1}, "fport"),
        ({"Unknown": 1}, "Unknown"),
    ],
)
def test_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    content = {name: value for name, value in (GOOD | changes).items() if value is not None}
    error = refusal(content)

    assert error.field == f"DevEUI_downlink.{field}"
    assert field in str(error)


def test_lower_case_device_is_the_same_device() -> None:
    assert read(GOOD | {"DevEUI": DEV_EUI.lower()}).dev_eui == DEV_EUI


@pytest.mark.parametrize("port", [1, 224, "8"])
def test_port_of_the_downlink_counts_first(port: object) -> None:
    assert query(GOOD | {"FPort": port}, downlinkPort=99)["FPort"] == str(port)


@pytest.mark.parametrize("port", [5, "5"], ids=["number", "string"])
def test_port_of_the_connection_counts_next(port: object) -> None:
    content = {name: value for name, value in GOOD.items() if name != "FPort"}
    assert query(content, downlinkPort=port)["FPort"] == "5"


def test_flush_alone_needs_neither_payload_nor_port() -> None:
    pairs = query({"DevEUI": DEV_EUI, "FlushDownlinkQueue": "1"})

    assert list(pairs) == ["DevEUI", "AS_ID", "Time", "FlushDownlinkQueue", "Token"]
    assert refusal({"DevEUI": DEV_EUI, "FlushDownlinkQueue": 0}).field == "DevEUI_downlink.payload_hex"


def test_all_parameters_go_on() -> None:
    optional = {"Confirmed": "1", "FlushDownlinkQueue": 1, "ValidityTime": 60, "CorrelationID": "00112233445566AB"}
    pairs = query(GOOD | optional | {"FCntDn": "7", "RetryIneligibleGateways": 0})

    expected = {"FCntDn": "7", "Confirmed": "1", "FlushDownlinkQueue": "1", "ValidityTime": "60"}
    expected |= {"CorrelationID": "00112233445566AB", "RetryIneligibleGateways": "0"}
    assert {name: pairs[name] for name in expected} == expected


def test_account_of_the_downlink_counts_before_the_default() -> None:
    own = query(GOOD | {"AS_ID": "mine", "AS_KEY": "other"})

    assert own["AS_ID"] == "mine"
    assert own["Token"] != query(GOOD | {"AS_ID": "mine"})["Token"]
    assert "AS_KEY" not in own


def test_token_of_the_downlink_goes_on_unchanged() -> None:
    assert query(GOOD | {"Token": "a" * 64})["Token"] == "a" * 64


def test_without_account_nothing_is_signed() -> None:
    assert dict(downlink_query(read(GOOD), None, None, TIME)).keys() == {"DevEUI", "FPort", "Payload"}


def test_time_of_the_downlink_goes_on_encoded() -> None:
    pairs = downlink_query(read(GOOD | {"Time": "2019-07-10T15:38:46.882+02:00"}), "as", "key", TIME)
    assert "Time=2019-07-10T15%3A38%3A46.882%2B02%3A00&" in encode_query(pairs)


def test_payload_without_a_driver_is_refused() -> None:
    content = {"DevEUI": DEV_EUI, "FPort": 1, "payload": {"x": 1}}

    assert refusal(content).field == "DevEUI_downlink.payload"
    assert refusal(content | {"payload": "x"}, ELSYS).field == "DevEUI_downlink.payload"
    assert refusal(content | {"DriverCfg": "x"}, ELSYS).field == "DevEUI_downlink.DriverCfg"


def test_payload_is_encoded_by_the_driver() -> None:
    milesight = {"mod": {"pId": "milesight", "mId": "em300-th", "ver": "1"}}
    downlink = read({"DevEUI": DEV_EUI, "payload": {"reboot": True}}, milesight)

    assert downlink.payload_hex == "ff10ff"
    assert downlink.f_port == 85


def test_rejection_becomes_the_documented_report() -> None:
    report = rejected(read(GOOD | {"CorrelationID": "1" * 16}), "wrong port", 350, "100", TIME)

    assert report.parsed == {
        "DevEUI_downlink_Rejected": {
            "Time": TIME,
            "DevEUI": DEV_EUI,
            "FPort": 1,
            "DeliveryStatus": 350,
            "DownlinkRejectionCause": "wrong port",
            "CustomerID": "100",
            "CorrelationID": "1" * 16,
        }
    }
