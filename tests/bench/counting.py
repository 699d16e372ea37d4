"""Every uplink is counted: which were lost, which came twice, which nobody sent, and how late each was."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Arrival", "Count", "Posted", "count"]

_SHOWN = 3


class Posted(NamedTuple):
    """An uplink as the client saw it; times are of the monotonic clock, which all processes of a machine share."""

    identity: str
    sent_ns: int
    answered_ns: int
    accepted: bool


class Arrival(NamedTuple):
    """A delivery that the destination took."""

    identity: str
    arrived_ns: int


@dataclass(frozen=True, slots=True)
class Count:
    """What became of the uplinks that were posted, without those that are `excepted`."""

    accepted: int
    delivered: int
    lost: tuple[str, ...]
    twice: tuple[str, ...]
    invented: tuple[str, ...]
    refused: tuple[str, ...]
    late_ms: tuple[float, ...]  # from the ingress's answer to the arrival; 0 when it arrived before
    answer_ms: tuple[float, ...]  # from the post to the ingress's answer
    first_ns: int
    last_ns: int

    @property
    def elapsed_s(self) -> float:
        """From the first post to the last arrival."""
        return (self.last_ns - self.first_ns) / 1e9

    @property
    def problems(self) -> list[str]:
        """What must not be, in words; nothing when every accepted uplink arrived once."""
        found = {"lost": self.lost, "delivered twice": self.twice, "never sent": self.invented, "refused": self.refused}
        return [f"{len(those)} {what}: {_some(those)}" for what, those in found.items() if those]


def count(posted: Sequence[Posted], arrivals: Iterable[Arrival], excepted: Collection[str] = ()) -> Count:
    """Compare what was posted with what arrived; `excepted` are devices from which nothing is expected.

    An identity begins with the device and a blank.
    """
    expected = [one for one in posted if one.identity.partition(" ")[0] not in excepted]
    accepted = {one.identity: one for one in expected if one.accepted}
    taken = list(arrivals)
    times = Counter(arrival.identity for arrival in taken)
    known = {one.identity for one in posted}
    return Count(
        accepted=len(accepted),
        delivered=sum(identity in accepted for identity in times),
        lost=tuple(identity for identity in accepted if identity not in times),
        twice=tuple(identity for identity, often in times.items() if often > 1),
        invented=tuple(identity for identity in times if identity not in known),
        refused=tuple(one.identity for one in expected if not one.accepted),
        late_ms=tuple(
            max(arrival.arrived_ns - accepted[arrival.identity].answered_ns, 0) / 1e6
            for arrival in taken
            if arrival.identity in accepted
        ),
        answer_ms=tuple((one.answered_ns - one.sent_ns) / 1e6 for one in expected),
        first_ns=min((one.sent_ns for one in posted), default=0),
        last_ns=max((arrival.arrived_ns for arrival in taken), default=0),
    )


def _some(those: Sequence[str]) -> str:
    more = f" and {len(those) - _SHOWN} more" if len(those) > _SHOWN else ""
    return ", ".join(those[:_SHOWN]) + more
