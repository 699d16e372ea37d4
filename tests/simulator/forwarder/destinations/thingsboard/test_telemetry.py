"""What is said to ThingsBoard, and what is understood of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.forwarder.destinations.thingsboard.telemetry import (
    Account,
    Rpc,
    connect_message,
    milliseconds,
    point,
    read_account,
    read_rpc,
    rpc_reply,
    telemetry_body,
    telemetry_message,
)
from uplab.simulator.forwarder.resolve import read_transports

CONFIGURATION = {"hostName": "thingsboard.cloud:443", "username": "tpx-iot-flow@actility.com", "password": "HelloWorld"}
TIME = "2020-01-06T12:46:54.285+01:00"
MS = 1578311214285

UPLINK: dict[str, Any] = {
    "DevEUI_uplink": {
        "Time": TIME,
        "DevEUI": "20635F0108000E09",
        "FPort": 17,
        "FCntUp": 265,
        "MType": 2,
        "payload_hex": "0520be8800400108c9000000",
        "LrrRSSI": -65.0,
        "LrrSNR": 9.5,
        "SpFact": 7,
        "SubBand": "G1",
        "Lrrs": {"Lrr": [{"Lrrid": "00000231", "LrrRSSI": -65.0}]},
        "DriverCfg": {"mod": {"pId": "abeeway", "mId": "tracker"}, "app": {"pId": "abeeway", "mId": "asset-tracker"}},
        "payload": {"temperature": 24.8, "mode": "MOTION_TRACKING", "moving": False, "none": None, "status": {"a": 1}},
        "downlinkUrl": "https://lab.example/iot-flow/downlinkMessages/1",
    }
}


def uplink(**changes: Any) -> dict[str, Any]:
    content = {**UPLINK["DevEUI_uplink"], **changes}
    return {"DevEUI_uplink": {key: value for key, value in content.items() if value is not None}}


@pytest.mark.parametrize(
    ("host_name", "host", "port", "transport"),
    [
        ("thingsboard.cloud:443", "thingsboard.cloud", 443, "https"),
        ("cloud.thingsboard.io:1883", "cloud.thingsboard.io", 1883, "mqtt"),
        ("myhostname.com:8883", "myhostname.com", 8883, "mqtts"),
        ("localhost:8080", "localhost", 8080, "http"),
        ("[::1]:1883", "::1", 1883, "mqtt"),
    ],
)
def test_the_port_picks_the_transport(host_name: str, host: str, port: int, transport: str) -> None:
    account = read_account(CONFIGURATION | {"hostName": host_name})

    assert (account.host, account.port, account.transport) == (host, port, transport)


def test_what_is_spoken_at_an_address_goes_before_its_port() -> None:
    spoken = read_transports("10.0.0.7:18087=mqtt, [::1]:1883=mqtts")

    assert read_account(CONFIGURATION | {"hostName": "10.0.0.7:18087"}, spoken=spoken).transport == "mqtt"
    assert read_account(CONFIGURATION | {"hostName": "[::1]:1883"}, spoken=spoken).transport == "mqtts"
    assert read_account(CONFIGURATION | {"hostName": "10.0.0.7:1883"}, spoken=spoken).transport == "mqtt"


@pytest.mark.parametrize("host_name", ["thingsboard.cloud", "tb:65536", "tb:", ":1883"])
def test_host_name_without_port_is_refused(host_name: str) -> None:
    with pytest.raises(ValueError, match=r"is not host:port|has no port"):
        read_account(CONFIGURATION | {"hostName": host_name})


def test_password_is_not_in_the_accounts_text() -> None:
    account = read_account(CONFIGURATION)

    assert account == Account("thingsboard.cloud", 443, "https", "tpx-iot-flow@actility.com", "HelloWorld")
    assert "HelloWorld" not in repr(account)


def test_devices_are_made_unless_that_is_switched_off() -> None:
    assert read_account(CONFIGURATION).create_devices
    assert not read_account(CONFIGURATION | {"createDevices": False}).create_devices


@pytest.mark.parametrize(
    ("time", "ms"),
    [
        (TIME, MS),
        ("2020-01-06T11:46:54.285Z", MS),
        ("2020-01-06T11:46:54.285", MS),
        ("1970-01-01T00:00:00.1+00:00", 100),
        ("2262-04-11T23:47:16.853999+00:00", 9223372036853),
    ],
)
def test_time_becomes_exact_milliseconds(time: str, ms: int) -> None:
    assert milliseconds(time) == ms


@given(st.integers(0, 4_102_444_800_000))
def test_every_millisecond_survives(ms: int) -> None:
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    days, minute = divmod(minutes, 1440)

    from datetime import date, timedelta

    day = date(1970, 1, 1) + timedelta(days=days)
    assert milliseconds(f"{day}T{minute // 60:02}:{minute % 60:02}:{second:02}.{rest:03}+00:00") == ms


def test_uplink_becomes_values_metadata_and_time() -> None:
    made = point("20635f0108000e09", TIME, UPLINK)

    assert (made.device, made.ts, made.device_type) == ("20635F0108000E09", MS, "abeeway:asset-tracker")
    assert made.values == {
        "temperature": 24.8,
        "mode": "MOTION_TRACKING",
        "moving": False,
        "status": {"a": 1},
        "fCntUp": 265,
        "fPort": 17,
        "mType": 2,
        "rssi": -65.0,
        "snr": 9.5,
        "spFact": 7,
        "subBand": "G1",
        "gateways": [{"Lrrid": "00000231", "LrrRSSI": -65.0}],
        "downlinkUrl": "https://lab.example/iot-flow/downlinkMessages/1",
    }


def test_single_gateway_without_a_list_is_told_as_well() -> None:
    one = uplink(Lrrs={"Lrr": {"Lrrid": "00000231", "LrrRSSI": -65.0}})

    assert point("20635F0108000E09", TIME, one) == point("20635F0108000E09", TIME, UPLINK)


def test_all_strings_regime_gives_the_same_numbers() -> None:
    texts = uplink(FPort="17", FCntUp="265", MType="2", LrrRSSI="-65.000000", LrrSNR="9.500000", SpFact="7")

    assert point("20635F0108000E09", TIME, texts) == point("20635F0108000E09", TIME, UPLINK)


@pytest.mark.parametrize("value", ["", "many", "1e9999", "9" * 30, True, [1], {"a": 1}])
def test_metadata_that_is_no_number_is_left_out(value: object) -> None:
    values = point("20635F0108000E09", TIME, uplink(FCntUp=value, LrrRSSI=value, SubBand=5)).values

    assert not {"fCntUp", "rssi", "subBand"} & set(values)


def test_device_keeps_a_name_that_metadata_has_too() -> None:
    values = point("20635F0108000E09", TIME, uplink(payload={"rssi": -23})).values

    assert (values["rssi"], values["lorawan_rssi"]) == (-23, -65.0)


def test_undecoded_uplink_carries_its_bytes_and_the_error() -> None:
    error = {"code": "com-5002", "message": "driver internal error: Error: Invalid fPort!"}

    values = point("20635F0108000E09", TIME, uplink(payload=None, payload_hex="0520", payloadDecodedError=error)).values

    assert values["payloadHex"] == "0x0520"  # a bare 0520 would become a number in ThingsBoard
    assert values["payloadDecodedError"] == error


def test_device_without_driver_has_the_common_type() -> None:
    assert point("20635F0108000E09", TIME, uplink(DriverCfg=None)).device_type == "lorawan"


@pytest.mark.parametrize(
    ("root", "key"),
    [
        ("DevEUI_downlink_Sent", "downlinkSent"),
        ("DevEUI_downlink_Rejected", "downlinkRejected"),
        ("DevEUI_notification", "notification"),
        ("DevEUI_location", "location"),
        ("BS_alarm", "bSAlarm"),
    ],
)
def test_other_report_becomes_one_json_value(root: str, key: str) -> None:
    content = {"Time": TIME, "DevEUI": "20635F0108000E09", "DeliveryStatus": 1}

    made = point("20635F0108000E09", TIME, {root: content})

    assert (made.ts, made.values) == (MS, {key: content})


def test_document_without_root_is_read_like_an_uplink() -> None:
    assert point("20635F0108000E09", TIME, UPLINK["DevEUI_uplink"]) == point("20635F0108000E09", TIME, UPLINK)


def test_bare_payload_takes_the_time_beside_it() -> None:
    made = point("20635F0108000E09", TIME, {"temperature": 24.8, "none": None})

    assert (made.ts, made.values) == (MS, {"temperature": 24.8})


def test_messages_have_the_shape_of_the_gateway_api() -> None:
    made = point("20635F0108000E09", TIME, {"temperature": 24.8})

    assert json.loads(connect_message(made)) == {"device": "20635F0108000E09", "type": "lorawan"}
    assert json.loads(telemetry_message(made)) == {
        "20635F0108000E09": [{"ts": 1578311214285, "values": {"temperature": 24.8}}]
    }


def test_command_is_read_and_answered() -> None:
    rpc = read_rpc(b'{"device":"20635F0108000E09","data":{"id":3,"method":"sendDownlink","params":{"fPort":5}}}')

    assert rpc == Rpc("20635F0108000E09", 3, "sendDownlink", {"fPort": 5})
    assert json.loads(rpc_reply(rpc, {"accepted": True})) == {
        "device": "20635F0108000E09",
        "id": 3,
        "data": {"accepted": True},
    }


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{",
        b'{"device":"a"}',
        b'{"device":"a","data":[]}',
        b'{"device":"a","data":{"id":1}}',
        b'{"device":5,"data":{"id":1,"method":"m"}}',
        b'{"device":"a","data":{"id":null,"method":"m"}}',
    ],
)
def test_what_is_no_command_is_none(payload: bytes) -> None:
    assert read_rpc(payload) is None


def test_measurement_is_told_at_its_own_time_where_that_is_wanted() -> None:
    at = "2020-01-06T10:00:00Z"
    records: list[dict[str, Any]] = [{"eventTime": at, "value": 3}, {"eventTime": "soon", "value": 4}, {"value": 5}]
    points = {"volume": {"unitId": "l", "records": records}, "level": {"record": 1}, "odd": 5}
    told = uplink(points={**points, "flow": {"records": [{"eventTime": at, "value": 0.5}]}})

    made = point("20635f0108000e09", TIME, told, own_times=True)

    assert made.measured == ((1578304800000, {"volume": 3, "flow": 0.5}),)
    assert [one["ts"] for one in json.loads(telemetry_message(made))["20635F0108000E09"]] == [MS, 1578304800000]
    assert [one["ts"] for one in json.loads(telemetry_body(made))] == [MS, 1578304800000]
    assert point("20635f0108000e09", TIME, told).measured == ()
    assert json.loads(telemetry_body(point("20635f0108000e09", TIME, uplink())))["ts"] == MS
