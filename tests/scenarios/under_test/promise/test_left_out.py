from uplab.scenarios.under_test.profile import Profile, load_profile
from uplab.scenarios.under_test.promise.left_out import not_promised, unpromised


def test_reference_forwarder_promises_everything() -> None:
    assert not_promised(load_profile(None)) == []


def test_what_is_not_promised_is_listed() -> None:
    said = not_promised(
        Profile.model_validate(
            {
                "name": "weak",
                "features": {"http": True},
                "delivery": {"order": "none", "largest_body": 1000},
                "format": {"dev_eui": "/a", "f_cnt": "/b"},
                "choices": {"failure_generation": "none", "numbers": "double", "ingress_auth": "basic"},
            }
        )
    )

    for words in (
        "sent once",
        "IEEE double",
        "another form",
        "order",
        "1000 bytes",
        "a name and a password",
        "feature api",
    ):
        assert any(words in one for one in said), words
    assert not any(one.startswith("feature http") for one in said)


def test_bounded_attempts_are_listed() -> None:
    said = not_promised(Profile.model_validate({"name": "n", "delivery": {"attempts": 3, "never_again": ["4xx"]}}))

    assert "tried until it is taken: an uplink is given up after 3 attempts, at an answer 4xx" in said


def test_scenarios_that_need_what_is_not_promised_are_told_why() -> None:
    weak = Profile.model_validate(
        {
            "name": "weak",
            "format": {"dev_eui": "/a", "f_cnt": "/b"},
            "choices": {"numbers": "double", "ingress_auth": "none"},
        }
    )

    assert set(unpromised(weak)) == {"form", "token", "exact"}
    assert "asks for nothing" in unpromised(weak)["token"]
    assert unpromised(load_profile(None)) == {}
