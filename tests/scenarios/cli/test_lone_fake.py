"""A fake that stands alone, as its users start it: TLS, seed data, a state that stays, a control."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app

UPLAB = str(Path(sys.executable).with_name("uplab"))
ACCOUNT = {"username": "tenant@thingsboard.org", "password": "tenant"}


@contextlib.contextmanager
def running(folder: Path, *arguments: str, name: str = "thingsboard") -> Iterator[tuple[dict[str, Any], list[str]]]:
    """A fake in that folder; yields its line of JSON, and what it said on stderr, once it has ended."""
    said: list[str] = []
    with subprocess.Popen(
        [UPLAB, "fake", name, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield json.loads(line or "{}"), said
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
            said += err.splitlines()
    assert (process.returncode, line != "") == (0, True), said


@contextlib.contextmanager
def client(base: str, **more: Any) -> Iterator[httpx.Client]:
    """A client of the REST API, logged in."""
    with httpx.Client(base_url=base, trust_env=False, timeout=10, **more) as found:
        token = found.post("/api/auth/login", json=ACCOUNT).json()["token"]
        found.headers["X-Authorization"] = f"Bearer {token}"
        yield found


def test_state_survives_a_restart_and_seed_data_is_for_a_new_one(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.json"
    seeds.write_text(json.dumps({"devices": [{"name": "seeded", "accessToken": "T0K3N"}]}), encoding="utf-8")
    options = ("--seed-data", str(seeds), "--state", str(tmp_path / "state.json"))
    with running(tmp_path, *options) as (ready, said), client(ready["url"]) as user:
        assert user.post("/api/v1/T0K3N/telemetry", json={"t": 21.5}).status_code == 200
        assert user.post("/api/device", json={"name": "later"}).status_code == 200
        headers = dict(user.headers)
    assert said == []
    assert (tmp_path / "state.json").stat().st_mode & 0o77 == 0

    with running(tmp_path, *options) as (ready, said), httpx.Client(base_url=ready["url"], trust_env=False) as user:
        user.headers = httpx.Headers(headers)  # the token of before is still good
        device = user.get("/api/tenant/devices", params={"deviceName": "seeded"}).json()
        path = f"/api/plugins/telemetry/DEVICE/{device['id']['id']}/values/timeseries"
        assert user.get(path).json()["t"][0]["value"] == "21.5"
        assert user.get("/api/tenant/devices", params={"deviceName": "later"}).status_code == 200
    assert said == [f"{tmp_path / 'state.json'} goes on; {seeds} is for a new one only and was not read"]


def test_tls_sites_stand_beside_the_others(tmp_path: Path) -> None:
    with running(tmp_path, "--tls") as (ready, _):
        trust = ssl.create_default_context(cafile=ready["ca"])
        with client(ready["https_url"], verify=trust) as user:
            assert user.get("/api/auth/user").json()["email"] == ACCOUNT["username"]
        assert ready["mqtts"].startswith("127.0.0.1:")
        assert ready["url"].startswith("http:")


@pytest.mark.parametrize("name", ["posthere", "widgelix", "thingsboard"])
def test_control_is_the_same_for_all_fakes(tmp_path: Path, name: str) -> None:
    with (
        running(tmp_path, "--control-port", "0", name=name) as (ready, _),
        httpx.Client(base_url=ready["control"], trust_env=False) as control,
    ):
        httpx.get(ready["url"], trust_env=False)
        hops = [json.loads(line)["hop"] for line in control.get("/journal").text.splitlines()]
        assert hops == ["destination.arrived", "destination.answered"]
        fault = {"id": "f", "trigger": {"type": "Always"}, "action": {"type": "Status", "code": 503}}
        assert control.put("/faults", json=[fault]).status_code == 200


def test_limits_of_a_lone_thingsboard_are_options(tmp_path: Path) -> None:
    options = ("--rate-limit", "rest=1:60", "--max-failed-logins", "1", "--history-rows", "10", "--control-port", "0")
    with running(tmp_path, *options) as (ready, said), client(ready["url"]) as user:
        assert [user.get("/api/auth/user").status_code for _ in range(2)] == [200, 429]
        settings = httpx.get(f"{ready['control']}settings", trust_env=False).json()
        assert (settings["rate_limits"]["rest"], settings["max_failed_logins"]) == ("1:60", 1)
        assert httpx.patch(
            f"{ready['control']}settings", json={"rate_limits": {"rest": ""}}, trust_env=False
        ).is_success
        made = user.post("/api/device?accessToken=x", json={"name": "D"})
        assert made.is_success
        points = [{"ts": ts, "values": {"t": ts}} for ts in range(1, 13)]
        assert user.post("/api/v1/x/telemetry", json=points).is_success
    assert said == [
        "telemetry is dropped from now on: at most 10 times of one device are kept, the oldest of that device go"
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed-data", "nothing.json"], "nothing.json: No such file"),
        (["--rate-limit", "mood=1:1"], "--rate-limit: there is no rate limit mood"),
        (["--rate-limit", "rest=often"], "--rate-limit: a rate limit is written"),
    ],
)
def test_impossible_option_is_one_clear_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    shown = CliRunner().invoke(app, ["fake", "thingsboard", *arguments])

    assert shown.exit_code == 3
    assert words in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_unusable_state_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{}", encoding="utf-8")

    shown = CliRunner().invoke(app, ["fake", "thingsboard", "--state", str(tmp_path / "state.json")])

    assert (shown.exit_code, "not the state of a fake ThingsBoard" in shown.stderr) == (3, True)
