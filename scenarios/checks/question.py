"""What a check was asked, as data: with it a stored history can be judged again, by the same rule or a newer one."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import wraps
from typing import Any, TypeVar, cast

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = ["CHECKS", "Question", "asked"]

Question = dict[str, Any]
"""The name of a check, the number of the last event that it saw, and its parameters:
{"check": "none lost", "until": 57, "ids": [...], "to": {"fake": ..., "path": ...}}."""

Check = TypeVar("Check", bound=Callable[..., Verdict])

CHECKS: dict[str, Callable[..., Verdict]] = {}
"""Every check by its name."""


def asked(name: str) -> Callable[[Check], Check]:
    """Names a check, and ties to each of its verdicts what it was asked."""

    def name_it(check: Check) -> Check:
        signature = inspect.signature(check)

        @wraps(check)
        def judged(events: Sequence[Event], *args: Any, **kwargs: Any) -> Verdict:
            bound = signature.bind(events, *args, **kwargs)
            bound.apply_defaults()
            verdict = check(events, *args, **kwargs)
            asked_for = {key: _plain(value, events) for key, value in bound.arguments.items() if key != "events"}
            until = events[-1].seq if events else 0
            return replace(verdict, question={"check": name, "until": until, **asked_for})

        CHECKS[name] = judged
        return cast(Check, judged)

    return name_it


def _plain(value: Any, events: Sequence[Event]) -> Any:
    """Plain data for a parameter. A header's value, which may depend on the device, becomes one for each device."""
    if isinstance(value, Mapping):
        devices = sorted({str(e.facts.get("dev_eui")) for e in events if e.hop in ("device.sent", "network.document")})
        return {name: {device: redact_text(given(device)) for device in devices} for name, given in value.items()}
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Sequence):
        return [_plain(one, events) for one in value]
    return asdict(value)
