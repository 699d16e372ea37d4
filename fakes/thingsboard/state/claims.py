"""Claiming: a device says that it may be had for a secret, and a customer's user takes it (ClaimDevicesServiceImpl)."""

from typing import Any, Final, Literal

from uplab.fakes.thingsboard.state.payloads import PayloadError, long
from uplab.fakes.thingsboard.state.tenant import NULL_ID, Device, State

__all__ = ["Claimed", "claim", "offer", "reclaim"]

Claimed = Literal["SUCCESS", "FAILURE", "CLAIMED"]
_DURATION_MS: Final = 86_400_000  # security.claim.duration
_MOST: Final = 100_000


def offer(state: State, device: Device, asked: Any) -> None:
    """Take a device's claim in: its secret (empty by default) and how long it is good; raises PayloadError.

    A device that a customer has already cannot be claimed again, and the first of several claims stands.
    """
    if not isinstance(asked, dict):
        raise PayloadError("a claim must be an object or empty")
    secret = asked.get("secretKey") or ""
    if not isinstance(secret, str):
        raise PayloadError("secretKey must be a string")
    duration_ms = long(asked["durationMs"], "durationMs") if asked.get("durationMs") is not None else 0
    until_ms = state.now() + (duration_ms if duration_ms > 0 else _DURATION_MS)
    known = state.claims.get(device.id)
    if device.customer_id == NULL_ID and (known is None or known[1] < state.now()):
        if len(state.claims) >= _MOST:
            state.claims.clear()
        state.claims[device.id] = (secret, until_ms)


def claim(state: State, device: Device, customer_id: str, secret: str) -> Claimed:
    """What becomes of a customer's claim; with SUCCESS the device is the customer's."""
    known = state.claims.pop(device.id, None)
    if known is None:
        return "FAILURE" if device.customer_id == NULL_ID else "CLAIMED"
    if state.now() > known[1] or secret != known[0]:
        return "FAILURE"
    if device.customer_id != NULL_ID:
        return "CLAIMED"
    device.customer_id = customer_id
    state.changed()
    return "SUCCESS"


def reclaim(state: State, device: Device) -> None:
    """Give a device back to its tenant."""
    state.claims.pop(device.id, None)
    device.customer_id = NULL_ID
    state.changed()
