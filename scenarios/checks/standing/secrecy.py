"""No secret: none stands in what the forwarder says, at no time of the run."""

from collections.abc import Iterator
from typing import Any

import orjson

from uplab.scenarios.checks.leaks import around, is_login, said_in, shown_by_the_way
from uplab.scenarios.checks.standing.connections import resources
from uplab.scenarios.checks.standing.invariant import Breach, Invariant
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import LEAST_SECRET, found_in, redact_lines

__all__ = ["NoSecret"]

_NEVER_SHOWN = ("password", "downlinkAsKey", "tiak")  # CONTRACT.md, section 3: masked in every answer
_PLACEHOLDER = b"SECRET-"
_TRACE = 2 * LEAST_SECRET  # characters of a placeholder that tell one secret from others


class NoSecret(Invariant):
    """What is registered as a secret, and the passwords that the API was given for connections.

    What a scenario judges itself, up to the end of its own steps, is not judged a second time.
    """

    name = "no secret"
    promise = "no secret stands in an answer of the forwarder, in what it sends, nor in its log"
    source = ("COM-21", "CONTRACT 2")
    advice = "a credential belongs in no text that leaves the forwarder; leave it out where this one is made"
    asks = "which secrets stand in what the forwarder answers, sends and logs?"

    def __init__(self) -> None:
        super().__init__()
        self.judged_until = 0
        self._given: dict[bytes, str] = {}  # the beginning of a placeholder, and of what

    def begin(self) -> None:
        """The connections of a scenario are its own."""
        self._given.clear()

    def see(self, event: Event) -> None:
        """Looks through what the forwarder has said."""
        if event.hop == "api.asked":
            self._learn(event)
            return
        for trace, name in self._given.items():
            for place, text in said_in(event):
                if trace in text and not is_login(event):
                    self.breaches.append(Breach(f"the {name} of a connection stands in {place}", here=True))
        if event.seq > self.judged_until:
            self.breaches += [Breach(verdict.happened, here=True) for verdict in shown_by_the_way([event])]

    def look_through(self, log: bytes) -> None:
        """Looks through some lines of the forwarder's log, in which secrets stand as placeholders.

        Who wrote them one by one has not seen what goes over several, with words of the log before each piece.
        """
        written, log = log, redact_lines(log)
        if log == written and not _holds_placeholder(log):
            return
        told: set[str] = set()
        for line in log.splitlines():
            if not _holds_placeholder(line):
                continue
            names = [f"the {name} of a connection" for trace, name in self._given.items() if trace in line]
            shown = around(line.decode(errors="replace"))
            for name in (*found_in(line), *names):
                told.add(name)
                self.breaches.append(Breach(f"{name} stands in the log: {shown}", here=True))
        for name in found_in(log):
            if name not in told:
                self.breaches.append(Breach(f"{name} stands in the log, over several of its lines", here=True))

    def _learn(self, event: Event) -> None:
        """The secrets of a connection, by their placeholders; what it also gives openly, as in a header, is none."""
        for body in resources(event.raw):
            open_too = orjson.dumps(_without(body))
            for name, value in _secrets(body["configuration"]):
                trace = value.encode()[:_TRACE]
                if trace.startswith(_PLACEHOLDER) and len(trace) == _TRACE and trace not in open_too:
                    self._given[trace] = name


def _holds_placeholder(text: bytes) -> bool:
    return b"S-" in text or _PLACEHOLDER in text


def _secrets(configuration: dict[str, Any]) -> Iterator[tuple[str, str]]:
    found = [configuration, configuration.get("lrcCompliance")]
    for place in found:
        for name in _NEVER_SHOWN if isinstance(place, dict) else ():
            if isinstance(place, dict) and isinstance(place.get(name), str):
                yield name, place[name]


def _without(value: Any) -> Any:
    """The body without its secrets."""
    if isinstance(value, dict):
        return {key: _without(one) for key, one in value.items() if key not in _NEVER_SHOWN}
    return [_without(one) for one in value] if isinstance(value, list) else value
