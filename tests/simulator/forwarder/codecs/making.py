"""Codecs in both public forms, as packages on the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["ALLIANCE", "THINGPARK", "package"]

THINGPARK = """
var reading = require('./lib/reading')
function decodeUplink(input) {
  if (input.fPort !== 7) throw new Error('Invalid fPort!')
  return {
    level: reading.level(input.bytes),
    at: input.time.toISOString(),
    now: Date.now(),
    hours: new Date(2026, 0, 1).getTimezoneOffset() / -60,
  }
}
function extractPoints(input) {
  return { level: input.message.level, history: [{ eventTime: '2026-05-04T01:00:00Z', value: 3 }] }
}
function encodeDownlink(input) {
  return { bytes: [input.message.on ? 1 : 0], fPort: 9 }
}
exports.decodeUplink = decodeUplink
exports.extractPoints = extractPoints
exports.encodeDownlink = encodeDownlink
"""
READING = "exports.level = function (bytes) { return Buffer.from(bytes).readInt16BE(0) / 10 }"
ALLIANCE = """
function decodeUplink(input) {
  switch (input.fPort) {
    case 1: return { data: { sum: input.bytes[0] + input.bytes[1] } }
    case 2: return { errors: ['too short', 'too old'] }
    case 3: return { data: { half: 1 }, errors: ['the rest is unknown'] }
    case 4: while (true) {}
    case 5: return 'x'
    case 6: return Promise.resolve({ data: {} })
    default: return { data: { time: input.recvTime.toISOString() }, warnings: ['odd'] }
  }
}
function encodeDownlink(input) {
  return input.data.wrong ? { errors: ['no such command'] } : { bytes: input.data.bytes, fPort: input.data.fPort }
}
"""


def package(folder: Path, **described: Any) -> Path:
    """A package in ThingPark's form."""
    (folder / "lib").mkdir(parents=True)
    driver = {
        "producerId": "actilitypub",
        "type": "thingpark-x-js",
        "application": {"producerId": "Acme", "moduleId": "level", "version": "2"},
        "points": {"level": {"unitId": "m", "type": "double"}, "history": {"type": "double"}},
    }
    told = {"name": "@acme/acme-level", "version": "3.1.4", "driver": driver, **described}
    (folder / "package.json").write_text(json.dumps(told))
    (folder / "index.js").write_text(THINGPARK)
    (folder / "lib" / "reading.js").write_text(READING)
    return folder
