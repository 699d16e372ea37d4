from typing import Any

import pytest

from uplab.fakes.thingsboard.state.device import Device, Scope
from uplab.fakes.thingsboard.state.tenant import State

NOW_MS = 1_000_000


class Notes:
    """A watcher that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def telemetry(self, device: Device, ts: int, values: dict[str, Any]) -> None:
        self.told.append((device.name, ts, dict(values)))

    def attributes(self, device: Device, scope: Scope, ts: int, values: dict[str, Any], deleted: list[str]) -> None:
        self.told.append((device.name, scope, ts, dict(values), deleted))

    def forgotten(self, device: Device, keys: list[str]) -> None:
        self.told.append((device.name, keys))


@pytest.fixture(name="device")
def a_device() -> Device:
    state = State(now=lambda: NOW_MS)
    return state.add_device(state.demo.id, "D")


def test_watcher_is_told_of_each_change(device: Device) -> None:
    notes = Notes()
    device.watch(notes)

    device.save_telemetry(1, {"t": 1})
    device.save_attributes("SHARED_SCOPE", {"a": 1}, 5)
    device.delete_attributes("SHARED_SCOPE", ["a", "unknown"], 6)
    device.delete_attributes("SHARED_SCOPE", ["unknown"], 6)
    device.delete_telemetry(["t"], 0, 9, latest=True, rewrite=False)

    assert notes.told == [
        ("D", 1, {"t": 1}),
        ("D", "SHARED_SCOPE", 5, {"a": 1}, []),
        ("D", "SHARED_SCOPE", 6, {}, ["a"]),
        ("D", ["t"]),
    ]


def test_watcher_sees_its_values_though_the_series_goes_on_writing(device: Device) -> None:
    notes = Notes()
    device.watch(notes)

    device.save_telemetry(1, {"t": 1})
    device.save_telemetry(1, {"h": 2})

    assert notes.told == [("D", 1, {"t": 1}), ("D", 1, {"h": 2})]


def test_watcher_that_left_is_told_nothing(device: Device) -> None:
    notes, other = Notes(), Notes()
    device.watch(notes)
    device.watch(other)
    device.unwatch(notes)

    device.save_telemetry(1, {"t": 1})

    assert (notes.told, len(other.told)) == ([], 1)


def test_activity_ends_ten_minutes_after_the_last_word(device: Device) -> None:
    assert device.activity(NOW_MS) == {}
    device.last_activity_ms = NOW_MS

    assert device.activity(NOW_MS + 599_999)["active"] is True
    assert device.activity(NOW_MS + 600_000)["active"] is False


def test_inactivity_timeout_is_an_attribute_of_the_server(device: Device) -> None:
    device.last_activity_ms = NOW_MS
    device.save_attributes("SERVER_SCOPE", {"inactivityTimeout": 1_000}, NOW_MS)

    assert [device.active(NOW_MS + after_ms) for after_ms in (999, 1_000)] == [True, False]
