"""What a codec finds in its process, and what it cannot do there."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

FIRST = {"main": "main.js"}
SOURCE = """
var cases = [
  function () { while (true) {} },
  function () { var all = []; while (true) all.push(new Array(100000).join('x')) },
  function () { return (function deeper() { return [deeper()] })() },
  function () { return new Array(300000).join('x') },
  function () { var deep = []; for (var i = 0; i < 200; i += 1) deep = [deep]; return deep },
  function () { return require('fs') },
  function () { return require('./constructor') },
  function () { return (async function () {})() },
  function () { return BigInt(1) },
  function () { throw { toString: function () { throw 'no' } } },
  function () { return /^(a+)+$/.test(new Array(40).join('a') + 'b') },
  function () { return new Proxy({}, { ownKeys: function () { while (true) {} } }) },
  function () { return { get level() { while (true) {} } } },
  function () { return { toJSON: function () { while (true) {} } } },
  function () { eval('while (true) {}') },
  function () { return { std: typeof std, os: typeof os, process: typeof process, fetch: typeof fetch } },
  function () { return function () {} },
  function () { return { not: NaN, far: Infinity, at: new Date(0), none: undefined } },
  function () {
    JSON.stringify = function () { return '{"forged": 1}' }
    Object.prototype.polluted = 1
    Array.prototype.toJSON = function () { return 1 }
    return { a: 1 }
  },
  function () { return Buffer.from('0102fffe', 'hex').readInt16LE(2) + Buffer.from([1, 2, 3]).readUIntBE(0, 3) },
  function () { return Buffer.from([1]).readUInt16BE(0) },
  function () { return atob(btoa('A\\u00ff')) === 'A\\u00ff' && Buffer.from('h\\u00e9').toString('base64') },
]
function decodeUplink(input) { return cases[input.fPort]() }
"""
SAID = [
    "it ran for more than 250 ms",
    "it needs more than 64 MB",
    "call stack",
    "its answer has more than 250000 characters",
    "nested deeper than 64 levels",
    "Error: there is no module fs",
    "Error: there is no module ./constructor",
    "Error: it answers with a promise, and nobody waits",
    "BigInt",
    "it threw what cannot be told",
    "it ran for more than 250 ms",
    "it ran for more than 250 ms",
    "it ran for more than 250 ms",
    "it ran for more than 250 ms",
    "it ran for more than 250 ms",
]


def answers(*lines: dict[str, Any]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "uplab.simulator.forwarder.codecs.worker"],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_codec_is_bounded_and_goes_on_after_each_failure() -> None:
    first = {"sources": {"main.js": SOURCE}, "main": "main.js"}
    calls = [{"function": "decodeUplink", "input": {"fPort": case}, "time_ms": 0} for case in range(22)]

    loaded, *found = answers(first, *calls)

    assert loaded == {"value": None}
    for case, words in enumerate(SAID):
        assert words in found[case].get("error", ""), (case, found[case])
        assert found[case].keys() == {"error"}, (case, found[case])
    assert set(found[15]["value"].values()) == {"undefined"}
    assert found[16:] == [
        {"value": None},
        {"value": {"not": None, "far": None, "at": "1970-01-01T00:00:00.000Z"}},
        {"value": {"a": 1}},
        {"value": 65794},
        {"error": found[20].get("error")},
        {"value": "aMOp"},
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("function (", "SyntaxError"),
        ("throw 'at once'", "at once"),
        ("while (true) {}", "it ran for more than 250 ms"),
        ("exports.other = 1", "it has no function decodeUplink"),
        ("module.exports = null", "it has no function decodeUplink"),
        ("import x from 'y'", "there is no module y"),
        ("export = 5", "SyntaxError"),
        ("function decodeUplink() {} }); while (true) {} (function () {", "it ran for more than 250 ms"),
    ],
)
def test_codec_that_cannot_be_loaded_is_said(source: str, words: str) -> None:
    (loaded,) = answers({"sources": {"main.js": source}, "main": "main.js"})

    assert words in loaded["error"]
    assert "\n" not in loaded["error"]


@pytest.mark.parametrize(
    "source",
    [
        "var driver = { decodeUplink: function () { return 1 } }",
        "module.exports = { decodeUplink: function () { return 1 } }",
        "function decodeUplink() { return 1 }",
        "const decodeUplink = () => 1",
    ],
)
def test_codec_is_found_as_packers_and_authors_leave_it(source: str) -> None:
    call = {"function": "decodeUplink", "input": {}, "time_ms": 0}

    assert answers({"sources": {"main.js": source}, "main": "main.js"}, call)[1] == {"value": 1}


def test_older_form_gives_the_object_alone() -> None:
    source = "function Decoder(bytes, port) { return { sum: bytes[0] + port } }"
    call = {"function": "decodeUplink", "input": {"bytes": [1], "fPort": 2}, "time_ms": 0}

    assert answers({"sources": {"main.js": source}, "main": "main.js"}, call)[1] == {"value": {"data": {"sum": 3}}}


MODULES: dict[str, dict[str, str]] = {
    "names": {
        "main.js": "import { one, two as second } from './lib/numbers.js'\nimport * as all from \"./lib/numbers\"\n"
        "import ten, { two } from './lib/numbers'\nimport './lib/numbers.js'\n"
        "function up() { return { sum: one + second + all.one + ten } }\nexport { up as decodeUplink }\n",
        "lib/numbers.js": "export const one = 1\r\nexport let two = 2\r\nexport default 10\r\n",
    },
    "default": {"main.js": "#!/usr/bin/env node\nexport default {\n  decodeUplink() { return { sum: 14 } },\n}\n"},
    "function by default": {"main.js": "export default function decodeUplink() { return { sum: 14 } }"},
    "declared": {"main.js": "export const decodeUplink = () => ({ sum: 14 })"},
}


@pytest.mark.parametrize("form", MODULES)
def test_es_modules_are_read_as_the_older_ones(form: str) -> None:
    call = {"function": "decodeUplink", "input": {}, "time_ms": 0}

    loaded, found = answers({"sources": MODULES[form], "main": "main.js"}, call)

    assert (loaded, found) == ({"value": None}, {"value": {"sum": 14}})
