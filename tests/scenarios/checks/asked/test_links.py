"""One link carries all devices of a connection."""

import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.asked.links import OneLink
from uplab.scenarios.checks.check import judged_alone


@pytest.mark.parametrize(
    ("logins", "outcome"),
    [
        ([("w1-y0", 0)], "passed"),
        ([("w1-y0", 0), ("w2-y0", 0), ("w2-y0", 0)], "passed"),
        ([("w1-y0", 5), ("w1-y0", 0)], "passed"),
        ([("w1-y0", 0), ("w1-y0", 0)], "failed"),
        ([], "unknown"),
    ],
)
def test_account_that_is_let_in_twice_has_two_links(logins: list[tuple[str, int]], outcome: str) -> None:
    story = Story()
    for session, (user, code) in enumerate(logins):
        story.tells(
            "destination.connected",
            fake="thingsboard",
            session=session,
            username=user,
            client_id="c",
            level=4,
            code=code,
        )
    assert judged_alone(story.events, OneLink(["w1-y0"])).outcome == outcome
