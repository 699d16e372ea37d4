"""None twice: what was delivered does not come again."""

from collections import Counter
from collections.abc import Sequence

from uplab.scenarios.checks.check import DeliveryCheck
from uplab.scenarios.checks.deliveries import AGAIN, Delivery, Route, some
from uplab.scenarios.checks.verdict import Verdict

__all__ = ["NoneTwice"]


class NoneTwice(DeliveryCheck):
    """No document arrives again after it was delivered, while an earlier attempt is still open, or within a message."""

    name = "none twice"
    promise = "each uplink arrives once; again only after an answer that was lost or refused"
    source = ("HTTP-12", "HTTP-16", "TB-16", "CONTRACT 2")
    asks = "which uplinks came again, and how was the attempt before them answered?"
    advice = "is the queue entry removed before the next attempt, and are two workers reading the same queue?"

    def __init__(self, ids: Sequence[str], to: Route) -> None:
        super().__init__(ids, to)
        self._judged = frozenset(ids)
        self._seen: set[str] = set()
        self._done: set[str] = set()  # delivered here
        self._open: dict[str, Delivery] = {}  # the newest attempt, while it is under way
        self._behind: dict[int, list[tuple[int, str]]] = {}  # by an attempt: what came again before its answer
        self._twice: list[tuple[int, str]] = []  # (number of the event, id)

    def arrived(self, delivery: Delivery) -> None:
        """It came before, or twice at once."""
        seq = delivery.arrived.seq
        for id_, times in Counter(delivery.ids).items():
            if id_ in self._judged:
                self._seen.add(id_)
            before = self._open.get(id_)
            if times > 1 or id_ in self._done:
                self._twice.append((seq, id_))
            elif before is not None:
                self._behind.setdefault(before.arrived.seq, []).append((seq, id_))
            if delivery.arrived.facts.get("qos") != 0:
                self._open[id_] = delivery

    def answered(self, delivery: Delivery) -> None:
        """An answer that comes at last: the attempt was under way all the time."""
        self._twice += self._behind.pop(delivery.arrived.seq, ())
        for id_ in set(delivery.ids):
            if self._open.get(id_) is delivery:
                del self._open[id_]
            if delivery.delivered:
                self._done.add(id_)

    def verdict(self) -> Verdict:
        """Any that came again counts, be it asked for or not."""
        twice = [id_ for _, id_ in sorted(self._twice, key=lambda one: one[0])]
        if twice:
            # In the words of the standing invariant, so that both tell one cause.
            first, found = twice[0], some(list(dict.fromkeys(twice)))
            happened = f"{first} arrived at {self.to} {AGAIN}; {len(twice)} in all: {found}"
            return self.broken(len(self._seen), happened, twice)
        if not self._seen:
            return self.none_arrived()
        return self.says("passed", len(self._seen), f"{len(self._seen)} uplinks, each once")
