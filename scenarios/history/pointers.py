"""Where a delivered document of another form than ThingPark's says which uplink it is of."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

__all__ = ["Pointers", "found_at", "time_ms_of"]

_IN_S, _IN_MS, _IN_US = 1e11, 1e14, 1e17  # numbers below are seconds, milliseconds, microseconds; else nanoseconds


class Pointers(NamedTuple):
    """JSON pointers (RFC 6901) to DevEUI, uplink counter and time; without a time, device and counter must do.

    Where a request holds several uplinks, `each` leads to the list of them, and the others begin at one of it. With
    `lines` each line of a body is a JSON value, and the whole body the list of them.
    """

    dev_eui: str
    f_cnt: str
    time: str | None = None
    each: str | None = None
    lines: bool = False

    def __str__(self) -> str:
        named = ", ".join(pointer for pointer in self[:3] if pointer)
        if self.lines:
            return f"{named} of each line"
        return named if self.each is None else f"{named} of each in {self.each or 'the whole body'}"

    def parsed(self, raw: bytes) -> Any:
        """The JSON value of a body, or the list of those of its lines; what is no JSON is none."""
        return list(_values(raw.split(b"\n"))) if self.lines else next(_values([raw]), None)

    def read_each(self, document: Any) -> list[tuple[str, Any, int | None]]:
        """What `read` finds in each uplink of a request."""
        each = "" if self.lines else self.each
        listed = [document] if each is None else found_at(document, each)
        found = map(self.read, listed if isinstance(listed, list) else [])
        return [one for one in found if one is not None]

    def read(self, document: Any) -> tuple[str, Any, int | None] | None:
        """DevEUI, counter as it stands there, and time in ms since 1970; None where one of them is not there."""
        dev_eui, f_cnt = found_at(document, self.dev_eui), found_at(document, self.f_cnt)
        if not isinstance(dev_eui, str) or f_cnt is None:
            return None
        time_ms = time_ms_of(found_at(document, self.time)) if self.time else None
        if self.time and time_ms is None:
            return None
        return dev_eui.replace("-", "").replace(":", "").upper(), f_cnt, time_ms


def _values(texts: list[bytes]) -> Iterator[Any]:
    """Those that are JSON."""
    for text in texts:
        try:
            yield orjson.loads(text)
        except orjson.JSONDecodeError:
            continue


def found_at(document: Any, pointer: str) -> Any:
    """What stands there; None where nothing does."""
    found = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def time_ms_of(value: Any) -> int | None:
    """Milliseconds since 1970 of a text in ISO 8601, or of a number whose size tells its unit; else None."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e20:
        return None
    if value < _IN_S:
        return round(value * 1000)
    return round(value if value < _IN_MS else value / 1000 if value < _IN_US else value / 1_000_000)
