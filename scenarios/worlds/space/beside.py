"""What happens at a connection beside the first: its life, its troubles, failed deliveries, commands that come by it.

Values are drawn with their connector: a connection that nothing happens to is drawn by the dimension `beside`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["COMMANDS", "FAILURES", "LIVES", "TROUBLES", "Beside"]


@dataclass(frozen=True, slots=True)
class Beside:
    """At a connection of this connector `what` happens; a profile must declare all of `needs`."""

    to: str
    what: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def _table(*rows: Beside) -> dict[str, Beside | None]:
    return {"none": None, **{f"{row.to}: {row.what}": row for row in rows}}


_LIVES: Final = ("put what is shown", "put the same", "new name", "deactivate", "delete", "new headers", "new topic")
_NOT: Final = {"new headers": ("mqtt", "rest", "broker"), "new topic": ("mqtt", "rest", "widgelix")}

LIVES: Final = _table(
    *(
        Beside(to, what)
        for what in _LIVES
        for to in ("mqtt", "broker", "widgelix", "rest")
        if to not in _NOT.get(what, ())
    )
)
"""What its user does with it while uplinks come."""

TROUBLES: Final = _table(
    Beside("mqtt", "password", needs=("states",)),
    Beside("rest", "password", needs=("states",)),
    Beside("mqtt", "locked", needs=("states",)),
    Beside("mqtts", "locked", needs=("states",)),
    Beside("broker", "password", needs=("states",)),
    Beside("mqtt", "nobody", needs=("states",)),
    Beside("broker", "nobody", needs=("states",)),
    Beside("mqtts", "expired", needs=("states",)),
    Beside("mqtts", "wrong host", needs=("states",)),
    Beside("mqtts", "unknown authority", needs=("states",)),
)
"""Why it cannot deliver, until a PUT makes it right."""

_LINKS: Final = (
    ("mqtt", ("closed", "taken and closed", "taken over", "twice acknowledged")),
    ("broker", ("closed", "reset", "garbage", "twice acknowledged")),
)

FAILURES: Final = _table(
    *(Beside(to, what, needs=("reconnect", "clock")) for to, kinds in _LINKS for what in kinds),
    *(Beside("widgelix", what) for what in ("401", "503", "cut after the body", "302")),
)
"""How deliveries of one device fail there."""

COMMANDS: Final = _table(
    Beside("mqtt", "command", {"FPort": 5, "payload_hex": "3e01"}),
    Beside("mqtts", "command", {"FPort": 223, "payload_hex": "C0FFEE"}),
    Beside("mqtt", "command without a port", {"payload_hex": "01"}),
    Beside("mqtt", "command of broken digits", {"FPort": 5, "payload_hex": "zz"}),
    Beside("broker", "topic", {"FPort": 8, "payload_hex": "9e1c48"}),
    Beside("broker", "topic with texts", {"FPort": "7", "payload_hex": "0A0b", "Confirmed": "1"}),
    Beside("broker", "topic correlated", {"FPort": 7, "payload_hex": "0c", "CorrelationID": "00000000000B0B05"}),
)
"""Downlinks that come over its link."""
