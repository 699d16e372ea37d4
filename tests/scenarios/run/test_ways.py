"""A run against a forwarder that has nothing but an ingress, here and elsewhere, and against one by commands."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios import static_forwarder
from tests.scenarios.suite_runs import run_suite, write_suite
from uplab.scenarios.lab.ways.told import told_elsewhere
from uplab.scenarios.under_test.profile import load_profile

PROGRAM = [sys.executable, "-P", static_forwarder.__file__]
COMMAND = shlex.join(PROGRAM)
PROFILE = """
name = "static"
contract = 2
settle_s = 0
[features]
http = true
[deadlines]
delivery_s = 5
[choices]
failure_generation = "none"
ingress_auth = "none"
[ways]
connections = "static"
names = "direct"
tls = false
"""
SUITE = """
    import pytest
    from uplab.scenarios.suites.common.destination import connect_bin

    pytestmark = pytest.mark.needs("http")

    def test_it_delivers(lab, device):
        connection = connect_bin(lab, "/one", device)
        sent = [device.send(), *lab.barrier(device)]
        lab.await_delivery(sent, connection.route)
        lab.judge_delivery(sent, connection)

    @pytest.mark.needs("api")
    def test_that_asks_the_api(lab):
        lab.api.request("GET", "/connections")

    def test_that_says_nothing_of_what_it_needs(lab, device):
        connection = connect_bin(lab, "/one", device)
        connection.replace({})
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "static.toml"
    path.write_text(PROFILE)
    return path


@pytest.fixture(autouse=True)
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARTS", str(tmp_path / "starts"))


def expect_applicable_alone(ended: object) -> None:
    """One passed; the two others are not applicable, each with its reason."""
    out = " ".join(str(getattr(ended, "out", "")).split())
    assert getattr(ended, "code", None) == 0, out
    assert "0 failed, 0 unknown, 1 passed, 2 not applicable" in out
    assert "nobody asks for them, replaces or lists them" in out
    assert "connections are static, and nothing replaces the connection static" in out


def test_forwarder_with_nothing_but_an_ingress_is_judged_by_what_it_delivers(tmp_path: Path, profile: Path) -> None:
    suite = write_suite(tmp_path, test_it=SUITE)

    ended = run_suite(suite, "--forwarder-command", COMMAND, "--forwarder-profile", str(profile))

    expect_applicable_alone(ended)


@pytest.fixture
def elsewhere(profile: Path, tmp_path: Path, free_ports: int) -> Iterator[str]:
    """The ingress of one that runs elsewhere, told what `uplab environment` prints."""
    told = told_elsewhere(load_profile(profile), "127.0.0.1", free_ports, tmp_path)
    process = subprocess.Popen(
        PROGRAM, env={**os.environ, **told, "UPLAB_LISTEN": "127.0.0.1:0"}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout:
        yield str(json.loads(process.stdout.readline())["ingress"])
    process.kill()
    process.wait()


def test_forwarder_elsewhere_is_asked_by_the_set_that_it_was_given(
    tmp_path: Path, profile: Path, elsewhere: str, free_ports: int
) -> None:
    suite = write_suite(tmp_path, test_it=SUITE)

    ended = run_suite(
        suite,
        *("--forwarder-ingress", elsewhere, "--forwarder-profile", str(profile), "--base-port", str(free_ports)),
        UPLAB_AS_KEY="a key of somebody's own",
    )

    expect_applicable_alone(ended)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--connect-command", "x"), 'the profile says that connections are "static"'),
        (("--forwarder-api", "http://lab.example"), "--forwarder-api is not asked where connections are static"),
        (("--tls-certificate", "x"), "--tls-certificate and --tls-key belong together"),
        (("--tls-certificate", "x", "--tls-key", "y"), "--tls-certificate x: there is no such file"),
    ],
)
def test_options_that_do_not_fit_the_profile_are_told_in_one_line(
    tmp_path: Path, profile: Path, arguments: tuple[str, ...], told: str
) -> None:
    suite = write_suite(tmp_path, test_it=SUITE)

    ended = run_suite(suite, *arguments, "--forwarder-profile", str(profile))

    assert ended.code == 4
    assert told in ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
