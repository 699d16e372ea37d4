from uplab.scenarios.suites.delivery.terms import examples, terms_of
from uplab.scenarios.under_test.profile import Profile


def terms(kind: str) -> object:
    return terms_of(Profile.model_validate({"name": "n", "choices": {"failure_generation": kind}}))


def test_each_generation_is_configured_to_try_again_soon() -> None:
    blame = terms_of(Profile.model_validate({"name": "n"}))

    assert blame is not None
    assert (blame.configuration, blame.policy.pauses_s) == ({"blamePeriod": 1}, (1.0,))
    assert terms("strict-close") is None


def test_own_policy_needs_no_configuration() -> None:
    own = terms_of(Profile.model_validate({"name": "n", "delivery": {"attempts": 3, "pauses_s": [2]}}))

    assert own is not None
    assert (own.configuration, own.policy.attempts) == ({}, 3)


def test_classes_of_answers_have_examples() -> None:
    assert examples(("404", "4xx")) == [404, 400, 422]
    assert examples(()) == []
