"""The states of a connection and the transitions between them, as the documented graph has them."""

from enum import StrEnum

__all__ = ["TRANSITIONS", "State"]


class State(StrEnum):
    """What the API shows as `state`."""

    CLOSED = "CLOSED"
    OPENING = "OPENING"
    AUTHENTICATING = "AUTHENTICATING"
    OPENED = "OPENED"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    UNREACHABLE = "UNREACHABLE"
    CLOSING = "CLOSING"
    DEACTIVATED = "DEACTIVATED"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.CLOSED: frozenset({State.OPENING, State.DEACTIVATED}),
    State.OPENING: frozenset({State.AUTHENTICATING, State.CLOSING}),
    State.AUTHENTICATING: frozenset({State.OPENED, State.AUTHENTICATION_FAILED, State.CLOSING}),
    State.OPENED: frozenset({State.CLOSING, State.UNREACHABLE, State.AUTHENTICATION_FAILED}),
    # The blame generation has no closing: while the destination is out of reach, its connection shows UNREACHABLE.
    State.UNREACHABLE: frozenset({State.OPENED, State.CLOSING, State.AUTHENTICATION_FAILED}),
    State.AUTHENTICATION_FAILED: frozenset({State.CLOSING}),
    State.CLOSING: frozenset({State.CLOSED}),
    State.DEACTIVATED: frozenset({State.OPENING}),
}
"""Where each state may go; the last two of OPENED are ours, since the graph shows no failure but the closing."""
