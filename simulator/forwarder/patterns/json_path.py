"""JSONPath as the documented patterns use it, in bounds: whatever a path is, reading and following it cannot fail.

Filters may use the operator =~ of the documents. It is matched in linear time, by the engine that pydantic brings: one
careless expression such as (a+)+ would otherwise hold up the whole process, and all connections with it. For the same
reason the places that a path visits are counted, those within its filters too: each union may multiply them.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any, cast

import jsonpath
from jsonpath.filter import RegexLiteral
from jsonpath.parse import Parser
from jsonpath.segments import JSONPathChildSegment, JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath.selectors import IndexSelector, NameSelector
from pydantic_core import SchemaError, SchemaValidator, core_schema

__all__ = ["PathError", "compile_path", "find_all"]

_FAULTS = (
    jsonpath.JSONPathError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    SchemaError,
    TypeError,
    ValueError,
    re.error,
)
"""What the library raises, on purpose or not, for a path that is wrong, too long, or unfit for a document's shape."""

MOST_VISITED = 20_000
"""Places of a document that one path may visit; the largest documents of ThingPark have some hundred values."""

_MOST_UNION = 20  # what stands between two brackets

_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


class PathError(ValueError):
    """A text that is no path; the message is empty, or goes on after those words."""


class _TooMuchError(Exception):
    """A path visits more than it may."""


class _Budget(threading.local):
    left = 0

    def spend(self, places: int) -> None:
        self.left -= places
        if self.left < 0:
            raise _TooMuchError


_BUDGET = _Budget()


class _Counted(JSONPathSegment):
    """What one step of a path does at one place, counted."""

    def _select(self, node: Any) -> Iterator[Any]:
        _BUDGET.spend(1)
        for selector in self.selectors:
            if isinstance(node.obj, Sized) and not isinstance(selector, (NameSelector, IndexSelector)):
                _BUDGET.spend(len(node.obj))
            for found in selector.resolve(node):
                _BUDGET.spend(1)
                yield found


class _Child(_Counted, JSONPathChildSegment):
    def resolve(self, nodes: Iterable[Any]) -> Iterator[Any]:
        """Go from each place to what is right below it."""
        for node in nodes:
            yield from self._select(node)


class _Descent(_Counted, JSONPathRecursiveDescentSegment):
    def resolve(self, nodes: Iterable[Any]) -> Iterator[Any]:
        """Go from each place to all that is below it."""
        for node in nodes:
            for below in self._visit(node):
                yield from self._select(below)


class _Linear:
    """A regular expression that is matched in time in proportion to the text; SchemaError when it cannot be."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        flags = "".join(letter for flag, letter in _FLAGS.items() if pattern.flags & flag)
        whole = f"^(?{flags}:{pattern.pattern})$"
        self._validator = SchemaValidator(core_schema.str_schema(pattern=whole, regex_engine="rust-regex"))

    def fullmatch(self, text: str) -> bool:
        """Whether all of the text matches; the operator asks so."""
        return self._validator.isinstance_python(text)


class _Parser(Parser):
    def parse_query(self, stream: Any) -> Iterator[JSONPathSegment]:
        """Read the steps of a path, as ones that are counted."""
        for step in super().parse_query(stream):
            if len(step.selectors) > _MOST_UNION:
                raise PathError(f": one of its unions has more than {_MOST_UNION} members")
            kind = _Descent if isinstance(step, JSONPathRecursiveDescentSegment) else _Child
            yield kind(env=step.env, token=step.token, selectors=step.selectors)

    def parse_regex(self, stream: Any) -> Any:
        """Read a /regular expression/."""
        literal = cast("RegexLiteral", super().parse_regex(stream))
        try:
            return RegexLiteral(value=cast("re.Pattern[str]", _Linear(literal.value)))
        except SchemaError:
            raise PathError(": its regular expression is too large, or needs what takes unbounded time") from None


class _Environment(jsonpath.JSONPathEnvironment):
    parser_class = _Parser

    def setup_function_extensions(self) -> None:
        """Leave out the functions that bring regular expressions of their own."""
        super().setup_function_extensions()
        for name in ("match", "search"):
            del self.function_extensions[name]


_ENVIRONMENT = _Environment()


def compile_path(text: str) -> Any:
    """Read a path, which `find_all` takes; PathError."""
    try:
        path = _ENVIRONMENT.compile(text)
        _BUDGET.left = MOST_VISITED
        path.findall({})  # a path of a thousand steps can be read, but not followed
    except PathError:
        raise
    except _FAULTS:
        raise PathError from None
    return path


def find_all(path: Any, document: Mapping[str, Any]) -> list[Any]:
    """Give everything that a path finds; nothing where it does not fit the document's shape.

    OverflowError where it would visit more than `MOST_VISITED` places.
    """
    _BUDGET.left = MOST_VISITED
    try:
        return list(path.findall(document))
    except _TooMuchError:
        raise OverflowError(f"visits more than {MOST_VISITED:,} places of this document") from None
    except _FAULTS:
        return []
