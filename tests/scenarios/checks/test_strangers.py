import pytest

from tests.scenarios.history_lines import BIN, DEV, TELEMETRY, Story
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.check import judged_alone
from uplab.scenarios.checks.checks import NoneLost, Route
from uplab.scenarios.history.pointers import Pointers

TO = Route("posthere", BIN)


def test_what_was_not_recognised_is_said_with_its_beginning_and_where_was_looked() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    for n in (1, 2):
        story.answered(story.arrives({"data": {"device": DEV, "n": n}}))

    verdict = checks.none_lost(story.events, ids, TO)

    assert (verdict.outcome, verdict.hop) == ("failed", "forwarder")
    assert '2 requests came in which no uplink was recognised, the first: {"data"' in verdict.happened
    assert "DevEUI, FCntUp and Time under a root" in verdict.happened
    assert "never arrived" not in verdict.happened
    assert "[format]" in (verdict.advice or "")


def test_pointers_of_the_profile_are_named() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives({"data": 1}))

    check = NoneLost(ids, TO, pointers=Pointers("/a", "/b", "/c"))
    verdict = judged_alone(story.events, check)

    assert "looked at /a, /b, /c" in verdict.happened
    assert check.asked()["pointers"] == ["/a", "/b", "/c", None, False]


def test_telemetry_under_a_wrong_ts_arrived_there() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.acknowledged(story.publishes({DEV: [{"ts": 1_767_225_601, "values": {"FCntUp": 1}}]}))

    verdict = checks.none_lost(story.events, ids, Route("thingsboard", TELEMETRY))

    assert f"telemetry of {DEV} arrived under 1970-01-21T10:53:45+00:00: its ts is 1767225601" in verdict.happened
    assert "never arrived" not in verdict.happened
    assert "milliseconds" in (verdict.advice or "")


def test_nothing_strange_is_said_of_what_came_to_nobody() -> None:
    story = Story()
    ids = [story.sent(1)]

    assert "never arrived" in checks.none_lost(story.events, ids, TO).happened


def test_what_is_packed_is_said_to_be_and_no_format_is_asked_for() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives({"data": 1}, headers=[["Content-Encoding", "gzip"]]))

    verdict = checks.none_lost(story.events, ids, TO)

    assert "the first is packed (Content-Encoding: gzip)" in verdict.happened
    assert "[format]" not in (verdict.advice or "")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'[{"data": 1}, {"data": 2}]', 'each = ""'),
        (b'{"index": {}}\n{"data": 1}\n', "lines = true"),
        (b'{\n"data": 1\n}', "counter and time"),
        (b"data=1\nmore=2", "counter and time"),
    ],
)
def test_body_that_holds_several_values_is_told_what_a_profile_says_of_it(raw: bytes, said: str) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(raw))

    advice = judged_alone(story.events, NoneLost(ids, TO)).advice or ""
    known = (
        judged_alone(story.events, NoneLost(ids, TO, pointers=Pointers("/a", "/b", each="", lines=True))).advice or ""
    )

    assert advice.endswith(said)
    assert known.endswith("counter and time")
