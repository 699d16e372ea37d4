"""Two testers at one forwarder that runs elsewhere: same seed, same scenarios, at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.scenarios.suite_runs import Ended, run_suite, write_suite
from uplab.scenarios.history.reader import read_history

pytestmark = pytest.mark.timeout(600)  # whole runs, on a machine that may be busy

AS_KEY = "a key of somebody's own"
PROFILE = """
name = "shared"
contract = 2
[features]
api = true
flows = true
http = true
validation = true
[ways]
names = "direct"
tls = false
"""
SUITE = """
    from uplab.scenarios.suites.common.destination import attempt, connect_bin, http_body

    def test_it_delivers(lab):
        devices = [lab.device() for _ in range(3)]
        connection = connect_bin(lab, "/one", *devices)
        sent = [device.send() for _ in range(3) for device in devices]
        sent += lab.barrier(*devices)
        lab.await_delivery(sent, connection.route)
        lab.judge_delivery(sent, connection)

    def test_that_compares_lists(lab):
        before = lab.api.own()
        for _ in range(10):
            attempt(lab, {**http_body("/wrong"), "unknown": 1})
        lab.expect("no connection is made", lab.api.own() == before, lab.api.own())
"""


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[list[str]]:
    """The options that lead to one reference forwarder that runs already."""
    (tmp_path / "profile.toml").write_text(PROFILE)
    (tmp_path / "state").mkdir()
    told = {"UPLAB_LISTEN": "127.0.0.1:0", "UPLAB_AS_ID": "uplab.AS", "UPLAB_AS_KEY": AS_KEY}
    told["UPLAB_STATE_DIR"] = str(tmp_path / "state")
    process = subprocess.Popen(
        [sys.executable, "-m", "uplab.simulator.forwarder"], env={**os.environ, **told}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout:
        ready = json.loads(process.stdout.readline())
        where = ["--forwarder-api", ready["api"], "--forwarder-ingress", ready["ingress"]]
        yield [*where, "--forwarder-profile", str(tmp_path / "profile.toml"), "--seed", "7"]
    process.kill()
    process.wait()


def run(folder: Path, ports: int, *arguments: str) -> Ended:
    suite = write_suite(folder, test_it=SUITE)
    own = ["--base-port", str(ports), "--authority", str(folder / "authority")]
    return run_suite(suite, *own, *arguments, UPLAB_AS_KEY=AS_KEY)


def devices_of(ended: Ended) -> set[str]:
    events = [event for path in ended.folder.glob("history/*.jsonl") for event in read_history(path)]
    return {str(event.facts["dev_eui"]) for event in events if event.hop == "device.sent"}


def bodies_of(ended: Ended) -> list[dict[str, Any]]:
    """What this run has made there: connections and flows."""
    events = [event for path in ended.folder.glob("history/*.jsonl") for event in read_history(path)]
    asked = [event for event in events if event.hop == "api.asked" and event.facts["method"] == "POST"]
    return [json.loads(event.raw or b"") for event in asked]


def names_of(ended: Ended) -> set[str]:
    return {str(body["name"]) for body in bodies_of(ended)}


def places_of(ended: Ended) -> set[tuple[str, str]]:
    urls = [body["configuration"]["destinationURL"] for body in bodies_of(ended) if "configuration" in body]
    return {(urlsplit(url).netloc, urlsplit(url).path) for url in urls}


def test_two_runs_at_once_with_one_seed_do_not_meet(
    tmp_path: Path, shared: list[str], free_ports: int, more_ports: int
) -> None:
    with ThreadPoolExecutor(2) as both:
        runs = [
            both.submit(run, tmp_path / name, ports, *shared)
            for name, ports in (("one", free_ports), ("other", more_ports))
        ]
        one, other = (each.result() for each in runs)

    for ended in (one, other):
        assert ended.code == 0, ended.out + ended.err
        assert set(ended.outcomes.values()) == {"passed"}
        namespace = ended.record["namespace"]
        assert f"--namespace {namespace}" in ended.record["repeat"]
        assert {dev_eui[2:6].lower() for dev_eui in devices_of(ended)} == {namespace}
    assert not devices_of(one) & devices_of(other)
    assert not names_of(one) & names_of(other)
    assert not {path for _, path in places_of(one)} & {path for _, path in places_of(other)}


def test_namespace_that_is_given_is_kept(tmp_path: Path, shared: list[str], free_ports: int) -> None:
    ended = run(tmp_path / "one", free_ports, *shared, "--namespace", "3f9a", "-k", "delivers")

    assert ended.code == 0, ended.out + ended.err
    assert {dev_eui[2:6] for dev_eui in devices_of(ended)} == {"3F9A"}


def test_forwarder_of_ones_own_needs_none(tmp_path: Path) -> None:
    ended = run_suite(write_suite(tmp_path, test_it=SUITE), "-k", "lists")

    assert ended.record["namespace"] == ""
    assert "--namespace" not in ended.record["repeat"]
