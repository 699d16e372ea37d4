"""The answers of a capture as a fault plan for a fake: what the destination did then, it does again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from uplab.fakes.faults import Delay, Fault, Hang, Nth, ResetAfterBody, Status, as_data
from uplab.scenarios.captures.capture import Exchange

__all__ = ["fault_plan"]

_SLOW_MS: Final = 1_000.0
_LONGEST_S: Final = 3_600.0  # what a capture says of a longer wait, no forwarder waits for
_SILENT: Final = ("timeout", "timed out", "timed_out", "abort")


def fault_plan(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """One fault for each answer that was none, or no 2xx, or slow; the nth request is the nth of the capture.

    What `PUT /faults` of a fake that stands alone takes.
    """
    posted = [one for one in exchanges if one.body is not None and one.method in ("POST", "PUT")]
    return [
        as_data(Fault(f"{number} of the capture", Nth(number), action))
        for number, one in enumerate(posted, 1)
        if (action := _action(one)) is not None
    ]


def _action(one: Exchange) -> Any:
    wait_s = min((one.wait_ms or 0.0) / 1000, _LONGEST_S)
    if one.error or one.status == 0:
        silent = any(word in one.error.lower() for word in _SILENT)
        action: Any = Hang() if silent else ResetAfterBody()
        return action if silent or wait_s * 1000 < _SLOW_MS else Delay(wait_s, action)
    if one.status is None or not 200 <= one.status < 600:  # others end no exchange
        return None
    bad = None if 200 <= one.status < 300 else Status(one.status)
    if wait_s * 1000 >= _SLOW_MS:
        return Delay(wait_s, bad) if bad else Delay(wait_s)
    return bad
