"""One device: what a document changes, and what is bounded."""

from datetime import UTC, datetime, timedelta

from tests.fakes.widgelix.make import EUI, uplink
from uplab.fakes.widgelix.device import Device, DeviceType
from uplab.fakes.widgelix.documents import Notice, parse
from uplab.fakes.widgelix.fields import REPOSITORY
from uplab.fakes.widgelix.history import History

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def make() -> Device:
    return Device("1", "Demo", "Room", EUI, DeviceType("2", "Demo", REPOSITORY["ELSYS-ERS"]), History(10))


def test_uplink_keeps_both_its_times() -> None:
    device = make()

    device.accept(parse(uplink()), NOW)

    (message,) = device.history.between()
    assert (message.time, message.received) == (datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=UTC), NOW)


def test_report_without_a_time_is_of_now() -> None:
    device = make()

    device.accept(Notice(EUI, None, "alarm", heard=False, facts={}), NOW)

    assert device.events[0].time == NOW


def test_late_join_does_not_turn_last_seen_back() -> None:
    device = make()
    device.accept(parse(uplink()), NOW)
    seen = device.last_seen
    assert seen is not None

    device.accept(Notice(EUI, seen - timedelta(hours=1), "join", heard=True, facts={}), NOW)

    assert device.last_seen == seen


def test_arrivals_are_numbered_in_their_order() -> None:
    device = make()

    for second in (2, 1):
        device.accept(parse(uplink(Time=f"2026-01-01T12:00:0{second}Z")), NOW)

    assert [message.sequence for message in device.history.between()] == [2, 1]


def test_downlinks_are_bounded_and_counted() -> None:
    device = make()
    first = device.start_downlink("00", 5, "http://example/x", NOW)

    for _ in range(200):
        device.start_downlink("00", 5, "http://example/x", NOW)
    device.end_downlink(first.id, "sent", 202, None)

    assert (len(device.downlinks), device.downlinks_total) == (200, 201)
    assert {downlink.status for downlink in device.downlinks} == {"pending"}
