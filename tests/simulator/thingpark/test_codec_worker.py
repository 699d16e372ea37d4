"""The process that runs a codec: what it answers, and what a hostile codec cannot do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

SOURCE = """
var helper = require('./lib/helper')
function decodeUplink(input) {
  switch (input.fPort) {
    case 1: while (true) {}
    case 2: var all = []; while (true) all.push('x'.repeat(1000))
    case 3: throw new Error('no\\nway')
    case 4: return (function deeper() { return deeper() })()
    case 5: return { now: Date.now(), said: input.time.toISOString(), zone: new Date().getTimezoneOffset() }
    case 6: return require('fs')
    case 7: return { sum: helper.sum(input.bytes), hex: Buffer.from(input.bytes).toString('hex') }
    case 8: return 'x'.repeat(2000000)
    case 11: var deep = []; for (var at = 0; at < 200; at += 1) deep = [deep]; return deep
    case 12: return Promise.resolve(1)
    case 13: return require('./constructor')
    case 14: JSON.stringify = function () { return '{"forged": 1}' }; return { a: Date.length, b: typeof Date() }
    case 15: return function () {}
    case 9: return { std: typeof std, os: typeof os, load: typeof loadScript, process: typeof process }
    default: return undefined
  }
}
"""
HELPER = "exports.sum = function (bytes) { return Buffer.from(bytes).readUInt16BE(0) }"


def answers(*calls: dict[str, Any], zone: str = "UTC") -> list[dict[str, Any]]:
    first = {"files": {"main.js": SOURCE, "lib/helper.js": HELPER}, "main": "main.js"}
    lines = [first, *({"function": "decodeUplink", "dates": ["time"], "now_ms": 5, **call} for call in calls)]
    done = subprocess.run(
        [sys.executable, "-m", "uplab.simulator.thingpark.codec_worker"],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": zone},
        timeout=60,
    )
    loaded, *found = [json.loads(line) for line in done.stdout.splitlines()]
    assert loaded == {"value": ["decodeUplink"]}
    return found


def call(port: int, *data: int) -> dict[str, Any]:
    return {"input": {"fPort": port, "bytes": data, "time": "2026-05-04T03:02:01.000Z"}}


def test_codec_is_bounded_and_goes_on_after_each_failure() -> None:
    found = answers(*(call(port, 1, 2) for port in (1, 2, 3, 4, 6, 8, 7, 10)))

    errors = [one.get("error", "") for one in found]
    assert errors[0] == "it ran for more than 1000 ms"
    assert "out of memory" in errors[1]
    assert errors[2] == "Error: no"
    assert "call stack" in errors[3]
    assert errors[4] == "Error: there is no module fs"
    assert errors[5] == "its answer has more than 1000000 characters"
    assert found[6:] == [{"value": {"sum": 258, "hex": "0102"}}, {"value": None}]


def test_answer_that_nobody_could_use_is_said() -> None:
    found = answers(*(call(port) for port in (11, 12, 13, 14, 15)))

    assert [one.get("error") for one in found] == [
        "its answer is nested deeper than 64 levels",
        "Error: it answers with a promise, and nobody waits for it",
        "Error: there is no module ./constructor",
        None,
        "Error: it answers with a function",
    ]
    assert found[3]["value"] == {"a": 7, "b": "string"}


def test_codec_reaches_nothing_of_the_machine() -> None:
    (found,) = answers(call(9))

    assert set(found["value"].values()) == {"undefined"}


@pytest.mark.parametrize(("zone", "minutes"), [("UTC", 0), ("Pacific/Kiritimati", -840)])
def test_clock_and_zone_are_those_that_were_given(zone: str, minutes: int) -> None:
    (found,) = answers({**call(5), "now_ms": 1_777_863_721_000}, zone=zone)

    assert found == {"value": {"now": 1_777_863_721_000, "said": "2026-05-04T03:02:01.000Z", "zone": minutes}}


ES_MODULES: dict[str, dict[str, str]] = {
    "one that imports": {
        "main.js": "import base, { scale as by } from './lib/units'\nexport function decodeUplink({ bytes }) {\n"
        "  return { level: base + bytes[0] * by }\n}\n",
        "lib/units.js": "const scale = 2\nexport { scale }\nexport default 5\n",
    },
    "one that gives an object": {
        "main.js": "#!/usr/bin/env node\nexport default {\n"
        "  decodeUplink: (input) => ({ level: 5 + 2 * input.bytes[0] }),\n}\n"
    },
}


@pytest.mark.parametrize("form", ES_MODULES)
def test_es_modules_are_codecs_too(form: str) -> None:
    lines = [{"files": ES_MODULES[form], "main": "main.js"}, {"function": "decodeUplink", **call(1, 4)}]
    done = subprocess.run(
        [sys.executable, "-m", "uplab.simulator.thingpark.codec_worker"],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    loaded, answered = [json.loads(line) for line in done.stdout.splitlines()]
    assert "decodeUplink" in loaded["value"]
    assert answered == {"value": {"level": 13}}
