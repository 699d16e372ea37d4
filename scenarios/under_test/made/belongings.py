"""What a scenario made on the forwarder under test, wanted or not, and how it is taken away at the scenario's end."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import quote, unquote

import orjson

from uplab.scenarios.under_test.access.pace import Limits
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.made.journal import Journal
from uplab.scenarios.under_test.ways.reach import NotApplicableError

__all__ = ["Belongings"]

_KINDS = {"flows": "flow", "connections": "connection"}  # in the order in which they are taken away
_GONE = (404, 410)


class Answer(Protocol):
    """What is read of an answer of the API."""

    @property
    def status_code(self) -> int: ...


class Api(Protocol):
    """What is asked of the API to take something away."""

    def request(self, method: str, path: str, /) -> Answer: ...


class Belongings:
    """Learns from each answer of the API what was made and what is gone; a scenario need not tell, nor remember it."""

    def __init__(self) -> None:
        self._things: dict[tuple[str, str], str] = {}  # (collection, id) -> name, the oldest first
        self._unclear: list[str] = []
        self._created = 0  # by all scenarios so far
        self.journal: Journal | None = None
        """Where it is noted too, for a forwarder that outlives this run."""
        self.unanswered = False
        """Whether the forwarder gave no answer when it was last asked to take something away."""

    def note(self, method: str, path: str, status: int, content: bytes) -> None:
        """One request that was answered."""
        kind, id_ = _place(path)
        if kind not in _KINDS:
            return
        if method == "DELETE" and id_ and (200 <= status < 300 or status in _GONE):
            self._things.pop((kind, id_), None)
            if self.journal is not None:
                self.journal.gone(kind, id_)
        if (method == "POST" and 200 <= status < 300 and not id_) or (method == "PUT" and status == 201):
            made = _resource(content)
            if made is not None:
                self.adopt(kind, made)
            elif not id_:
                self._unclear.append(f"perhaps a {_KINDS[kind]}: {method} was answered {status} without its id")

    def expect_room(self, path: str, limits: Limits) -> None:
        """NotApplicableError where one more would be beyond what this account may have, or this run may make."""
        kind, id_ = _place(path)
        if kind not in _KINDS or id_:
            return
        if kind == "connections" and limits.connections is not None and len(self.ids(kind)) >= limits.connections:
            raise NotApplicableError(f"the profile lets a run have {limits.connections} connections at a time (limits)")
        if limits.created is not None and self._created >= limits.created:
            raise NotApplicableError(f"the profile lets a run make {limits.created} connections and flows (limits)")

    def note_silence(self, method: str, path: str, body: Any) -> None:
        """A request that was sent and not answered: what it was to make may be there."""
        kind, id_ = _place(path)
        if kind in _KINDS and method == "POST" and not id_:
            name = body.get("name") if isinstance(body, dict) else None
            self._unclear.append(f"perhaps the {_KINDS[kind]} {name!r}: {method} was not answered")

    def adopt(self, kind: str, resource: dict[str, Any]) -> None:
        """One of "connections" or "flows" that was made elsewhere than over the API, as on the pages."""
        self._created += 1
        name = self._things[(kind, str(resource["id"]))] = str(resource.get("name", ""))
        if self.journal is not None:
            self.journal.made(kind, str(resource["id"]), name)

    def ids(self, kind: str) -> list[str]:
        """Those of a kind that are there by all that is known."""
        return [id_ for known, id_ in self._things if known == kind]

    def take_away(self, api: Api) -> list[str]:
        """Asks once for the end of each, flows first, the newest first; what is left there, in a phrase each.

        It forgets them all: what could not be removed is no later scenario's business.
        """
        newest_first = list(self._things.items())[::-1]
        things = [thing for kind in _KINDS for thing in newest_first if thing[0][0] == kind]
        left, self._things, self._unclear = self._unclear, {}, []
        self.unanswered = False
        for (kind, id_), name in things:
            why = "it was not asked for any more" if self.unanswered else ""
            if not self.unanswered:
                try:
                    status = api.request("DELETE", f"/{kind}/{quote(id_, safe='')}").status_code
                    why = "" if 200 <= status < 300 or status in _GONE else f"DELETE was answered {status}"
                except NoAnswerError as error:
                    self.unanswered, why = True, error.verdict.happened
            if why:
                left.append(f"{_KINDS[kind]} {id_}{f' ({name})' if name else ''}: {why}")
        return left


def _place(path: str) -> tuple[str, str]:
    """The collection of a path, and the id within it; ("", "") for what lies deeper, as /connections/1/events."""
    parts = path.partition("?")[0].strip("/").split("/")
    return (parts[0], unquote(parts[1]) if len(parts) == 2 else "") if len(parts) <= 2 else ("", "")


def _resource(content: bytes) -> dict[str, Any] | None:
    try:
        made = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    named = isinstance(made, dict) and isinstance(made.get("id"), str | int) and made["id"] != ""
    return made if named else None
