from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.lab.ways.by_commands import ByCommands
from uplab.scenarios.under_test.ways.reach import Commands, NotApplicableError

BODY = {"connectorId": "actility-http-iot", "name": "one", "configuration": {"destinationURL": "https://posthere.io/1"}}
# Writes what it was given below its name, and answers with an id.
NOTED = """
import json, os, sys
given = json.load(sys.stdin)
with open(os.environ["NOTES"], "a") as notes:
    print(json.dumps([sys.argv[1], given]), file=notes)
print(json.dumps({"id": 7, "downlinkUrl": "http://here/7"}))
"""


def noted(word: str) -> str:
    return shlex.join([sys.executable, "-c", NOTED, word])


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


def way(notes: Path, commands: Commands, said: list[Any] | None = None) -> ByCommands:
    def emit(hop: str, facts: dict[str, Any]) -> None:
        (said if said is not None else []).append((hop, facts))

    return ByCommands(
        commands, lambda: {"NOTES": str(notes)}, addressed=lambda body: {**body, "at": "home"}, emit=emit, timeout_s=30
    )


def test_each_command_is_given_what_the_api_would_be(notes: Path) -> None:
    said: list[Any] = []
    made = way(notes, Commands(noted("connect"), noted("disconnect"), noted("bind")), said)

    connection = made.create(BODY)
    binding = made.bind(connection, ["20635F0108000496"])
    left = made.take_away()

    assert (connection["id"], connection["downlinkUrl"], binding, left) == ("7", "http://here/7", "7", [])
    [connect, bind, disconnect] = [json.loads(line) for line in notes.read_text().splitlines()]
    assert connect == ["connect", {**BODY, "at": "home"}]
    assert bind[1]["matchers"] == [{"type": "key", "key": "lora:20635f0108000496"}]
    assert bind[1]["connectors"] == [{"id": "actility-http-iot", "connectionId": "7"}]
    assert disconnect == ["disconnect", {"id": "7"}]
    assert [hop for hop, _ in said] == ["connection.given"]


def test_what_cannot_be_ended_is_left(notes: Path) -> None:
    made = way(notes, Commands(noted("connect")))
    made.create(BODY)

    assert made.take_away() == [
        "connection 7 (one): connections come by commands, and none ends the connection 7: "
        "--disconnect-command is not given"
    ]
    assert made.take_away() == [], "it is said once"


def test_command_that_fails_proves_nothing_against_the_forwarder(notes: Path) -> None:
    made = way(notes, Commands(shlex.join([sys.executable, "-c", "import sys; sys.exit('no such key')"])))

    with pytest.raises(CheckUnknown, match="--connect-command ended with 1 and said: no such key"):
        made.create(BODY)


def test_answer_without_an_id_is_told(notes: Path) -> None:
    made = way(notes, Commands(shlex.join([sys.executable, "-c", "print('{}')"])))

    with pytest.raises(CheckUnknown, match="--connect-command must print a JSON object with an id"):
        made.create(BODY)


def test_what_no_command_does_is_not_applicable(notes: Path) -> None:
    made = way(notes, Commands(noted("connect")))

    for attempt in (
        lambda: made.read("7"),
        lambda: made.replace("7", BODY),
        lambda: made.bind({"id": "7", "connectorId": "x"}, []),
        lambda: made.unbind("7"),
    ):
        with pytest.raises(NotApplicableError):
            attempt()
