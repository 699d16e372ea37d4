"""`python -m tests.faulty.under_load NAME`: forwarders that go wrong once in very many uplinks, or a little each time.

No scenario meets them: a load has to.
"""

from __future__ import annotations

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

AT: Final = 137
"""The number of the delivery that goes wrong."""

Deliver = Callable[[HttpSink, Outgoing], Any]


def lose(deliver: Deliver) -> Deliver:
    """One is taken for delivered, and is not."""
    numbers = count(1)

    async def wrong(self: HttpSink, outgoing: Outgoing) -> Answer:
        if next(numbers) == AT:
            return Answer("delivered", 200)
        return await deliver(self, outgoing)

    return wrong


def repeat(deliver: Deliver) -> Deliver:
    """One is sent once more after its 200."""
    numbers = count(1)

    async def wrong(self: HttpSink, outgoing: Outgoing) -> Answer:
        if next(numbers) == AT:
            await deliver(self, outgoing)
        return await deliver(self, outgoing)

    return wrong


def alter(deliver: Deliver) -> Deliver:
    """One has another spreading factor."""
    numbers = count(1)

    async def wrong(self: HttpSink, outgoing: Outgoing) -> Answer:
        if next(numbers) == AT:
            body = outgoing.body.replace(b'"SpFact":', b'"SpFact":1')
            assert body != outgoing.body
            outgoing = replace(outgoing, body=body)
        return await deliver(self, outgoing)

    return wrong


def leak(deliver: Deliver) -> Deliver:
    """A kilobyte of each is kept for ever."""
    kept: list[bytes] = []

    async def wrong(self: HttpSink, outgoing: Outgoing) -> Answer:
        kept.append(bytes(outgoing.body[:1000].ljust(1000)))
        return await deliver(self, outgoing)

    return wrong


BAD: Final = {"lose": lose, "repeat": repeat, "alter": alter, "leak": leak}


if __name__ == "__main__":
    swap(HttpSink, "deliver", BAD[sys.argv.pop(1)])
    sys.exit(forwarder.main())
