"""The sockets that HTTP goes over: kept for the next request, unless something came over one that nobody asked for."""

from functools import partial
from typing import Any

import aiohttp

from uplab.simulator.forwarder.destinations.segments import Segments

__all__ = ["IDLE_S", "Pool"]

IDLE_S = 4.0
"""How long an unused connection is kept: shorter than the five seconds after which common servers close theirs."""


class Pool(aiohttp.TCPConnector):
    """aiohttp's pool, except that it never takes what lies unread on a kept connection for the next answer.

    A destination may speak unasked, with an answer too many or a 408 to a client that idles. aiohttp 3.14 gives such
    bytes to the next request as its answer: that message would count as delivered before it was written.
    """

    def __init__(self, **options: Any) -> None:
        """Take aiohttp's own options."""
        super().__init__(keepalive_timeout=IDLE_S, **options)
        # aiohttp has no option for it.
        self._factory = partial(Segments, loop=self._loop)  # type: ignore[assignment]

    async def connect(self, *request: Any, **options: Any) -> aiohttp.connector.Connection:
        """Give a connection on which nothing waits; all that a timeout of the request ends."""
        while True:
            connection = await super().connect(*request, **options)
            if connection.protocol is None or not connection.protocol.should_close:
                return connection
            connection.close()
