"""What every answer shows of a connection: an id, a documented state, when it started, a downlink URL of its own."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from uplab.scenarios.checks.asked.pointer import parsed
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["RightResources"]

_STATES: Final = frozenset(
    {
        "OPENING",
        "AUTHENTICATING",
        "OPENED",
        "CLOSING",
        "CLOSED",
        "AUTHENTICATION_FAILED",
        "UNREACHABLE",
        "DEACTIVATED",
    }
)
_ID: Final = re.compile(r"\d+")
_OF_CONNECTIONS: Final = re.compile(r"/connections(/[^/]+)?")
_WAY: Final = "/iot-flow/downlinkMessages/"


class RightResources(Check):
    """Each connection that an answer shows has an id of digits, and a state that a document names.

    An open one has the time at which it started. With `base` its downlink URL begins with it and ends in a UUID, stays
    the same and is no other connection's. What is judged by the first answer that is wrong: `aspect` is its clause.
    """

    name = "resources"
    documented: ClassVar[frozenset[str]] = _STATES
    promise = "each answer shows a connection with its id, state, start and downlink URL as the documents say"
    source = ("COM-09", "COM-10", "DL-01", "DL-03", "CONTRACT 3", "CONTRACT 5")
    asks = "which id, state, startupTime and downlinkUrl does each answer show?"
    advice = "is what is shown made in one place, for POST, PUT, GET and the list?"
    hops = frozenset({"api.answered"})

    def __init__(self, *, states: bool, base: str | None = None) -> None:
        self._states = states
        self._base = base
        self._urls: dict[str, str] = {}
        self._examined = 0
        self._wrong = ""
        self.aspect = ""

    def see(self, event: Event) -> None:
        """One answer more; of the first that is wrong it is told."""
        facts = event.facts
        path = str(facts.get("path", "")).partition("?")[0]
        if self._wrong or facts.get("status") not in (200, 201) or not _OF_CONNECTIONS.fullmatch(path):
            return
        told = parsed(event.raw)
        for one in told if isinstance(told, list) else [told]:
            if isinstance(one, dict) and not self._wrong:
                self._examined += 1
                for aspect, wrong in self._judge(one):
                    self.aspect, self._wrong = aspect, f"{facts.get('method')} {path} shows {wrong}"
                    break

    def _judge(self, one: dict[str, Any]) -> Iterator[tuple[str, str]]:
        id_ = str(one.get("id"))
        if not _ID.fullmatch(id_):
            yield "COM-10.b", f"the id {text_of(one.get('id'))[:80]}, expected decimal digits"
        if self._states and one.get("state") not in _STATES:
            yield "COM-09.d", f"the state {text_of(one.get('state'))[:80]}, expected one that a document names"
        if self._states and one.get("state") == "OPENED" and not _is_time(one.get("startupTime")):
            shown = text_of(one.get("startupTime"))[:80]
            yield "COM-10.b", f"the startupTime {shown}, expected ISO 8601 with an offset"
        if self._base is not None:
            yield from self._url(id_, str(one.get("downlinkUrl")))

    def _url(self, id_: str, url: str) -> Iterator[tuple[str, str]]:
        begun = f"{self._base}{_WAY}"
        if not url.startswith(begun):
            yield "DL-03.a", f"the downlinkUrl {text_of(url)[:120]}, expected one that begins with {begun}"
        elif not _is_uuid(url.removeprefix(begun)):
            yield "DL-01.a", f"the downlinkUrl {text_of(url)[:120]}, expected a UUID at its end"
        elif self._urls.setdefault(id_, url) != url:
            yield "DL-01.c", f"another downlinkUrl of connection {id_} than before"
        elif len(set(self._urls.values())) < len(self._urls):
            yield "DL-01.b", f"a downlinkUrl of connection {id_} that is another one's too"

    def verdict(self) -> Verdict:
        """What was wrong first."""
        if self._wrong:
            return self.broken(self._examined, self._wrong)
        if not self._examined:
            return self.says("unknown", 0, "no answer showed a connection")
        return self.says("passed", self._examined, f"{self._examined} times a connection was shown as it must be")

    def asked(self) -> dict[str, Any]:
        """What the profile declares."""
        return {"states": self._states, "base": self._base}


def _is_time(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
