"""What the user asked for, in words."""

from typing import Any

import pytest

from tests.scenarios.fake_config import config
from uplab.scenarios.run.asked import asked, selection, whole_was_asked


@pytest.mark.parametrize(
    ("given", "words", "sentence"),
    [
        ({}, [], "the suites"),
        ({"full": True, "shuffle": True}, [["--full"], ["--shuffle"]], "--full in the suites"),
        ({"only": ["http"], "gate": True}, [["--only", "http"], ["--gate"]], "--only http in the suites"),
        ({"must-reach": ["FPort 0", "late"]}, [["--must-reach", "FPort 0"], ["--must-reach", "late"]], "the suites"),
    ],
)
def test_what_was_given_is_said_again(given: dict[str, Any], words: list[list[str]], sentence: str) -> None:
    options = config("/", **given)

    assert list(asked(options, [])) == words
    assert selection(options) == sentence


def test_what_is_named_is_not_the_whole() -> None:
    assert whole_was_asked(config("/"))
    assert not whole_was_asked(config("/", only=["http"]))
    assert not whole_was_asked(config("suites/http"))
