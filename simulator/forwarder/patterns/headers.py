"""The header fields that a connection sends: which names and values are allowed, and what they are for one uplink."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from uplab.simulator.forwarder.patterns.pattern import Pattern, PatternError, UnresolvedError, compile_pattern

__all__ = ["HeaderError", "Headers", "compile_headers"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")  # RFC 9110 5.6.2, token
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110 5.5: a field value holds no control character but the tab
# These say how the message is framed and where it goes; setting one would break the request for everybody behind it.
_RESERVED = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class HeaderError(ValueError):
    """A header that cannot be sent; `name` is its name as given."""

    def __init__(self, name: str, message: str) -> None:
        """Keep the name apart from the message."""
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields ready to be resolved for each uplink."""

    constant: Mapping[str, str]
    patterns: tuple[tuple[str, Pattern], ...] = ()

    def resolve(self, content: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, str]:
        """Give the fields for one uplink; UnresolvedError names a header whose pattern finds nothing to send."""
        if not self.patterns:
            return self.constant
        resolved = dict(self.constant)
        for name, pattern in self.patterns:
            try:
                value = pattern.resolve(content, document)
            except UnresolvedError as error:
                raise UnresolvedError(f"header {name}: {error}") from None
            if _CONTROL.search(value):
                raise UnresolvedError(f"header {name}: its pattern finds a value with control characters")
            resolved[name] = value.strip()
        return resolved


def _as_given(_name: str, value: str) -> str:
    return value


def compile_headers(headers: Mapping[str, str], rewrite: Callable[[str, str], str] = _as_given) -> Headers:
    """Check the configured fields and read their patterns; HeaderError names the one that is wrong.

    `rewrite(name, value)` gives the value that is sent, and may raise a HeaderError of its own.
    """
    constant: dict[str, str] = {}
    patterns: list[tuple[str, Pattern]] = []
    seen: set[str] = set()
    for name, value in headers.items():
        _check(name, value)
        if name.lower() in seen:
            raise HeaderError(name, f"header {name} is given twice; case makes no difference")
        seen.add(name.lower())
        text = rewrite(name, value)
        try:
            pattern = compile_pattern(text)
        except PatternError as error:
            raise HeaderError(name, f"header {name}: {error}") from None
        if pattern.constant:
            constant[name] = text
        else:
            patterns.append((name, pattern))
    return Headers(constant, tuple(patterns))


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        allowed = "a header name has 1 to 256 characters, which are letters, digits and !#$%&'*+.^_`|~- only"
        raise HeaderError(name[:40], f"header {name[:40]!r}: {allowed}")
    if name.lower() in _RESERVED:
        raise HeaderError(name, f"header {name} belongs to the transport and cannot be configured")
    if _CONTROL.search(value):
        raise HeaderError(name, f"header {name}: a value may hold no line break and no other control character")
    if value != value.strip():
        raise HeaderError(name, f"header {name}: blanks at the ends of a value do not survive HTTP; remove them")
