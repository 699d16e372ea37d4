"""How a bug changes a message: its members, headers, values or bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from uplab.scenarios.lab.player.bug import Act, Message

__all__ = ["deep", "headed", "leaf", "rewritten", "valued"]

_OWN = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding")  # without them it is no request


def deep(message: Message, change: Callable[[Any], Any]) -> Message:
    """Each value of the document that holds no others."""
    return replace(message, document=_deep(message.document, change))


def _deep(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _deep(one, change) for name, one in value.items()}
    if isinstance(value, list):
        return [_deep(one, change) for one in value]
    return change(value)


def headed(message: Message, change: Callable[[str, str], str]) -> Message:
    """The value of each header but those of the connection itself."""
    pairs = [(name, value if name.lower() in _OWN else change(name, value)) for name, value in message.headers]
    return replace(message, headers=tuple(pairs))


def leaf(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """One member, where it is there and no null."""

    def of(holder: dict[str, Any]) -> None:
        if holder.get(name) is not None:
            holder[name] = change(holder[name])

    return of


def rewritten(message: Message, change: Callable[[bytes], bytes]) -> Message:
    """The bytes of the body."""
    return replace(message, raw=change(json.dumps(message.document, ensure_ascii=False).encode()))


def valued(change: Callable[[Any], Any]) -> Act:
    """Each value of telemetry; what becomes None is left out."""

    def of(document: Any) -> None:
        for told in document.values() if isinstance(document, dict) else ():
            for point in told if isinstance(told, list) else ():
                if isinstance(point, dict) and isinstance(point.get("values"), dict):
                    made = {name: change(value) for name, value in point["values"].items()}
                    point["values"] = {name: value for name, value in made.items() if value is not None}

    return lambda _, message: [message.changed(of)]
