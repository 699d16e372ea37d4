"""thingsboard.md, "Displaying information to know if it worked": the device shows its last uplink."""

import re
from typing import Any

import pytest

from uplab.scenarios import Event, Lab, LabConnection, LabDevice, Route, Sent, ThingsBoardAccount, epoch_ms
from uplab.scenarios.suites.common.destination import telling
from uplab.scenarios.suites.thingsboard.dashboard import following

pytestmark = [
    pytest.mark.needs("thingsboard"),
    pytest.mark.transport("mqtt", "mqtts"),
    pytest.mark.usefixtures("over_mqtt"),
]


def shown(account: ThingsBoardAccount, sent: Sent) -> tuple[object, object, object]:
    """What a widget bound to the device shows: temperature, humidity, and the time of the value in ms."""
    latest = account.latest(sent.dev_eui)
    temperature = latest.get("temperature", {})
    return temperature.get("value"), latest.get("humidity", {}).get("value"), temperature.get("ts")


def carries(published: Event, sent: Sent) -> bool:
    """Whether a message to ThingsBoard holds what the device measured: what is shown otherwise is ThingsBoard's."""
    raw = published.raw or b""
    found = re.findall(rb'"temperature":\s*(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)', raw)  # 25 is as good as 25.0
    return sent.dev_eui.encode() in raw and any(float(one) == sent.readings.temperature_c for one in found)


@pytest.mark.smoke
@pytest.mark.needs("drivers")
@pytest.mark.requirement("TB-11.a", "TB-12.a", "TB-12.b", "TB-15.b")
def test_each_device_shows_the_values_of_its_last_uplink(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """Logged in over REST, the user finds each device with the latest values of that device, never of another."""
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(*devices)
    lab.await_delivery(sent, connection.route)

    published = [e for e in lab.history.events if e.hop == "destination.published" and connection.route.takes(e.facts)]
    links = {event.facts["session"] for event in published}
    lab.expect_seen("one link carries all devices", len(links), {"is": 1}, f"{len(links)} links", proves="TB-12.a")
    lab.judge_telemetry(sent, connection, proves="TB-12.b")
    for last in sent[-len(devices) :]:
        wanted = (last.readings.temperature_c, last.readings.humidity_pct, epoch_ms(last.time))
        published = [e for e in lab.history.events if e.hop == "destination.published" and last.id in e.ids]
        lab.expect_seen(
            "the device shows its own last values, at the uplink's time in ms",
            shown(account, last),
            {"near": wanted},
            f"{last.dev_eui} measured {wanted}, shown {shown(account, last)}",
            hop="ThingsBoard" if published and carries(published[-1], last) else "forwarder",
        )
        lab.expect(
            "what was published of it holds what the driver decoded",
            bool(published) and carries(published[-1], last),
            f"{last.dev_eui} measured {last.readings.temperature_c} °C",
            proves="TB-15.b",
        )


@pytest.mark.needs("drivers")
@pytest.mark.requirement("TB-11.b")
def test_dashboard_shows_each_uplink_as_it_comes(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """An open dashboard is sent each value once, in order, at its uplink's time, and none of another device."""
    first = devices[0].send()
    lab.await_delivery([first], connection.route)
    with following(lab, account, devices[0].dev_eui, "temperature") as dashboard:
        sent = [devices[0].send(temperature_c=value) for value in (19.5, 20.5, 21.5)]
        others = [device.send() for device in devices[1:]]
        lab.await_delivery([*sent, *others], connection.route)
        lab.poll(lambda: len(dashboard.points), {"least": len(sent)}, awaited="the dashboard's updates")

    lab.judge_telemetry([first, *sent, *others], connection)
    wanted = [(epoch_ms(one.time), str(one.readings.temperature_c)) for one in sent]
    lab.expect_seen(
        "the dashboard was sent each of them once, in order",
        dashboard.points,
        {"is": wanted},
        f"sent {wanted}, shown {dashboard.points}",
    )


@pytest.mark.varies("regime", "model")
@pytest.mark.delivery
@pytest.mark.requirement("TB-12.b")
def test_each_uplink_is_delivered_once_in_order(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """Each uplink of three devices is published and acknowledged once, in order, whatever values it carries."""
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)


@pytest.mark.needs("drivers")
@pytest.mark.requirement("TB-15.a", "TB-15.c")
def test_every_uplink_stands_in_the_history_at_its_time(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """Telemetry carries the uplink's time in milliseconds, the decoded values and LoRaWAN metadata."""
    sent = [devices[0].send(temperature_c=value) for value in (19.5, 20.0, 20.5)]
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)
    points = account.history(devices[0].dev_eui, "temperature")
    wanted = [(epoch_ms(one.time), one.readings.temperature_c) for one in sent]
    lab.expect_seen(
        "each temperature stands at its uplink's time", points, {"is": wanted}, f"sent {wanted}, found {points}"
    )
    keys = {key.lower() for key in account.latest(devices[0].dev_eui)}
    lab.expect(
        "the LoRaWAN counter, port and signal are there",
        all(any(w in k for k in keys) for w in ("fcnt", "fport", "rssi", "snr")),
        sorted(keys),
        proves="TB-15.c",
    )


@pytest.mark.needs("events", "options")
@pytest.mark.requirement("TB-14.c")
def test_unknown_device_is_skipped_without_create_devices(
    lab: Lab, body: dict[str, Any], route: Route, device: LabDevice, account: ThingsBoardAccount
) -> None:
    """createDevices false: the uplink of an unknown device is not published, makes no device, and is told."""
    body["configuration"]["createDevices"] = False
    connection = lab.connect(body, route, device)
    sent = device.send()
    telling(lab, connection, sent.f_cnt, dev_eui=device.dev_eui)
    lab.barrier(device)

    published = [e for e in lab.history.events if e.hop == "destination.published" and sent.id in e.ids]
    lab.expect_seen("nothing of it is published", published, {"empty": True}, f"{len(published)} messages")
    made = [name for name in account.devices() if name.upper() == device.dev_eui]
    lab.expect_seen("no device is made", made, {"empty": True})


@pytest.mark.delivery
@pytest.mark.requirement("TB-14.a")
def test_unknown_devices_are_created_once(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """The first uplink of a device creates it; later ones create no second."""
    before = len(account.devices())
    sent = [device.send() for _ in range(3) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)
    new = len(account.devices()) - before
    lab.expect_seen(
        "one device for each DevEUI", new, {"is": len(devices)}, f"{len(devices)} devices sent, {new} were created"
    )
