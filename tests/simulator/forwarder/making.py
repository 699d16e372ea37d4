"""Values that the tests of the forwarder are about, with only what a test names being special."""

import hashlib
from typing import Any
from urllib.parse import quote

import orjson

from uplab.simulator.forwarder.delivery.backlog import Uplink

DEV_EUI = "20635F0108000496"
OTHER_EUI = "20635F01080004A7"
TIME = "2026-01-01T00:00:00.123+00:00"
TIME_S = 1767225600.123

HTTP_EXAMPLE: dict[str, Any] = {
    "connectorId": "actility-http-iot",
    "name": "Test HTTP Connection",
    "configuration": {
        "headers": {"Authorization": "Bearer ee32e34ed!=", "X-Thing": "{DevEUI}", "X-Site": "BuildingA"},
        "destinationURL": "https://posthere.io/4b19-48f6-94cc",
    },
}
WIDGELIX_EXAMPLE: dict[str, Any] = {
    "name": "Actility To Widgelix",
    "connectorId": "actility-http-iot",
    "configuration": {
        "description": "My first Widgelix connection.",
        "destinationURL": "https://app.widgelix.com/v1/input-node/actility",
        "headers": {"Authorization": "Bearer {access-token}"},
    },
    "brand": "WIDGELIX",
}
THINGSBOARD_EXAMPLE: dict[str, Any] = {
    "connectorId": "actility-thingsboard-iot",
    "name": "Actility ThingsBoard (TCP) Connection",
    "configuration": {
        "hostName": "thingsboard.cloud:443",
        "username": "tpx-iot-flow@actility.com",
        "password": "HelloWorld",
    },
}
MQTT_EXAMPLE: dict[str, Any] = {
    "connectorId": "actility-mqtt-iot",
    "name": "Actility MQTT Connection",
    "configuration": {
        "uplinkTopicPattern": "mqtt/things/{DevEUI}/uplink",
        "downlinkTopicPattern": "mqtt/things/{DevEUI}/downlink",
        "hostName": "broker.example:1883",
        "protocol": "TCP",
        "username": "mycompany",
        "password": "bar",
    },
}


def uplink(seq: int, dev_eui: str = DEV_EUI, *, time_s: float | None = None, received_s: float = 0.0) -> Uplink:
    """A message as it waits in the queue."""
    return Uplink(seq, dev_eui, seq, time_s, received_s, b"{}")


def document(**content: Any) -> dict[str, Any]:
    """An uplink's document as the network server sends it."""
    base = {
        "Time": TIME,
        "DevEUI": DEV_EUI,
        "FPort": 5,
        "FCntUp": 7,
        "payload_hex": "0100e202290400270506",
        "LrrRSSI": -46.0,
        "LrrLAT": 48.919655,
        "CustomerID": "100002164",
        "CustomerData": {"alr": {"pro": "ELSYS/ERS", "ver": "1"}, "tags": ["Paris:Nord", "lab"]},
        "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
    }
    return {"DevEUI_uplink": {name: value for name, value in (base | content).items() if value is not None}}


def compact(value: object) -> bytes:
    """JSON without blanks."""
    return orjson.dumps(value)


def changed(body: dict[str, Any], **configuration: Any) -> dict[str, Any]:
    """A connection's body with other values in its configuration; None takes a key away."""
    merged = {**body["configuration"], **configuration}
    return {**body, "configuration": {name: value for name, value in merged.items() if value is not None}}


def tunnel_query(content: dict[str, Any], *, as_id: str, key: str, elements: str | None = None) -> str:
    """The signed query of the tunnel, made without the code that is under test."""
    pairs = [("LrnDevEui", content.get("DevEUI")), ("LrnFPort", content.get("FPort")), ("LrnInfos", "TWA_1-1")]
    pairs += [("AS_ID", as_id), ("Time", "2026-01-01T00:00:01.000+00:00")]
    decoded = [(name, str(value)) for name, value in pairs if value is not None]
    if elements is None:
        names = ("CustomerID", "DevEUI", "FPort", "FCntUp", "payload_hex")
        elements = "".join(str(content[name]) for name in names if name in content)
    text = elements + "&".join(f"{name}={value}" for name, value in decoded) + key
    decoded.append(("Token", hashlib.sha256(text.encode()).hexdigest()))
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in decoded)
