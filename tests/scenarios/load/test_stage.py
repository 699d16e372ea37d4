from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.load.plan import load_plan
from uplab.scenarios.load.stage import Stage, StageError
from uplab.scenarios.under_test.profile import Profile, load_profile
from uplab.scenarios.under_test.target import RunOptions

USUAL = load_profile(None)


def changed(**changes: Any) -> Profile:
    return Profile.model_validate({**USUAL.model_dump(), **changes})


def stage(tmp_path: Path, profile: Profile = USUAL, *, command: str | None = "forwarder", **given: Any) -> Stage:
    elsewhere = {} if command else {"api": "http://10.0.0.9/iot-flow/v1", "ingress": "http://10.0.0.9/ingress"}
    options = RunOptions(seed=1, profile=profile, command=command, advertise_host="10.0.0.7", **elsewhere)  # type: ignore[arg-type]
    made = Stage(load_plan({"devices": 3, "to": ["http:2", "thingsboard"], **given}), options, tmp_path)
    made._ports = {"http": 4001, "thingsboard": 4002}
    return made


def test_a_forwarder_that_resolves_names_is_told_names(tmp_path: Path) -> None:
    bodies = stage(tmp_path)._bodies()

    assert [one["configuration"].get("destinationURL") for one in bodies] == [
        "http://load.uplab.test/load-1",
        "http://load.uplab.test/load-2",
        None,
    ]
    assert bodies[2]["configuration"]["hostName"] == "load-thingsboard.uplab.test:1883"


def test_one_that_runs_elsewhere_is_told_where_this_machine_is(tmp_path: Path) -> None:
    bodies = stage(tmp_path, command=None)._bodies()

    assert bodies[0]["configuration"]["destinationURL"] == "http://10.0.0.7:4001/load-1"
    assert bodies[2]["configuration"]["hostName"] == "10.0.0.7:4002"


@pytest.mark.parametrize(
    ("profile", "given", "words"),
    [
        (changed(ways={"connections": "commands"}), {}, "this profile says otherwise"),
        (changed(ways={"names": "proxy"}), {}, "this profile says otherwise"),
        (changed(features={**USUAL.features.model_dump(), "thingsboard": False}), {}, "the feature thingsboard"),
        (USUAL, {"command": None, "restarts": ["1:kill"]}, "cannot be restarted from here"),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(
    tmp_path: Path, profile: Profile, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(StageError) as told:
        stage(tmp_path, profile, **given).start("")

    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_it_can_be_stopped_before_it_was_started(tmp_path: Path) -> None:
    stage(tmp_path).stop()
