"""A bug that is played on the wire: it loses, repeats, mixes, alters or delays what a forwarder delivers.

A kind decides over one message at a time: what goes on in its place. It knows what passed before, by names of its own.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Act", "Bug", "Kind", "Message"]


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery on its way: an HTTP request with its document, or gateway telemetry, {device: [{ts, values}]}.

    `device` is in capitals; of a message about several it is the first. `raw` takes the place of the document's JSON.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    document: Any
    device: str
    telemetry: bool = False
    raw: bytes | None = None
    delay_s: float = 0.0

    @property
    def report(self) -> dict[str, Any]:
        """What stands under the root; of telemetry and others an empty object."""
        if self.telemetry or not isinstance(self.document, dict) or len(self.document) != 1:
            return {}
        [report] = self.document.values()
        return report if isinstance(report, dict) else {}

    @property
    def root(self) -> str:
        """The document's root; empty where it has none."""
        return next(iter(self.document)) if self.report else ""

    @property
    def values(self) -> list[dict[str, Any]]:
        """The values of each point of telemetry."""
        if not self.telemetry or not isinstance(self.document, dict):
            return []
        points = [point for told in self.document.values() if isinstance(told, list) for point in told]
        return [one["values"] for one in points if isinstance(one, dict) and isinstance(one.get("values"), dict)]

    def changed(self, change: Callable[[Any], object]) -> Message:
        """The same with its document changed in place."""
        document = copy.deepcopy(self.document)
        change(document)
        return replace(self, document=document)

    def reported(self, change: Callable[[dict[str, Any]], object]) -> Message:
        """The same with its report changed in place, whatever the root."""

        def of(document: Any) -> None:
            if isinstance(document, dict) and len(document) == 1:
                [report] = document.values()
                if isinstance(report, dict):
                    change(report)

        return self.changed(of) if self.report else self


@dataclass
class Memory:
    """What a bug knows of what passed before."""

    counts: Counter[str] = field(default_factory=Counter)
    last: dict[str, Message] = field(default_factory=dict)

    def nth(self, name: str, every: int) -> bool:
        """Whether this is the every-th with that name."""
        self.counts[name] += 1
        return self.counts[name] % every == 0

    def before(self, name: str, message: Message) -> Message | None:
        """The message before this one, by that name."""
        found = self.last.get(name)
        self.last[name] = message
        return found


Act = Callable[[Memory, Message], list[Message] | None]
"""What goes on in the place of a message, none where it is lost; None where the bug leaves it alone."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of bug: its name, the clause that it breaks, what it is in words; `over` says on which way it is met."""

    name: str
    clause: str
    words: str
    act: Act
    over: str = "http"


class Bug:
    """A kind while it is played; it counts what it changed."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.changed = 0
        self._memory = Memory()

    def goes_on(self, message: Message) -> list[Message]:
        """What goes on in its place; the very message where nothing is different."""
        if message.telemetry != (self.kind.over == "telemetry") and self.kind.over != "both":
            return [message]
        found = self.kind.act(self._memory, message)
        if found is None or (len(found) == 1 and _alike(found[0], message)):
            return [message]
        self.changed += 1
        return found


def _alike(one: Message, other: Message) -> bool:
    """Whether they are the same on the wire, where 42.0 and 42 are two."""
    plain = replace(one, document=None) == replace(other, document=None)
    return plain and json.dumps(one.document) == json.dumps(other.document)
