"""A small world for tests: two devices, two connections, and as many steps as a test gives it."""

from __future__ import annotations

import json
from typing import Any

from uplab.scenarios.worlds.plan import Plan

__all__ = ["small_world"]


def small_world(*steps: dict[str, Any], **more: Any) -> Plan:
    """The world with these steps; `more` takes the place of its parts."""
    data: dict[str, Any] = {
        "world": 1,
        "name": "small",
        "devices": {"a": {}, "b": {}},
        "connections": {"x": {}, "y": {"configuration": {"blamePeriod": 1}}},
        "flows": [
            {"devices": ["a", "b"], "connections": ["x"]},
            {"devices": ["a"], "connections": ["y"]},
        ],
        "steps": list(steps),
    }
    return Plan.model_validate_json(json.dumps({**data, **more}))
