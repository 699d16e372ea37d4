"""A run against a forwarder in a network of its own, which reaches this lab by an address alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.suite_runs import run_suite, write_suite
from uplab.scenarios.lab.authority import load_authority
from uplab.scenarios.lab.ways.told import told_elsewhere
from uplab.scenarios.under_test.profile import load_profile

ALL = os.environ.get("UPLAB_FOREIGN") == "all"
pytestmark = [
    pytest.mark.timeout(600),  # whole runs, on a machine that may be busy
    pytest.mark.skipif(not ALL, reason="`make foreign` makes a network for it"),
]

HERE, THERE = "198.51.100.1", "198.51.100.2"  # of an example network (RFC 5737)
AS_KEY = "a key of somebody's own"
PROFILE = """
name = "in another network"
contract = 2
[features]
api = true
flows = true
http = true
downlinks = true
thingsboard = true
[ways]
names = "{names}"
"""
SUITE = """
    import pytest
    from uplab.scenarios import Route, example_body
    from uplab.scenarios.suites.common.destination import connect_bin

    def test_it_delivers(lab, device):
        connection = connect_bin(lab, "/one", device)
        sent = [device.send(), *lab.barrier(device)]
        lab.await_delivery(sent, connection.route)
        lab.judge_delivery(sent, connection)

    def test_it_tells_thingsboard(lab, device):
        body = example_body("thingsboard.md")
        account = {"username": "tenant@thingsboard.org", "password": "tenant"}
        body["configuration"] |= {"hostName": "thingsboard.cloud:1883", **account}
        connection = lab.connect(body, Route("thingsboard", "v1/gateway/telemetry"), device)
        sent = [device.send()]
        lab.await_delivery(sent, connection.route)
        lab.judge_telemetry(sent, connection)

    def test_downlink_is_taken(lab, device):
        connection = connect_bin(lab, "/two", device)
        downlink = {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "00"}
        answer = lab.post_downlink(connection.downlink_url, downlink)
        lab.expect("it is taken", answer.status_code == 202, f"{answer.status_code} {answer.text}")
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def network() -> Iterator[str]:
    """The name of a network namespace that is joined to this machine's by a cable, and by nothing else."""
    name = f"uplab-{os.getpid()}"
    if shutil.which("ip") is None:
        pytest.skip("there is no program ip (iproute2)")
    try:
        ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network can be made here: {error.stderr.decode(errors='replace').strip()}")
    try:
        ip("link", "add", f"ul{os.getpid()}", "type", "veth", "peer", "name", "there", "netns", name)
        ip("address", "add", f"{HERE}/30", "dev", f"ul{os.getpid()}")
        ip("link", "set", f"ul{os.getpid()}", "up")
        ip("-n", name, "address", "add", f"{THERE}/30", "dev", "there")
        ip("-n", name, "link", "set", "there", "up")
        yield name
    finally:
        ip("netns", "del", name)  # and with it the cable


@pytest.mark.parametrize("names", ["resolve", "direct"])
def test_forwarder_in_another_network_is_judged(tmp_path: Path, network: str, free_ports: int, names: str) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE.format(names=names))
    load_authority(tmp_path, HERE)
    told = told_elsewhere(load_profile(profile), HERE, free_ports, tmp_path)
    told |= {"UPLAB_LISTEN": f"{THERE}:0", "UPLAB_AS_KEY": AS_KEY, "UPLAB_STATE_DIR": str(tmp_path / "state")}
    (tmp_path / "state").mkdir()
    command = ["ip", "netns", "exec", network, sys.executable, "-m", "uplab.simulator.forwarder"]
    process = subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        ready = json.loads(process.stdout.readline())
        where = ["--forwarder-api", ready["api"], "--forwarder-ingress", ready["ingress"], "--advertise-host", HERE]
        own = ["--base-port", str(free_ports), "--authority", str(tmp_path), "--forwarder-profile", str(profile)]
        ended = run_suite(
            write_suite(tmp_path / "suite", test_it=SUITE), *where, *own, UPLAB_AS_KEY=AS_KEY, UPLAB_LOOK="yes"
        )
    process.kill()
    process.wait()

    assert ended.code == 0, ended.out + ended.err
    assert ended.outcomes == dict.fromkeys(["it delivers", "it tells thingsboard", "downlink is taken"], "passed")
