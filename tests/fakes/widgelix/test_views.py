"""What the REST API shows."""

from datetime import UTC, datetime

from tests.fakes.widgelix.make import EUI, join, uplink
from uplab.fakes.widgelix.device import Connectivity, Device, DeviceType
from uplab.fakes.widgelix.documents import parse
from uplab.fakes.widgelix.fields import REPOSITORY
from uplab.fakes.widgelix.history import History
from uplab.fakes.widgelix.views import device_data, device_row, message_data

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def make() -> Device:
    return Device("1", "Demo", "Room", EUI, DeviceType("2", "Demo", REPOSITORY["ELSYS-ERS"]), History(10))


def test_row_of_a_new_device_has_no_last_seen() -> None:
    assert device_row(make()) == {
        "id": "1",
        "name": "Room",
        "deviceId": EUI,
        "deviceTypeId": "2",
        "deviceType": "ELSYS-ERS",
        "lastSeen": None,
    }


def test_connectivity_without_a_token_shows_null() -> None:
    device = make()
    device.connectivity = Connectivity(downlink_port=5)

    assert device_data(device, "https://example/in")["connectivity"] == {
        "networkServer": "ACTILITY",
        "uplinkUrl": "https://example/in",
        "accessToken": None,
        "downlinkUrl": None,
        "downlinkPort": 5,
    }


def test_last_events_are_five_newest_first() -> None:
    device = make()
    for minute in range(7):
        device.accept(parse(join(f"2026-01-01T12:0{minute}:00Z")), NOW)

    times = [event["time"][14:16] for event in device_data(device, "")["lastEvents"]]

    assert times == ["06", "05", "04", "03", "02"]


def test_message_shows_chosen_values_or_all() -> None:
    device = make()
    device.accept(parse(uplink()), NOW)
    (message,) = device.history.between()

    assert message_data(message, ["motion", "battery"])["values"] == {"motion": 6}
    assert set(message_data(message)["values"]) == {"temperature", "humidity", "light", "motion"}
