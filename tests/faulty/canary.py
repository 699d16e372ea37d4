"""`python -m tests.faulty.canary`: a forwarder that loses what one in two hundred devices sends, and nothing else.

A world has two devices or so: it fails in about every hundredth world. `make nightly` explores with it, and is red when
nobody has seen it: what worlds find then, they find because they look.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from typing import Any

from tests.faulty.known_bad import Mark, marker, swap
from uplab.simulator.forwarder import __main__ as forwarder
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing

__all__ = ["EVERY", "is_lost", "lose"]

EVERY = 200
"""Of so many devices one loses what it sends."""


def is_lost(dev_eui: str) -> bool:
    """Whether it is one of those; always the same."""
    return int.from_bytes(sha256(dev_eui.upper().encode()).digest()[:8], "big") % EVERY == 0


def lose(mark: Mark) -> None:
    """Counts as delivered over HTTP what these devices send, but for a witness."""

    def make(deliver: Any) -> Any:
        async def forgetful(self: HttpSink, outgoing: Outgoing) -> Answer:
            if is_lost(str(outgoing.dev_eui)) and not self._url.startswith("http://witness"):
                mark()
                return Answer("delivered", 200)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return forgetful

    swap(HttpSink, "deliver", make)


if __name__ == "__main__":
    lose(marker("canary"))
    sys.exit(forwarder.main())
