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

import httpx
import pytest
from typer.testing import CliRunner

from tests.fakes.thingsboard.mqtt_client import MqttClient
from tests.scenarios.suite_runs import UPLAB, environment
from uplab.scenarios.cli.main import app


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


def test_help_of_fake_says_that_the_login_is_told(runner: CliRunner) -> None:
    shown = " ".join(runner.invoke(app, ["fake", "--help"]).output.split())

    assert "the login of its demo account too" in shown


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("posthere", signal.SIGINT),
        ("widgelix", signal.SIGTERM),
        ("thingsboard", signal.SIGINT),
        ("broker", signal.SIGTERM),
    ],
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
    more = {"thingsboard": {"mqtt", "username", "password"}, "broker": {"mqtt"}}.get(name, set())
    assert ready.keys() == {"fake", "url"} | more
    assert (process.returncode, out, err) == (0, "", "")


async def publish_what_is_no_json(port: int, username: str, password: str) -> object:
    client = await MqttClient.connect(port, username=username, password=password.encode())
    try:
        return await client.publish("v1/gateway/telemetry", b"{no json")
    finally:
        await client.close()


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


def test_fake_that_is_not_there_is_named(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["fake", "postthere"])

    assert shown.exit_code == 4
    assert shown.stderr == (
        "uplab: there is no fake postthere; did you mean posthere? There are posthere, widgelix, thingsboard, broker\n"
    )


def test_option_of_another_fake_is_not_passed_over(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["fake", "posthere", "--state", "state.json", "--rate-limit", "rest=1:1"])

    assert (shown.exit_code, shown.stderr) == (
        4,
        "uplab: the fake posthere has no --state, --rate-limit; thingsboard has\n",
    )


@pytest.mark.parametrize(
    "arguments",
    [["posthere", "--port"], ["thingsboard", "--mqtt-port"], ["widgelix", "--control-port"]],
    ids=["http", "mqtt", "control"],
)
def test_port_in_use_is_one_clear_line(runner: CliRunner, taken: int, arguments: list[str]) -> None:
    shown = runner.invoke(app, ["fake", *arguments, str(taken)])

    assert shown.exit_code == 3
    assert shown.stderr.startswith("uplab: cannot listen on 127.0.0.1: ")
    assert str(taken) in shown.stderr
    assert f"already in use; {arguments[-1]} takes another one" in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_address_that_is_not_ours_is_one_clear_line(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["fake", "posthere", "--host", "no-such-host.invalid"])

    assert shown.exit_code == 3
    assert shown.stderr.startswith("uplab: cannot listen on no-such-host.invalid: ")
    assert shown.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["posthere", "--port", "x"], "argument --port: 'x' is no whole number; uplab fake --help says more"),
        (["posthere", "--port", "70000"], "argument --port: 70000 is not 0 to 65535; uplab fake --help says more"),
        (["thingsboard", "--history-rows", "0"], "argument --history-rows: 0 is not 1 or more; uplab fake --help says"),
        (["posthere", "--prt", "1"], "unrecognized arguments: --prt 1; uplab fake --help says more"),
        (["thingsboard", "--rate-limit", "rest"], "--rate-limit is written NAME=COUNT:SECONDS, such as rest=100:1"),
        ([], "the following arguments are required: NAME; uplab fake --help says more"),
    ],
)
def test_wrong_option_is_one_clear_line(runner: CliRunner, arguments: list[str], line: str) -> None:
    shown = runner.invoke(app, ["fake", *arguments])

    assert (shown.exit_code, shown.stdout) == (4, "")
    assert shown.stderr.startswith(f"uplab: {line}")
    assert shown.stderr.count("\n") == 1


STARTED = """
import ssl, sys, uplab.scenarios.cli.main as m
from uplab.scenarios.cli import lone_fake
async def serve(options):
    import aiohttp
    print(sorted({'typer', 'pydantic', 'rich', 'pytest'} & {*sys.modules}), options.port)
    print(bool(ssl.create_default_context().get_ca_certs()) == bool(CERTIFICATES))
CERTIFICATES = ssl.create_default_context().get_ca_certs()
lone_fake.serve = serve
sys.argv[1:] = ['fake', 'posthere', '--port', '7']
m.main()
"""


def test_fake_starts_without_what_other_commands_need() -> None:
    """Neither typer nor pydantic; and what aiohttp does not read at its import, others of the process still do."""
    ended = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, timeout=30, check=True)

    assert ended.stdout.splitlines() == ["[] 7", "True"]


def test_users_of_a_broker_that_cannot_be_read_are_one_line(runner: CliRunner, tmp_path: Path) -> None:
    users = tmp_path / "users.json"
    missing = runner.invoke(app, ["fake", "broker", "--users", "nobody.json"])
    users.write_text('{"me": {}}')
    wrong = runner.invoke(app, ["fake", "broker", "--users", str(users)])

    assert (missing.exit_code, wrong.exit_code) == (3, 3)
    assert missing.stderr == "uplab: --users nobody.json: No such file or directory\n"
    assert wrong.stderr == f"uplab: --users {users}: me must be an object with a password\n"
