"""The judge of a load: a fold over what was posted and what arrived, with memory for what is under way alone.

Of each device it keeps what was accepted and not yet taken, and the times of the last that were; of what is over,
counts. What was posted and what arrived may be told in any order between each other, so that clocks and files of
several machines need not agree; each device's posts, and each place's arrivals, come in their own order. The verdicts
are those of the checks: none lost, none twice, in order, unaltered, right place, none invented (CONTRACT.md, sections
2, 4 and 9).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from uplab.scenarios.load.judging.content import TELEMETRY
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.tally import KINDS, Anomaly, Tally
from uplab.scenarios.load.judging.under_way import Arrival, Device, Key, Uplink, key_of

__all__ = ["SHOWN", "Judge", "Place"]

SHOWN: Final = 20
"""So many of each kind are named; all are counted."""

_IN_FLIGHT_US: Final = 5_000_000  # CONTRACT.md, section 9: what came so shortly before an end may come again
_AFTER_US: Final = 1_000_000  # what was on its way when the process ended
_EARLY: Final = 64  # of one device that may wait for its post to be told
_EXCUSED: Final = 200_000
_ENDS: Final = 8  # whose trail may still be told
_OWN: Final = "DevEUI_downlink_Rejected"  # the one report that a forwarder makes itself (section 5)

Place = tuple[str, str]
"""A connection's place by its name, and the group of destinations by which is counted."""


class Judge:
    """`bindings` say for each device the numbers of the places that must take what it sends.

    `late_after_us` counts from the ingress's answer to the arrival. `ordered` is false where the profile promises no
    order.
    """

    def __init__(
        self,
        places: Sequence[Place],
        bindings: Mapping[str, Sequence[int]],
        *,
        series: Series,
        late_after_us: int,
        ordered: bool = True,
    ) -> None:
        self.places = list(places)
        self.groups = series.groups
        self.series = series
        self.tallies = [Tally() for _ in self.groups]
        self.outcomes = {"accepted": 0, "refused": 0, "unclear": 0}
        self.unknown = 0
        self.anomalies: dict[str, list[Anomaly]] = {kind: [] for kind in (*KINDS, "unknown")}
        self._group = [self.groups.index(group) for _, group in places]
        self._devices = {
            dev_eui: Device(dev_eui, sum({1 << number for number in numbers})) for dev_eui, numbers in bindings.items()
        }
        self._late_after_us = late_after_us
        self._ordered = ordered
        self._arrivals = 0
        self._ends_us: list[int] = []
        self._recent: deque[tuple[int, int, str, Key]] = deque()  # taken lately: end, place, device, key
        self._excused: dict[tuple[int, str, Key], None] = {}

    # --- what is told -----------------------------------------------------------------------------------------------

    def posted(
        self,
        dev_eui: str,
        kind: str,
        f_cnt: int | None,
        time_ms: int | None,
        digest: str,
        answered_us: int,
        outcome: str,
    ) -> None:
        """A post is over: accepted, refused or unclear. Each device's in the order in which they were made."""
        device = self._devices.get(dev_eui)
        if device is None:
            device = self._devices[dev_eui] = Device(dev_eui, 0)
        device.posted += 1
        uplink = Uplink(device.posted, kind, f_cnt, time_ms, digest, answered_us, outcome)
        self.outcomes[outcome] += 1
        moment = self.series.at(answered_us)
        if outcome == "accepted":
            moment.accepted += 1
            for number in self._numbers(device.bound):
                self.tallies[self._group[number]].owed += 1
            if device.bound:
                device.waiting[key_of(kind, f_cnt, time_ms)] = uplink
        else:
            moment.not_accepted += 1
            device.set_apart(uplink)
        if device.early is not None:
            self._meet_early(device, uplink)

    def arrived(self, arrival: Arrival) -> None:
        """An exchange at a place is over. Each place's in the order in which they ended."""
        self._arrivals += 1
        self.tallies[self._group[arrival.place]].attempts += 1
        device = self._devices.get(arrival.dev_eui)
        if device is None:
            self._strange(Device(arrival.dev_eui, 0), arrival, self._arrivals)
            return
        uplink = device.find(arrival.kind, arrival.f_cnt, arrival.time_ms)
        if uplink is not None:
            self._meet(device, uplink, arrival, self._arrivals)
            return
        key = key_of(arrival.kind, arrival.f_cnt, arrival.time_ms)
        if arrival.kind != TELEMETRY and device.is_done(key):
            self._again(device, key, arrival)
        elif device.may_be_forgotten(key):
            self.unknown += 1
            self._show("unknown", device, arrival, "older than what is known of its device: a copy, or invented")
        elif arrival.kind != _OWN:  # of telemetry nobody knows yet whether another document has the same Time
            device.early = device.early or []
            device.early.append((self._arrivals, arrival))
            if len(device.early) > _EARLY:
                for number, one in device.early[: _EARLY // 2]:
                    self._strange(device, one, number)
                del device.early[: _EARLY // 2]

    def unreadable(self, place: int, at_us: int, beginning: str) -> None:
        """A delivery arrived that holds no document."""
        self._arrivals += 1
        tally = self.tallies[self._group[place]]
        tally.attempts += 1
        tally.broken["invented"] += 1
        self._keep(Anomaly("invented", "", None, None, self.places[place][0], f"no document: {beginning}", at_us))

    def ended(self, at_us: int) -> None:
        """The forwarder's process was ended: of what it had sent shortly before, it may not have noted the answer."""
        self._ends_us.append(at_us)
        del self._ends_us[:-_ENDS]
        for answered_us, place, dev_eui, key in self._recent:
            if at_us - answered_us <= _IN_FLIGHT_US:
                self._excuse(place, dev_eui, key)

    def finish(self, *, complete: bool = True, patient: bool = True) -> None:
        """Nothing more comes: what is owed is lost, and what was posted by nobody is invented.

        `complete` is false where a part of what was posted was not told, as when a sender died: what has no post is
        unknown then. So is what is owed where nobody had the patience to wait for it.
        """
        if not patient:
            self.unknown += self.waiting
        for device in self._devices.values():
            for number, arrival in device.early or ():
                self._strange(device, arrival, number, complete=complete)
            device.early = None
            for uplink in device.waiting.values() if patient else ():
                for number in self._numbers(device.bound & ~uplink.taken):
                    self.tallies[self._group[number]].broken["lost"] += 1
                    device.bad += 1
                    if len(self.anomalies["lost"]) < SHOWN:
                        words = "accepted, and not taken until the end"
                        place = self.places[number][0]
                        told = (device.dev_eui, uplink.f_cnt, uplink.time_ms, place, words, uplink.answered_us)
                        self.anomalies["lost"].append(Anomaly("lost", *told))

    # --- what is asked ----------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """How many deliveries are owed and not made yet."""
        return sum(tally.waiting for tally in self.tallies)

    @property
    def arrivals(self) -> int:
        """How many exchanges were told."""
        return self._arrivals

    @property
    def whole(self) -> Tally:
        """All groups together."""
        whole = Tally()
        for tally in self.tallies:
            whole.merge(tally)
        return whole

    @property
    def held(self) -> int:
        """How many things it keeps."""
        return sum(device.held for device in self._devices.values()) + len(self._recent) + len(self._excused)

    def worst(self, most: int = 10) -> list[dict[str, Any]]:
        """The devices with most that went wrong, then those with the largest latency."""
        rows = [d for d in self._devices.values() if d.bad or d.worst_us]
        rows.sort(key=lambda one: (-one.bad, -one.worst_us, one.dev_eui))
        return [
            {"dev_eui": one.dev_eui, "posted": one.posted, "broken": one.bad, "worst_s": one.worst_us / 1e6}
            for one in rows[:most]
        ]

    # --- how it is judged -------------------------------------------------------------------------------------------

    def _numbers(self, bits: int) -> list[int]:
        if bits and not bits & (bits - 1):  # the usual case: one place
            return [bits.bit_length() - 1]
        return [number for number in range(bits.bit_length()) if bits >> number & 1]

    def _meet_early(self, device: Device, uplink: Uplink) -> None:
        """What had arrived before its post was told."""
        assert device.early is not None
        key = key_of(uplink.kind, uplink.f_cnt, uplink.time_ms)
        left = []
        for number, arrival in device.early:
            told = arrival.kind == TELEMETRY and uplink.taken >> arrival.place & 1  # of another one of that Time
            if told or not _same(arrival, uplink, key):
                left.append((number, arrival))
            elif device.is_done(key):
                self._again(device, key, arrival)
            else:
                self._meet(device, uplink, arrival, number)
        device.early = left or None

    def _meet(self, device: Device, uplink: Uplink, arrival: Arrival, number: int) -> None:
        """An arrival of what is under way."""
        bit = 1 << arrival.place
        key = key_of(uplink.kind, uplink.f_cnt, uplink.time_ms)
        if not device.bound & bit:
            self._broken("misplaced", device, arrival, "its device is bound elsewhere")
            return
        if uplink.taken & bit:
            self._again(device, key, arrival)
            return
        if not arrival.taken:
            return
        self._content(device, uplink, arrival)
        tally = self.tallies[self._group[arrival.place]]
        uplink.taken |= bit
        if uplink.outcome == "accepted":
            tally.delivered += 1
            self._timed(device, tally, arrival, arrival.arrived_us - uplink.answered_us)
        elif uplink.outcome == "refused":
            self._broken("leaked", device, arrival, "the ingress had refused it")
        if self._ordered:
            self._order(device, uplink, arrival, number)
        self._taken(device, key, arrival)
        if uplink.taken == device.bound:
            device.retire(uplink)

    def _content(self, device: Device, uplink: Uplink, arrival: Arrival) -> None:
        if arrival.time_ms != uplink.time_ms:
            self._broken("altered", device, arrival, f"its Time: posted with {uplink.time_ms} ms")
        elif arrival.f_cnt is not None and arrival.f_cnt != uplink.f_cnt:
            self._broken("altered", device, arrival, f"its counter: posted with {uplink.f_cnt}")
        elif arrival.digest is not None and arrival.digest != uplink.digest:
            self._broken("altered", device, arrival, f"digest {arrival.digest}, posted with {uplink.digest}")

    def _timed(self, device: Device, tally: Tally, arrival: Arrival, took_us: int) -> None:
        took_us = max(took_us, 0)  # it may arrive before the ingress has answered
        tally.sketch.add(took_us)
        moment = self.series.at(arrival.arrived_us)
        group = self._group[arrival.place]
        moment.delivered[group] += 1
        moment.sketches[group].add(took_us)
        device.worst_us = max(device.worst_us, took_us)
        if took_us > self._late_after_us:
            tally.late += 1

    def _order(self, device: Device, uplink: Uplink, arrival: Arrival, number: int) -> None:
        newest = device.newest.get(arrival.place)
        if newest is not None:
            ordinal, before, ended_us = newest
            if (uplink.ordinal - ordinal) * (number - before) < 0:
                self._broken("out of order", device, arrival, "a later one of its device was taken before it")
            elif uplink.ordinal > ordinal and arrival.arrived_us < ended_us:
                self._broken("out of order", device, arrival, "it began while the one before it was open")
            if uplink.ordinal < ordinal:
                return
        device.newest[arrival.place] = (uplink.ordinal, number, arrival.answered_us)

    def _taken(self, device: Device, key: Key, arrival: Arrival) -> None:
        """What is known of an answer: whether the forwarder may have missed it."""
        unclear = arrival.faulty or arrival.answered_us - arrival.arrived_us >= _IN_FLIGHT_US
        for at_us in self._ends_us:
            unclear = unclear or arrival.arrived_us - _AFTER_US <= at_us <= arrival.answered_us + _IN_FLIGHT_US
        if unclear:
            self._excuse(arrival.place, device.dev_eui, key)
        recent = self._recent
        recent.append((arrival.answered_us, arrival.place, device.dev_eui, key))
        while arrival.answered_us - recent[0][0] > _IN_FLIGHT_US:
            recent.popleft()

    def _excuse(self, place: int, dev_eui: str, key: Key) -> None:
        self._excused[place, dev_eui, key] = None
        if len(self._excused) > _EXCUSED:
            del self._excused[next(iter(self._excused))]

    def _again(self, device: Device, key: Key, arrival: Arrival) -> None:
        """It was taken there before."""
        if not device.bound >> arrival.place & 1:
            self._broken("misplaced", device, arrival, "its device is bound elsewhere")
        elif (arrival.place, device.dev_eui, key) in self._excused:
            self.tallies[self._group[arrival.place]].repeated += 1
        elif arrival.taken or arrival.arrived_us >= device.newest.get(arrival.place, (0, 0, 0))[2]:
            self._broken("twice", device, arrival, "its destination had taken it already")

    def _strange(self, device: Device, arrival: Arrival, number: int, *, complete: bool = True) -> None:
        """Nobody has posted it, as it is."""
        resembling = device.resembling(arrival)
        key = key_of(arrival.kind, arrival.f_cnt, arrival.time_ms)
        if device.is_done(key, any_kind=arrival.kind == TELEMETRY):
            self._again(device, key, arrival)
        elif resembling is not None:
            self._meet(device, resembling, arrival, number)
        elif complete:
            self._broken("invented", device, arrival, "nobody has posted it")
        else:
            self.unknown += 1
            self._show("unknown", device, arrival, "no post of it was told, and not all posts were")

    def _broken(self, kind: str, device: Device, arrival: Arrival, words: str) -> None:
        self.tallies[self._group[arrival.place]].broken[kind] += 1
        device.bad += 1
        self._show(kind, device, arrival, words)

    def _show(self, kind: str, device: Device, arrival: Arrival, words: str) -> None:
        place = self.places[arrival.place][0]
        told = (device.dev_eui, arrival.f_cnt, arrival.time_ms, place, words, arrival.arrived_us, arrival.exchange)
        self._keep(Anomaly(kind, *told))

    def _keep(self, anomaly: Anomaly) -> None:
        if len(self.anomalies[anomaly.kind]) < SHOWN:
            self.anomalies[anomaly.kind].append(anomaly)


def _same(arrival: Arrival, uplink: Uplink, key: Key) -> bool:
    """Whether it is what came before its post was told."""
    if arrival.kind == TELEMETRY:
        return arrival.time_ms == uplink.time_ms
    return key_of(arrival.kind, arrival.f_cnt, arrival.time_ms) == key
