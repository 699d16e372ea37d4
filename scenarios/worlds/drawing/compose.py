"""Makes a world of drawn values: its devices, connections, flows, and the steps in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.drawing.beside import FAILING, PARTS, add
from uplab.scenarios.worlds.drawing.dice import Dice
from uplab.scenarios.worlds.drawing.draw import drawn
from uplab.scenarios.worlds.drawing.later import LAST, UNBOUND
from uplab.scenarios.worlds.drawing.making import Making
from uplab.scenarios.worlds.space.dimensions import DIMENSIONS, Dimension
from uplab.scenarios.worlds.space.documents import DOCUMENTS
from uplab.scenarios.worlds.space.faults import FINE
from uplab.scenarios.worlds.space.readings import READINGS
from uplab.scenarios.worlds.space.refusals import REFUSALS

__all__ = ["EmptySpaceError", "compose", "world"]

_FIRST: Final = "x"
_LETTERS: Final = "abcdefghij"
_TOPICS: Final = (
    *("{DevEUI}/uplink", "all", "{CustomerID}/{DevEUI}", "a/b/{DevEUI}"),
    *("{DevEUI}/{FCntUp}", "p{FPort}/{FCntUp}"),  # of uplinks alone
)
_OF_CONNECTION: Final = tuple(one.name for one in DIMENSIONS if one.of == "connection")
_LINKS: Final = ("mqtt", "mqtts", "broker")
_SINGLE: Final = ("widgelix",)  # a connection of one device: its key is that device's


class EmptySpaceError(Exception):
    """Nothing can be drawn: the text says what is missing."""


def world(seed: int, number: int, dimensions: Sequence[Dimension], fixed: Mapping[str, str] | None = None) -> p.Plan:
    """The world of a seed and a number, a function of these and the space alone; EmptySpaceError where it is empty."""
    return compose(f"w{seed}-{number}", drawn(seed, number, dimensions, fixed), Dice(seed, number))


def compose(name: str, values: Mapping[str, str], dice: Dice) -> p.Plan:
    """The world that these values make; `dice` draws what no dimension names, such as the order of steps."""
    made = Making(values, dice)
    for at in range(made.value("devices") or 1):
        model = values.get("model", "elsys_ers")
        if at and dice.happens(f"other model {at}", 50):
            model = dice.pick(f"model {at}", list(READINGS))
        first = at == 0
        counter = (made.value("counter") or 0) if first else 0
        told = first and values.get("join") == "told"
        region = (made.value("region") or "EU868") if first else "EU868"
        made.devices[_LETTERS[at]] = p.Device(
            model=model, region=region, counter=0 if told else counter, joined=not told
        )
        if told:
            made.steps.append(p.Join(device=_LETTERS[at]))
    if values.get("fault beside", "none").startswith("widgelix") and len(made.devices) == 1:
        made.devices[_LETTERS[1]] = p.Device()  # all connections there share one place: this one's device is its own
    if values.get("downlink later") == "to one not bound":
        made.devices[UNBOUND] = p.Device()
    _connect(made)
    _bind(made)
    parts = [_traffic, *dice.shuffled("parts", [_life, _fail, _process, *PARTS]), *LAST]
    for part in parts:
        part(made)
        made.wait()
    if _FIRST in made.connections and made.connections[_FIRST].active is False and not made.gone(_FIRST):
        made.change(_FIRST, active=True)
    if _FIRST in made.connections and not made.gone(_FIRST) and made.now(_FIRST).trouble is not None:
        made.change(_FIRST, trouble=None)
    made.send_all()
    made.wait()
    hurried = any(
        isinstance(step, p.Pass)
        or (isinstance(step, p.Fault) and made.connections[step.connection].to in _LINKS and step.kind not in FINE)
        for step in made.steps
    )
    look = made.value("look") or ()
    if hurried:  # hours pass within seconds, and with them what the counters of an hour show
        look = tuple(one for one in look if one not in ("metrics", "events"))
    return p.Plan(
        name=name,
        rate=600 if hurried else 1,
        login=bool(made.value("login")),
        drawn=dict(values),
        devices=made.devices,
        connections=made.connections,
        flows=tuple(made.flows),
        steps=tuple(made.steps),
        look=look,
    )


def _connect(made: Making) -> None:
    if "address" in made.drawn:
        to, suffix = made.value("address")
        configuration: dict[str, Any] = {}
        for name in _OF_CONNECTION:
            if name not in ("address", "name", "active", "trouble"):
                configuration |= made.value(name) or {}
        trouble = made.value("trouble")
        failing = trouble is not None or made.drawn.get("fault", "none") != "none"
        if failing and "blamePeriod" in made.drawn:
            configuration.setdefault("blamePeriod", 1)
        made.connections[_FIRST] = p.Connection(
            to=to,
            suffix=suffix,
            name=made.value("name") or "world",
            active=made.value("active"),
            trouble=trouble,
            configuration=configuration,
        )
    for at, to in enumerate(made.value("beside") or ()):
        headers = {"headers": {"X-Beside": f"number {at}"}} if at % 2 and to.startswith("http") else {}
        topic = made.dice.pick(f"topic {at}", _TOPICS if _counts(made) else _TOPICS[:-2])
        key: Literal["raw", "bearer"] = "bearer" if made.dice.happens(f"bearer {at}", 50) else "raw"
        if to == "widgelix" and made.dice.happens(f"further headers {at}", 60):
            headers = {"headers": {"X-Site": "A", "X-Thing": "{DevEUI}"}}
        made.connections[f"y{at}"] = p.Connection(to=to, topic=topic, key=key, configuration=headers)
    another = made.drawn.get("fault") == "hang" or made.drawn.get("downlink later") == "through another"
    if another and not any(name != _FIRST and one.to == "https" for name, one in made.connections.items()):
        made.connections["y9"] = p.Connection()
    add(made)
    if not made.connections:
        raise EmptySpaceError("the profile declares no connector that a world could use: http, widgelix, thingsboard")


def _counts(made: Making) -> bool:
    """Whether each of its documents is an uplink with a port and a counter."""
    if made.drawn.get("document", "none").startswith("no "):
        return False
    plain = {"root": "none", "join": "before", "air": "none"}
    return all(made.drawn.get(name) in (value, None) for name, value in plain.items())


def _bind(made: Making) -> None:
    kind = made.drawn.get("flows", "one each")
    case: Any = made.drawn.get("case of keys", "lower")
    all_devices = tuple(name for name in made.devices if name != UNBOUND)
    several = [name for name, one in made.connections.items() if one.to not in _SINGLE]
    single = [name for name, one in made.connections.items() if one.to in _SINGLE]

    def flow(devices: Sequence[str], connections: Sequence[str], **more: Any) -> None:
        if devices and connections:
            made.flows.append(p.Flow(devices=tuple(devices), connections=tuple(connections), case=case, **more))

    if kind == "one for all":
        flow(all_devices, several)
    elif kind == "one for each device":
        for device in all_devices:
            flow((device,), several)
    elif kind == "crossed":
        for at, name in enumerate(several):
            flow(all_devices[at % len(all_devices) :], (name,))
    else:
        for at, name in enumerate(several):
            more = {"times": 2} if kind == "matcher twice" else {"by": "tags"} if kind == "by tags" and not at else {}
            flow(all_devices[:1] if kind == "only the first device" and not at else all_devices, (name,), **more)
        if kind == "each twice":
            made.flows += list(made.flows)
    for name in single:
        flow(all_devices[-1:] if name == FAILING else all_devices[:1], (name,))


def _traffic(made: Making) -> None:
    """Uplinks of every kind, documents, downlinks and what is refused, mixed."""
    first = next(iter(made.devices))
    reading = made.value("reading") or 0
    rows = READINGS[made.devices[first].model]
    uplink = dict(made.value("uplink") or {})
    if reading and "payload_hex" not in uplink:
        uplink["readings"] = rows[(reading - 1) % len(rows)]
    acts: list[list[Any]] = [[p.Send(device=first, **uplink)]]
    acts += [[p.Send(device=name)] for name in made.devices if name != first]
    if (trouble := made.value("air")) is not None:
        acts.append([p.Air(device=first, trouble=trouble), p.Send(device=first)])
    if (row := made.value("taken body")) is not None:
        acts.append([p.Take(row=row)])
    copies = made.value("copies") or 1
    document = made.drawn.get("document", "none")
    if document != "none":
        acts.append([p.Post(device=first, copies=copies, **DOCUMENTS[document])])
    if (root := made.value("root")) is not None:
        acts.append([p.Post(device=first, root=root, copies=copies)])
    if copies > 1 and len(acts) == len(made.devices):
        acts.append([p.Post(device=first, copies=copies)])
    if made.drawn.get("join") == "again":
        acts.append([p.Join(device=first), p.Send(device=first)])
    acts += _refused(made, first)
    if (fields := made.value("downlink")) is not None and _FIRST in made.connections:
        acts.append(_down(made, first, dict(fields)))
    for act in made.dice.shuffled("acts", acts):
        made.steps += act


def _refused(made: Making, device: str) -> list[list[Any]]:
    rows = [made.drawn.get(f"refused {what}", "none") for what in ("body", "beside", "change", "post")]
    if made.value("login"):  # what is refused is what speaks of a login
        rows += ["no token", "an unknown key"]
    return [one for row in rows if row != "none" for one in _refusal(made, device, row)]


def _refusal(made: Making, device: str, row: str) -> list[list[Any]]:
    asked = REFUSALS[row].asked
    connection = _FIRST if asked in ("change", "downlink", "flow") else None
    if connection is not None and _FIRST not in made.connections:
        return []
    step = p.Refuse(row=row, connection=connection, device=device if asked in ("downlink", "ingress", "flow") else None)
    return [[step, p.Send(device=device)]]


def _down(made: Making, device: str, fields: dict[str, Any]) -> list[Any]:
    """A downlink, one before it, and uplinks in whose windows they go."""
    lower = bool(fields.pop("lower", False))
    before = p.Downlink(device=device, through=_FIRST, fields={"FPort": 11, "payload_hex": "b0b1"})
    steps: list[Any] = [before] if "FlushDownlinkQueue" in fields or made.dice.happens("two downlinks", 40) else []
    steps.append(p.Downlink(device=device, through=_FIRST, fields=fields, lower=lower))
    others = [name for name in made.devices if name != device]
    if others and made.dice.happens("neighbour", 50):
        flow = made.drawn.get("flows")
        if flow not in ("only the first device", "by tags"):
            fields = {"FPort": 12, "payload_hex": "cafe"}
            steps.append(p.Downlink(device=others[0], through=_FIRST, fields=fields))
    return [*steps, *(p.Send(device=name) for name in made.devices), p.Send(device=device), p.Send(device=device)]


def _life(made: Making) -> None:
    kind = made.drawn.get("life", "none")
    if kind == "none" or _FIRST not in made.connections:
        return
    known = made.now(_FIRST)
    waiting = kind.endswith("while waiting")
    made.wait()
    if waiting and known.active is not False:
        made.change(_FIRST, active=False)
    if waiting:
        made.send_all(times=2)
    changes = _changes(known)
    if kind in changes:
        made.change(_FIRST, **changes[kind])
    elif kind == "put what is shown":
        made.steps.append(p.Change(connection=_FIRST))
    elif kind == "deactivate":
        made.change(_FIRST, active=False)
        made.send_all(times=2)
        made.change(_FIRST, active=True)
    elif kind in ("delete", "delete while waiting"):
        made.steps.append(p.Delete(connection=_FIRST))
    elif kind in ("another comes", "another goes"):
        _another(made, goes=kind == "another goes")
    else:
        _rebind(made, kind)
    made.send_all()


def _changes(known: p.Connection) -> dict[str, dict[str, Any]]:
    """What a PUT changes, by the kind of a life."""
    headers = {"headers": {"X-New": "{DevEUI}", "X-Site": "new"}}
    kept = {name: value for name, value in known.configuration.items() if name == "blamePeriod"}
    return {
        "put the same": {},
        "new address": {"suffix": "/new/place"},
        "new headers": {"configuration": {**known.configuration, **headers}},
        "options left out": {"configuration": kept},
        "new name": {"name": "another name"},
        "put while waiting": {
            "suffix": "/after",
            "active": True,
            "configuration": {**known.configuration, **headers},
        },
    }


def _rebind(made: Making, kind: str) -> None:
    first = next(iter(made.devices))
    if kind == "unbind":
        made.steps += [p.Unbind(flow=at) for at, flow in enumerate(made.flows) if _FIRST in flow.connections]
    elif kind == "bind late":
        made.steps.append(p.Bind(flow=p.Flow(devices=(first,), connections=(_FIRST,))))
    elif kind == "second flow":
        flow = p.Flow(devices=tuple(made.devices), connections=(_FIRST,), case="upper")
        made.steps += [p.Bind(flow=flow), p.Unbind(flow=0)]


def _another(made: Making, *, goes: bool) -> None:
    """Another connection changes, or goes, and the first one stays as it was."""
    others = [name for name, one in made.connections.items() if name != _FIRST and one.to.startswith("http")]
    if not others:
        return
    if goes:
        made.steps.append(p.Delete(connection=others[0]))
    else:
        to = made.connections[others[0]].model_copy(update={"configuration": {"headers": {"X-Only": "other"}}})
        made.steps.append(p.Change(connection=others[0], to=to))


def _fail(made: Making) -> None:
    kind = made.drawn.get("fault", "none")
    if kind == "none" or _FIRST not in made.connections or made.gone(_FIRST):
        return
    blames = "blamePeriod" in made.drawn
    if blames and "blamePeriod" not in made.now(_FIRST).configuration:
        return
    made.wait()
    times = 1 if kind == "hang" else 1 + made.dice.below("times", 2 if blames else 3)
    made.steps.append(p.Fault(connection=_FIRST, kind=kind, times=times))
    made.send_all()
    made.send_all()


def _process(made: Making) -> None:
    kind = made.drawn.get("process", "none")
    if kind == "none":
        return
    made.wait()
    waiting = kind.endswith("while waiting") and _FIRST in made.connections and not made.gone(_FIRST)
    if waiting:
        if made.now(_FIRST).active is not False:
            made.change(_FIRST, active=False)
        made.send_all(times=2)
    made.steps.append(p.Restart(kill=kind.startswith("kill")))
    made.send_all()
    if waiting:
        made.change(_FIRST, active=True)
