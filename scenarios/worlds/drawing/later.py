"""What happens towards the end of a world: hours pass, and downlinks come when everything else has happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.drawing.making import Making

__all__ = ["LAST", "UNBOUND"]

UNBOUND: Final = "u"
"""A device that no flow names."""

_FIRST: Final = "x"


def _hours(made: Making) -> None:
    """Nothing comes for so long, and then an uplink does."""
    minutes = made.value("hours") or 0
    if not minutes:
        return
    made.send_all()
    made.wait()
    made.steps.append(p.Pass(minutes=minutes))
    made.send_all()


def _down_later(made: Making) -> None:
    """A downlink after all that has happened to its connection; to a device of another; through another; to each."""
    kind = made.drawn.get("downlink later", "none")
    if kind == "none" or _FIRST not in made.connections:
        return
    bound = [name for name in made.devices if name != UNBOUND]
    made.send_all()
    made.wait()
    if kind == "to each":
        fields = [{"FPort": 20 + at, "payload_hex": f"ee0{at}"} for at in range(len(bound))]
        made.steps += [_down(name, _FIRST, one) for name, one in zip(bound, fields, strict=True)]
    elif kind == "to one not bound":
        made.steps += [p.Send(device=UNBOUND), _down(UNBOUND, _FIRST, {"FPort": 21, "payload_hex": "0bad"})]
    elif kind == "through another":
        others = [name for name, one in made.connections.items() if name != _FIRST and one.to.startswith("http")]
        made.steps += [_down(bound[0], name, {"FPort": 22, "payload_hex": "0a0b"}) for name in others[:1]]
    else:
        made.steps.append(_down(bound[0], _FIRST, {"FPort": 23, "payload_hex": "1a7e"}))
    made.steps += [p.Send(device=name) for name in made.devices]


def _down(device: str, through: str, fields: dict[str, Any]) -> p.Downlink:
    return p.Downlink(device=device, through=through, fields=fields)


LAST: Final[tuple[Callable[[Making], None], ...]] = (_hours, _down_later)
"""Each in its turn, where it is drawn; nothing comes after them but an uplink of the first devices."""
