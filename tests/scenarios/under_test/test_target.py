from pathlib import Path

from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions


def test_forwarder_is_called_by_its_profile_where_one_was_named() -> None:
    profile = load_profile(None)

    assert RunOptions(7, profile).forwarder_name == "reference"
    assert RunOptions(7, profile, command="node mine.js").forwarder_name == "node mine.js"
    assert RunOptions(7, profile, command="node mine.js", profile_file="mine.toml").forwarder_name == profile.name
    elsewhere = RunOptions(7, profile, command=None, api="http://192.0.2.7/iot-flow/v1")
    assert elsewhere.forwarder_name == "http://192.0.2.7/iot-flow/v1"


def test_reference_forwarder_is_started_by_its_module() -> None:
    assert REFERENCE_COMMAND.endswith(" -m uplab.simulator.forwarder")


def test_what_the_user_gave_is_not_shown(tmp_path: Path) -> None:
    options = RunOptions(7, load_profile(None), api_token="t0ken-of-mine", as_key="k3y-of-mine", authority=tmp_path)

    assert set(options.secrets) == {"t0ken-of-mine", "k3y-of-mine"}
    assert "of-mine" not in repr(options)
