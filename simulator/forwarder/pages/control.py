"""What stands in a field of a form, and beside it: stored values and typed ones, but never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from uplab.simulator.forwarder.destinations.form import Field, Kind
from uplab.simulator.forwarder.pages.form import MASK, Typed, field_of, sentence_at, tells_secret

__all__ = ["Control", "Problem", "empty_controls", "problem_in", "stored_controls", "typed_controls"]

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Control:
    """A field with what is shown of it, what its inputs begin with, and what is wrong with it."""

    field: Field
    shown: tuple[str, ...] = ()
    text: str = ""
    rows: tuple[Row, ...] = ()
    error: str = ""
    at: str = ""
    """The name of the header that is wrong."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as a form shows it: at a field, or above all of them where it is about none."""

    key: str
    message: str
    at: str = ""


def problem_in(kind: Kind, path: str, message: str) -> Problem:
    """Find the field of a refusal, and say it there."""
    field = field_of(kind, path)
    if field is None:
        return Problem("", message[:1].upper() + message[1:])
    return Problem(field.key, sentence_at(field, path, message), path.removeprefix(field.path).removeprefix("."))


def empty_controls(kind: Kind) -> list[Control]:
    """The form of a new application."""
    return [Control(field, rows=(("", ""),)) for field in kind.fields]


def typed_controls(kind: Kind, typed: Typed, problem: Problem) -> list[Control]:
    """The form as it was typed, with what is wrong; secrets have to be typed again."""
    return [_told(_typed(Control(field), typed), problem) for field in kind.fields]


def stored_controls(
    kind: Kind, resource: Mapping[str, Any], typed: Typed | None = None, problem: Problem | None = None
) -> list[Control]:
    """The fields of an existing connection; the one that is being edited keeps what was typed, and what is wrong."""
    controls = [_stored(field, resource) for field in kind.fields]
    if typed is None or problem is None:
        return controls
    return [_told(_typed(c, typed), problem) if c.field.key == problem.key else c for c in controls]


def _told(control: Control, problem: Problem) -> Control:
    if control.field.key != problem.key:
        return control
    return replace(control, error=problem.message, at=problem.at)


def _typed(control: Control, typed: Typed) -> Control:
    if control.field.control == "headers":
        return replace(control, rows=tuple(_unsaid(*row) for row in typed.headers) or (("", ""),))
    return replace(control, text=typed.text(control.field.key) if control.field.echoed else "")


def _unsaid(name: str, value: str) -> Row:
    return name, "" if tells_secret(name) and value != MASK else value


def _stored(field: Field, resource: Mapping[str, Any]) -> Control:
    configuration = resource["configuration"]
    if not field.echoed:
        return Control(field, (MASK,) if field.header or configuration.get(field.key) is not None else ())
    if field.control == "headers":
        headers = configuration.get("headers") or {}
        rows = tuple((str(name), MASK if tells_secret(name) else str(value)) for name, value in headers.items())
        return Control(field, tuple(f"{name}: {value}" for name, value in rows), rows=rows or (("", ""),))
    stored = resource.get("name") if field.path == "name" else configuration.get(field.key)
    text = "" if stored is None else str(stored)
    return Control(field, (text,) if text else (), text)
