"""What `uplab probe` writes of forwarders: a profile that can be read, and says what was seen."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from tests.scenarios.suite_runs import Ended, uplab
from uplab.scenarios.checks.policy.measured import Measured
from uplab.scenarios.look.probing import Found, _policy_of, write_found
from uplab.scenarios.under_test.profile import Profile, load_profile

OTHER = shlex.join([sys.executable, str(Path(__file__).parents[1] / "other_forwarder.py")])


def seen(**facts: object) -> Measured:
    return Measured.from_data(facts)


@pytest.mark.parametrize(
    ("measured", "obeys", "choices", "delivery"),
    [
        (seen(failures=1), True, {"failure_generation": "none"}, {}),
        (
            seen(failures=4, repeated=3, most_attempts=4, shortest_pause_s=1.0, longest_pause_s=1.1),
            True,
            {"failure_generation": "blame"},
            {},
        ),
        (
            seen(failures=3, repeated=2, most_attempts=3, shortest_pause_s=0.3, longest_pause_s=0.31),
            False,
            {},
            {"pauses_s": [0.3], "attempts": 3},
        ),
        (
            seen(failures=9, repeated=8, most_attempts=9, shortest_pause_s=0.5, longest_pause_s=1.5),
            False,
            {},
            {"pauses_s": [1.0], "jitter": 0.55, "attempts": 0},
        ),
    ],
)
def test_policy_is_guessed_by_what_was_seen(
    measured: Measured, obeys: bool, choices: dict[str, object], delivery: dict[str, object]
) -> None:
    found = Found(measured=measured, watched_s=10.0)

    _policy_of(found, obeys=obeys)

    assert (found.choices, found.delivery) == (choices, delivery)


def test_what_is_written_is_a_profile(tmp_path: Path) -> None:
    found = Found(
        features={"api": (True, "201"), "flows": (False, 'POST /flows answered 404: "no\nsuch page"')},
        choices={"numbers": "double"},
        delivery={"pauses_s": [0.3], "attempts": 3},
        notes=["its output has another form: \x00{"],
    )
    path = tmp_path / "mine.toml"
    path.write_text(write_found(found, 'my "own"'))

    profile = load_profile(path)

    assert (profile.name, profile.features.api, profile.features.flows) == ('my "own"', True, False)
    assert (profile.choices.numbers, profile.policy.attempts) == ("double", 3)


def probed(folder: Path, **variables: str) -> tuple[Ended, Profile]:
    ended = uplab(folder, "probe", "--watch", "2", "--output", "found.toml", "--forwarder-command", OTHER, **variables)
    assert ended.code == 0, ended.out + ended.err
    return ended, load_profile(folder / "found.toml")


def test_forwarder_of_somebody_else_is_described_as_it_is(tmp_path: Path) -> None:
    _, profile = probed(tmp_path, OTHER_ATTEMPTS="3", OTHER_PAUSE_S="0.2", OTHER_BODY="double")

    features = profile.features
    assert (features.api, features.flows, features.http) == (True, True, True)
    assert not any((features.states, features.events, features.drivers, features.patterns, features.validation))
    assert not any((features.thingsboard, features.widgelix, features.options)), "it takes whatever it is given"
    assert (profile.policy.attempts, profile.choices.numbers) == (3, "double")
    assert 0.15 <= profile.policy.pauses_s[0] < 2


def test_another_form_is_shown_for_its_keeper_to_fill_in(tmp_path: Path) -> None:
    probed(tmp_path, OTHER_BODY="ttn")

    text = (tmp_path / "found.toml").read_text()
    assert '[format] is to be filled in: {"end_device_ids"' in text


def test_no_api_is_told_in_a_line(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "probe", "--forwarder-command", OTHER, OTHER_BROKEN="shut")

    assert ended.code == 3
    assert "there is no API of IoT Flow's kind: POST /connections was answered 500" in ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
