"""What happens beside the first connection: each part adds a connection of its own, and does something there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.drawing.later import UNBOUND
from uplab.scenarios.worlds.drawing.making import Making
from uplab.scenarios.worlds.space.beside import Beside

__all__ = ["FAILING", "PARTS", "add"]

FAILING: Final = "f"
"""The connection at which deliveries of one device fail: of Widgelix the last, whose connection is no other's."""

_NAMES: Final = {"life beside": "l", "trouble beside": "t", "fault beside": FAILING, "command": "c"}
_FIRST: Final = "x"


def add(made: Making) -> None:
    """The connections to which something is to happen."""
    for dimension, name in _NAMES.items():
        drawn = _drawn(made, dimension)
        if drawn is None:
            continue
        trouble = drawn.what if dimension == "trouble beside" else None
        blame = {"blamePeriod": 1} if dimension == "fault beside" and drawn.to == "widgelix" else {}
        made.connections[name] = p.Connection.model_validate(
            {"to": drawn.to, "trouble": trouble, "configuration": blame}
        )


def _drawn(made: Making, dimension: str) -> Beside | None:
    found = made.value(dimension)
    return found if isinstance(found, Beside) else None


def _live(made: Making) -> None:
    drawn, name = _drawn(made, "life beside"), _NAMES["life beside"]
    if drawn is None:
        return
    made.send_all()
    made.wait()
    if drawn.what == "put what is shown":
        made.steps.append(p.Change(connection=name))
    elif drawn.what == "delete":
        made.steps.append(p.Delete(connection=name))
    elif drawn.what == "deactivate":
        made.change(name, active=False)
        made.send_all(times=2)
        made.change(name, active=True)
    else:
        known = made.now(name)
        changes: dict[str, dict[str, Any]] = {
            "new name": {"name": "another name"},
            "new topic": {"topic": "new/{DevEUI}"},
            "new headers": {"configuration": {**known.configuration, "headers": {"X-New": "{DevEUI}"}}},
        }
        made.change(name, **changes.get(drawn.what, {}))
    made.send_all()


def _trouble(made: Making) -> None:
    """What is accepted meanwhile waits, and goes out when it is mended; the first connection may have its own."""
    names = [name for name, one in made.connections.items() if one.trouble is not None and not made.gone(name)]
    if not names:
        return
    made.send_all(times=2)
    made.wait()
    for name in names:
        if made.now(name).trouble is not None:
            made.change(name, trouble=None)
    made.send_all()


def _fail(made: Making) -> None:
    drawn, name = _drawn(made, "fault beside"), _NAMES["fault beside"]
    if drawn is None:
        return
    made.send_all()
    made.wait()
    bound = [one for one in made.devices if one != UNBOUND]
    device = bound[-1 if drawn.to == "widgelix" else 0]
    made.steps.append(p.Fault(connection=name, kind=drawn.what, device=device))
    made.steps.append(p.Send(device=device))
    made.send_all()


def _command(made: Making) -> None:
    """It comes when the link has told of the device; then uplinks follow, in whose windows it goes."""
    drawn, name = _drawn(made, "command"), _NAMES["command"]
    if drawn is None:
        return
    made.send_all()
    made.wait()
    bound = [one for one in made.devices if one != UNBOUND]
    device = made.dice.pick("commanded", bound)
    if made.drawn.get("flows") == "crossed":  # then only the first one is bound to each
        device = bound[-1]
    made.steps.append(p.Send(device=device))  # so that its link has told of it
    made.wait()
    by: Literal["topic", "command"] = "topic" if drawn.to == "broker" else "command"
    made.steps.append(p.Downlink(device=device, through=name, fields=dict(drawn.fields), by=by))
    others = [one for one in made.devices if one not in (device, UNBOUND)]
    if others and drawn.fields.get("FPort") == 5 and made.drawn.get("flows") in (None, "one each", "one for all"):
        fields = {**drawn.fields, "payload_hex": "5a02"}
        made.steps.append(p.Downlink(device=others[0], through=name, fields=fields, by=by))
        made.steps.append(p.Send(device=others[0]))
    made.send_all()
    made.send_all()


PARTS: Final[tuple[Callable[[Making], None], ...]] = (_live, _trouble, _fail, _command)
"""Each in its turn, where it is drawn."""
