from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from uplab.scenarios.cli.main import app

DOCUMENT = {"DevEUI": "0018B20000001234", "FCntUp": 1, "Time": "2026-05-04T03:02:01.000+00:00", "downlinkUrl": "u"}


def har(path: Path, *statuses: int, ms: int = 20) -> Path:
    posted = {"text": json.dumps({"DevEUI_uplink": DOCUMENT})}
    headers = [{"name": "Content-Type", "value": "application/json"}]
    request = {"method": "POST", "url": "https://there.example/up", "headers": headers, "postData": posted}
    entries = [
        {
            "startedDateTime": f"2026-05-04T03:02:0{at}Z",
            "time": ms,
            "request": request,
            "response": {"status": status},
        }
        for at, status in enumerate(statuses)
    ]
    path.write_text(json.dumps({"log": {"entries": entries}}))
    return path


def test_capture_is_judged_masked_and_made_a_plan(tmp_path: Path) -> None:
    arguments = ["--faults", str(tmp_path / "plan.json"), "--masked", str(tmp_path / "out.ndjson")]

    kept = CliRunner().invoke(app, ["judge", str(har(tmp_path / "a.har", 503, 200, ms=6200)), *arguments])
    broken = CliRunner().invoke(app, ["judge", str(har(tmp_path / "b.har", 200, 200))])

    assert (kept.exit_code, broken.exit_code) == (0, 1), kept.output + broken.output
    assert [fault["action"]["type"] for fault in json.loads((tmp_path / "plan.json").read_text())] == ["Delay", "Delay"]
    assert "0018B20000001234" not in (tmp_path / "out.ndjson").read_text()
    assert broken.output.splitlines()[0].startswith("failed  none twice: DevEUI_uplink of 0018B20000001234, FCntUp 1")


def test_what_is_no_capture_is_said(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_text('[{"body": "x"}]')

    for name, words in (("it.json", "none of the 1 requests in it carries"), ("nowhere", "No such file")):
        shown = CliRunner().invoke(app, ["judge", str(tmp_path / name)])
        assert (shown.exit_code, shown.stderr.count("\n")) == (4, 1)
        assert words in shown.stderr
