"""The predicates of an entity query's key filters: text, numbers, booleans, and these combined."""

from collections.abc import Callable
from typing import Any, Final

from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.profiles import Unsupported

__all__ = ["Predicate", "QueryError", "predicate"]

Predicate = Callable[[Value | None], bool]


class QueryError(ValueError):
    """An entity query that is none; the message says why."""


_TEXT: Final[dict[str, Callable[[str, str], bool]]] = {
    "EQUAL": lambda found, wanted: found == wanted,
    "NOT_EQUAL": lambda found, wanted: found != wanted,
    "STARTS_WITH": lambda found, wanted: found.startswith(wanted),
    "ENDS_WITH": lambda found, wanted: found.endswith(wanted),
    "CONTAINS": lambda found, wanted: wanted in found,
    "NOT_CONTAINS": lambda found, wanted: wanted not in found,
    "IN": lambda found, wanted: found in [one.strip() for one in wanted.split(",")],
    "NOT_IN": lambda found, wanted: found not in [one.strip() for one in wanted.split(",")],
}
_NUMBER: Final[dict[str, Callable[[float, float], bool]]] = {
    "EQUAL": lambda found, wanted: found == wanted,
    "NOT_EQUAL": lambda found, wanted: found != wanted,
    "GREATER": lambda found, wanted: found > wanted,
    "LESS": lambda found, wanted: found < wanted,
    "GREATER_OR_EQUAL": lambda found, wanted: found >= wanted,
    "LESS_OR_EQUAL": lambda found, wanted: found <= wanted,
}


def predicate(asked: Any) -> Predicate:
    """A predicate as a function of a value (None: there is none); raises QueryError and Unsupported."""
    if not isinstance(asked, dict):
        raise QueryError("a key filter needs a predicate")
    kind, operation = asked.get("type"), str(asked.get("operation"))
    if kind == "COMPLEX":
        parts = [predicate(one) for one in asked.get("predicates") or ()]
        every = any if operation == "OR" else all
        return lambda value: every(part(value) for part in parts)
    if kind == "STRING":
        return _text(asked, operation)
    if kind == "NUMERIC":
        compare, wanted = _operation(_NUMBER, operation), _wanted(asked)
        if isinstance(wanted, bool) or not isinstance(wanted, int | float):
            raise QueryError("a NUMERIC predicate needs a number")
        number = float(wanted)
        return lambda value: _is_number(value) and compare(float(value), number)  # type: ignore[arg-type]
    if kind == "BOOLEAN":
        if operation not in ("EQUAL", "NOT_EQUAL"):
            raise QueryError(f"there is no operation {operation} for booleans")
        flag = _wanted(asked)
        return lambda value: isinstance(value, bool) and (value is flag) is (operation == "EQUAL")
    raise Unsupported(f"predicates of the type {kind}")


def _text(asked: dict[str, Any], operation: str) -> Predicate:
    compare, wanted = _operation(_TEXT, operation), str(_wanted(asked) or "")
    if asked.get("ignoreCase"):
        return lambda value: compare("" if value is None else str(value).lower(), wanted.lower())
    return lambda value: compare("" if value is None else str(value), wanted)


def _operation(known: dict[str, Callable[[Any, Any], bool]], name: str) -> Callable[[Any, Any], bool]:
    if name not in known:
        raise QueryError(f"there is no operation {name}; there are {', '.join(known)}")
    return known[name]


def _wanted(asked: dict[str, Any]) -> Any:
    value = asked.get("value")
    if not isinstance(value, dict):
        raise QueryError("a predicate needs a value with a defaultValue")
    if value.get("dynamicValue"):
        raise Unsupported("predicates with dynamic values")
    return value["userValue"] if value.get("userValue") is not None else value.get("defaultValue")


def _is_number(value: Value | None) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
