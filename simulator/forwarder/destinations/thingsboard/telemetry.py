"""What the ThingsBoard connection says and understands, without a socket: addresses, telemetry, gateway messages.

ThingsBoard's gateway API (https://thingsboard.io/docs/reference/gateway-mqtt-api/) carries many devices over one link;
its REST API takes the same points one device at a time. How a document's fields are named there is documented nowhere,
so the names are ours, in METADATA.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from uplab.simulator.forwarder.documents.report import ROOTS, UPLINK, WrongTimeError, instant_of, real, whole
from uplab.simulator.forwarder.resolve import Endpoint, Transport, split_host_port

__all__ = [
    "CONNECT_TOPIC",
    "METADATA",
    "RPC_TOPIC",
    "TELEMETRY_TOPIC",
    "Account",
    "Point",
    "Rpc",
    "connect_message",
    "device_type",
    "milliseconds",
    "point",
    "read_account",
    "read_rpc",
    "rpc_reply",
    "telemetry_body",
    "telemetry_message",
]

CONNECT_TOPIC = "v1/gateway/connect"
TELEMETRY_TOPIC = "v1/gateway/telemetry"
RPC_TOPIC = "v1/gateway/rpc"

# The port in hostName picks the transport. ThingsBoard's own plain HTTP ports are 8080, and 9090 in its container.
TRANSPORTS: dict[int, Transport] = {1883: "mqtt", 8883: "mqtts", 80: "http", 8080: "http", 9090: "http"}
OTHER_PORTS: Transport = "https"

NO_DRIVER = "lorawan"  # the device type of a device without a driver
LONG_MAX = 2**63 - 1  # ThingsBoard keeps whole numbers in 64 bits


@dataclass(frozen=True, slots=True)
class Account:
    """Where a ThingsBoard is, by which transport, and who we are there."""

    host: str
    port: int
    transport: Transport
    username: str
    password: str = field(repr=False)
    create_devices: bool = True
    own_times: bool = False
    """Whether a measurement that has a time of its own is told at that time too."""


@dataclass(frozen=True, slots=True)
class Point:
    """The values of one device at one time, in milliseconds since 1970, and `measured` at other times."""

    device: str
    device_type: str
    ts: int
    values: dict[str, Any]
    measured: tuple[tuple[int, dict[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Rpc:
    """A command that ThingsBoard gives to a device."""

    device: str
    id: int | str
    method: str
    params: Any


def read_account(
    configuration: Mapping[str, Any], *, own_times: bool = False, spoken: Mapping[Endpoint, Transport] | None = None
) -> Account:
    """Read a connection's configuration, which is valid already; ValueError when hostName is not host:port.

    `spoken` says of an address what its port does not say.
    """
    host, port = split_host_port(configuration["hostName"])
    return Account(
        host=host,
        port=port,
        transport=(spoken or {}).get((host.lower(), port)) or TRANSPORTS.get(port, OTHER_PORTS),
        username=configuration["username"],
        password=configuration["password"],
        create_devices=configuration.get("createDevices", True),
        own_times=own_times,
    )


def milliseconds(time: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time, exactly, UTC when it names no offset; ValueError when it is none."""
    instant_ms = instant_of(ROOTS[UPLINK], {"Time": time})
    if instant_ms is None:
        raise WrongTimeError("the document has no time")
    return instant_ms


def _whole(value: object) -> int | None:
    """Read a counter in either number regime, or None."""
    number = whole(value)
    return number if number is not None and -LONG_MAX <= number <= LONG_MAX else None


def _name(value: object) -> str | None:
    return value if isinstance(value, str) else None


# ThingPark's field -> our telemetry key and how its value is read. Only texts that are never all digits are sent as
# such: ThingsBoard turns "00000065" into the number 65.
METADATA: dict[str, tuple[str, Callable[[object], int | float | str | None]]] = {
    "FCntUp": ("fCntUp", _whole),
    "FCntDn": ("fCntDn", _whole),
    "FPort": ("fPort", _whole),
    "MType": ("mType", _whole),
    "ADRbit": ("adr", _whole),
    "Late": ("late", _whole),
    "LrrRSSI": ("rssi", real),
    "LrrSNR": ("snr", real),
    "LrrESP": ("esp", real),
    "SpFact": ("spFact", _whole),
    "Spfact": ("spFact", _whole),  # so spelt in join reports
    "SubBand": ("subBand", _name),
    "Channel": ("channel", _name),
    "Frequency": ("frequency", real),
    "DevLrrCnt": ("devLrrCnt", _whole),
    "InstantPER": ("instantPer", real),
    "MeanPER": ("meanPer", real),
    "NbTrans": ("nbTrans", _whole),
    "TxPower": ("txPower", real),
    "downlinkUrl": ("downlinkUrl", _name),
}


def _metadata(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the network says of an uplink: gateways as JSON, so that their ids stay texts."""
    found: dict[str, Any] = {key: read(content[name]) for name, (key, read) in METADATA.items() if name in content}
    gateways = content.get("Lrrs")
    listed = gateways.get("Lrr") if isinstance(gateways, dict) else None
    if isinstance(listed, list | dict):  # of a single one documents have the object itself, too
        found["gateways"] = listed if isinstance(listed, list) else [listed]
    return {key: value for key, value in found.items() if value is not None}


def _uplink_values(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return decoded values first, then what the network says; a name that both have is the device's."""
    payload = content.get("payload")
    decoded = {k: v for k, v in payload.items() if v is not None} if isinstance(payload, dict) else {}
    metadata = _metadata(content)
    if isinstance(content.get("payloadDecodedError"), dict):
        metadata["payloadDecodedError"] = content["payloadDecodedError"]
    if not decoded and isinstance(content.get("payload_hex"), str):
        metadata["payloadHex"] = "0x" + content["payload_hex"]  # with 0x it stays a text even when it is all digits
    if isinstance(content.get("rawJoinRequest"), str):
        metadata["rawJoinRequest"] = "0x" + content["rawJoinRequest"]
    return decoded | {f"lorawan_{key}" if key in decoded else key: value for key, value in metadata.items()}


def device_type(content: Mapping[str, Any]) -> str:
    """Return the ThingsBoard device type of a document's device: its driver's `producer:module`, or `lorawan`."""
    driver = content.get("DriverCfg")
    reference = (driver.get("app") or driver.get("mod")) if isinstance(driver, dict) else None
    if not isinstance(reference, dict) or not isinstance(reference.get("pId"), str):
        return NO_DRIVER
    return f"{reference['pId']}:{reference.get('mId', '')}"


def point(dev_eui: str, time: str, document: Mapping[str, Any], *, own_times: bool = False) -> Point:
    """Make the point that a document becomes at a time; ValueError when that is none.

    The device is named by its DevEUI in upper case. Uplinks become their values; any other report becomes one JSON
    value under its name (`downlinkSent`, `notification`, ...); a bare payload is sent as it is. With `own_times` the
    records of an uplink's `points` are told at their own times too.
    """
    root = next((key for key in document if key in ROOTS), None)
    content = document if root is None else document[root]
    if not isinstance(content, dict):
        raise ValueError(f"{root} is not an object")
    if root in {None, "DevEUI_uplink"}:
        bare = root is None and "DevEUI" not in content
        values = {k: v for k, v in content.items() if v is not None} if bare else _uplink_values(content)
    else:
        values = {_report_name(str(root)): content}
    measured = _measured(content.get("points")) if own_times and root == UPLINK else ()
    return Point(dev_eui.upper(), device_type(content), milliseconds(time), values, measured)


def _measured(points: object) -> tuple[tuple[int, dict[str, Any]], ...]:
    """Return the records of all points by their times, oldest first; one whose time is none is left out."""
    found: dict[int, dict[str, Any]] = {}
    for name, told in points.items() if isinstance(points, dict) else ():
        records = told.get("records") if isinstance(told, dict) else None
        for record in records if isinstance(records, list) else ():
            if not isinstance(record, dict) or record.get("value") is None:
                continue
            try:
                ts = milliseconds(record.get("eventTime", ""))
            except ValueError:
                continue
            found.setdefault(ts, {})[name] = record["value"]
    return tuple(sorted(found.items()))


def _report_name(root: str) -> str:
    """Return `downlinkSent` for `DevEUI_downlink_Sent`."""
    first, *others = root.removeprefix("DevEUI_").split("_")
    return first[0].lower() + first[1:] + "".join(other.capitalize() for other in others)


def connect_message(point: Point) -> bytes:
    """Write the announcement of a point's device."""
    return orjson.dumps({"device": point.device, "type": point.device_type})


def telemetry_message(point: Point) -> bytes:
    """Write a point for the gateway's telemetry topic."""
    return orjson.dumps({point.device: _entries(point)})


def telemetry_body(point: Point) -> bytes:
    """Write a point for the REST API, which takes one entry or an array of them."""
    entries = _entries(point)
    return orjson.dumps(entries if len(entries) > 1 else entries[0])


def _entries(point: Point) -> list[dict[str, Any]]:
    return [{"ts": ts, "values": values} for ts, values in ((point.ts, point.values), *point.measured)]


def read_rpc(payload: bytes) -> Rpc | None:
    """Read a command from the gateway's RPC topic; None when it is none (a reply to us, or malformed)."""
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    data = message.get("data") if isinstance(message, dict) else None
    if not isinstance(data, dict):
        return None
    device, identifier, method = message.get("device"), data.get("id"), data.get("method")
    if not isinstance(device, str) or not isinstance(identifier, int | str) or not isinstance(method, str):
        return None
    return Rpc(device=device, id=identifier, method=method, params=data.get("params"))


def rpc_reply(rpc: Rpc, data: Mapping[str, Any]) -> bytes:
    """Write the answer to a command."""
    return orjson.dumps({"device": rpc.device, "id": rpc.id, "data": dict(data)})
