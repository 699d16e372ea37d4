"""What may be changed at a running ThingsBoard: rate limits, message size, lock-out, the history's bounds."""

from typing import Any, Final

from uplab.fakes.control import SettingError
from uplab.fakes.thingsboard.state.limits import RateLimitError, RateLimits, parse_limit
from uplab.fakes.thingsboard.state.tenant import State

__all__ = ["ThingsBoardSettings"]

_NUMBERS: Final = ("max_packet_bytes", "max_failed_logins", "max_devices")
_BOUNDS: Final = ("history_points", "history_rows_per_device")


class ThingsBoardSettings:
    """The settings of one fake by name, as the control shows and changes them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def show(self) -> dict[str, Any]:
        """All settings, and how much telemetry is kept and was dropped."""
        state, budget = self._state, self._state.budget
        return {
            "rate_limits": {name: getattr(state.limits, name) for name in RateLimits.names()},
            **{name: getattr(state, name) for name in _NUMBERS},
            "history_points": budget.points,
            "history_rows_per_device": budget.rows_per_device,
            "points_kept": budget.kept,
            "points_dropped": budget.dropped,
        }

    def change(self, values: dict[str, Any]) -> None:
        """Change some; raises SettingError and then changes nothing."""
        known = ("rate_limits", *_NUMBERS, *_BOUNDS)
        for name, value in values.items():
            if name not in known:
                raise SettingError(f"there is no setting {name}; there are {', '.join(known)}")
            if name != "rate_limits" and (type(value) is not int or value < (name != "max_failed_logins")):
                raise SettingError(f"{name} must be a whole number, 1 or more (0 for max_failed_logins: no lock-out)")
        limits = values.get("rate_limits", {})
        _check_limits(limits)
        for name, text in limits.items():
            self._state.limits.change(name, text)
        for name in _NUMBERS:
            if name in values:
                setattr(self._state, name, values[name])
        self._state.bound(points=values.get("history_points"), rows=values.get("history_rows_per_device"))


def _check_limits(limits: object) -> None:
    if not isinstance(limits, dict):
        raise SettingError("rate_limits must be an object of names and limits")
    for name, text in limits.items():
        if name not in RateLimits.names():
            raise SettingError(f"there is no rate limit {name}; there are {', '.join(RateLimits.names())}")
        try:
            parse_limit(str(text))
        except RateLimitError as error:
            raise SettingError(str(error)) from None
