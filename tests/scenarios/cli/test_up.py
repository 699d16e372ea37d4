"""`uplab up`, `uplab send` and the desk between them, with a real lab in a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.scenarios.cli.lab_up import Up, start
from tests.scenarios.conftest import WaitUntil
from tests.scenarios.suite_runs import uplab
from uplab.scenarios.cli.main import app
from uplab.scenarios.cli.up import DeskError, _labs_folder, _server, find_lab

VECTORS = Path(__file__).parents[2] / "vectors"
DOCUMENT = {
    "DevEUI_uplink": {
        "Time": "2026-05-04T03:02:01.000+00:00",
        "DevEUI": "0018B20000001234",
        "FPort": 5,
        "FCntUp": 7,
        "payload_hex": "0100e2",
        "CustomerID": "100000001",
    }
}


def announcements(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("uplab-*/lab-*.json")]


def test_addresses_lead_where_they_say(up: Up) -> None:
    names = ("api", "pages", "ingress", "downlink_base", "network", "posthere", "widgelix", "thingsboard", "desk")
    assert {*names, "thingsboard_mqtt", "ca", "resolve"} == up.at.keys()
    for name in ("pages", "posthere", "widgelix", "thingsboard", "desk"):
        assert httpx.get(up.at[name], trust_env=False, follow_redirects=True).status_code == 200, name
    host, _, port = up.at["thingsboard_mqtt"].partition(":")
    socket.create_connection((host, int(port)), timeout=5).close()
    assert "BEGIN CERTIFICATE" in Path(up.at["ca"]).read_text()
    assert f"posthere.io:80={httpx.URL(up.at['posthere']).netloc.decode()}" in up.at["resolve"].split(",")


def test_lab_that_is_up_is_announced(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(up.folder))

    assert find_lab() == up.at["desk"]
    assert [oct(path.stat().st_mode)[-3:] for path in up.folder.glob("uplab-*")] == ["700"]


def test_uplink_that_was_sent_appears_in_the_bin(up: Up, wait_until: WaitUntil) -> None:
    first = up.send("elsys_ers", "temperature_c=21.5")
    again = up.send("elsys_ers", "temperature_c=22", "humidity_pct=40")

    assert (first.code, again.code) == (0, 0), first.err + again.err
    bound, said, routed, became = first.out.splitlines()
    dev_eui = said.split()[0]
    assert bound.startswith(f"bound {dev_eui} to connection ")
    assert said.endswith(": accepted (200)")
    assert re.fullmatch(r"routed to 1 connection: \d+ \(Test HTTP Connection\)", routed)
    assert became.startswith(("delivered to posthere", "not delivered yet")), became
    assert again.out.startswith(f"{dev_eui} FCntUp ")  # the same device, bound already
    wait_until(lambda: len(up.bin()) >= 2)  # the forwarder delivers after it has accepted
    shown = [document["DevEUI_uplink"] for document in up.bin()]
    assert [(one["DevEUI"], one["payload"]["temperature"]) for one in shown] == [(dev_eui, 21.5), (dev_eui, 22)]


def test_document_goes_through_as_it_is(up: Up, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps(DOCUMENT))

    sent = up.send("--document", str(tmp_path / "mine.json"))

    assert sent.code == 0
    assert sent.err == (
        "routed to no connection, so nothing is delivered; no flow binds 0018B20000001234: "
        f"bind it (POST {up.at['api']}/flows, a matcher of the key lora:0018b20000001234)\n"
    )
    assert sent.out == "0018B20000001234 FCntUp 7 at 2026-05-04T03:02:01.000+00:00: accepted (200)\n"


def test_uplink_without_its_counter_is_taken(up: Up) -> None:
    """Such a one was seen in the field: FCntDn and a payload, and no FCntUp."""
    sent = up.send("--document", str(VECTORS / "uplink-without-fcntup.json"))

    assert (sent.code, sent.out.splitlines()[0].rpartition(": ")[2]) == (0, "accepted (200)"), sent.out


def test_document_that_a_flow_binds_is_routed(up: Up, tmp_path: Path) -> None:
    connection = httpx.get(f"{up.at['api']}/connections", trust_env=False).json()[0]
    flow = {
        "name": "by hand",
        "matchers": [{"type": "key", "key": "lora:0018b20000005678"}],
        "connectors": [{"id": connection["connectorId"], "connectionId": connection["id"]}],
    }
    httpx.post(f"{up.at['api']}/flows", json=flow, trust_env=False).raise_for_status()
    bound = {"DevEUI_uplink": {**DOCUMENT["DevEUI_uplink"], "DevEUI": "0018B20000005678"}}
    (tmp_path / "mine.json").write_text(json.dumps(bound))

    sent = up.send("--document", str(tmp_path / "mine.json"))

    assert sent.out.splitlines()[1] == f"routed to 1 connection: {connection['id']} (Test HTTP Connection)"
    assert sent.err == ""


def test_device_that_nothing_binds_is_said(up: Up) -> None:
    sent = up.send("axioma_w1", "--no-bind")

    assert sent.code == 0
    dev_eui = sent.out.split()[0]
    assert sent.err == (
        f"routed to no connection, so nothing is delivered; no flow binds {dev_eui}: "
        f"send again without --no-bind, or bind it yourself (POST {up.at['api']}/flows)\n"
    )


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"a": {}, "b": {}}', '{"DevEUI_uplink": 5}'])
def test_file_that_is_no_document_is_said(up: Up, tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.json").write_text(text)

    said = up.complain("--document", str(tmp_path / "mine.json"))
    asked = ask(up, "/document", text.encode())

    assert said.startswith(f"--document {tmp_path / 'mine.json'}")
    assert asked.status_code == 400
    assert asked.json()["message"].partition(":")[0] in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["elsys_ers", "temprature_c=21.5"], "temprature_c is no reading of elsys_ers; did you mean temperature_c?"),
        (["elsys_ers", "temperature_c=warm"], "temperature_c takes a number, not 'warm'"),
        (["elsys_ers", "temperature_c=NaN"], "temperature_c takes a number, not 'NaN'"),
        (["elsys_ers", "temperature_c=[21]"], "temperature_c takes a number, not [21]"),
        (["elsys_ers", "temperature_c=9999"], "temperature_c: 9999, expected -3276.8 to 3276.7"),
        (["elsys_err"], "there is no model elsys_err; there are abeeway_position, elsys_ers, "),
        (["elsys_ers", "--dev-eui", "0011"], "no device 0011 in this lab; there are "),
    ],
)
def test_wrong_request_is_named_in_one_line(up: Up, arguments: list[str], words: str) -> None:
    assert up.complain(*arguments).startswith(words)


def test_device_is_asked_for_by_its_own_model(up: Up) -> None:
    dev_eui = ask(up, "/send", {"model": "elsys_ers"}).json()["dev_eui"]

    assert ask(up, "/send", {"model": "elsys_ers", "dev_eui": dev_eui.lower()}).json()["dev_eui"] == dev_eui
    assert up.complain("nke_th", "--dev-eui", dev_eui) == f"the device {dev_eui} is of the model elsys_ers, not nke_th"
    shown = httpx.get(f"{up.at['desk']}/devices", trust_env=False).json()
    listed = [(one["dev_eui"], one["model"], one["received"]) for one in shown if one["model"] == "elsys_ers"]
    assert listed == [(dev_eui, "elsys_ers", [])]


def ask(up: Up, path: str, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{up.at['desk']}{path}", content=content, headers=headers, timeout=10, trust_env=False)


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/send", [], "a request is one JSON object"),
        ("/send", {}, "model takes a name, not None"),
        ("/send", {"model": ["x"]}, "model takes a name, not ['x']"),
        ("/send", {"model": "elsys_ers", "readings": [1]}, "readings takes an object, not [1]"),
        ("/send", {"model": "elsys_ers", "readings": 5}, "readings takes an object, not 5"),
        ("/send", {"model": "elsys_ers", "dev_eui": 5}, "dev_eui takes 16 hexadecimal digits, not 5"),
        ("/send", b"{", "Expecting property name"),
        ("/send", b"\xff", "'utf-8' codec can't decode"),
        ("/nowhere", {}, "nothing at /nowhere; there are /send, /document, /join, /phy, /downlink, /bind, /faults"),
    ],
)
def test_desk_names_what_is_wrong(up: Up, path: str, body: Any, message: str) -> None:
    answer = ask(up, path, body)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_desk_takes_no_more_than_it_can_hold(up: Up) -> None:
    assert ask(up, "/document", b" " * 1_000_001).status_code == 413


def test_desk_shows_what_there_is(up: Up) -> None:
    assert httpx.get(f"{up.at['desk']}/", trust_env=False).json()["api"] == up.at["api"]
    assert httpx.get(f"{up.at['desk']}/nowhere", trust_env=False).status_code == 404


def test_forwarder_that_is_gone_is_said(tmp_path: Path) -> None:
    with start(tmp_path, "--json") as process:
        assert process.stdout is not None
        lab = Up(json.loads(process.stdout.readline()), tmp_path)
        try:
            os.kill(forwarder_of(process.pid), signal.SIGKILL)
            said = lab.complain("elsys_ers", code=1)
        finally:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)

    assert said.startswith("the forwarder has ended by SIGKILL: its log is ")
    assert (process.returncode, err) == (0, "")
    assert announcements(tmp_path) == []


def forwarder_of(pid: int) -> int:
    """The one child of the lab's process."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def test_lab_ends_in_order(tmp_path: Path, wait_until: WaitUntil) -> None:
    said = tmp_path / "said.txt"
    with said.open("w") as output, start(tmp_path, "--seed", "7", output=output) as process:
        wait_until(lambda: "Send an uplink" in said.read_text() or process.poll() is not None)
        before, child = announcements(tmp_path), forwarder_of(process.pid)
        process.terminate()
        _, err = process.communicate(timeout=20)

    assert before == [f"lab-{process.pid}.json"]
    assert announcements(tmp_path) == []
    assert (process.returncode, err) == (0, "")
    assert said.read_text().startswith("uplab is up, seed 7. Ctrl-C stops it.\n\n  IoT Flow API      http://127.0.0.1:")
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_forwarder_that_dies_is_told(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "up", "--forwarder-command", "false", XDG_RUNTIME_DIR=str(tmp_path))

    assert (ended.code, ended.out) == (3, "")
    first, *told = ended.err.splitlines()
    assert first == "uplab: the forwarder did not start: it ended with exit code 1 before it was ready"
    assert [line.split()[0] for line in told] == ["command", "run", "said", "log", "to"]


def test_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = uplab(tmp_path, "up", "--port", str(port), XDG_RUNTIME_DIR=str(tmp_path))

    assert (ended.code, ended.out) == (3, "")
    assert ended.err == f"uplab: cannot listen on 127.0.0.1:{port}: Address already in use; --port takes another one\n"
    assert announcements(tmp_path) == []


@pytest.fixture
def labs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where labs announce themselves."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / f"uplab-{os.getuid()}"
    folder.mkdir(mode=0o700)
    return folder


def announce(folder: Path, pid: int, desk: str) -> None:
    (folder / f"lab-{pid}.json").write_text(json.dumps({"desk": desk}))


def test_two_labs_are_told_apart_by_the_user(labs: Path) -> None:
    announce(labs, os.getpid(), "http://127.0.0.1:1")
    announce(labs, os.getppid(), "http://127.0.0.1:2")

    shown = CliRunner().invoke(app, ["send", "elsys_ers"])

    assert shown.exit_code == 1
    assert shown.stderr == "uplab: 2 labs are up: name one with --lab: http://127.0.0.1:1, http://127.0.0.1:2\n"


def test_lab_whose_process_is_gone_does_not_count(labs: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    announce(labs, gone.pid, "http://127.0.0.1:1")
    with pytest.raises(DeskError, match=r"^no lab is up: start one with `uplab up` in another terminal$"):
        find_lab()
    announce(labs, os.getpid(), "http://127.0.0.1:2")
    assert find_lab() == "http://127.0.0.1:2"


def test_announcement_that_is_none_is_passed_over(labs: Path) -> None:
    (labs / f"lab-{os.getpid()}.json").write_text("{")
    (labs / "lab-x.json").write_text("{}")

    with pytest.raises(DeskError, match=r"^no lab is up"):
        find_lab()


def test_forwarder_without_pages_shows_none(tmp_path: Path) -> None:
    guarded = "UPLAB_FORWARDER_CLIENT_ID=a UPLAB_FORWARDER_CLIENT_SECRET=b"  # its pages are only there without a login
    command = f"env {guarded} {sys.executable} -m uplab.simulator.forwarder"
    with start(tmp_path, "--forwarder-command", command) as process:
        try:
            assert process.stdout is not None
            shown = "".join(itertools.takewhile(lambda line: not line.startswith("Send an uplink"), process.stdout))
            assert "IoT Flow API" in shown
            assert "IoT Flow pages" not in shown
        finally:
            process.terminate()
            process.communicate(timeout=20)


def test_desk_answers_to_its_own_names_only() -> None:
    class Desk:
        def addresses(self) -> dict[str, str]:
            return {"api": "here"}

        devices = state = addresses
        breaking = SimpleNamespace(shown=addresses)

    with _server(Desk(), 0, ["lab.example"]) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        asked = {
            host: httpx.get(url, headers={"Host": host}, trust_env=False).status_code
            for host in ("127.0.0.1", "localhost:80", "lab.example", "evil.example", "lab.example.evil.example")
        }
        refused = httpx.post(url, headers={"Host": "evil.example"}, json={"model": "x"}, trust_env=False)
        server.shutdown()
    assert [host for host, code in asked.items() if code == 200] == ["127.0.0.1", "localhost:80", "lab.example"]
    assert {asked["evil.example"], asked["lab.example.evil.example"], refused.status_code} == {421}


def test_folder_of_labs_belongs_to_the_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = _labs_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)
    with pytest.raises(DeskError, match="must be a folder that belongs to you"):
        find_lab()
    folder.chmod(0o700)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeskError, match="must be a folder that belongs to you"):
        find_lab()
    folder.unlink()
    folder.mkdir(0o700)
    monkeypatch.setattr("os.getuid", lambda: folder.stat().st_uid + 1)
    folder.with_name(f"uplab-{folder.stat().st_uid + 1}").mkdir(0o700)
    with pytest.raises(DeskError, match="must be a folder that belongs to you"):
        find_lab()
