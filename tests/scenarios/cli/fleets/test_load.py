import json
import re
import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.fleets.load import _plan
from uplab.scenarios.cli.main import app

ROOT = Path(__file__).parent.parent.parent.parent.parent
PROFILE = """\
contract = 2
name = "known-bad"
[features]
api = true
flows = true
http = true
states = true
[deadlines]
delivery_s = 3
"""


def said(*arguments: str) -> tuple[int, str]:
    shown = CliRunner().invoke(app, ["load", *arguments])
    return shown.exit_code, shown.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name either devices or a fleet"),
        (("--devices", "0"), "--devices: expected a whole number"),
        (("--devices", "5", "--expect", "p99"), "--expect: 'p99' is no expectation"),
        (("--devices", "5", "--to", "kafka"), "'kafka' is no destination"),
        (("none.toml",), "none.toml: No such file"),
        (("a.toml", "b.toml"), "one plan at a time"),
        (("--devices", "5", "--forwarder-api", "http://x"), "--forwarder-api with --forwarder-ingress"),
        (("judge",), "name the folders of a load"),
        (("judge", "nowhere"), "no setup.json in nowhere"),
        (("--devices", "5", "--forwarder-profile", "none.toml"), "the profile none.toml cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    code, told = said(*arguments)

    assert (code, len(told.splitlines())) == (4, 1), told
    assert words in told


def test_a_plan_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("devices = 5\n\nrate = 'fast'\n")

    code, told = said(str(tmp_path / "plan.toml"))

    assert code == 4
    assert "plan.toml, line 3: rate: expected a number" in told


def test_expectations_of_a_command_line_come_to_those_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text('devices = 5\nexpect = ["p99 < 2s"]\n')

    plan = _plan([str(tmp_path / "plan.toml")], {"expect": ["growing = 0"]})

    assert [one.words for one in plan.expectations] == ["p99 < 2s", "growing = 0"]


def test_what_goes_wrong_once_is_found_named_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forwarder that loses one of its uplinks, sends one twice, and alters one."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "profile.toml").write_text(PROFILE)
    command = shlex.join([sys.executable, "-m", "tests.faulty.under_load", "once"])
    folder = tmp_path / "out"

    code, told = said(
        *("--devices", "20", "--every", "60", "--hours", "0.15", "--forwarder-command", command),
        *("--forwarder-profile", str(tmp_path / "profile.toml"), "--out", str(folder), "--expect", "accepted > 100"),
    )

    assert (code, told.splitlines()[0]) == (1, "failed: 1 lost, 1 twice, 1 altered"), told
    assert re.search(r"lost    [0-9A-F]{16}, .* at http-1: accepted, and not taken until the end", told)
    assert re.search(r"twice   [0-9A-F]{16}, .* at http-1: its destination had taken it already", told)
    assert re.search(r"altered [0-9A-F]{16}, .*: /DevEUI_uplink/SpFact: expected (\d+), received 1\1", told)
    assert "1 lost, 1 twice, 1 altered" in (folder / "report.html").read_text()
    result = json.loads((folder / "load.json").read_text())
    assert {one["words"] for one in result["expected"] if one["outcome"] == "failed"} == {
        "lost = 0",
        "twice = 0",
        "altered = 0",
    }

    code, told = said("judge", str(folder), "--out", str(tmp_path / "again"))

    assert (code, told.splitlines()[0]) == (1, "failed: 1 lost, 1 twice, 1 altered")
    assert (tmp_path / "again" / "report.html").exists()
    assert said("--devices", "5", "--out", str(folder))[0] == 4, "there is a load in it already"


def test_a_forwarder_that_does_not_start_ends_it_with_3(tmp_path: Path) -> None:
    code, told = said("--devices", "2", "--forwarder-command", "false", "--out", str(tmp_path / "out"))

    assert code == 3
    assert "the forwarder did not start" in told
