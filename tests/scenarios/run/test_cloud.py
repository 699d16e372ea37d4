"""A run against a forwarder in a staging cloud: its authority, client certificates, a header, a proxy, a limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.scenarios.staging_cloud import HEADER, TENANT, Papers, Site, cloud, outgoing_proxy, papers
from tests.scenarios.suite_runs import Ended, environment, run_suite, uplab, write_suite
from uplab.scenarios.lab.authority import load_authority
from uplab.scenarios.lab.ways.told import told_elsewhere
from uplab.scenarios.under_test.made.journal import Journal
from uplab.scenarios.under_test.profile import load_profile

pytestmark = pytest.mark.timeout(600)  # whole runs, on a machine that may be busy

AS_KEY = "a key of somebody's own"
LIMITED = """
name = "in a cloud"
contract = 2
[features]
api = true
flows = true
http = true
downlinks = true
[limits]
connections = 2
"""
SUITE = """
    from uplab.scenarios.suites.common.destination import connect_bin
    from uplab.scenarios.suites.common.ingress import Ingress
    from uplab.scenarios.suites.common.reports import uplink

    def test_it_delivers(lab, device):
        connection = connect_bin(lab, "/one", device)
        sent = [device.send(), *lab.barrier(device)]
        lab.await_delivery(sent, connection.route)
        lab.judge_delivery(sent, connection)

    def test_downlink_is_taken(lab, device):
        connection = connect_bin(lab, "/two", device)
        downlink = {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "00"}
        answer = lab.post_downlink(connection.downlink_url, downlink)
        lab.expect("it is taken", answer.status_code == 202, f"{answer.status_code} {answer.text}")

    def test_that_posts_for_itself(lab, device):
        ingress = Ingress(lab)
        sent, _ = ingress.post(uplink(device))
        ingress.close()
        lab.expect("it is taken", sent.outcome == "accepted", sent)

    def test_that_wants_more_than_may_be(lab):
        for number in range(3):
            connect_bin(lab, f"/many-{number}")
"""


@pytest.fixture
def given(tmp_path: Path) -> Papers:
    return papers(tmp_path)


@contextmanager
def behind(site: Site, tmp_path: Path, ports: int, **more: str) -> Iterator[None]:
    """The reference forwarder, at an address that only the cloud knows."""
    load_authority(tmp_path)
    told = told_elsewhere(load_profile(None), "127.0.0.1", ports, tmp_path)
    told |= {"UPLAB_LISTEN": "127.0.0.1:0", "UPLAB_AS_KEY": AS_KEY, "UPLAB_STATE_DIR": str(tmp_path / "state")}
    told |= {"UPLAB_PUBLIC_BASE": site.base, **more}
    (tmp_path / "state").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "uplab.simulator.forwarder"], env={**os.environ, **told}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout:
        ready = json.loads(process.stdout.readline())
        site.behind = str(ready["api"]).partition("://")[2].partition("/")[0]
        yield
    process.kill()
    process.wait()


def run(folder: Path, base: str, ports: int, *arguments: str, **variables: str) -> Ended:
    (folder / "profile.toml").write_text(LIMITED)
    where = ["--forwarder-api", f"{base}/iot-flow/v1", "--forwarder-ingress", f"{base}/ingress"]
    lab = ["--forwarder-profile", str(folder / "profile.toml"), "--base-port", str(ports), "--authority", str(folder)]
    suite = write_suite(folder / "suite", test_it=SUITE)
    return run_suite(suite, *where, *lab, *arguments, UPLAB_AS_KEY=AS_KEY, **variables)


def shown(given: Papers) -> list[str]:
    """What lets in."""
    named = ("--forwarder-authority", given.authority, "--forwarder-certificate", given.certificate)
    return [str(word) for word in (*named, "--forwarder-key", given.key)]


def test_forwarder_in_a_cloud_is_judged_through_its_gate(tmp_path: Path, given: Papers, free_ports: int) -> None:
    with (
        cloud(given, every=4) as site,
        outgoing_proxy() as (proxy, opened),
        behind(site, tmp_path, free_ports),
    ):
        headers = json.dumps({HEADER: TENANT})

        ended = run(
            tmp_path,
            site.base,
            free_ports,
            *shown(given),
            *("--forwarder-proxy", proxy),
            UPLAB_FORWARDER_HEADERS=headers,
            UPLAB_LOOK="yes",
        )

    assert ended.code == 0, ended.out + ended.err
    assert ended.outcomes == {
        "it delivers": "passed",
        "downlink is taken": "passed",
        "that posts for itself": "passed",
        "that wants more than may be": "not applicable",
    }
    assert "the profile lets a run have 2 connections at a time" in " ".join(ended.out.split())
    assert {status for _, _, status in site.seen} >= {201, 204, 429}, "who is asked to wait asks again"
    assert set(opened) == {site.base.partition("://")[2]}, "every way leads through the proxy"
    told = b"".join(path.read_bytes() for path in ended.folder.rglob("*") if path.is_file())
    assert TENANT.encode() not in told


def test_forwarder_in_a_cloud_is_looked_at_and_cleaned_through_its_gate(
    tmp_path: Path, given: Papers, free_ports: int
) -> None:
    login = {"UPLAB_FORWARDER_CLIENT_ID": "tester", "UPLAB_FORWARDER_CLIENT_SECRET": "a secret of the API 5d0e"}
    known = tmp_path / "known.toml"
    known.write_text('name = "known"\ncontract = 2\n[ways]\nnames = "resolve"\n[deadlines]\ndelivery_s = 20\n')
    with (
        cloud(given, every=5) as site,
        outgoing_proxy() as (proxy, opened),
        behind(site, tmp_path, free_ports, **login),
    ):
        gate = [*shown(given), "--forwarder-proxy", proxy]
        api = ["--forwarder-api", f"{site.base}/iot-flow/v1"]
        login["UPLAB_FORWARDER_OAUTH_URL"] = f"{api[1]}/oauth/token"
        told = {**login, "UPLAB_FORWARDER_HEADERS": json.dumps({HEADER: TENANT}), "UPLAB_AS_KEY": AS_KEY}
        where = ["--forwarder-ingress", f"{site.base}/ingress", "--base-port", str(free_ports), "--watch", "3"]
        here = ["--forwarder-profile", str(known), "--output", str(tmp_path / "found.toml")]

        looked = uplab(tmp_path, "probe", *api, *gate, *where, *here, UPLAB_AUTHORITY=str(tmp_path), **told)
        left = Journal(tmp_path, api[1])
        left.begin()
        left.made("connections", "999", "Test uplab-3f9a")
        left.close()
        cleaned = uplab(tmp_path, "clean", *api, *gate, "--authority", str(tmp_path), **told)
        marked = uplab(tmp_path, "clean", *api, *gate, "--namespace", "3f9a", **told)
        shut = uplab(tmp_path, "clean", *api, *gate[:2], "--namespace", "3f9a", **told)

    assert looked.code == 0, looked.out + looked.err
    found = load_profile(tmp_path / "found.toml")
    assert found.features.flows
    assert found.features.http
    assert (found.ways.names, found.deadlines.delivery_s) == ("resolve", 20)
    assert (cleaned.code, cleaned.out.strip()) == (0, "connection 999 (Test uplab-3f9a) was gone already"), cleaned.err
    assert marked.code == 0, marked.out + marked.err
    assert "none by the mark of 3f9a" in marked.out
    assert shut.code == 3, shut.out + shut.err
    assert "--forwarder-certificate" in shut.err
    assert set(opened) == {site.base.partition("://")[2]}
    for ended in (looked, cleaned, marked, shut):
        assert TENANT not in ended.out + ended.err
        assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("lacking", "advice"),
    [
        ("authority", "--forwarder-authority"),
        ("certificate", "--forwarder-certificate"),
        ("header", "UPLAB_FORWARDER_HEADERS"),
        ("proxy", "connection refused"),
    ],
)
def test_shut_gate_is_told_in_one_line_with_what_opens_it(
    tmp_path: Path, given: Papers, free_ports: int, lacking: str, advice: str
) -> None:
    with cloud(given) as site:
        arguments = shown(given)
        if lacking == "authority":
            arguments[1] = str(given.strange_authority)
        if lacking == "certificate":
            arguments = arguments[:2]
        if lacking == "proxy":
            arguments += ["--forwarder-proxy", "http://127.0.0.1:9"]
        headers = json.dumps({} if lacking == "header" else {HEADER: TENANT})

        ended = run(tmp_path, site.base, free_ports, *arguments, UPLAB_FORWARDER_HEADERS=headers)

    assert ended.code == 3, ended.out + ended.err
    assert advice in ended.out
    assert "Traceback" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("arguments", "headers", "told"),
    [
        (("--forwarder-authority", "nowhere.pem"), "", "--forwarder-authority nowhere.pem: there is no such file"),
        (("--forwarder-key", __file__), "", "--forwarder-key is the key of --forwarder-certificate: name that, too"),
        (("--forwarder-authority", __file__), "", f"--forwarder-authority {__file__} holds no certificate in PEM"),
        (("--forwarder-certificate", __file__), "", "cannot be read: it takes PEM"),
        (("--forwarder-proxy", "proxy:3128"), "", "--forwarder-proxy takes http://host:port of a proxy"),
        ((), "X-Key: 1", "UPLAB_FORWARDER_HEADERS takes a JSON object of texts"),
        ((), '{"X Key": "1"}', "HTTP cannot carry the header 'X Key'"),
        (("--namespace", "XYZ"), "", "--namespace takes four hexadecimal digits"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], headers: str, told: str
) -> None:
    ended = run(tmp_path, "http://127.0.0.1:9", 0, *arguments, UPLAB_FORWARDER_HEADERS=headers)

    assert ended.code == 4, ended.out + ended.err
    assert told in ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err


def test_way_to_another_forwarder_has_no_use_for_one_that_is_started_here(tmp_path: Path, given: Papers) -> None:
    suite = write_suite(tmp_path / "suite", test_it=SUITE)

    ended = run_suite(suite, "--forwarder-authority", str(given.authority))

    assert ended.code == 4
    assert "--forwarder-authority is for a forwarder that runs elsewhere" in ended.out + ended.err


def test_environment_of_these_tests_names_no_forwarder() -> None:
    assert not [name for name in environment() if name.startswith("UPLAB_FORWARDER")]
