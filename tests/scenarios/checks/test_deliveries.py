from dataclasses import replace

import pytest

from tests.scenarios.history_lines import BIN, DEV, TELEMETRY, Story, document, point
from uplab.scenarios.checks.deliveries import Route, deliveries

TO, GATEWAY = Route("posthere", BIN), Route("thingsboard", TELEMETRY)


@pytest.mark.parametrize(
    ("status", "written", "headed", "delivered", "told"),
    [
        (200, True, True, True, True),
        (204, True, True, True, True),
        (200, False, True, False, True),
        (200, False, False, False, False),
        (302, True, True, False, False),
        (503, True, True, False, False),
    ],
)
def test_answer_of_http_delivers(status: int, written: bool, headed: bool, delivered: bool, told: bool) -> None:
    story = Story()
    story.sent(1)
    story.answered(story.arrives(document(DEV, 1)), status, written, headed=headed)

    (found,) = deliveries(story.events, TO)

    assert (found.delivered, found.told) == (delivered, told)


@pytest.mark.parametrize(("code", "delivered"), [(0, True), (0x10, True), (0x7F, True), (0x80, False), (0x99, False)])
def test_puback_delivers_unless_its_reason_code_refuses(code: int, delivered: bool) -> None:
    story = Story()
    story.sent(1)
    story.acknowledged(story.publishes({DEV: [point(1)]}, level=5), code)

    (found,) = deliveries(story.events, GATEWAY)

    assert (found.delivered, found.told) == (delivered, delivered)


def test_acknowledgement_of_an_older_history_has_no_code() -> None:
    story = Story()
    story.sent(1)
    exchange = story.publishes({DEV: [point(1)]})
    story.acknowledged(exchange)
    *before, last = story.events
    old = replace(last, facts={name: value for name, value in last.facts.items() if name != "code"})

    assert [found.delivered for found in deliveries([*before, old], GATEWAY)] == [True]


def test_only_a_whole_document_is_invented() -> None:
    story = Story()
    story.arrives(document(DEV, 1))
    story.arrives(b'{"DevEUI', complete=False)

    assert [(found.invented, found.doubtful) for found in deliveries(story.events)] == [(True, False), (False, False)]


@pytest.mark.parametrize(
    ("path", "topic", "takes"),
    [
        ("things/+/up", "things/1/up", True),
        ("things/+/up", "things/1/down", False),
        ("things/#", "things", True),
        ("a+b", "a+b", True),
        ("things/1", "things/1", True),
    ],
)
def test_route_at_a_broker_may_be_a_filter(path: str, topic: str, takes: bool) -> None:
    assert Route("broker", path).takes({"fake": "broker", "topic": topic}) is takes
    assert not Route("broker", path).takes({"fake": "thingsboard", "topic": topic})
    assert not Route("broker", path).takes({"fake": "broker", "url": f"/{topic}"})
