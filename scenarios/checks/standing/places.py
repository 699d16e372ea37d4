"""Right place and own headers: what arrives at each host and path is what a connection was configured to send there."""

from uplab.scenarios.checks.deliveries import place_of
from uplab.scenarios.checks.standing.connections import Configured, Connections
from uplab.scenarios.checks.standing.flows import Bindings
from uplab.scenarios.checks.standing.headers import COMMON
from uplab.scenarios.checks.standing.invariant import Breach, Invariant, Place, place_at
from uplab.scenarios.history.history import Event

__all__ = ["OwnHeaders", "Places"]


_GRACE_S = 5.0  # what is read so shortly after its connection was deleted was on its way


class Places(Invariant):
    """Each document arrives only where a connection delivers to which its device was bound when it was accepted.

    And not after that connection was deleted, which at the latest it is with its scenario.

    What a fake has no use for counts too, wherever it came: only what a service answers itself is called a delivery.

    A page may have made a connection that the API shows only later, so that a place is judged when its scenario is
    over.
    """

    name = "right place"
    promise = "a document arrives only at the hosts and paths of the connections to which its device is bound"
    source = ("HTTP-12", "HTTP-17", "COM-22", "CONTRACT 2", "CONTRACT 3")
    advice = "which connection sent it there, and is the device bound to that one by a flow?"
    asks = "where does each document arrive, and where may it go?"

    def __init__(self, connections: Connections, bindings: Bindings) -> None:
        super().__init__()
        self._connections = connections
        self._bindings = bindings
        self._now_s = self._begun_s = 0.0
        self._unnamed: dict[Place, Breach] = {}
        self._unbound: dict[tuple[Place, str], Breach] = {}  # the first of each device at a place

    def see(self, event: Event) -> None:
        """The first arrival at each place where it may not be, as far as is known by now."""
        self._now_s = event.monotonic_s
        if event.hop not in ("destination.arrived", "destination.published"):
            return
        if not event.ids or event.ids[0][0] == "d":  # a downlink, which a service itself may hand on
            return
        place = place_at(event, self._connections.users)
        if late := [id_ for id_ in dict.fromkeys(event.ids) if self._is_late(id_, place)]:
            happened = f"{late[0]} arrived at {place_of(event)}, long after its connection was deleted"
            self.breaches.append(Breach(happened, (late[0],)))
        elif place not in self._connections.ever:
            if place not in self._unnamed:
                where = event.facts.get("host") or place[1]
                happened = f"{event.ids[0]} arrived at {place_of(event)} ({where}), where no connection delivers"
                self._unnamed[place] = Breach(happened, event.ids)
        elif wrong := self._wrong(event, place):
            happened = f"{wrong} arrived at {place_of(event)}, where no connection delivers that it was bound to"
            self._unbound.setdefault((place, self._bindings.device_of(wrong)), Breach(happened, (wrong,)))

    def _wrong(self, event: Event, place: Place) -> str | None:
        """The first document that may not go there; of a request that may be one of several, if none of them may."""
        wrong = [id_ for id_ in dict.fromkeys(event.ids) if not self._bindings.may_go(id_, place)]
        return wrong[0] if wrong and (event.hop == "destination.published" or len(wrong) == len(event.ids)) else None

    def begin(self) -> None:
        """What an earlier scenario had made is deleted by now."""
        self._begun_s = self._now_s

    def _is_late(self, id_: str, place: Place) -> bool:
        """Whether all connections that might bring it there were deleted a while ago."""
        if self._bindings.is_over(id_):
            return self._now_s - self._begun_s > _GRACE_S
        there = [one for one in self._bindings.may_have(id_) or () if one.place == place]
        return bool(there) and all(self._now_s - one.gone_s > _GRACE_S for one in there)

    def close(self) -> None:
        """What is named by now is right, and so is what may be there by now."""
        self.breaches += [one for place, one in self._unnamed.items() if place not in self._connections.ever]
        for (place, _), breach in self._unbound.items():
            if not self._bindings.may_go(breach.ids[0], place):
                self.breaches.append(breach)
        self._unnamed.clear()
        self._unbound.clear()


class OwnHeaders(Invariant):
    """A header that is configured on one connection arrives at no other's destination, nor does its value."""

    name = "own headers"
    promise = "each configured header reaches only the destination of its own connection, with its own value"
    source = ("HTTP-05", "HTTP-17", "CONTRACT 4")
    advice = "are headers kept per connection, or left behind in a client that connections share?"
    asks = "with which headers does each document arrive, and which of them are configured elsewhere?"

    def __init__(self, connections: Connections, bindings: Bindings) -> None:
        super().__init__()
        self._connections = connections
        self._bindings = bindings
        self._seen: dict[tuple[Place, str], Breach] = {}

    def see(self, event: Event) -> None:
        """Which headers have come where."""
        if event.hop != "destination.arrived" or len(event.ids) != 1:
            return
        place = place_at(event, self._connections.users)
        own = self._own(event.ids[0], place)
        for said, value in event.facts.get("headers", ()) if own else ():
            name = str(said).lower()
            if name not in COMMON and (place, name) not in self._seen and self._foreign(name, str(value), own):
                happened = (
                    f"{event.ids[0]} arrived at {place_of(event)} with {name}, which is not configured there so, "
                    "but on another connection, or was before"
                )
                self._seen[place, name] = Breach(happened, event.ids)

    def _own(self, id_: str, place: Place) -> list[Configured]:
        """What is configured where it arrived; none where it should not have."""
        known = self._bindings.may_have(id_)
        return [one for one in (self._connections.of(None, 0) if known is None else known) if one.place == place]

    def _foreign(self, name: str, value: str, own: list[Configured]) -> bool:
        """Whether others have the header, and these not; or others this very value of it, and these none like it."""
        mine = [one.headers[name] for one in own if name in one.headers]
        if any("{" in given or set(given) == {"*"} or _plain(given) == _plain(value) for given in mine):
            return False
        others = [one.headers[name] for one in self._connections.of(None, 0) if name in one.headers and one not in own]
        return any(not mine or _plain(given) == _plain(value) for given in others)

    def close(self) -> None:
        """Of what was made elsewhere than over the API it is not known whose documents it gets."""
        if not self._connections.elsewhere:
            self.breaches += self._seen.values()
        self._seen.clear()


def _plain(value: str) -> str:
    """The value of a header without the Bearer that a token may be given with."""
    kind, _, rest = value.strip().partition(" ")
    return rest.strip() if kind.lower() == "bearer" and rest else value.strip()
