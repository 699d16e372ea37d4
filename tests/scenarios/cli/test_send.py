from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli import send
from uplab.scenarios.cli.main import app


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command in this process, in a folder of its own, where no lab is up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("UPLAB_")]:
        monkeypatch.delenv(name)
    return CliRunner()


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["elsys_ers"], 1, "no lab is up: start one with `uplab up` in another terminal"),
        ([], 4, "name either a model or --document FILE"),
        (["elsys_ers", "--document", "d.json"], 4, "name either a model or --document FILE"),
        (["--document", "nowhere.json"], 4, "--document nowhere.json: No such file or directory"),
        (["--document", "d.json", "--dev-eui", "00"], 4, "a document brings its own device and readings: leave"),
        (["elsys_ers", "--lab", "nonsense"], 1, "no lab answers: Request URL is missing an 'http://' or 'https://'"),
        (["elsys_ers", "--lab", "http://127.0.0.1:9"], 1, "no lab answers: [Errno 111] Connection refused"),
        (["elsys_ers", "warm", "--lab", "http://x"], 4, "a reading is written name=value, such as temperature_c=21.5"),
        (["elsys_ers", "=21", "--lab", "http://x"], 4, "a reading is written name=value, such as temperature_c=21.5"),
    ],
)
def test_send_says_in_one_line_what_is_wrong(runner: CliRunner, arguments: list[str], code: int, line: str) -> None:
    shown = runner.invoke(app, ["send", *arguments])

    assert shown.exit_code == code
    assert shown.stderr.startswith(f"uplab: {line}")
    assert shown.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("temperature_c=21.5", ("temperature_c", 21.5)),
        ("motion=3", ("motion", 3)),
        ("humidity_pct=null", ("humidity_pct", None)),
        ("acceleration=[1,2,3]", ("acceleration", [1, 2, 3])),
        ("temperature_c=warm", ("temperature_c", "warm")),
        ("temperature_c=NaN", ("temperature_c", "NaN")),  # no JSON: the lab says that it is no number
        ("temperature_c=-Infinity", ("temperature_c", "-Infinity")),
        ("temperature_c=", ("temperature_c", "")),
        ("name=a=b", ("name", "a=b")),
    ],
)
def test_value_of_a_reading_is_json_where_it_can_be(text: str, reading: tuple[str, Any]) -> None:
    assert send._reading(text) == reading


def test_series_is_sent_by_one_client(runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new one reads the authorities that it trusts, which took longer than all else of a document."""
    report = {"Time": "2026-01-01T00:00:00.000Z", "DevEUI": "0000000000000007", "FPort": 1}
    lines = [json.dumps({"DevEUI_uplink": {**report, "FCntUp": n}}) for n in range(3)]
    (tmp_path / "many.ndjson").write_text("\n".join(lines) + "\n")
    answer = {"dev_eui": "07", "f_cnt": 1, "time": None, "outcome": "accepted", "status": 200, "reason": ""}
    desk = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    clients: list[httpx.Client] = []

    def client() -> httpx.Client:
        clients.append(httpx.Client(transport=desk))
        return clients[-1]

    monkeypatch.setattr(send, "_client", client)

    shown = runner.invoke(app, ["send", "--document", "many.ndjson", "--lab", "http://lab.example"])

    assert (shown.exit_code, len(shown.stdout.splitlines()), len(clients)) == (0, 3, 1)
