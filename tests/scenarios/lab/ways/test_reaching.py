"""A forwarder that has nothing but an ingress, in a lab: started with what each scenario wants, and no more often."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios import static_forwarder
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.under_test.profile import Features, Profile
from uplab.scenarios.under_test.target import RunOptions
from uplab.scenarios.under_test.ways.choice import Ways
from uplab.scenarios.under_test.ways.reach import NotApplicableError

COMMAND = shlex.join([sys.executable, "-P", static_forwarder.__file__])
PROFILE = Profile(
    name="static", settle_s=0, features=Features(http=True), ways=Ways(connections="static", names="direct", tls=False)
)


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "starts"
    monkeypatch.setenv("STARTS", str(path))
    return path


@pytest.fixture
def lab(tmp_path: Path, starts: Path) -> Iterator[Lab]:
    lab = Lab(RunOptions(1, PROFILE, command=COMMAND), folder=tmp_path / "run")
    lab.start()
    yield lab
    lab.stop()


def body(path: str, **more: Any) -> dict[str, Any]:
    url = {"destinationURL": f"https://posthere.io{path}"}
    return {"connectorId": "actility-http-iot", "name": path, "configuration": url, **more}


def deliver(lab: Lab, name: str, path: str) -> None:
    """A whole scenario: two uplinks and a barrier, judged by the whole battery."""
    with lab.history.scenario(lab.folder / f"{name}.jsonl"):
        lab.begin(name)
        device = lab.device()
        connection = lab.connect(body(path), Route("posthere", path), device)
        sent = [device.send(), device.send(), *lab.barrier(device)]
        lab.judge_delivery(sent, connection)
        assert lab.end() == []
        assert lab.look_back() == []


def test_scenarios_get_the_connections_that_they_want(lab: Lab, starts: Path) -> None:
    for number, path in enumerate(("/one", "/one", "/two")):
        deliver(lab, f"s{number}", path)

    assert starts.read_text().split() == ["1", "2", "2"], "the witness at first, then what is wanted with it"


def test_join_before_the_first_thing_that_is_sent_is_not_told(lab: Lab) -> None:
    deliver(lab, "s0", "/one")

    assert [event.hop for event in lab.history.events if event.hop == "tunnel.sent"] == []
    lab.begin("s1")
    lab.device()
    assert not [event for event in lab.history.events if event.hop == "tunnel.sent"]


def test_connections_with_which_it_does_not_start_are_its_failure(lab: Lab) -> None:
    lab.begin("s0")
    device = lab.device()
    lab.connect(body("/one", name="impossible"), Route("posthere", "/one"), device)

    with pytest.raises(CheckFailed) as failed:
        device.send()

    assert failed.value.verdict is not None
    assert failed.value.verdict.hop == "forwarder"
    assert "it ended with exit code 1 before it was ready" in str(failed.value)
    assert "a connection is impossible" in str(failed.value)
    lab.end()
    deliver(lab, "s1", "/two")


def test_scenario_of_which_something_may_be_under_way_ends_the_process(lab: Lab, starts: Path) -> None:
    deliver(lab, "s0", "/one")
    lab.begin("s1")
    device = lab.device()
    lab.connect(body("/one"), Route("posthere", "/one"), device)
    device.send()
    lab.end()  # it has judged nothing
    assert lab.forwarder.pid is None

    deliver(lab, "s2", "/one")

    assert starts.read_text().split() == ["1", "2", "2"]


def test_there_is_no_api_to_ask(lab: Lab) -> None:
    with pytest.raises(NotApplicableError, match="connections are static"):
        _ = lab.api


def test_forwarder_is_told_what_the_profile_says(lab: Lab) -> None:
    told = lab.environment()

    assert "witness-1" in told["UPLAB_CONNECTIONS"]
    assert "UPLAB_RESOLVE" not in told
    assert {one.rpartition("=")[2] for one in told["UPLAB_TRANSPORTS"].split(",")} == {"http", "mqtt"}
    assert lab.outward("https://posthere.io/a").startswith("http://127.0.0.1:")
