"""How a fake misbehaves: the pure choice of the fault that applies. The faults themselves are data (faults.py).

A server asks `Behaviour.choose(facts)` at each occasion, performs the action and emits what
`delivered(fault, exchange)` says of it. Occasions come in six kinds, and each kind is counted by itself:

head       an HTTP request whose body is not read yet    facts: kind, method, url
request    an HTTP request that was read whole           facts: kind, method, url, raw
connect    an MQTT CONNECT                               facts: kind, username, client_id
publish    an MQTT PUBLISH                               facts: kind, topic, raw
subscribe  an MQTT SUBSCRIBE                             facts: kind, topic (the first of its filters)
ping       an MQTT PINGREQ                               facts: kind
"""

import random
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from uplab.fakes.faults import (
    ANY,
    Action,
    Always,
    EveryNth,
    Fault,
    FirstN,
    JsonPointer,
    Kind,
    Nth,
    Share,
    Trigger,
    describe,
)
from uplab.fakes.hops import Said, fault_delivered

__all__ = ["Behaviour", "delivered"]


def delivered(fault: Fault, exchange: int) -> Said:
    """What a fake says when a fault has happened."""
    return fault_delivered(fault=fault.id, exchange=exchange, action=describe(fault.action))


_ATTEMPTS_KEPT = 10_000


@dataclass(slots=True)
class _Count:
    """What one fault has seen; bounded."""

    occasions: int = 0
    chance: random.Random | None = None
    attempts: OrderedDict[str, int] = field(default_factory=OrderedDict)


class Behaviour:
    """The faults of one fake, and how often each was met; no I/O and no clock.

    The first fault that applies is chosen, but each one counts every occasion of its kind.
    """

    __slots__ = ("_counts", "_kinds", "chosen", "faults")

    def __init__(self, faults: tuple[Fault, ...] | list[Fault] = ()) -> None:
        self.faults = tuple(faults)
        if len({fault.id for fault in self.faults}) != len(self.faults):
            raise ValueError(f"fault ids must differ: {[fault.id for fault in self.faults]}")
        self.chosen: dict[str, int] = {fault.id: 0 for fault in self.faults}
        self._kinds = frozenset(fault.kind for fault in self.faults)
        self._counts = [_Count() for _ in self.faults]

    def add(self, fault: Fault) -> None:
        """One more, which counts its occasions from now on; what the others have counted stays."""
        if fault.id in self.chosen:
            raise ValueError(f"fault ids must differ: {fault.id} is there already")
        self.faults += (fault,)
        self.chosen[fault.id] = 0
        self._kinds |= {fault.kind}
        self._counts.append(_Count())

    def watches(self, kind: Kind) -> bool:
        """Whether any fault can happen at such an occasion; a server need not ask `choose` otherwise."""
        return kind in self._kinds

    def choose(self, facts: Mapping[str, Any]) -> tuple[Fault, Action] | None:
        """Count one occasion and say which fault it meets; `facts` hold `kind` and what the module table lists."""
        chosen: Fault | None = None
        for fault, count in zip(self.faults, self._counts, strict=True):
            if fault.kind != facts["kind"] or not _where(facts).startswith(fault.only):
                continue
            if _meets(fault.trigger, count, facts) and chosen is None:
                chosen = fault
        if chosen is None:
            return None
        self.chosen[chosen.id] += 1
        return chosen, chosen.action


def _where(facts: Mapping[str, Any]) -> str:
    return str(facts.get("url") or facts.get("topic") or "")


def _meets(trigger: Trigger, count: _Count, facts: Mapping[str, Any]) -> bool:
    count.occasions += 1
    match trigger:
        case Always():
            return True
        case Nth(n):
            return count.occasions == n
        case FirstN(n):
            return count.occasions <= n
        case EveryNth(n):
            return count.occasions % n == 0
        case Share(p, seed):
            count.chance = count.chance or random.Random(seed)
            return count.chance.random() < p
        case JsonPointer():
            return _meets_pointer(trigger, count, facts.get("raw") or b"")


def _meets_pointer(trigger: JsonPointer, count: _Count, raw: bytes) -> bool:
    found, value = _resolve(raw, trigger.pointer)
    if not found or (trigger.value != ANY and not _same(value, trigger.value)):
        return False
    key = orjson.dumps(value).decode()
    attempt = count.attempts.pop(key, 0) + 1
    count.attempts[key] = attempt
    if len(count.attempts) > _ATTEMPTS_KEPT:
        count.attempts.popitem(last=False)
    return trigger.attempt is None or attempt == trigger.attempt


def _same(found: object, wanted: object) -> bool:
    # True equals 1 in Python; in JSON it does not.
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def _resolve(raw: bytes, pointer: str) -> tuple[bool, Any]:
    """Follow a JSON pointer (RFC 6901 §4) into a body; a body that is not JSON holds nothing."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False, None
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False, None
    return True, value
