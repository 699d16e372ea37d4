import subprocess
import sys
from typing import Any

import pytest

from tests.faulty.catalogue import CATALOGUE
from tests.faulty.detect import read_result
from tests.faulty.known_bad import swap

BAD = CATALOGUE["deliver-twice"]
RAN = '{"known_bad":"deliver-twice"}\n{"known_bad":"deliver-twice","ran":true}\n'


def run(*scenarios: tuple[str, str, str]) -> dict[str, Any]:
    """A run record: (id, outcome, check that failed)."""
    return {
        "scenarios": [
            {
                "id": id_,
                "outcome": outcome,
                "ended_s": 1.0,
                "verdicts": [{"check": check, "outcome": outcome, "hop": "forwarder"}],
            }
            for id_, outcome, check in scenarios
        ]
    }


def test_predicted_check_kills() -> None:
    result = read_result(BAD, run((BAD.scenario, "failed", BAD.check)), RAN)
    assert (result.verdict, result.first_red_s, result.hops) == ("killed", 1.0, ("forwarder",))


def test_parameters_of_a_scenario_do_not_matter() -> None:
    assert read_result(BAD, run((f"{BAD.scenario}[x]", "failed", BAD.check)), RAN).verdict == "killed"


@pytest.mark.parametrize(
    ("scenarios", "log", "verdict"),
    [
        (((BAD.scenario, "passed", BAD.check),), RAN, "survived"),
        (((BAD.scenario, "unknown", BAD.check),), RAN, "survived"),
        (((BAD.scenario, "failed", "another"),), RAN, "killed by another"),
        (((BAD.scenario, "passed", ""), ("other", "failed", BAD.check)), RAN, "killed by another"),
        (((BAD.scenario, "failed", BAD.check),), '{"known_bad":"deliver-twice"}', "not run"),
        (((BAD.scenario, "failed", BAD.check),), "", "not run"),
        ((("other", "failed", BAD.check),), RAN, "not run"),
    ],
)
def test_nothing_less_counts_as_a_kill(scenarios: Any, log: str, verdict: str) -> None:
    assert read_result(BAD, run(*scenarios), log).verdict == verdict


def test_wrong_hop_is_no_kill() -> None:
    record = run((BAD.scenario, "failed", BAD.check))
    record["scenarios"][0]["verdicts"][0]["hop"] = "network"
    assert read_result(BAD, record, RAN).verdict == "wrong hop"


def test_place_that_is_gone_is_said() -> None:
    with pytest.raises(SystemExit, match="the place to patch is gone: int has no nothing"):
        swap(int, "nothing", lambda original: original)


# Patches stay, so each is made in a child of its own; one import serves them all.
PATCH_ALL = """
import os
from tests.faulty.catalogue import CATALOGUE
for name, bad in CATALOGUE.items():
    child = os.fork()
    if child == 0:
        bad.patch(lambda: None)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name)
"""


def test_every_place_to_patch_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", PATCH_ALL], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_every_family_of_requirements_has_one() -> None:
    assert len(CATALOGUE) >= 25
    assert {bad.requirement.partition("-")[0] for bad in CATALOGUE.values()} == {"WGX", "HTTP", "TB", "COM", "DL"}


def test_unknown_name_is_refused_in_one_line() -> None:
    command = [sys.executable, "-m", "tests.faulty", "no-such"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "there is no known-bad forwarder no-such; `python -m tests.faulty` lists them\n"
