"""The parts of a world: nothing unknown in them, and nothing out of bounds."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uplab.scenarios.worlds import parts
from uplab.scenarios.worlds.parts import Connection, Device, Pass, Post, Send


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        (Device, {"colour": "red"}),
        (Device, {"counter": -1}),
        (Connection, {"to": "kafka"}),
        (Connection, {"trouble": "tired"}),
        (Connection, {"key": "twice"}),
        (Send, {"device": "a", "payload_hex": "0"}),
        (Post, {"device": "a", "pad": 1_000_000}),
        (Pass, {"minutes": 0}),
        (Pass, {"minutes": 1_000}),
    ],
)
def test_what_is_wrong_is_refused(part: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        part(**fields)


def test_every_name_is_there() -> None:
    assert all(hasattr(parts, name) for name in parts.__all__)
