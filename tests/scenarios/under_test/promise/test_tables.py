from pathlib import Path

import pytest

from uplab.scenarios.bundles.replay import write_profile
from uplab.scenarios.under_test.profile import Profile, ProfileError, load_profile


def profile_of(folder: Path, toml: str) -> Profile:
    path = folder / "mine.toml"
    path.write_text(f'name = "mine"\n{toml}')
    return load_profile(path)


def test_profile_without_a_number_means_what_it_meant(tmp_path: Path) -> None:
    old, new = profile_of(tmp_path, ""), profile_of(tmp_path, "contract = 2")

    assert (old.features.patterns, old.features.validation, old.features.commands_https) == (True, True, True)
    assert (new.features.patterns, new.features.validation, new.features.commands_https) == (False, False, False)
    assert old.choices.ingress_auth == "token"
    assert old.policy.pauses_s == (30.0,)


def test_own_schedule_makes_an_own_policy(tmp_path: Path) -> None:
    found = profile_of(tmp_path, "[delivery]\nattempts = 3\npauses_s = [1, 5]\nnever_again = [404]")

    assert found.choices.failure_generation == "own"
    assert (found.policy.attempts, found.policy.pauses_s, found.policy.never_again) == (3, (1.0, 5.0), ("404",))


def test_generation_may_tell_more_of_itself(tmp_path: Path) -> None:
    found = profile_of(tmp_path, '[delivery]\norder = "connection"\ntimeout_s = 5')

    assert found.choices.failure_generation == "blame"
    assert (found.policy.pauses_s, found.policy.order, found.policy.timeout_s) == ((30.0,), "connection", 5.0)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[delivery]\nattempts = 3\n[choices]\nfailure_generation = "blame"', "blame has its own attempts"),
        ('[choices]\nfailure_generation = "own"', "needs a table [delivery]"),
        ("[delivery]\nattempt = 3", "delivery.attempt is no key of a profile; did you mean attempts?"),
        ('[delivery]\nstops = ["never"]', "delivery.stops: never is no status"),
        ('[format]\ndev_eui = "id"\nf_cnt = "/n"', "format.dev_eui"),
        ('[format]\ndev_eui = "/id"\nf_cnt = "/n"\neach = "/all"\nlines = true', "leave `each` away"),
        ("contract = 3", "contract"),
        ('[choices]\ningress_auth = "password"', "choices.ingress_auth"),
    ],
)
def test_what_does_not_fit_together_is_said_in_one_line(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(ProfileError) as caught:
        profile_of(tmp_path, toml)

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "toml",
    [
        "",
        "contract = 2",
        '[delivery]\nid_header = "x-id"',
        "[delivery]\nattempts = 2\npauses_s = [1.5]\nstops = [410]",
        '[format]\ndev_eui = "/a"\nf_cnt = "/b"',
        '[choices]\nfailure_generation = "none"',
    ],
)
def test_stored_profile_is_the_same_again(tmp_path: Path, toml: str) -> None:
    found = profile_of(tmp_path, toml)
    again = tmp_path / "again.toml"
    again.write_text(write_profile(found.model_dump()))

    assert load_profile(again) == found
    assert load_profile(again).policy == found.policy
