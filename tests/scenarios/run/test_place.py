from typing import Any

import pytest

from uplab.scenarios.run.place import check_key
from uplab.scenarios.under_test.profile import Profile


def profile(**choices: Any) -> Profile:
    return Profile.model_validate({"name": "n", "choices": choices})


@pytest.mark.parametrize(
    ("choices", "variable", "words"),
    [
        ({}, "UPLAB_AS_KEY", "give it in UPLAB_AS_KEY"),
        ({"ingress_auth": "header"}, "UPLAB_INGRESS_SECRET", "give the value of its header in UPLAB_INGRESS_SECRET"),
        ({"ingress_auth": "basic"}, "UPLAB_INGRESS_SECRET", "give user:password in UPLAB_INGRESS_SECRET"),
    ],
)
def test_what_only_its_keeper_knows_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, choices: dict[str, str], variable: str, words: str
) -> None:
    for name in ("UPLAB_AS_KEY", "UPLAB_INGRESS_SECRET"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(pytest.UsageError, match=words):
        check_key(profile(**choices))

    monkeypatch.setenv(variable, "user:a word of theirs")
    check_key(profile(**choices))


def test_open_ingress_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPLAB_AS_KEY", raising=False)

    check_key(profile(ingress_auth="none"))
