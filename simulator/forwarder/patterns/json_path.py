"""JSONPath as the documented patterns use it, in bounds: whatever a path is, reading and following it cannot fail.

Filters may use the operator =~ of the documents. It is matched in linear time, by the engine that pydantic brings: one
careless expression such as (a+)+ would otherwise hold up the whole process, and all connections with it.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import jsonpath
from jsonpath.filter import RegexLiteral
from jsonpath.parse import Parser
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

_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


class PathError(ValueError):
    """A text that is no path; the message is empty, or goes on after those words."""


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
        path.findall({})  # a path of a thousand steps can be read, but not followed
    except PathError:
        raise
    except _FAULTS:
        raise PathError from None
    return path


def find_all(path: Any, document: Mapping[str, Any]) -> list[Any]:
    """Give everything that a path finds; nothing where it does not fit the document's shape."""
    try:
        return list(path.findall(document))
    except _FAULTS:
        return []
