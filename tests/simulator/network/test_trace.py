"""The header is as W3C Trace Context has it: version, trace, span, flags."""

import re

from uplab.simulator.network.trace import traceparent


def test_document_has_one_trace_and_each_post_a_span_of_its_own() -> None:
    once, again, other = traceparent(b"{1}", 1), traceparent(b"{1}", 2), traceparent(b"{2}", 3)

    assert all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", one) for one in (once, again, other))
    assert once.split("-")[1] == again.split("-")[1] != other.split("-")[1]
    assert len({one.split("-")[2] for one in (once, again, other)}) == 3
