"""Bundles as runs write them, by the names of their files: what attacks and measurements begin with."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from typing import Any, cast

from tests.reports.sample import make_run
from tests.scenarios.history_lines import BIN, DEV, Story, point
from uplab.reports.bundle import write_bundles
from uplab.reports.paper.packed import write_sign_off
from uplab.scenarios.under_test.profile import load_profile

__all__ = ["Files", "valid"]

Files = dict[str, bytes]
Asked = tuple[str, dict[str, Any]]


def valid(place: Path) -> list[Files]:
    """Bundles as a run writes them, by the names of their files: of this format, of the first, a sign-off of two."""
    make_run(place / "run", scenarios=8)
    found = []
    for path in write_bundles(place / "run")[:2]:
        with zipfile.ZipFile(path) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
        record = json.loads(files["run.json"])
        record["forwarder"]["choices"] = load_profile(None).model_dump()
        found.append({**files, "run.json": json.dumps(record).encode()})
    found.append(_told(place / "told.jsonl"))
    old = _told(place / "old.jsonl")
    record = json.loads(old["run.json"])
    del record["format"]
    publish: dict[str, Any] = {
        "fake": "thingsboard",
        "session": 1,
        "exchange": 9,
        "topic": "a/b/c",
        "qos": 1,
        "packet_id": 1,
    }
    publish |= {"retain": False, "duplicate": False}
    line: dict[str, Any] = {
        "seq": 99,
        "monotonic_s": 9.5,
        "wall": "w",
        "hop": "destination.published",
        "id": None,
        "facts": publish,
    }
    history = old["history/one.jsonl"] + _whole_packets(line)
    found.append({**old, "run.json": json.dumps(record).encode(), "history/one.jsonl": history})
    return [*found, _watched(found[2]), _signed(place, found[2])]


def _whole_packets(line: dict[str, Any]) -> bytes:
    """Publishes as the first format has them, each as the whole packet that came, or as what came in its place."""
    packets = (
        b"\x32\x85\x01\x00\x05a/b/c\x00\x01" + b"x" * 122,
        b"\x30\x08\x00\x05a/b/cx",
        b"\x32\x08\x00\x05a/b/dx",
        b"\xff\x00",
        b"\x32",
        b"\x32\xff\xff",
        b"",
    )
    found = b""
    for at, packet in enumerate(packets):
        facts = {**line["facts"], "qos": 1 if packet[:1] == b"\x32" else 0}
        raw = {"base64": base64.b64encode(packet).decode()}
        ids = {"id": None, "ids": ["u1", "u2"], "doubt": 2} if at % 2 else {}
        found += json.dumps({**line, "seq": 99 + at, "facts": facts, "raw": raw, **ids}).encode() + b"\n"
    return found


def _watched(files: Files) -> Files:
    """The same as of a whole run: how it was watched, and what was told between its scenarios."""
    record = json.loads(files["run.json"])
    record["standing"] = {"places": True, "flows": True, "one_ts": True, "telemetry_fields": ["SpFact"]}
    record["scenarios"][0] |= {"ended_s": 1.5, "breaks": ["none twice"]}
    lines = [json.loads(line) for line in files["history/one.jsonl"].splitlines()]
    between = b"".join(json.dumps({**line, "seq": 1_000 + line["seq"]}).encode() + b"\n" for line in lines)
    return {**files, "run.json": json.dumps(record).encode(), "history/between-main.jsonl": between}


def _signed(place: Path, run: Files) -> Files:
    """A sign-off of the same run under two names, with their histories."""
    folders = [place / "signed" / name for name in ("a", "b")]
    for folder in folders:
        for name, content in run.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    written = write_sign_off(folders, place / "out", made="2026-12-01T03:00:00+00:00", with_histories=True)
    with zipfile.ZipFile(written[-1]) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _told(path: Path) -> Files:
    """One scenario of which every kind of question is asked."""
    story = Story()
    with story.history.scenario(path):
        ids = [story.sent(f_cnt) for f_cnt in (1, 2, 3)]
        for f_cnt in (1, 2, 3):
            story.delivered(f_cnt, headers=[["X-Thing", DEV]])
        story.arrives(b"\xff\x00")
        story.acknowledged(story.publishes({DEV: [point(1)]}))
        story.tells("api.answered", method="POST", path="/connections", status=201, raw=b'{"id": 1}')
        story.tells("device.received", dev_eui=DEV, f_port=5, payload_hex="01")
    record = json.dumps(_record(ids)).encode()
    return {"README.txt": b"read me", "run.json": record, "history/one.jsonl": path.read_bytes()}


def _record(ids: list[str]) -> dict[str, Any]:
    to = {"fake": "posthere", "path": BIN}
    asked: list[Asked] = [
        (name, {"ids": {"list": 0}, "to": to, **more})
        for name, more in cast(
            "dict[str, dict[str, Any]]",
            {
                "none lost": {},
                "none twice": {},
                "in order": {},
                "unaltered": {},
                "right place": {"also": [to]},
                "right headers": {"expected": {"X-Thing": {DEV: DEV}}},
                "within": {"limit_s": 2.5},
            },
        ).items()
    ]
    verdicts = [
        {
            "check": check,
            "requirement": "HTTP-01",
            "outcome": "failed",
            "examined": 3,
            "promised": "all",
            "happened": "none",
            "hop": "forwarder",
            "advice": None,
            "ids": {"list": 0},
            "question": {"check": check, "until": 99, **question},
        }
        for check, question in asked
    ]
    scenario = {
        "id": "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent",
        "title": "bin shows it",
        "suite": "http",
        "requirements": ["HTTP-01"],
        "outcome": "failed",
        "duration_s": 1.5,
        "worker": "main",
        "reason": None,
        "message": None,
        "path": "http/test_did_it_work.py",
        "history": "history/one.jsonl",
        "verdicts": verdicts,
        "ids": [ids],
    }
    choices = load_profile(None).model_dump()
    return {
        "format": 2,
        "uplab": "1",
        "seed": 7,
        "started": "2026-01-01T00:00:00+00:00",
        "duration_s": 2.5,
        "exit_code": 1,
        "random_order": False,
        "requirements": [],
        "forwarder": {
            "name": "reference",
            "profile": "reference",
            "command": "python -m uplab.simulator.forwarder",
            "choices": choices,
        },
        "scenarios": [scenario],
    }
