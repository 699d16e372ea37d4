import pytest

from tests.scenarios.history_lines import BIN, DEV, OTHER, Story
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)


def test_each_header_comes_once_with_its_value() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, headers=[["x-thing", DEV], ["X-Site", "BuildingA"]])
    wanted = {"X-Thing": lambda dev_eui: dev_eui, "X-Site": lambda _: "BuildingA"}

    assert checks.right_headers(story.events, ids, TO, wanted).outcome == "passed"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([], "received nothing"),
        ([["X-Thing", OTHER]], OTHER),
        ([["X-Thing", DEV], ["x-thing", DEV]], "2 of it"),
        ([["X-Thing", "{DevEUI}"]], "{DevEUI}"),
    ],
)
def test_wrong_header_is_named(headers: list[list[str]], words: str) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, headers=headers)

    verdict = checks.right_headers(story.events, ids, TO, {"X-Thing": lambda dev_eui: dev_eui})

    assert verdict.outcome == "failed"
    assert words in verdict.happened


def test_secret_header_values_are_compared_redacted() -> None:
    secret, other = "5ec0de5a" + "1" * 24, "5ec0de5a" + "2" * 24
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, headers=[["Authorization", f"Bearer {secret}"]])

    right = checks.right_headers(story.events, ids, TO, {"Authorization": lambda _: f"Bearer {secret}"})
    wrong = checks.right_headers(story.events, ids, TO, {"Authorization": lambda _: f"Bearer {other}"})

    assert right.outcome == "passed"
    assert wrong.outcome == "failed"
    assert secret not in wrong.text()
    assert other not in wrong.text()
