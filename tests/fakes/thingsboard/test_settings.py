from typing import Any

import pytest

from uplab.fakes.control import SettingError
from uplab.fakes.thingsboard.settings import ThingsBoardSettings
from uplab.fakes.thingsboard.state.tenant import State


@pytest.fixture(name="state")
def a_state() -> State:
    return State(now=lambda: 0)


def test_settings_are_changed_by_name(state: State) -> None:
    settings = ThingsBoardSettings(state)

    settings.change(
        {"rate_limits": {"rest": "5:1"}, "max_packet_bytes": 100, "max_failed_logins": 0, "history_rows_per_device": 7}
    )

    shown = settings.show()
    assert (shown["rate_limits"]["rest"], shown["max_packet_bytes"], shown["history_rows_per_device"]) == (
        "5:1",
        100,
        7,
    )
    assert (state.limits.rest, state.budget.rows_per_device) == ("5:1", 7)
    state.clear()
    assert state.budget.rows_per_device == 7


@pytest.mark.parametrize(
    "values",
    [
        {"mood": 1},
        {"max_packet_bytes": 0},
        {"max_failed_logins": -1},
        {"max_devices": True},
        {"rate_limits": []},
        {"rate_limits": {"mood": "1:1"}},
        {"rate_limits": {"rest": "often"}},
    ],
)
def test_impossible_setting_changes_nothing(state: State, values: dict[str, Any]) -> None:
    settings = ThingsBoardSettings(state)
    before = settings.show()

    with pytest.raises(SettingError):
        settings.change({"max_devices": 5, **values})

    assert settings.show() == before
