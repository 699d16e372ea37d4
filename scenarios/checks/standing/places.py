"""Right place and own headers: what arrives at each host and path is what a connection was configured to send there."""

from uplab.scenarios.checks.deliveries import place_of
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.headers import COMMON
from uplab.scenarios.checks.standing.invariant import Breach, Invariant, Place, place_at
from uplab.scenarios.history.history import Event

__all__ = ["OwnHeaders", "Places"]


class Places(Invariant):
    """Documents arrive only where some connection delivers.

    What a fake has no use for counts too, wherever it came: only what a service answers itself is called a delivery.

    A page may have made a connection that the API shows only later, so that a place is judged when its scenario is
    over.
    """

    name = "right place"
    promise = "documents arrive only at the hosts and paths that a connection names"
    source = ("HTTP-12", "HTTP-17", "COM-22", "CONTRACT 3")
    advice = "which connection sent it there?"

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections
        self._seen: dict[Place, Breach] = {}

    def see(self, event: Event) -> None:
        """The first arrival at each place that nobody has named yet."""
        if event.hop not in ("destination.arrived", "destination.published"):
            return
        if not event.ids or event.ids[0][0] == "d":  # a downlink, which a service itself may hand on
            return
        place = place_at(event, self._connections.users)
        if place not in self._connections.ever and place not in self._seen:
            where = event.facts.get("host") or place[1]
            happened = f"{event.ids[0]} arrived at {place_of(event)} ({where}), where no connection delivers"
            self._seen[place] = Breach(happened, event.ids)

    def close(self) -> None:
        """What is named by now is right."""
        self.breaches += [breach for place, breach in self._seen.items() if place not in self._connections.ever]
        self._seen.clear()


class OwnHeaders(Invariant):
    """A header that is configured on one connection arrives at no other's destination."""

    name = "own headers"
    promise = "each configured header reaches only the destination of its own connection"
    source = ("HTTP-05", "HTTP-17", "CONTRACT 4")
    advice = "are headers kept per connection, or left behind in a client that connections share?"

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections
        self._seen: dict[tuple[Place, str], Breach] = {}

    def see(self, event: Event) -> None:
        """Which headers have come where."""
        if event.hop != "destination.arrived" or not event.ids:
            return
        place = place_at(event, self._connections.users)
        for name in {str(name).lower() for name, _ in event.facts.get("headers", ())} - COMMON:
            if (place, name) not in self._seen:
                happened = (
                    f"{event.ids[0]} arrived at {place_of(event)} with {name}, which belongs to another connection"
                )
                self._seen[place, name] = Breach(happened, event.ids)

    def close(self) -> None:
        """A header that others have, and those who deliver there have not."""
        foreign = self._connections.names
        for (place, name), breach in self._seen.items():
            if name in foreign and self._connections.count(place) and name not in self._connections.names_at(place):
                self.breaches.append(breach)
        self._seen.clear()
