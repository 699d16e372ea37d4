import pytest

from uplab.scenarios.history.common import LEAST_SECRET, MARK, common


@pytest.mark.parametrize(
    "word", ["", "test", "uplab", "forwarder", "ThingsBoard", "PASSWORD", "downlinkUrl", "00000000"]
)
def test_word_that_a_report_must_show_is_too_common(word: str) -> None:
    assert common(word)


def test_secret_of_the_lab_is_none_of_them() -> None:
    assert common(f"{MARK}x") is None
    assert common("Qz8"), f"it has fewer than {LEAST_SECRET} characters"


def test_what_belongs_to_a_secret_and_is_shown_is_none() -> None:
    assert common("my-account", ["My-Account"]) == "is also the name of something"
    assert common("my-account") is None
