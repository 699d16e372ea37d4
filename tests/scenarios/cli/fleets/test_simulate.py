from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app

KEY = "4e0ff46472fb11ee9ea1a7a1b8d8d0e2"


def said(*arguments: str, key: str | None = KEY) -> tuple[int, str]:
    shown = CliRunner().invoke(app, ["simulate", *arguments], env={"UPLAB_AS_KEY": key})
    return shown.exit_code, shown.output


def test_folder_tells_what_was_simulated(tmp_path: Path) -> None:
    code, told = said("--devices", "10", "--hours", "1", "--out", str(tmp_path / "day"))

    whole = json.loads((tmp_path / "day" / "ledger.json").read_text())
    assert code == 0
    assert told.startswith("simulated 1 hours of 10 devices in ")
    assert f"{whole['sent']} uplinks sent, {whole['documents']} became documents" in told
    assert whole["ended"] == "over"


def test_documents_go_to_standard_output() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uplab.scenarios.cli.main", "simulate", "--help"], capture_output=True, check=False
    )
    assert done.returncode == 0
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("uplab")), "simulate", "--devices", "3", "--hours", "0.5", "--out", "-"],
        capture_output=True,
        check=True,
    )
    documents = [json.loads(line) for line in shown.stdout.splitlines()]
    assert documents
    assert all(next(iter(document)).startswith("DevEUI_") for document in documents)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say where it goes"),
        (("--out", "x"), "name either --devices N or --fleet FILE"),
        (("--devices", "3", "--fleet", "x", "--out", "x"), "name either --devices N or --fleet FILE"),
        (("--devices", "0", "--out", "x"), "--devices: expected a whole number from 1"),
        (("--devices", "3", "--models", "mine", "--out", "x"), "--models: 'mine' is no model"),
        (("--devices", "3", "--every", "0", "--out", "x"), "--every: expected a number from 1"),
        (("--devices", "3", "--curve", "mine", "--out", "x"), "--curve: 'mine' is no curve"),
        (("--devices", "3", "--out", "-", "--frames"), "--frames and --keys write files"),
        (("--devices", "3", "--out", "x", "--rate", "5"), "--rate and --speed are about --to"),
        (("--devices", "3", "--to", "http://x", "--rate", "5", "--speed", "1"), "name either --rate or --speed"),
        (("--devices", "3", "--to", "http://x", "--rate", "0"), "--rate takes a number above 0"),
        (("--devices", "3", "--to", "mqtt://x"), "--to takes a URL with http"),
        (("--fleet", "none.csv", "--out", "x"), "none.csv: No such file"),
        (("--fleet", "none.toml", "--out", "x"), "none.toml: No such file"),
    ],
)
def test_wrong_usage_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)

    code, told = said(*arguments)

    assert code == 4
    assert words in told
    assert len(told.strip().splitlines()) == 1


def test_devices_of_ones_own_are_read_with_errors_by_line(tmp_path: Path) -> None:
    said("--devices", "3", "--hours", "0.1", "--out", str(tmp_path), "--keys")
    again = tmp_path / "devices.csv"

    assert said("--fleet", str(again), "--hours", "0.1", "--out", str(tmp_path / "again"))[0] == 0
    again.write_text(again.read_text().replace("elsys_ers", "mine", 1))
    code, told = said("--fleet", str(again), "--out", str(tmp_path / "again"))

    assert code == 4
    assert "devices.csv, line 2: model: 'mine' is unknown" in told


def test_ingress_without_a_key_is_told() -> None:
    assert said("--devices", "3", "--to", "http://127.0.0.1:9/ingress", key=None)[0] == 4


class Ingress(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    status = 200
    seen: list[tuple[str, str]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = next(iter(body.values()))
        assert parse_qs(urlsplit(self.path).query)["Token"]
        self.seen.append((content["DevEUI"], content["Time"]))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ingress() -> Iterator[type[Ingress]]:
    class Own(Ingress):
        seen: list[tuple[str, str]] = []  # noqa: RUF012

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    server.daemon_threads = True
    Own.url = f"http://127.0.0.1:{server.server_port}/ingress"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Own
    server.shutdown()
    thread.join()
    server.server_close()


def test_ingress_gets_every_document_once_and_a_devices_in_order(tmp_path: Path, ingress: type[Ingress]) -> None:
    url = ingress.url  # type: ignore[attr-defined]

    code, told = said("--devices", "5", "--hours", "1", "--to", url, "--out", str(tmp_path))

    documents = [json.loads(line) for line in (tmp_path / "documents.ndjson").read_text().splitlines()]
    posts = [json.loads(line) for line in (tmp_path / "posts.ndjson").read_text().splitlines()]
    assert code == 0
    assert f"the ingress: {len(documents)} accepted" in told
    assert len(ingress.seen) == len(documents) == len(posts)
    assert Counter(ingress.seen) == Counter((c["DevEUI"], c["Time"]) for d in documents for c in d.values())
    for dev_eui in {dev_eui for dev_eui, _ in ingress.seen}:
        times = [time for one, time in ingress.seen if one == dev_eui]
        assert times == sorted(times)


def test_refusals_are_counted_and_end_with_1(ingress: type[Ingress]) -> None:
    ingress.status = 403

    code, told = said("--devices", "2", "--hours", "0.2", "--to", ingress.url)  # type: ignore[attr-defined]

    assert code == 1
    assert "refused" in told


def test_ingress_that_is_not_there_ends_with_3(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Ingress) as server:
        port = server.server_port

    code, told = said("--devices", "2", "--hours", "0.2", "--to", f"http://127.0.0.1:{port}/", "--out", str(tmp_path))

    assert code == 3
    assert json.loads((tmp_path / "ledger.json").read_text())["posts"]["outcomes"]
    assert "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_day_leaves_a_whole_ledger(tmp_path: Path, number: signal.Signals) -> None:
    command = [str(Path(sys.executable).with_name("uplab")), "simulate", "--devices", "50", "--hours", "8784"]
    running = subprocess.Popen([*command, "--every", "60", "--out", str(tmp_path)], stderr=subprocess.PIPE)
    written = tmp_path / "documents.ndjson"
    while not (written.exists() and written.stat().st_size):
        assert running.poll() is None

    os.kill(running.pid, number)
    _, told = running.communicate()

    whole = json.loads((tmp_path / "ledger.json").read_text())
    assert running.returncode == 2
    assert told.startswith(b"stopped after ")
    assert whole["ended"] == "stopped"
    lines = written.read_bytes().splitlines(keepends=True)
    assert len(lines) == sum(whole["by_root"].values())
    assert all(line.endswith(b"\n") for line in lines)
