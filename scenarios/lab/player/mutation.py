"""One alteration of what a forwarder delivers, as data: of which member, header or telemetry value, and how.

It makes of a right forwarder one with a bug that nobody has written: `member payload.temperature 0`,
`header X-Thing previous`, `telemetry fCntUp dropped`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from uplab.scenarios.history.identity import find_report

__all__ = ["KINDS", "Kind", "Mutation", "Played", "What"]

What = Literal["member", "header", "telemetry"]
Kind = Literal["dropped", "null", "0", "negative", "text", "other", "previous"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""Left out, null, 0, negated, as a text, as another device has it, as the uplink before had it."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """`name` is a path below the root, a header, or a path below `values`, its names joined by dots."""

    what: What
    name: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.what} {self.name} {self.kind}"

    @classmethod
    def read(cls, text: str) -> "Mutation":
        """Reads what `str` has written; ValueError says what it should be."""
        what, _, rest = text.partition(" ")
        name, _, kind = rest.rpartition(" ")
        if what not in get_args(What) or kind not in KINDS or not name:
            raise ValueError(f"{text!r} is no mutation: {'|'.join(get_args(What))} NAME {'|'.join(KINDS)}")
        return cls(cast("What", what), name, kind)


class Played:
    """A mutation while it is played: it remembers what each device had before, and counts what it changed."""

    def __init__(self, mutation: Mutation) -> None:
        self.mutation = mutation
        self.changed = 0
        self._last: dict[str, Any] = {}

    def document(self, document: Any) -> bool:
        """Alters a document in place; whether anything is different now."""
        found = find_report(document)
        if self.mutation.what != "member" or found is None:
            return False
        return self._alter(str(found[1].get("DevEUI")).upper(), found[1])

    def telemetry(self, message: Any) -> bool:
        """Alters gateway telemetry in place, {device: [{ts, values}]}."""
        if self.mutation.what != "telemetry" or not isinstance(message, dict):
            return False
        told = [
            (device.upper(), point["values"])
            for device, points in message.items()
            for point in (points if isinstance(points, list) else [])
            if isinstance(point, dict) and isinstance(point.get("values"), dict)
        ]
        return sum(self._alter(device, values) for device, values in told) > 0

    def headers(self, headers: list[tuple[str, str]], device: str) -> list[tuple[str, str]]:
        """The headers as they go on; those of its name are altered."""
        if self.mutation.what != "header":
            return headers
        found: list[tuple[str, str]] = []
        for name, value in headers:
            holder = {name: value}
            if name.lower() == self.mutation.name.lower():
                self._at(holder, name, device)
            found += [(one, "" if new is None else str(new)) for one, new in holder.items()]
        return found

    def _alter(self, device: str, holder: dict[str, Any]) -> bool:
        *outer, last = self.mutation.name.split(".")
        at: Any = holder
        for name in outer:
            at = at.get(name) if isinstance(at, dict) else None
        return isinstance(at, dict) and last in at and self._at(at, last, device)

    def _at(self, holder: dict[str, Any], name: str, device: str) -> bool:
        value = holder[name]
        others = [one for whose, one in self._last.items() if whose != device]
        made: dict[Kind, Callable[[], Any]] = {
            "null": lambda: None,
            "0": lambda: 0,
            "negative": lambda: -value if _is_number(value) and value else -1,
            "text": lambda: "x" if isinstance(value, str) else str(value),
            "other": lambda: others[-1] if others else value,
            "previous": lambda: self._last.get(device, value),
            "dropped": lambda: None,
        }
        new = made[self.mutation.kind]()
        self._last.pop(device, None)
        self._last[device] = value
        if self.mutation.kind == "dropped":
            del holder[name]
        elif new == value and isinstance(new, bool) == isinstance(value, bool):  # 0 and 0.0 are one value
            return False
        else:
            holder[name] = new
        self.changed += 1
        return True


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
