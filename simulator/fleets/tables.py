"""Plans written as TOML: a table of checks for each table of the file, and complaints that name file and line."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Final, Self

from uplab.simulator.errors import SimulatorError

__all__ = ["Check", "Checks", "PlanError", "Tables", "between", "needed", "number", "one_of", "seed", "whole"]

MOST_BYTES: Final = 1_000_000  # of a plan


class PlanError(SimulatorError):
    """A plan cannot be read: one line with file, line and key."""


Check = Callable[[str, Any], Any]
"""Takes a key and its value, and gives the value as it is meant; PlanError."""

Checks = Mapping[str, Check]


class Tables:
    """One file; what is wrong is named with its line."""

    def __init__(self, path: Path, text: str, given: Mapping[str, Any]) -> None:
        self.given = given
        self._path = path
        self._lines = text.splitlines()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read TOML; PlanError."""
        try:
            raw = path.read_bytes()[: MOST_BYTES + 1]
            if len(raw) > MOST_BYTES:
                raise PlanError(f"{path}: a plan has at most {MOST_BYTES} bytes")
            text = raw.decode()
            return cls(path, text, tomllib.loads(text))
        except OSError as error:
            raise PlanError(f"{path}: {error.strerror or error}") from None
        except UnicodeDecodeError as error:
            raise PlanError(f"{path}: byte {error.start} is no UTF-8") from None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise PlanError(f"{path}: {str(error) or 'too deeply nested'}") from None

    def top(self, checks: Checks, others: Mapping[str, Any]) -> dict[str, Any]:
        """What stands at the top, but for the tables of these names."""
        return self.checked({name: value for name, value in self.given.items() if name not in others}, checks)

    def each(self, name: str, kind: type[Any], checks: Checks) -> tuple[Any, ...]:
        """All tables [[name]], each as one of its kind."""
        rows = self.given.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.wrong(f"write [[{name}]] for each, not [{name}]", name)
        return tuple(kind(**self.checked(row, checks, name, at, needed(kind))) for at, row in enumerate(rows))

    def checked(
        self,
        row: Mapping[str, Any],
        checks: Checks,
        table: str = "",
        number: int = 0,
        wanted: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """The values of a table, the nth of its name, each by its check."""
        values: dict[str, Any] = {}
        for key, value in row.items():
            if key not in checks:
                raise self.wrong(f"there is no {key}; there are {', '.join(checks)}", key, table, number)
            try:
                values[key] = checks[key](key, value)
            except PlanError as error:
                raise self.wrong(str(error), key, table, number) from None
        if missing := sorted(wanted - values.keys()):
            raise self.wrong(f"[[{table}]] needs {' and '.join(missing)}", "", table, number)
        return values

    def wrong(self, words: str, key: str, table: str = "", number: int = 0) -> PlanError:
        """The complaint with the line of the key, or of its table."""
        line, seen = 0, -1
        inside = not table
        for at, text in enumerate(self._lines, 1):
            heading = re.match(r"\s*\[\[?\s*([\w-]+)", text)
            if heading:
                inside = bool(table) and heading[1] == table
                seen += inside
                inside = inside and seen == number
                line = at if inside or (heading[1] == key and not line) else line
            elif inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", text):
                line = at
                break
        return PlanError(f"{self._path}{f', line {line}' if line else ''}: {words}")


def needed(kind: type[Any]) -> frozenset[str]:
    """The members of a kind that have no default."""
    return frozenset(one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING)


def number(where: str, value: Any, least: float, most: float, what: str = "a number") -> float:
    """A finite number between two; PlanError names where it stands."""
    try:
        if isinstance(value, bool):
            raise ValueError
        read = float(value)
    except (TypeError, ValueError):
        read = math.nan
    if not least <= read <= most or not math.isfinite(read):
        bounds = f" from {least:g}" + (f" to {most:g}" if math.isfinite(most) else "")
        raise PlanError(f"{where}: expected {what}{bounds}, got {value!r}")
    return read


def between(least: float, most: float) -> Check:
    """A number between two."""
    return lambda key, value: number(key, value, least, most)


def whole(least: int, most: int) -> Check:
    """A whole number between two."""

    def check(key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise PlanError(f"{key}: expected a whole number from {least} to {most}, got {value!r}")
        return value

    return check


def one_of(known: Mapping[str, Any], what: str) -> Check:
    """One of these names."""

    def check(key: str, value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise PlanError(f"{key}: {value!r} is no {what}; there are {', '.join(known)}")
        return value

    return check


def seed(key: str, value: Any) -> str:
    """A number or a text."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise PlanError(f"{key}: expected a number or a text, got {value!r}")
    return str(value)
