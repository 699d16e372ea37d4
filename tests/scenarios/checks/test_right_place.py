import pytest

from tests.scenarios.history_lines import BIN, DEV, Story
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)


def test_document_in_another_bin_is_in_the_wrong_place() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    story.delivered(1, url="/another-bin")

    verdict = checks.right_place(story.events, ids, TO)

    assert verdict.outcome == "failed"
    assert "/another-bin" in verdict.happened


@pytest.mark.parametrize(
    ("fake", "topic", "outcome"),
    [
        ("ThingsBoard witness", "v1/gateway/connect", "passed"),
        ("thingsboard", "v1/devices/me/attributes", "passed"),
        ("thingsboard", "v1/gateway/telemetry", "failed"),
        ("broker", "v1/gateway/connect", "failed"),
    ],
)
def test_message_about_the_link_alone_is_no_document(fake: str, topic: str, outcome: str) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    story.acknowledged(story.publishes({"device": DEV}, fake=fake, topic=topic, members=None))

    assert checks.right_place(story.events, ids, TO).outcome == outcome
