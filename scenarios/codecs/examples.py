"""A codec over its own examples: each in two time zones, and where it differs, the place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from uplab.scenarios.codecs.engine import CodecFailedError, Engine
from uplab.scenarios.codecs.package import Codec, Example

__all__ = ["ZONES", "Finding", "check", "compared"]

ZONES: Final = ("UTC", "Pacific/Auckland")
_WRAPPED: Final = frozenset({"data", "errors", "warnings"})
_TIMES: Final = ("time", "recvTime")
_EMPTY: Final[tuple[Any, ...]] = ([], {}, None)
_NOW_MS: Final = 1_700_000_000_000  # for examples that do not say when they were received
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One example and what is wrong with it; empty where it came out right."""

    place: str
    function: str
    wrong: str = ""


def check(codec: Codec) -> list[Finding]:
    """Runs every example; CodecError where the codec cannot be loaded."""
    found: dict[str, Finding] = {}
    for zone in ZONES:
        with Engine(codec, zone=zone) as engine:
            for example in codec.examples:
                before = found.get(example.place)
                if before is not None and before.wrong:
                    continue
                wrong = _judged(codec, engine, example)
                if wrong and before is not None:
                    wrong = f"in the time zone {zone}: {wrong}"
                found[example.place] = Finding(example.place, example.function, wrong)
    return list(found.values())


def _judged(codec: Codec, engine: Engine, example: Example) -> str:
    """What is wrong with the answer to an example."""
    if example.function not in engine.functions:
        return f"the codec has no function {example.function}"
    try:
        answer = _answer(codec, engine, example)
    except CodecFailedError as error:
        errors = example.right.get("errors") if isinstance(example.right, dict) else None
        return "" if errors else f"it failed: {error}"
    right, answer = _plain(example.right), _plain(answer)
    if (
        isinstance(right, dict)
        and not _WRAPPED & right.keys()
        and isinstance(answer, dict)
        and answer.keys() == {"data"}
    ):
        answer = answer["data"]  # examples of older forms have the object alone
    return next(_differences(right, answer, ""), "") or _points_wrong(engine, example, answer)


def _points_wrong(engine: Engine, example: Example, decoded: Any) -> str:
    """What is wrong with the points of a decoded uplink, of which an example says their records."""
    if example.function != "decodeUplink" or not isinstance(example.points, dict):
        return ""
    if "extractPoints" not in engine.functions:
        return "the codec has no function extractPoints, and the example has points"
    time = example.given.get("time", "1970-01-01T00:00:00Z")
    try:
        found = engine.call(
            "extractPoints", {"message": decoded, "time": time}, dates=("time",), now_ms=_ms(time) or _NOW_MS
        )
    except CodecFailedError as error:
        return f"extractPoints failed: {error}"
    return next(_differences(_records(example.points), _records(found), "points"), "")


def _records(points: Any) -> Any:
    """Points as their records alone: a codec gives these, an example has unit and type beside them."""
    if not isinstance(points, dict):
        return points
    return {
        name: point.get("records", point.get("record")) if isinstance(point, dict) else point
        for name, point in points.items()
    }


def _answer(codec: Codec, engine: Engine, example: Example) -> Any:
    given, now_ms = example.given, _NOW_MS
    for name in _TIMES:
        if (ms := _ms(given.get(name))) is not None:
            now_ms = ms
    if codec.form == "thingpark":
        # The guide has the encoder's object as `message`, published drivers take its members; the time is a Date.
        if example.function == "encodeDownlink":
            given = given["data"] if set(given) == {"data"} else given
            given = {"message": given, **given} if isinstance(given, dict) else given
        else:
            given = {"time": given.get("recvTime", "1970-01-01T00:00:00Z"), **given}
        return engine.call(example.function, given, dates=("time",), now_ms=now_ms)
    # Examples give recvTime as a text, and codecs hand it on as it came.
    return engine.call(example.function, given, now_ms=now_ms)


def compared(right: Any, payload: Any) -> str:
    """What an example says of the payload with which its uplink arrived, in words; TS013's is what stands in `data`."""
    if payload is None:
        return "it arrived without a decoded payload"
    if isinstance(right, dict) and ("data" in right or "errors" in right):
        right = right.get("data")
    wrong = next(_differences(_plain(right), _plain(payload), ""), "")
    return f"it arrived with another payload: {wrong}" if wrong else "it arrived with the payload of the example"


def _plain(value: Any) -> Any:
    """Without what says nothing: an empty list of errors or warnings, and members that are null."""
    if isinstance(value, dict):
        return {
            name: _plain(one)
            for name, one in value.items()
            if one is not None and not (name in ("errors", "warnings") and one in _EMPTY)
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _differences(right: Any, got: Any, path: str) -> Iterator[str]:
    """The first place where an answer differs from what is right."""
    if isinstance(right, dict) and isinstance(got, dict):
        for name, value in right.items():
            yield from _differences(value, got.get(name), f"{path}.{name}" if path else str(name))
        for name in got.keys() - right.keys():
            yield f"{path}.{name} is {_short(got[name])}, of which the example says nothing".removeprefix(".")
    elif isinstance(right, list) and isinstance(got, list) and len(right) == len(got):
        for number, (one, other) in enumerate(zip(right, got, strict=True)):
            yield from _differences(one, other, f"{path}.{number}")
    elif not _same(right, got):
        yield f"{path or 'the answer'} is {_short(got)}, the example says {_short(right)}"


def _same(right: Any, got: Any) -> bool:
    if isinstance(right, bool) or isinstance(got, bool):
        return right is got
    if isinstance(right, int | float) and isinstance(got, int | float):
        return math.isclose(right, got, rel_tol=1e-9, abs_tol=1e-9)
    if right == got:
        return True
    if isinstance(right, str) and isinstance(got, list):  # bytes as hexadecimal digits, and as numbers
        return right.lower() == "".join(f"{one:02x}" for one in got if isinstance(one, int))
    moments = (_ms(right), _ms(got))
    return None not in moments and moments[0] == moments[1]


def _ms(value: Any) -> int | None:
    """An ISO 8601 time in milliseconds since 1970; JavaScript knows no finer one."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000)


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
