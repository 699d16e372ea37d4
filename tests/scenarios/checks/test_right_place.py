from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
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
    ("fake", "topic", "told", "outcome"),
    [
        ("ThingsBoard witness", "v1/gateway/connect", {"device": DEV}, "passed"),
        ("thingsboard", "v1/devices/me/attributes", {"version": 3}, "passed"),
        ("thingsboard", "v1/gateway/telemetry", {"device": DEV}, "failed"),
        ("broker", "forwarder/status", b"online", "passed"),
        ("broker", "forwarder/status", {"online": True}, "passed"),
        ("broker", "another/topic", document("0102030405060708", 1), "failed"),
        ("broker", "another/topic", document(DEV, 1), "failed"),
    ],
)
def test_message_about_the_link_alone_is_no_document(
    fake: str, topic: str, told: dict[str, Any] | bytes, outcome: str
) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    story.acknowledged(story.publishes(told, fake=fake, topic=topic, members=None))

    assert checks.right_place(story.events, ids, TO).outcome == outcome
