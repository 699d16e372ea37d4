"""What the API shows: fields of one answer, and whether two answers show the same."""

from collections.abc import Sequence
from typing import Any

import orjson

from uplab.scenarios.checks.asked.answers import OneAnswer
from uplab.scenarios.checks.asked.pointer import Shown, as_stored, parsed, wrong_in
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = ["Shows", "Unchanged"]

_TEXT = 300  # characters


class Shows(OneAnswer):
    """Each of these fields of an answer is what it was to be, by its JSON pointer."""

    name = "shown"
    promise = "the API shows what was configured, and says what is wrong by its field"
    asks = "what stands in these fields of the answer?"

    def __init__(self, promised: str, answer: int, shown: Shown) -> None:
        super().__init__(promised, answer)
        self._shown: Shown = as_stored(dict(shown))

    def holds(self, event: Event) -> tuple[bool, str]:
        """The fields that are wrong, else the answer."""
        if wrong := wrong_in(parsed(event.raw), self._shown):
            return False, redact_text(wrong)[: 3 * _TEXT]
        return True, redact_text((event.raw or b"").decode("utf-8", "replace"))[:_TEXT]

    def asked(self) -> dict[str, Any]:
        """With the fields."""
        return {**super().asked(), "shown": dict(self._shown)}


class Unchanged(Check):
    """Two answers show the same, or lists of which one member of each is the same."""

    name = "unchanged"
    promise = "what is refused changes nothing that the API shows"
    source = ("COM-20", "COM-26", "CONTRACT 3")
    asks = "do both answers show the same?"
    hops = frozenset({"api.answered", "downlink.posted"})

    def __init__(self, promised: str, answers: Sequence[int], each: str = "") -> None:
        self._promised = promised
        self._answers = list(answers)
        self._each = each
        self._told: dict[int, Any] = {}

    @property
    def promised(self) -> str:
        """The scenario's own words."""
        return self._promised

    def see(self, event: Event) -> None:
        """Waits for both."""
        if event.seq in self._answers:
            self._told[event.seq] = self._part(parsed(event.raw))

    def _part(self, told: Any) -> Any:
        if not self._each or not isinstance(told, list):
            return told
        return sorted(str(one.get(self._each)) if isinstance(one, dict) else str(one) for one in told)

    def verdict(self) -> Verdict:
        """Nothing is known where one is not there."""
        if missing := [number for number in self._answers if number not in self._told]:
            return self.says("unknown", 0, f"the history holds no answer of number {missing[0]}")
        first, *others = (self._told[number] for number in self._answers)
        if all(other == first for other in others):
            return self.says("passed", len(self._answers), redact_text(_text(first)))
        changed = next(other for other in others if other != first)
        happened = f"expected {_text(first)}, received {_text(changed)}"
        return self.broken(len(self._answers), redact_text(happened)[: 3 * _TEXT])

    def asked(self) -> dict[str, Any]:
        """The numbers of the answers."""
        return {"promised": self._promised, "answers": self._answers, "each": self._each}


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()[:_TEXT]
