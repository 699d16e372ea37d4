from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.fakes.thingsboard.mqtt_client import MqttClient
from tests.scenarios.suite_runs import UPLAB, environment, uplab
from uplab.scenarios.cli import main as cli
from uplab.scenarios.cli.main import app

COMMANDS = ("run", "forwarder", "up", "fake", "send", "report", "documents")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command in this process, in a folder of its own, where no lab is up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("UPLAB_")]:
        monkeypatch.delenv(name)
    return CliRunner()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens already."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


def test_help_lists_every_command(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["--help"])

    assert shown.exit_code == 0
    assert [command for command in COMMANDS if command not in shown.output] == []


@pytest.mark.parametrize("command", COMMANDS[2:])
def test_each_command_has_its_own_help(runner: CliRunner, command: str) -> None:
    shown = runner.invoke(app, [command, "--help"])

    assert shown.exit_code == 0
    assert f"Usage: uplab {command}" in shown.output


def test_help_of_fake_says_that_the_login_is_told(runner: CliRunner) -> None:
    shown = " ".join(runner.invoke(app, ["fake", "--help"]).output.split())

    assert "the login of its demo account too" in shown


def test_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    shown = uplab(tmp_path, "--version")

    assert (shown.code, shown.err) == (0, "")
    assert shown.out == "uplab 0.1.0\n"


def test_unknown_command_is_wrong_usage(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["fak"])

    assert shown.exit_code == 4
    assert "Did you mean 'fake'?" in shown.output


@pytest.mark.parametrize(
    "arguments",
    [["send", "--colour"], ["fake"], ["fake", "posthere", "--port", "x"], ["report"], ["up", "--seed", "x"]],
)
def test_wrong_usage_has_one_exit_code_everywhere(runner: CliRunner, arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == 4


def test_ctrl_c_is_stopped_for_every_command(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uplab.scenarios.cli.up.find_lab", stop)

    assert runner.invoke(app, ["send", "elsys_ers"]).exit_code == 2


def stop() -> str:
    raise KeyboardInterrupt


def test_help_names_the_exit_codes(runner: CliRunner) -> None:
    shown = " ".join(runner.invoke(app, ["--help"]).output.split())

    assert "Exit codes: 0 passed; 1 a scenario failed, or the gate" in shown
    assert "4 wrong usage" in shown


WHILE_IT_LOADS = """
import signal, sys
sys.argv = ["/somewhere/bin/uplab", *sys.argv[1:]]
import uplab.scenarios.cli.main
signal.raise_signal(signal.SIGINT)
"""


@pytest.mark.parametrize(
    ("command", "words"), [("send", "stopped"), ("run", "stopped before the first scenario ended")]
)
def test_command_that_is_stopped_while_it_loads_says_so(command: str, words: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WHILE_IT_LOADS, command], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"\nuplab: {words}\n")


def test_forwarder_becomes_the_reference_one(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[Any] = []
    monkeypatch.setattr(os, "execv", lambda *arguments: became.append(arguments))

    runner.invoke(app, ["forwarder", "--listen", "127.0.0.1:0", "--help"])

    ((_, arguments),) = became
    assert arguments[1:] == ["-m", "uplab.simulator.forwarder", "--listen", "127.0.0.1:0", "--help"]


@pytest.mark.parametrize(
    ("name", "number"),
    [("posthere", signal.SIGINT), ("widgelix", signal.SIGTERM), ("thingsboard", signal.SIGINT)],
)
def test_fake_says_where_it_is_and_stops_cleanly(tmp_path: Path, name: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        [UPLAB, "fake", name],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        page = httpx.get(ready["url"], trust_env=False, follow_redirects=True)
        process.send_signal(number)
        out, err = process.communicate(timeout=15)

    assert ready["fake"] == name
    assert page.status_code == 200
    more = {"mqtt", "username", "password"} if name == "thingsboard" else set()
    assert ready.keys() == {"fake", "url"} | more
    assert (process.returncode, out, err) == (0, "", "")


def test_fake_thingsboard_names_its_login_and_says_why_it_closes_a_link(tmp_path: Path) -> None:
    with subprocess.Popen(
        [UPLAB, "fake", "thingsboard"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        account = {"username": ready["username"], "password": ready["password"]}
        login = httpx.post(f"{ready['url']}api/auth/login", json=account, trust_env=False)
        came = asyncio.run(publish_what_is_no_json(int(ready["mqtt"].rpartition(":")[2]), **account))
        process.terminate()
        out, err = process.communicate(timeout=15)

    assert login.status_code == 200
    assert came == "closed"
    assert (process.returncode, out) == (0, "")
    (line,) = err.splitlines()
    assert line.startswith(f"closed the link of {ready['username']}: malformed payload: not JSON: ")


async def publish_what_is_no_json(port: int, username: str, password: str) -> object:
    client = await MqttClient.connect(port, username=username, password=password.encode())
    try:
        return await client.publish("v1/gateway/telemetry", b"{no json")
    finally:
        await client.close()


def test_fake_that_is_not_there_is_named(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["fake", "postthere"])

    assert shown.exit_code == 4
    assert shown.stderr == (
        "uplab: there is no fake postthere; did you mean posthere? There are posthere, widgelix, thingsboard\n"
    )


@pytest.mark.parametrize("arguments", [["posthere", "--port"], ["thingsboard", "--mqtt-port"]], ids=["http", "mqtt"])
def test_port_in_use_is_one_clear_line(runner: CliRunner, taken: int, arguments: list[str]) -> None:
    shown = runner.invoke(app, ["fake", *arguments, str(taken)])

    assert shown.exit_code == 3
    assert shown.stderr.startswith("uplab: cannot listen on 127.0.0.1: ")
    assert str(taken) in shown.stderr
    assert "already in use" in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_address_that_is_not_ours_is_one_clear_line(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["fake", "posthere", "--host", "no-such-host.invalid"])

    assert shown.exit_code == 3
    assert shown.stderr.startswith("uplab: cannot listen on no-such-host.invalid: ")
    assert shown.stderr.count("\n") == 1


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
    assert cli._reading(text) == reading


def test_report_of_a_folder_that_is_no_run_is_one_clear_line(runner: CliRunner, tmp_path: Path) -> None:
    shown = runner.invoke(app, ["report", str(tmp_path)])

    assert shown.exit_code == 4
    assert shown.stderr.startswith("uplab: ")
    assert "run.json does not exist" in shown.stderr
