from pathlib import Path

import pytest

from uplab.scenarios.under_test.profile import FEATURES, ProfileError, load_profile


def test_reference_profile_declares_every_feature() -> None:
    profile = load_profile(None)
    absent = {feature for feature in FEATURES if not getattr(profile.features, feature)}
    assert absent == {"pages_login"}, "its pages are open, unless it is told who may"


def test_absent_feature_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\n[features]\nhttp = true\n')

    profile = load_profile(path)

    assert (profile.features.http, profile.features.thingsboard, profile.choices.failure_generation) == (
        True,
        False,
        "blame",
    )


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (
            'name = "x"\n[features]\nthingsbord = true',
            "features.thingsbord is no key of a profile; did you mean thingsboard?",
        ),
        ('nam = "x"', "did you mean name?"),
        ('name = "x"\n[features]\nhttp = "no"', "features.http"),
        ('name = "x"\n[features]\nhttp = 1', "features.http"),
        ('name = "x"\nsettle_s = -1', "settle_s"),
        (
            'name = "x"\n[deadlines]\ndelivery = 5',
            "deadlines.delivery is no key of a profile; did you mean delivery_s?",
        ),
        ('name = "x"\n[deadlines]\nopening_s = 0', "deadlines.opening_s"),
        ('name = "x"\n[choices]\nfailure_generation = "hope"', "choices.failure_generation"),
        ("[features]", "name"),
        ("name =", "is no TOML"),
    ],
)
def test_wrong_profile_is_named_in_one_line(tmp_path: Path, toml: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml)

    with pytest.raises(ProfileError) as caught:
        load_profile(path)

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_profile_is_named() -> None:
    with pytest.raises(ProfileError, match=r"nowhere\.toml cannot be read: No such file"):
        load_profile(Path("nowhere.toml"))
