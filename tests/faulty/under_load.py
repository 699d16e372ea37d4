"""`python -m tests.faulty.under_load NAME`: forwarders that go wrong once in very many uplinks, or a little each time.

No scenario meets them: a load has to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, Final

from tests.faulty.known_bad import swap
from uplab.simulator.forwarder import __main__ as forwarder
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing

__all__ = ["BAD"]

AT: Final = {"lose": 37, "repeat": 52, "alter": 71}
"""The numbers of the deliveries that go wrong."""

Deliver = Callable[[HttpSink, Outgoing], Any]


def once(*bugs: str) -> Callable[[Deliver], Deliver]:
    """One is taken for delivered and is not, one is sent once more after its 200, one has another spreading factor."""
    at = {AT[bug]: bug for bug in bugs}
    numbers = count(1)

    def make(deliver: Deliver) -> Deliver:
        async def wrong(self: HttpSink, outgoing: Outgoing) -> Answer:
            bug = at.get(next(numbers))
            if bug == "lose":
                return Answer("delivered", 200)
            if bug == "repeat":
                await deliver(self, outgoing)
            if bug == "alter":
                body = outgoing.body.replace(b'"SpFact":', b'"SpFact":1')
                assert body != outgoing.body
                outgoing = replace(outgoing, body=body)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return wrong

    return make


def leak(deliver: Deliver) -> Deliver:
    """A kilobyte of each is kept for ever; UPLAB_LEAK says how many bytes, for who has little time."""
    size = int(os.environ.get("UPLAB_LEAK", "1000"))
    kept: list[bytes] = []

    async def wrong(self: HttpSink, outgoing: Outgoing) -> Answer:
        kept.append(bytes(outgoing.body[:size].ljust(size)))
        answer: Answer = await deliver(self, outgoing)
        return answer

    return wrong


BAD: Final = {**{bug: once(bug) for bug in AT}, "once": once(*AT), "leak": leak}


if __name__ == "__main__":
    swap(HttpSink, "deliver", BAD[sys.argv.pop(1)])
    sys.exit(forwarder.main())
