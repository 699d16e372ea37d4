"""Makes a connection of a body that must be taken, a row of the table: it is shown as it was given, and goes again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from uplab.scenarios.checks.asked.answers import Answered
from uplab.scenarios.checks.asked.shown import Shows
from uplab.scenarios.checks.check import Check
from uplab.scenarios.lab.judge import line_of
from uplab.scenarios.worlds.playing.bodies import PLAIN, altered
from uplab.scenarios.worlds.space.taken import TAKEN, Taken

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["body_taken", "take"]

_SECRET: Final = frozenset({"password", "headers"})  # of these the API may show a mask


def body_taken(row: Taken, login: dict[str, str]) -> dict[str, Any]:
    """The body of a row; `login` is the account in ThingsBoard, which nobody else's gateway uses meanwhile."""
    body = altered({"name": "taken", **PLAIN[row.kind]}, row.change)
    if row.kind == "thingsboard":
        body["configuration"] |= login
    return body


def take(lab: Lab, name: str) -> list[tuple[Check, str]]:
    """POST, GET and DELETE; the checks with the clause that each proves; none where its transport is not declared."""
    row = TAKEN[name]
    if row.transport is not None and row.transport not in lab.profile.choices.transports:
        return []
    body = body_taken(row, dict(lab.options.thingsboard_login))
    answer = lab.api.create(body)
    says = f"a right body is taken ({name})"
    found: list[tuple[Check, str]] = [(Answered(says, line_of(answer), (201,)), row.proves)]
    if answer.status_code != 201:
        return found
    id_ = str(answer.json()["id"])
    shown = lab.api.get(id_)
    wanted = dict(_wanted(body))
    found.append((Shows(f"it is shown as it was given ({name})", line_of(shown), wanted), "COM-10.a"))
    gone = lab.api.delete(id_)
    found.append((Answered(f"it goes with DELETE ({name})", line_of(gone), (204,)), "HTTP-03.a"))
    return found


def _wanted(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """By JSON pointer what was given, as far as it is no secret."""
    for key, value in body.items():
        if key != "configuration":
            yield f"/{key}", {"is": value}
    for key, value in body["configuration"].items():
        if key not in _SECRET:
            yield f"/configuration/{key}", {"is": value}
