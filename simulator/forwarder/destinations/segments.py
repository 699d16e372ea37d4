"""An answer says the same in however many TCP segments it comes: what is wrong with its body never hides its head."""

import re
from collections.abc import Iterator
from typing import Any

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler

__all__ = ["Segments", "ends_of_heads"]

_END = re.compile(rb"\n\r?\n")
_BEFORE = 2  # bytes of an end of a head that may have come earlier


def ends_of_heads(before: bytes, data: bytes) -> Iterator[int]:
    """Where in these bytes a head may end, behind its empty line; `before` are the last bytes that came earlier."""
    kept = before[-_BEFORE:]
    return (at for match in _END.finditer(kept + data) if (at := match.end() - len(kept)) > 0)


class Segments(ResponseHandler):
    """aiohttp's own reader of answers, given a head and what follows it one after the other.

    aiohttp 3.14 throws away a head that was right when the same segment holds a body that is wrong, and of a body that
    goes wrong in a later segment it tells nobody, so that the time for the whole request has to run out.
    """

    def __init__(self, loop: Any) -> None:
        """For one connection."""
        super().__init__(loop)
        self._before = b""
        self._answered = False

    def set_response_params(self, **parameters: Any) -> None:
        """Begin anew with the next answer."""
        self._before, self._answered = b"", False
        super().set_response_params(**parameters)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take a head that was read; informational ones have another one behind them (RFC 9110 section 15.2)."""
        self._answered = self._answered or data[0].code >= 200
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Read on until the answer's head is known, then all the rest at once."""
        at = 0
        for end in () if self._answered else ends_of_heads(self._before, data):
            super().data_received(data[at:end])
            at = end
            if self._answered:
                break
        self._before = (self._before + data[-_BEFORE:])[-_BEFORE:]
        if at < len(data) or not data:  # nothing is what aiohttp itself gives, to go on after a pause
            super().data_received(data[at:])

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Whatever ends the conversation ends the body that was being read too."""
        super().set_exception(exc, *cause)
        if self._payload is not None and not self._payload.is_eof() and self._payload.exception() is None:
            self._payload.set_exception(ClientPayloadError(f"the body is broken off: {exc}"))
