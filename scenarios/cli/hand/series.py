"""`uplab send --document`: one document, or all that a folder, a capture or standard input holds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from uplab.scenarios.captures.capture import CaptureError, Exchange, read_capture, read_path
from uplab.scenarios.captures.document import DocumentError, Sendable, sendable
from uplab.scenarios.captures.foreign import foreign_among
from uplab.simulator.thingpark.documents import ROOTS, instant_of, root_of

__all__ = ["STDIN", "One", "paced", "read_series"]

STDIN: Final = Path("-")
_LONGEST_PAUSE_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class One:
    """A document of a series: where it stands, what goes out, and when it was sent, where that is known."""

    place: str
    sendable: Sendable
    at_s: float | None


def read_series(path: Path, *, as_is: bool) -> list[One]:
    """All documents of a file, a folder or "-"; DocumentError names place and value before anything has left.

    Of a capture, requests that carry no document of ThingPark (pages, logins, other posts) are passed over.
    """
    try:
        found = read_capture(sys.stdin.buffer.read(), "standard input") if path == STDIN else read_path(path)
    except CaptureError as error:
        raise DocumentError(str(error)) from None
    whole = len(found) == 1 and found[0].place in (str(path), "standard input")  # a document, and no capture
    series = [one for exchange in found if (one := _one(exchange, as_is=as_is, whole=whole)) is not None]
    if not series:
        none = f"none of the {len(found)} requests in it carries a document of ThingPark"
        raise DocumentError(f"{path}: {none}{foreign_among(one.body for one in found)}")
    return series


def _one(exchange: Exchange, *, as_is: bool, whole: bool) -> One | None:
    """The document of an exchange; None for a request of a capture that carries none."""
    body = exchange.body
    if body is None or exchange.method not in ("POST", "PUT"):
        return None
    try:
        made = sendable(body, as_is=as_is)
    except DocumentError as error:
        if not whole and not _speaks_of_devices(body):
            return None
        raise DocumentError(_placed(exchange.place, str(error))) from None
    return One(exchange.place, made, exchange.at_s if exchange.at_s is not None else _own_time_s(made.document))


def _placed(place: str, error: str) -> str:
    """Where it stands, in the file as in the document: a line of NDJSON has no lines within."""
    if not error.startswith("line "):
        return f"{place}: {error}"
    return f"{place}, {error.removeprefix('line 1, ') if ', line ' in place else error}"


def _speaks_of_devices(body: bytes) -> bool:
    return any(root.encode() in body for root in ROOTS)


def _own_time_s(document: dict[str, Any]) -> float | None:
    found = root_of(document)
    try:
        ms = instant_of(*found) if found else None
    except ValueError:
        return None
    return None if ms is None else ms / 1000


def _pauses_s(series: list[One], *, gaps: bool, rate: float | None) -> Iterator[float]:
    """Seconds to wait before each document: none; as captured, `rate` times as fast; or `rate` of them a second."""
    before: float | None = None
    for number, one in enumerate(series):
        if gaps:
            pause = 0.0 if before is None or one.at_s is None else max(0.0, one.at_s - before)
            before = one.at_s if one.at_s is not None else before
            yield min(pause / (rate or 1.0), _LONGEST_PAUSE_S)
        else:
            yield 0.0 if rate is None or number == 0 else 1.0 / rate


def paced(
    series: list[One], *, gaps: bool, rate: float | None, wait: Callable[[float], Any] | None = None
) -> Iterator[One]:
    """The documents, each when it is its turn."""
    wait = wait or threading.Event().wait
    for one, pause_s in zip(series, _pauses_s(series, gaps=gaps, rate=rate), strict=True):
        if pause_s:
            wait(pause_s)
        yield one
