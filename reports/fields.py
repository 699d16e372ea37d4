"""One JSON object of a stored file, read field by field; whatever is wrong is a ReportError of one line."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["MOST", "OUTCOMES", "Fields", "ReportError"]

MOST: Final = 10**15
"""The largest number in what is stored: as milliseconds 31,000 years, and a double still has it exactly."""

OUTCOMES = ("failed", "error", "unknown", "passed", "not applicable")  # in the order in which a reader wants them


class ReportError(Exception):
    """A stored run cannot be read; the message is one line that names the file and what is wrong in it."""


class Fields:
    """An object, read with errors that name the place and the field."""

    def __init__(self, where: str, values: Any) -> None:
        if not isinstance(values, dict):
            raise ReportError(f"{where}: an object was expected, not {type(values).__name__}")
        self.where = where
        self._values = values

    def _get(self, name: str, kinds: type | tuple[type, ...], words: str) -> Any:
        if name not in self._values:
            raise ReportError(f"{self.where}: {name} is missing")
        value = self._values[name]
        allowed = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            raise ReportError(f"{self.where}: {name} must be {words}, not {type(value).__name__}")
        return value

    def text(self, name: str) -> str:
        return str(self._get(name, str, "text"))

    def matching(self, name: str, form: re.Pattern[str]) -> str:
        """A text that becomes part of a file's name, and so must not lead out of the run's folder."""
        text = self.text(name)
        if form.fullmatch(text) is None:
            raise ReportError(f"{self.where}: {name} must be a plain name, not {text!r:.60}")
        return text

    def optional_text(self, name: str) -> str | None:
        return None if self._values.get(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        return int(self._within(name, self._get(name, int, "a whole number")))

    def optional_integer(self, name: str) -> int | None:
        return None if self._values.get(name) is None else self.integer(name)

    def number(self, name: str) -> float:
        return float(self._within(name, self._get(name, (int, float), "a number")))

    def _within(self, name: str, value: float) -> float:
        """A number that can be counted with, whatever it is multiplied by on the way to a report."""
        if not -MOST <= value <= MOST:
            raise ReportError(f"{self.where}: {name} must be a number of at most {MOST:,}")
        return value

    def optional_number(self, name: str) -> float | None:
        return None if self._values.get(name) is None else self.number(name)

    def optional_object(self, name: str) -> "Iterator[Fields]":
        return iter(()) if self._values.get(name) is None else iter((self.object(name),))

    def optional_plain(self, name: str) -> dict[str, Any] | None:
        return None if self._values.get(name) is None else dict(self._get(name, dict, "an object"))

    def flag(self, name: str) -> bool:
        return bool(self._get(name, bool, "true or false"))

    def outcome(self) -> str:
        outcome = self.text("outcome")
        if outcome not in OUTCOMES:
            raise ReportError(f"{self.where}: outcome must be one of {', '.join(OUTCOMES)}, not {outcome!r:.60}")
        return outcome

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._get(name, list, "a list")
        if not all(isinstance(value, str) for value in values):
            raise ReportError(f"{self.where}: {name} must be a list of texts")
        return tuple(values)

    def optional_texts(self, name: str) -> tuple[str, ...]:
        return () if self._values.get(name) is None else self.texts(name)

    def optional_objects(self, name: str) -> "Iterator[Fields]":
        return iter(()) if self._values.get(name) is None else self.objects(name)

    def objects(self, name: str) -> "Iterator[Fields]":
        for index, values in enumerate(self._get(name, list, "a list")):
            yield Fields(f"{self.where}: {name}[{index}]", values)

    def changed(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> "Fields":
        """The same object after a change that may find it broken."""
        try:
            return Fields(self.where, change(self._values))
        except ValueError as error:
            raise ReportError(f"{self.where}: {error}") from None

    def object(self, name: str) -> "Fields":
        return Fields(f"{self.where}: {name}", self._get(name, dict, "an object"))
