"""The trace of an uplink at its destination, by W3C Trace Context."""

import pytest

from tests.scenarios.history_lines import BIN, Story
from uplab.scenarios.checks.checks import Route, SameTrace, judged_alone
from uplab.scenarios.checks.verdict import Verdict

TO = Route("posthere", BIN)
TRACE, OTHER, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


def verdict(*came: list[str], given: str | None = GIVEN) -> Verdict:
    """Of one uplink that came with these headers."""
    story = Story()
    ids = [story.sent(1, traceparent=given)]
    story.delivered(1, headers=list(came))
    return judged_alone(story.events, SameTrace(ids, TO))


@pytest.mark.parametrize(
    "came",
    [
        ["traceparent", GIVEN],
        ["Traceparent", f"00-{TRACE}-b7ad6b7169203331-00"],
        ["TRACEPARENT", f"01-{TRACE}-b7ad6b7169203331-00-more"],
    ],
)
def test_trace_goes_on_with_its_span_or_one_of_the_forwarders_own(came: list[str]) -> None:
    assert (verdict(came).outcome, verdict(came).examined) == ("passed", 1)


@pytest.mark.parametrize(
    ("came", "words"),
    [
        ([], "received nothing"),
        ([["traceparent", GIVEN], ["traceparent", GIVEN]], "received 2 of it"),
        ([["traceparent", f"00-{OTHER}-{SPAN}-01"]], f'expected the trace {TRACE}, received "00-{OTHER}'),
        ([["traceparent", f"00-{TRACE}-{'0' * 16}-01"]], "received"),
        ([["traceparent", f"00-{TRACE.upper()}-{SPAN}-01"]], "received"),
        ([["traceparent", f"ff-{TRACE}-{SPAN}-01"]], "received"),
        ([["traceparent", f"{GIVEN}-more"]], "received"),
        ([["traceparent", TRACE]], "received"),
    ],
)
def test_what_is_no_trace_of_the_uplink_is_told(came: list[list[str]], words: str) -> None:
    said = verdict(*came)
    assert (said.outcome, said.hop) == ("failed", "forwarder")
    assert words in said.happened


def test_uplink_that_was_posted_without_a_trace_says_nothing() -> None:
    assert verdict(["traceparent", GIVEN], given=None).outcome == "unknown"
