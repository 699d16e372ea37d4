"""Worlds against real forwarders: the right one is green, and one that loses is red."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions
from uplab.scenarios.worlds.plan import Plan
from uplab.scenarios.worlds.playing.play import Played, play

ROOT = Path(__file__).parents[4]
SEND: dict[str, Any] = {"do": "send", "device": "a"}
WAIT = {"do": "wait"}
LIFE = small_world(
    {"do": "downlink", "device": "a", "through": "x", "fields": {"FPort": 5, "payload_hex": "0a"}},
    SEND,
    {"do": "post", "device": "b", "root": "location"},
    {"do": "refuse", "row": "no name"},
    {"do": "fault", "connection": "y", "kind": "503"},
    SEND,
    WAIT,
    {"do": "change", "connection": "x", "to": {"suffix": "/new", "configuration": {"headers": {"X-N": "{FCntUp}"}}}},
    SEND,
    WAIT,
    {"do": "delete", "connection": "y"},
    SEND,
    {"do": "restart", "kill": True},
    SEND,
    name="life",
    look=["shown", "list"],
)
FEW = small_world(SEND, name="few")
MANY = small_world(*[SEND] * 6, name="many")


def played(folder: Path, command: str, *plans: Plan) -> list[Played]:
    lab = Lab(RunOptions(seed=1, profile=load_profile(None), command=command, look=False), folder=folder)
    lab.start()
    try:
        with lab.history.scenario(folder / "history.jsonl"):
            lab.begin("worlds", ["HTTP-12.a"])
            found = play(lab, plans)
            assert lab.end() == []
            assert lab.look_back() == []
    finally:
        lab.stop()
    return found


def not_passed(found: list[Played]) -> list[str]:
    return [verdict.text() for one in found for verdict in one.verdicts if verdict.outcome != "passed"]


@pytest.mark.timeout(300)
def test_right_forwarder_is_green(tmp_path: Path) -> None:
    found = played(tmp_path, REFERENCE_COMMAND, LIFE, FEW)
    assert [one for one in not_passed(found) if " failed" in one.partition("\n")[0]] == []
    assert [one.open for one in found] == [0, 0]


@pytest.mark.timeout(300)
def test_forwarder_that_loses_is_red(tmp_path: Path) -> None:
    bad = shlex.join(["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.faulty", "lose-every-third"])
    found = played(tmp_path, bad, MANY)
    assert "none lost" in "".join(not_passed(found))
    assert {one["check"] for one in found[0].as_data()["red"]} >= {"none lost"}
