"""What a scenario has looked at, at a destination or on a page: one line of the history, held against a promise."""

from collections.abc import Mapping
from typing import Any

import orjson

from uplab.scenarios.checks.asked.answers import OneAnswer
from uplab.scenarios.checks.asked.pointer import as_stored, in_words, meets, parsed
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = ["Seen", "Stepped", "as_json"]

_SHOWN = 2000  # characters


def as_json(value: Any) -> bytes:
    """What was seen as JSON, whatever Python holds it in: a set is a list in its order, what has no form its text."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a number of more than 64 bits
        return orjson.dumps(str(value))


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


class _AtAPlace(OneAnswer):
    """Who is blamed stands in the line: a destination, a page, a report, the forwarder."""

    def verdict(self) -> Verdict:
        """Nothing is known of what nobody has looked at."""
        if self._event is None:
            return self.says("unknown", 0, f"the history holds no line of number {self._answer}")
        kept, happened = self.holds(self._event)
        return self.says(
            "passed" if kept else "failed",
            1,
            happened,
            hop=None if kept else self.place(self._event),
            advice=self.advice,
        )

    def place(self, event: Event) -> str:
        """Where it diverged, if it did."""
        raise NotImplementedError


class Seen(_AtAPlace):
    """What was seen meets this: {"is": ...}, {"has": ...} and the other words of `meets`."""

    name = "seen"
    promise = "whoever looks there finds what the documents say"
    source = ("WGX-15", "HTTP-12", "TB-11", "CONTRACT 3")
    asks = "what did the scenario see there?"
    hops = frozenset({"scenario.saw"})

    def __init__(self, promised: str, answer: int, wanted: Mapping[str, Any]) -> None:
        super().__init__(promised, answer)
        self._wanted = as_stored({word: orjson.loads(as_json(meant)) for word, meant in wanted.items()})

    def holds(self, event: Event) -> tuple[bool, str]:
        """Its words say what was seen."""
        told = redact_text(str(event.facts["told"]))[:_SHOWN]
        if meets(parsed(event.raw), self._wanted):
            return True, told
        return False, f"{told}, expected {redact_text(in_words(self._wanted))}"

    def place(self, event: Event) -> str:
        """As the scenario says."""
        return str(event.facts["place"])

    def asked(self) -> dict[str, Any]:
        """With what was wanted."""
        return {**super().asked(), "wanted": self._wanted}


class Stepped(_AtAPlace):
    """A step on a page could be taken, or what it was to bring was there in time."""

    name = "pages"
    promise = "each step of the documents can be taken on the page, by its role and its label"
    source = ("HTTP-09", "TB-09", "WGX-03", "CONTRACT 7")
    asks = "was the step taken?"
    advice = "look at the step's picture in the report, and compare the page's labels with section 7 of CONTRACT.md"
    hops = frozenset({"page.step"})

    def holds(self, event: Event) -> tuple[bool, str]:
        """The page says it in its own words, where it was not."""
        done = bool(event.facts["done"])
        return done, "so it was" if done else redact_text(str(event.facts["cause"]))[:_SHOWN]

    def place(self, event: Event) -> str:  # noqa: ARG002 - of whichever line
        """Always."""
        return "page"
