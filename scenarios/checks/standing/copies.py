"""None twice, to the end of the run: what was delivered does not come again, be it long after its scenario."""

from collections import Counter, deque

from uplab.scenarios.checks.deliveries import AGAIN, Arrivals, Delivery, place_of
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.flows import Bindings
from uplab.scenarios.checks.standing.invariant import Breach, Invariant, Place, place_at, session_of
from uplab.scenarios.checks.standing.ranges import Ranges
from uplab.scenarios.history.history import Event

__all__ = ["Copies"]

_IN_FLIGHT_S = 5.0  # what was answered so shortly before a process or a link ended, the forwarder may not have noted
_SHORT_S = 0.001  # no connection can be told to wait for less
_PATIENCE_S = 5.0  # CONTRACT.md, section 4: so long at least an answer is awaited


class Copies(Invariant):
    """No document comes again to a place that has taken it.

    Allowed are what the answer did not make clear (a fault, an answer later than it must be awaited), what was in
    flight when the process or the link ended, and what was posted twice. A place that several connections share takes
    a document once from each to which its device is bound.
    """

    name = "none twice"
    promise = "what a destination has taken does not come there again"
    source = ("HTTP-12", "HTTP-16", "TB-16", "CONTRACT 2")
    advice = "is the queue entry removed before the next attempt, and does a connection end with its deliveries?"
    asks = "which document comes to a place that has taken it already?"

    def __init__(self, connections: Connections, bindings: Bindings) -> None:
        super().__init__()
        self._connections = connections
        self._bindings = bindings
        self._arrivals = Arrivals()
        self._done: dict[tuple[Place, str], Ranges] = {}
        self._taken: dict[tuple[Place, str], int] = {}  # what more than one connection delivers, and not yet each has
        self._posted: dict[str, Ranges] = {}
        self._excused: set[str] = set()  # posted twice, alike, or in flight at an end
        self._faults: set[object] = set()  # of what is not answered yet
        self._said: set[object] = set()  # the arrivals that were copies, and are not answered yet
        self._open: dict[object, tuple[object, tuple[str, ...]]] = {}  # (session, ids) of what is not answered yet
        self._ended = False  # whether what arrives may still be from before the end of the process
        self._recent: deque[tuple[float, object, str]] = deque()  # (answered, session, id)
        self._times: dict[tuple[str, str], str] = {}  # of the scenario that runs: who has sent at which time

    def begin(self) -> None:
        """Devices are each scenario's own, and so are their times."""
        self._times.clear()
        self._taken.clear()

    def interrupted(self, at_s: float, session: object = None) -> None:
        """The process, or a link, has ended: what it took shortly before, it may not have noted."""
        for answered_s, of, id_ in self._recent:
            if at_s - answered_s <= _IN_FLIGHT_S and session in (None, of):
                self._excused.add(id_)
        for of, ids in self._open.values():
            if session in (None, of):
                self._excused.update(ids)

    def see(self, event: Event) -> None:
        """Sorts the lines of a history."""
        if event.hop in ("device.sent", "network.document"):
            key = (str(event.facts.get("dev_eui")), str(event.facts.get("time")))
            for id_ in event.ids:
                if self._times.setdefault(key, id_) != id_:  # telemetry cannot tell them apart
                    self._excused |= {id_, self._times[key]}
        elif event.hop == "tunnel.sent":
            self._post(event)
        elif event.hop == "fault.delivered":
            self._faults.add(event.facts.get("exchange"))
        elif event.hop == "forwarder.ended":
            self.interrupted(event.monotonic_s)
            self._ended = True
        elif event.hop in ("api.answered", "tunnel.answered"):
            self._ended = False  # it is there again
        elif event.hop == "destination.closed":
            self.interrupted(event.monotonic_s, session_of(event.facts))
            self._connections.forget(session_of(event.facts))
        else:
            delivery = self._arrivals.see(event)
            if delivery is not None and delivery.answered is None:
                self._arrived(delivery)
            elif delivery is not None:
                self._answered(delivery)

    def _post(self, event: Event) -> None:
        if len(event.ids) > 1:
            self._excused.update(event.ids)
        for id_ in event.ids:
            posted = self._posted.setdefault(id_[0], Ranges())
            number = int(id_[1:])
            if number in posted:
                self._excused.add(id_)
            posted.add(number)

    def _arrived(self, delivery: Delivery) -> None:
        event = delivery.arrived
        if event.hop == "destination.arrived" and len(delivery.ids) > 1:
            return  # which of them it is cannot be told
        self._open[event.facts["exchange"]] = session_of(event.facts), delivery.ids
        if self._ended:
            self._excused.update(delivery.ids)
        place = place_at(event, self._connections.users)
        for id_, times in Counter(delivery.ids).items():
            if times > 1 and id_ not in self._excused:
                self.breaches.append(Breach(f"{id_} is told twice in one message to {place_of(event)}", (id_,)))
        if self._copies(event, place, delivery.ids, f"{AGAIN}; at {event.wall}"):
            self._said.add(event.facts["exchange"])
        if event.facts.get("qos") == 0:  # nothing answers it
            self._end(event.facts["exchange"])

    def _copies(self, event: Event, place: Place, ids: tuple[str, ...], how: str) -> bool:
        """Tells of those that the place has taken already; whether there were any."""
        again = False
        for id_ in dict.fromkeys(ids):
            done = self._done.get((place, id_[0]))
            if done is not None and int(id_[1:]) in done and id_ not in self._excused:
                self.breaches.append(Breach(f"{id_} arrived at {place_of(event)} {how}", (id_,)))
                again = True
        return again

    def _end(self, exchange: object) -> bool:
        """An exchange is over; whether it was told as a copy when it arrived."""
        self._open.pop(exchange, None)
        said = exchange in self._said
        self._said.discard(exchange)
        return said

    def _answered(self, delivery: Delivery) -> None:
        event, answered = delivery.arrived, delivery.answered
        assert answered is not None
        exchange = event.facts["exchange"]
        waited_s = answered.monotonic_s - event.monotonic_s
        faulty = exchange in self._faults or waited_s >= self._patience_s(event, waited_s)
        self._faults.discard(exchange)
        said = self._end(exchange)
        if not delivery.delivered or faulty or (len(delivery.ids) != 1 and event.hop == "destination.arrived"):
            return
        place = place_at(event, self._connections.users)
        if not said:  # it came while another of it was under way, and both were taken
            self._copies(event, place, delivery.ids, "twice at a time, and was taken both times")
        session = session_of(event.facts)
        while self._recent and answered.monotonic_s - self._recent[0][0] > _IN_FLIGHT_S:
            self._recent.popleft()
        for id_ in dict.fromkeys(delivery.ids):
            self._recent.append((answered.monotonic_s, session, id_))
            self._take(place, id_)

    def _patience_s(self, event: Event, waited_s: float) -> float:
        """How long an answer is awaited at least, by the contract or by what a connection to that place says."""
        if event.hop != "destination.published" or waited_s < _SHORT_S:
            return _PATIENCE_S
        place = place_at(event, self._connections.users)
        here = [one.patience_s for one in self._connections.of(None, 0) if one.place == place]
        return min([_PATIENCE_S, *here])

    def _take(self, place: Place, id_: str) -> None:
        """The place has taken it once more: with the last connection that delivers it there, it is done."""
        times = self._taken.pop((place, id_), 0) + 1
        if times < self._bindings.times(id_, place):
            self._taken[place, id_] = times
        else:
            self._done.setdefault((place, id_[0]), Ranges()).add(int(id_[1:]))
