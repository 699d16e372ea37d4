"""What the REST API shows of the state, as data ready for JSON."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from uplab.fakes.widgelix.device import Device, DeviceType, Downlink, Event
from uplab.fakes.widgelix.history import Message
from uplab.fakes.widgelix.times import iso

__all__ = ["device_data", "device_row", "downlink_data", "event_data", "message_data", "type_data"]

_LAST_EVENTS = 5


def type_data(device_type: DeviceType) -> dict[str, Any]:
    """A device type."""
    draft = device_type.draft
    return {
        "id": device_type.id,
        "name": draft.name,
        "description": draft.description,
        "manufacturer": draft.manufacturer,
        "codec": draft.codec,
        "fields": [{"name": field.name, "source": field.source} for field in draft.fields],
    }


def device_row(device: Device) -> dict[str, Any]:
    """A device as a list shows it."""
    return {
        "id": device.id,
        "name": device.name,
        "deviceId": device.dev_eui,
        "deviceTypeId": device.type.id,
        "deviceType": device.type.name,
        "lastSeen": _time(device.last_seen),
    }


def device_data(device: Device, uplink_url: str) -> dict[str, Any]:
    """A device as its own page shows it."""
    connectivity = device.connectivity
    return {
        **device_row(device),
        "lastEvents": [event_data(event) for event in list(device.events)[-1 : -_LAST_EVENTS - 1 : -1]],
        "lastValues": {
            name: {"value": last.value, "time": iso(last.time)} for name, last in device.history.last.items()
        },
        "messages": {"kept": len(device.history), "dropped": device.history.dropped, "limit": device.history.limit},
        "connectivity": connectivity
        and {
            "networkServer": connectivity.network_server,
            "uplinkUrl": uplink_url,
            "accessToken": connectivity.token,
            "downlinkUrl": connectivity.downlink_url,
            "downlinkPort": connectivity.downlink_port,
        },
    }


def message_data(message: Message, fields: Iterable[str] = ()) -> dict[str, Any]:
    """A message, with the values of these fields or of all."""
    wanted = tuple(fields)
    values = message.values
    return {
        "time": iso(message.time),
        "receivedAt": iso(message.received),
        "fCntUp": message.f_cnt_up,
        "fPort": message.f_port,
        "payload_hex": message.payload_hex,
        "values": {name: values[name] for name in wanted if name in values} if wanted else values,
        "error": message.error,
    }


def event_data(event: Event) -> dict[str, Any]:
    """An event."""
    return {"time": iso(event.time), "receivedAt": iso(event.received), "kind": event.kind, "facts": event.facts}


def downlink_data(downlink: Downlink) -> dict[str, Any]:
    """A downlink with what became of it."""
    return {
        "id": downlink.id,
        "time": iso(downlink.time),
        "payload_hex": downlink.payload_hex,
        "fPort": downlink.f_port,
        "url": downlink.url,
        "status": downlink.status,
        "httpStatus": downlink.http_status,
        "detail": downlink.detail,
    }


def _time(time: datetime | None) -> str | None:
    return iso(time) if time else None
