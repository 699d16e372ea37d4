"""What posthere.io knows: bins and the requests in them, bounded in number, age and bytes; each loss is counted."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from uplab.fakes.messages import Pairs

__all__ = ["AGE_S", "BODY_LIMIT", "REQUESTS_LIMIT", "BinStore", "BinSummary", "Captured"]

# The limits of the service: the last 100 requests of a bin, for 24 hours, bodies up to 1,000,000 bytes.
REQUESTS_LIMIT: Final = 100
AGE_S: Final = 24 * 3600.0
BODY_LIMIT: Final = 1_000_000


class Captured(NamedTuple):
    """One request as it is kept: `headers` without Host, `query` without status. A named tuple as `Request` is.

    `number` counts all requests of the store from 1. `body` holds the bytes as they came, and is None when there were
    more than the service takes; `size` is how many came. `missed` says why a request was not taken, refused or cut off;
    its `status` is then what it was answered, 0 for nothing.
    """

    number: int
    time_s: float
    method: str
    status: int
    headers: Pairs
    query: Pairs
    body: bytes | None
    size: int
    missed: str = ""

    @property
    def content_type(self) -> str:
        """The Content-Type header, empty when there was none."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")

    @property
    def encoding(self) -> str:
        """How its body is packed, by the Content-Encoding header; empty when it is not."""
        return next((value for name, value in self.headers if name.lower() == "content-encoding"), "")


@dataclass(frozen=True, slots=True)
class BinSummary:
    """A bin in the list of bins; `last_s` is the time of its newest request."""

    name: str
    count: int
    dropped: int
    expired: int
    last_s: float


@dataclass(slots=True)
class _Bin:
    requests: deque[Captured] = field(default_factory=deque)
    dropped: int = 0
    expired: int = 0


_NO_BIN: Final = _Bin()


class BinStore:
    """All bins of one server.

    Beside the limits of the service there are two of ours, which keep a server that runs for long within its memory:
    `bytes_limit` for all bodies together and `bins_limit` bins; the bins that were posted to longest ago give way.
    `forgotten` counts the bins that did.
    """

    def __init__(self, *, bytes_limit: int = 256_000_000, bins_limit: int = 10_000, first_number: int = 1) -> None:
        self.forgotten = 0
        self.last_number = first_number - 1
        self._bytes_limit = bytes_limit
        self._bins_limit = bins_limit
        self._bytes = 0
        # Both in the order of the last capture; the second holds those bins that are not empty.
        self._bins: OrderedDict[str, _Bin] = OrderedDict()
        self._filled: OrderedDict[str, _Bin] = OrderedDict()

    def capture(
        self,
        name: str,
        *,
        now_s: float,
        method: str,
        status: int,
        headers: Pairs = (),
        query: Pairs = (),
        body: bytes = b"",
        size: int | None = None,
        missed: str = "",
    ) -> Captured:
        """Keep one request in a bin, which need not exist; `size` is given when `body` is only a part of it."""
        size = len(body) if size is None else size
        self.last_number += 1
        kept = body if size <= BODY_LIMIT else None
        captured = Captured(self.last_number, now_s, method, status, headers, query, kept, size, missed)
        found = self._bins.get(name)
        if found is None:
            found = self._bins[name] = _Bin()
        self._bins.move_to_end(name)
        self._filled[name] = found
        self._filled.move_to_end(name)
        found.requests.append(captured)
        self._bytes += len(kept or b"")
        self._expire(name, found, now_s)
        if len(found.requests) > REQUESTS_LIMIT:
            self._drop_oldest(found)
        self._make_room()
        return captured

    def requests(self, name: str, now_s: float, *, after: int = 0) -> list[Captured]:
        """The requests of a bin that are not too old, newest first; only those numbered above `after`."""
        found = self._bins.get(name, _NO_BIN)
        self._expire(name, found, now_s)
        return [captured for captured in reversed(found.requests) if captured.number > after]

    def find(self, name: str, number: int, now_s: float) -> Captured | None:
        """One request of a bin by its number, unless it is gone."""
        return next((captured for captured in self.requests(name, now_s) if captured.number == number), None)

    def summary(self, name: str, now_s: float) -> BinSummary:
        """How much a bin holds and has lost; zeros when there is no such bin."""
        found = self._bins.get(name, _NO_BIN)
        self._expire(name, found, now_s)
        last_s = found.requests[-1].time_s if found.requests else 0.0
        return BinSummary(name, len(found.requests), found.dropped, found.expired, last_s)

    def names(self) -> list[str]:
        """The names of all bins, the one that was posted to last first."""
        return list(reversed(self._bins))

    def bins(self, now_s: float) -> list[BinSummary]:
        """All bins, the one that was posted to last first."""
        return [self.summary(name, now_s) for name in self.names()]

    def delete(self, name: str) -> None:
        """Forget a bin with all that it holds and counted."""
        self._remove(name)

    def _expire(self, name: str, found: _Bin, now_s: float) -> None:
        while found.requests and now_s - found.requests[0].time_s > AGE_S:
            self._bytes -= len(found.requests.popleft().body or b"")
            found.expired += 1
        if not found.requests:
            self._filled.pop(name, None)

    def _drop_oldest(self, found: _Bin) -> None:
        self._bytes -= len(found.requests.popleft().body or b"")
        found.dropped += 1

    def _make_room(self) -> None:
        while self._bytes > self._bytes_limit:
            name, oldest = next(iter(self._filled.items()))
            self._drop_oldest(oldest)
            if not oldest.requests:
                del self._filled[name]
        while len(self._bins) > self._bins_limit:
            self._remove(next(iter(self._bins)))
            self.forgotten += 1

    def _remove(self, name: str) -> None:
        found = self._bins.pop(name, None)
        self._filled.pop(name, None)
        if found is not None:
            self._bytes -= sum(len(captured.body or b"") for captured in found.requests)
