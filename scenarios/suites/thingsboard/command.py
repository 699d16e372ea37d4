"""A command of a ThingsBoard user, in the words of the forwarder's profile."""

from __future__ import annotations

from typing import Any

from uplab.scenarios.under_test.profile import Profile

__all__ = ["command_of"]


def command_of(profile: Profile, f_port: int, payload_hex: str) -> tuple[str, dict[str, Any]]:
    """Method and parameters of a command, by the names that the profile has for them."""
    choices = profile.choices
    return choices.command_method, {choices.command_fport: f_port, choices.command_payload: payload_hex}
