"""What a scenario made at the forwarder is gone after it, and what cannot be removed is nobody else's trouble."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.scenarios import small_forwarder
from tests.scenarios.suite_runs import Ended, run_suite, write_suite
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.under_test.access.pace import Limits
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.api import ForwarderApi
from uplab.scenarios.under_test.made.belongings import Belongings
from uplab.scenarios.under_test.ways.reach import NotApplicableError

SILENT = Verdict("answer", "failed", 1, "every request is answered", "DELETE was not answered within 10 s")


class Api:
    """Answers each DELETE with the next status; None gives no answer."""

    def __init__(self, *statuses: int | None) -> None:
        self.asked: list[str] = []
        self._statuses = iter(statuses)

    def request(self, method: str, path: str) -> Any:
        """One DELETE."""
        self.asked.append(f"{method} {path}")
        status = next(self._statuses)
        if status is None:
            raise NoAnswerError(SILENT)
        return type("Answer", (), {"status_code": status})()


def taken(belongings: Belongings, api: Api) -> list[str]:
    return belongings.take_away(cast("ForwarderApi", api))


def made(belongings: Belongings, kind: str, id_: object, *, name: str = "", status: int = 201) -> None:
    belongings.note("POST", f"/{kind}", status, json.dumps({"id": id_, "name": name}).encode())


def test_everything_is_taken_away_once_flows_first_and_the_newest_first() -> None:
    belongings, api = Belongings(), Api(204, 204, 404)
    made(belongings, "connections", "1")
    made(belongings, "flows", "8")
    made(belongings, "connections", 2, status=200)

    assert taken(belongings, api) == []
    assert api.asked == ["DELETE /flows/8", "DELETE /connections/2", "DELETE /connections/1"]
    assert taken(belongings, Api()) == []


@pytest.mark.parametrize(("status", "asked"), [(204, []), (404, []), (500, ["DELETE /connections/1"])])
def test_what_the_scenario_removed_itself_is_not_asked_for_again(status: int, asked: list[str]) -> None:
    belongings, api = Belongings(), Api(204)
    made(belongings, "connections", "1")
    belongings.note("DELETE", "/connections/1", status, b"")

    taken(belongings, api)
    assert api.asked == asked


@pytest.mark.parametrize(
    ("method", "path", "status", "content"),
    [
        ("POST", "/connections", 400, b'{"id": "1"}'),
        ("POST", "/connections/1/events", 201, b'{"id": "1"}'),
        ("POST", "/other", 201, b'{"id": "1"}'),
        ("PUT", "/connections/1", 200, b'{"id": "1"}'),
        ("GET", "/connections", 200, b'{"id": "1"}'),
    ],
)
def test_what_makes_nothing_leaves_nothing(method: str, path: str, status: int, content: bytes) -> None:
    belongings, api = Belongings(), Api()
    belongings.note(method, path, status, content)

    assert taken(belongings, api) == []
    assert api.asked == []


def test_put_that_made_a_connection_is_a_creation() -> None:
    belongings, api = Belongings(), Api(204)
    belongings.note("PUT", "/connections/1", 201, b'{"id": "1"}')

    assert taken(belongings, api) == []
    assert api.asked == ["DELETE /connections/1"]


def test_what_cannot_be_removed_is_told() -> None:
    belongings, api = Belongings(), Api(500, 204)
    made(belongings, "connections", "1", name="uplab mask")
    made(belongings, "connections", "2")
    belongings.note("POST", "/connections", 201, b"[]")
    belongings.note_silence("POST", "/flows", {"name": "uplab 1"})

    assert taken(belongings, Api(500, 204)) == [
        "perhaps a connection: POST was answered 201 without its id",
        "perhaps the flow 'uplab 1': POST was not answered",
        "connection 2: DELETE was answered 500",
    ]
    assert taken(belongings, api) == []


def test_forwarder_that_is_silent_is_not_asked_on_and_on() -> None:
    belongings, api = Belongings(), Api(None)
    for number in range(3):
        made(belongings, "connections", number)

    assert taken(belongings, api) == [
        "connection 2: DELETE was not answered within 10 s",
        "connection 1: it was not asked for any more",
        "connection 0: it was not asked for any more",
    ]
    assert api.asked == ["DELETE /connections/2"]
    assert belongings.unanswered


def test_id_of_the_forwarder_is_one_part_of_a_path() -> None:
    belongings, api = Belongings(), Api(204)
    made(belongings, "connections", "../flows/1?all")

    taken(belongings, api)
    assert api.asked == ["DELETE /connections/..%2Fflows%2F1%3Fall"]


# A whole run against a forwarder that accepts what it should refuse.

SUITE = """
    def body(name, **configuration):
        return {"connectorId": "actility-http-iot", "name": name, "configuration": configuration}

    def test_1_refusal(lab):
        lab.connect(body("wanted", destinationURL="https://posthere.io/wanted"), None, lab.device(), state=None)
        flow = {"name": "unwanted", "matchers": [], "connectors": []}
        lab.api.request("POST", "/flows", flow)
        refused = lab.api.create(body("unwanted"))
        lab.expect("it is refused", refused.status_code == 400, refused.status_code)

    def test_2_later(lab):
        there = [lab.api.request("GET", path).json() for path in ("/connections", "/flows", "/asked")]
        lab.expect("nothing of another scenario is there", there[:2] == [[], []], there)
        lab.expect("each was asked for once", len(there[2]) == len(set(there[2])), there)
"""
COMMAND = shlex.join([sys.executable, "-P", small_forwarder.__file__])  # beside it stands a folder called http


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text('name = "small"\nsettle_s = 0\n[features]\napi = true\nhttp = true\nflows = true\n')
    return path


def run(tmp_path: Path, profile: Path, *, delete: str = "204", refuses: str = "") -> Ended:
    variables = {"FORWARDER_DELETE": delete, "FORWARDER_REFUSES": refuses}
    suite = write_suite(tmp_path, test_it=SUITE)
    return run_suite(suite, "--forwarder-command", COMMAND, "--forwarder-profile", str(profile), **variables)


def test_connection_that_should_have_been_refused_does_not_stay(tmp_path: Path, profile: Path) -> None:
    ended = run(tmp_path, profile)

    assert ended.outcomes == {"1 refusal": "failed", "2 later": "passed"}, ended.out
    assert "Left on the forwarder" not in ended.out


def test_delete_that_fails_is_told_once_and_no_other_scenario_is_red(tmp_path: Path, profile: Path) -> None:
    ended = run(tmp_path, profile, delete="500", refuses="yes")

    assert ended.outcomes == {"1 refusal": "passed", "2 later": "passed"}, ended.out
    assert ended.code == 0
    why = "DELETE was answered 500"
    there = ("flow 3 (unwanted)", "flow 2 (uplab 1)", "connection 1 (wanted)")
    assert ended.scenario("1 refusal")["left"] == [f"{thing}: {why}" for thing in there]
    assert ended.scenario("2 later")["left"] == []
    words = " ".join(ended.out.split())
    assert "Left on the forwarder: 3 things that scenarios made and could not remove:" in words
    assert words.count(why) == 3
    assert words.count("made in ") == 3
    assert why in (ended.folder / "report.html").read_text()


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A forwarder that the lab did not start, and whose DELETE fails."""
    environment = {**os.environ, "UPLAB_LISTEN": "127.0.0.1:0", "FORWARDER_DELETE": "500", "FORWARDER_REFUSES": "yes"}
    with subprocess.Popen(shlex.split(COMMAND), env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["downlink_base"])
        process.kill()


@pytest.mark.parametrize("flows", [True, False], ids=["flows", "every device to every connection"])
def test_on_a_forwarder_elsewhere_what_is_left_is_told(
    tmp_path: Path, profile: Path, elsewhere: str, free_ports: int, flows: bool
) -> None:
    suite = write_suite(tmp_path, test_it=SUITE.replace("there[:2] == [[], []]", "True"))
    if not flows:
        profile.write_text(profile.read_text().replace("flows = true", ""))

    ended = run_suite(
        *(suite, "--forwarder-api", f"{elsewhere}/iot-flow/v1", "--forwarder-ingress", elsewhere),
        *("--forwarder-profile", str(profile), "--base-port", str(free_ports)),
        UPLAB_AS_KEY="0123456789abcdef",
    )

    words = " ".join(ended.out.split())
    # Its name has the mark of the run behind it.
    assert re.search(r"connection 1 \(wanted[^)]*\): DELETE was answered 500; made in", words)
    assert ended.outcomes["1 refusal"] == "passed"
    if flows:
        assert (ended.code, ended.outcomes["2 later"]) == (0, "passed")
    else:
        assert ended.code == 2
        assert [one["title"] for one in ended.record["not_reached"]] == ["2 later"]
        assert "the run stopped after test_it.py::test_1_refusal: this forwarder brings every device to every" in words


@pytest.mark.parametrize(
    ("limits", "path", "room"),
    [
        (Limits(), "/connections", True),
        (Limits(connections=2), "/connections", False),
        (Limits(connections=3), "/connections", True),
        (Limits(connections=1), "/flows", True),
        (Limits(created=3), "/flows", False),
        (Limits(created=4), "/flows", True),
        (Limits(created=3), "/connections/1/events", True),
    ],
)
def test_no_more_is_made_than_the_profile_lets_a_run(limits: Limits, path: str, room: bool) -> None:
    belongings = Belongings()
    made(belongings, "connections", "1")
    made(belongings, "connections", "2")
    made(belongings, "flows", "3")

    if room:
        belongings.expect_room(path, limits)
    else:
        with pytest.raises(NotApplicableError, match="the profile lets a run"):
            belongings.expect_room(path, limits)


def test_room_of_a_run_does_not_come_back_with_what_is_taken_away() -> None:
    belongings = Belongings()
    made(belongings, "connections", "1")
    belongings.note("DELETE", "/connections/1", 204, b"")

    belongings.expect_room("/connections", Limits(connections=1))
    with pytest.raises(NotApplicableError):
        belongings.expect_room("/connections", Limits(created=1))
