"""How a connection meets failures: the documented manners, and what a configuration says of them."""

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Failures", "Manner"]


class Manner(StrEnum):
    """How failures are met: one row of the table of reactions."""

    BLAME = "blame"
    LENIENT = "lenient"  # strictMode false, and every connector whose document says nothing of failures
    STRICT_RESEND = "strict-resend"
    STRICT_CLOSE = "strict-close"


class Failures(NamedTuple):
    """What becomes of failures on one connection."""

    manner: Manner = Manner.LENIENT
    blame_s: float = 0.0
