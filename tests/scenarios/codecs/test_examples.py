from __future__ import annotations

from typing import Any

import pytest

from uplab.scenarios.codecs.examples import check
from uplab.scenarios.codecs.package import Codec, Example, Form

ALLIANCE = """
function decodeUplink(input) {
  if (input.fPort === 9) return { errors: ['unknown port'] }
  var at = new Date(input.recvTime)
  return { data: { n: input.bytes[0] / 10, at: at.toISOString(), hour: at.getHours() }, warnings: [] }
}
function encodeDownlink(input) { return { bytes: [input.data.a, 255], fPort: 2 } }
"""
THINGPARK = """
function decodeUplink(input) {
  if (input.fPort === 9) throw new Error('unknown port')
  return { n: input.bytes[0], at: input.time, year: input.time.getUTCFullYear() }
}
function encodeDownlink(input) { return { bytes: [input.a], fPort: 2 } }
"""
TIME = "2026-05-04T12:02:01.123Z"


def wrong(form: Form, function: str, given: Any, right: Any) -> str:
    source = THINGPARK if form == "thingpark" else ALLIANCE
    example = Example("here", function, given, right)
    (found,) = check(Codec({"index.js": source}, "index.js", form, (example,)))
    return found.wrong


UP: dict[str, Any] = {"bytes": [225], "fPort": 5}
CASES: list[tuple[Form, str, Any, Any, str]] = [
    ("thingpark", "decodeUplink", {**UP, "time": TIME}, {"n": 225, "at": TIME, "year": 2026}, ""),
    ("thingpark", "decodeUplink", {**UP, "time": TIME, "fPort": 9}, {"n": 1}, "it failed: Error: unknown port"),
    ("thingpark", "encodeDownlink", {"data": {"a": 7}}, {"bytes": "07", "fPort": 2}, ""),
    ("alliance", "encodeDownlink", {"data": {"a": 7}}, {"bytes": [7, 255], "fPort": 2}, ""),
    (
        "alliance",
        "encodeDownlink",
        {"data": {"a": 8}},
        {"bytes": "07FF", "fPort": 2},
        "bytes is [8, 255]",
    ),
    ("alliance", "decodeUplink", {**UP, "fPort": 9}, {"errors": ["unknown port"]}, ""),
    ("alliance", "decodeDownlink", UP, {}, "the codec has no function decodeDownlink"),
    (
        "alliance",
        "decodeUplink",
        {**UP, "recvTime": TIME},
        {"data": {"n": 22.5, "at": "2026-05-04T14:02:01.123456+02:00", "hour": 12}, "errors": []},
        "in the time zone Pacific/Auckland: data.hour is 0, the example says 12",
    ),
    (
        "alliance",
        "decodeUplink",
        {**UP, "recvTime": TIME},
        {"data": {"at": TIME, "hour": 12}},
        "data.n is 22.5, of which the example says nothing",
    ),
]


@pytest.mark.parametrize(
    ("form", "function", "given", "right", "words"), CASES, ids=[str(n) for n in range(len(CASES))]
)
def test_example_is_judged(form: Form, function: str, given: Any, right: Any, words: str) -> None:
    said = wrong(form, function, given, right)

    assert said.startswith(words)
    assert bool(said) == bool(words)


@pytest.mark.parametrize(
    ("extract", "wrong"),
    [
        ("return { level: input.message.t, old: [{ eventTime: '2026-05-04T01:00:00Z', value: 3 }] }", ""),
        ("return { level: 2, old: [] }", "points.level is 2, the example says 1"),
        ("return { level: 1 }", "points.old is nothing, the example says [{"),
        ("throw 'no'", "extractPoints failed: no"),
        (None, "the codec has no function extractPoints, and the example has points"),
    ],
)
def test_points_are_those_of_the_example(extract: str | None, wrong: str) -> None:
    points = {
        "level": {"unitId": "m", "record": 1},
        "old": {"records": [{"eventTime": "2026-05-04T03:00:00+02:00", "value": 3}]},
    }
    source = "function decodeUplink() { return { t: 1 } }\n"
    source += f"function extractPoints(input) {{ {extract} }}" if extract else ""
    example = Example("it", "decodeUplink", {"bytes": [], "fPort": 1}, {"t": 1}, points)

    (found,) = check(Codec({"x.js": source}, "x.js", "thingpark", (example,)))

    assert found.wrong.startswith(wrong)
    assert bool(found.wrong) == bool(wrong)
