"""What the API or a downlink URL has answered: one line of the history, by its number, held against a promise."""

from collections.abc import Sequence
from typing import Any, ClassVar

from uplab.scenarios.checks.asked.pointer import at, in_words, parsed
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = ["Answered", "Awaited", "OneAnswer", "time_was_up"]

_SHOWN = 200  # characters


class OneAnswer(Check):
    """A fold that waits for one line."""

    source: ClassVar[tuple[str, ...]] = ("CONTRACT 3",)
    hops = frozenset({"api.answered", "downlink.posted"})

    def __init__(self, promised: str, answer: int) -> None:
        self._promised = promised
        self._answer = answer
        self._event: Event | None = None

    @property
    def promised(self) -> str:
        """The scenario's own words."""
        return self._promised

    def see(self, event: Event) -> None:
        """Waits for its answer."""
        if event.seq == self._answer:
            self._event = event

    def verdict(self) -> Verdict:
        """Nothing is known of an answer that is not there."""
        if self._event is None:
            return self.says("unknown", 0, f"the history holds no answer of number {self._answer}")
        kept, happened = self.holds(self._event)
        if kept:
            return self.says("passed", 1, happened, advice=self.advice)
        return self.broken(1, happened)

    def holds(self, event: Event) -> tuple[bool, str]:
        """Whether the promise was kept, and what happened, in words."""
        raise NotImplementedError

    def asked(self) -> dict[str, Any]:
        """The number of the answer, and what it was to be."""
        return {"promised": self._promised, "answer": self._answer}


class Answered(OneAnswer):
    """The answer has one of these statuses (any 4xx when none is named), and its message names something."""

    name = "answered"
    promise = "a request to the API is answered as the documents say"
    asks = "which status has the answer, and what does its message name?"

    def __init__(self, promised: str, answer: int, statuses: Sequence[int] = (), names: str = "") -> None:
        super().__init__(promised, answer)
        self._statuses = tuple(statuses)
        self._names = names

    def holds(self, event: Event) -> tuple[bool, str]:
        """The status, and the message where it is to name something."""
        status = int(event.facts.get("status") or 0)
        right = status in self._statuses if self._statuses else 400 <= status < 500
        told = parsed(event.raw)
        named = not self._names or (isinstance(told, dict) and self._names in str(told.get("message")))
        text = (event.raw or b"").decode("utf-8", "replace")
        happened = f"{status} {text[:_SHOWN]}".rstrip()
        return right and named, redact_text(happened if right and named else f"{happened}, expected {self._wanted()}")

    def _wanted(self) -> str:
        """The answer that was to come, in words."""
        statuses = " or ".join(map(str, self._statuses)) or "a status from 400 to 499"
        return f"{statuses}, with a message that names {text_of(self._names)}" if self._names else statuses

    def asked(self) -> dict[str, Any]:
        """With statuses and name."""
        return {**super().asked(), "statuses": list(self._statuses), "names": self._names}


def time_was_up(timeout_s: float, seen: object, shown: str) -> str:
    """What was seen at last where something was awaited; `shown` is it as text."""
    if seen is None or seen in ("", b"", [], {}, (), set()):
        return f"after {timeout_s:g} s there was still nothing"
    return f"after {timeout_s:g} s: {shown}"


class Awaited(OneAnswer):
    """A field of the last answer, by its JSON pointer (RFC 6901), has one of these values."""

    name = "awaited"
    promise = "the API shows what was awaited before the time is up"
    asks = "what does the API show in this field, when the time is up at last?"

    def __init__(self, promised: str, answer: int, pointer: str, among: Sequence[Any], timeout_s: float) -> None:
        super().__init__(promised, answer)
        self._pointer = pointer
        self._among = list(among)
        self._timeout_s = timeout_s

    def holds(self, event: Event) -> tuple[bool, str]:
        """The value, and how long it was waited for where it is another."""
        found = at(parsed(event.raw), self._pointer)
        shown = redact_text(text_of(found))[: _SHOWN + 100]
        if found in self._among:
            return True, shown[:_SHOWN]
        wanted = in_words({"among": self._among} if len(self._among) > 1 else {"is": self._among[0]})
        return False, f"{time_was_up(self._timeout_s, found, shown)}, expected {redact_text(wanted)}"

    def asked(self) -> dict[str, Any]:
        """With the field and its values."""
        more = {"pointer": self._pointer, "among": self._among, "timeout_s": self._timeout_s}
        return {**super().asked(), **more}
