"""Watches a whole run for breaks of the standing invariants, and finds the scenario in whose time the cause lies.

A scenario that means to break one names it: `@pytest.mark.breaks("none twice")`.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable

from uplab.scenarios.checks.standing.configured import Configurations
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.copies import Copies
from uplab.scenarios.checks.standing.documents import AlwaysUnaltered, RightAdditions
from uplab.scenarios.checks.standing.flows import Bindings
from uplab.scenarios.checks.standing.gateway import ConnectFirst
from uplab.scenarios.checks.standing.headers import AlwaysRightHeaders, AlwaysRightTopics, Reports
from uplab.scenarios.checks.standing.invariant import Breach, Invariant
from uplab.scenarios.checks.standing.origin import OneTs, Origin
from uplab.scenarios.checks.standing.places import OwnHeaders, Places
from uplab.scenarios.checks.standing.read import Read
from uplab.scenarios.checks.standing.secrecy import NoSecret
from uplab.scenarios.checks.standing.telemetry import RightValues
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["INVARIANTS", "NAMES", "Found", "Watch"]

INVARIANTS: tuple[type[Invariant], ...] = (
    Copies,
    Origin,
    Places,
    ConnectFirst,
    OneTs,
    NoSecret,
    OwnHeaders,
    AlwaysUnaltered,
    RightAdditions,
    AlwaysRightHeaders,
    AlwaysRightTopics,
    RightValues,
)
"""The standing invariants."""

NAMES = tuple(one.name for one in INVARIANTS)

Found = tuple[str | None, Verdict]
"""A break, and the scenario of its cause; None where that is not known."""


class Watch:
    """All standing invariants over one pass, from the first scenario to the end of the run."""

    def __init__(
        self,
        *,
        places: bool = True,
        flows: bool = True,
        one_ts: bool = True,
        documents: bool = True,
        exact: bool = True,
        drivers: bool = False,
        downlinks: bool = False,
        telemetry_fields: Collection[str] = (),
        namespace: str = "",
        texts: bool = False,
    ) -> None:
        """`places` says whether every connection is known: none but those that the API shows.

        Without `flows` every device is bound to every connection. `one_ts` says whether all that an uplink measured has
        the ts of the uplink, `documents` whether the document itself is delivered, and no other format, `exact` whether
        numbers keep each digit. `drivers`, `downlinks` and `telemetry_fields` are what the profile declares. What comes
        of devices of another `namespace` is another run's, and nobody's fault; places are called without its mark. With
        `texts` the values of telemetry may be texts that say what they are.
        """
        self._connections = Connections(namespace)
        self._bindings = Bindings(self._connections, flows=flows)
        self._configured = Configurations(namespace)
        self._reports = Reports()
        known = self._connections, self._bindings
        self.secrecy = NoSecret()
        self.read = Read()
        self._all: list[Invariant] = [
            *(Copies(*known), Origin(self._connections, namespace), ConnectFirst(), self.secrecy),
            AlwaysRightHeaders(self._configured, self._reports, self.read, documents=documents),
            AlwaysRightTopics(self._configured, self._reports, self._connections),
            RightValues(self._configured, self.read, fields=telemetry_fields, drivers=drivers, texts=texts),
        ]
        if one_ts:
            self._all.append(OneTs(namespace))
        if documents:
            users, shown = self._connections.users, downlinks and places
            additions = RightAdditions(self._configured, self.read, users, drivers=drivers, downlinks=shown)
            self._all += [AlwaysUnaltered(exact=exact), additions]
        if places:
            self._all += [Places(*known), OwnHeaders(*known)]
        self.seen = 0
        """The number of the newest line that it has seen."""
        self.beside: Callable[[Event], None] | None = None
        """Who else wants to see each line, in the same pass."""
        self._running: str | None = None
        self._meant: dict[str, frozenset[str]] = {}  # what a scenario means to break
        self._firsts: dict[str, tuple[list[int], list[str]]] = {}  # by kind of id: the first of each scenario
        self._devices: dict[str, str] = {}
        self._broken: dict[Invariant, str] = {}  # what broke itself, and how

    def begin(self, scenario: str, breaks: Collection[str] = ()) -> None:
        """Another scenario begins; what came since the last one has been seen."""
        self._close()
        self._running = scenario
        if breaks:
            self._meant[scenario] = frozenset(breaks)
        self._connections.begin()
        self._bindings.begin()
        self._configured.begin()
        for invariant in self._all:
            invariant.begin()

    def expect_breaks(self) -> None:
        """Whatever the scenario that runs has broken, and is seen from now on, it meant to break."""
        self._meant[self._running or ""] = frozenset(NAMES)

    def see(self, events: Iterable[Event]) -> None:
        """Takes in what is new of a history."""
        for event in events:
            if event.seq <= self.seen:
                continue
            self.seen = event.seq
            if self.beside is not None:
                self.beside(event)
            self._own(event)
            if event.hop in Connections.hops:
                self._connections.see(event)
            if event.hop in Configurations.hops:
                self._configured.see(event)
            if event.hop in Reports.hops:
                self._reports.see(event)
            if event.hop in Bindings.hops:
                self._bindings.see(event)
            for invariant in self._all:
                if invariant not in self._broken:
                    try:
                        invariant.see(event)
                    except Exception as error:  # noqa: BLE001 - whatever it is, no forwarder has failed by it
                        self._broken[invariant] = f"at event {event.seq}, {event.hop}: {error!r}"

    def _own(self, event: Event) -> None:
        """Whose documents and devices these are."""
        if event.hop not in ("device.sent", "network.document") or self._running is None:
            return
        self._devices[str(event.facts.get("dev_eui")).upper()] = self._running
        for id_ in filter(_numbered, event.ids):
            firsts, scenarios = self._firsts.setdefault(id_[0], ([], []))
            number = int(id_[1:])
            if not firsts or (number > firsts[-1] and scenarios[-1] != self._running):
                firsts.append(number)
                scenarios.append(self._running)

    def _cause(self, breach: Breach) -> str | None:
        if breach.here:
            return self._running
        for id_ in filter(_numbered, breach.ids):
            firsts, scenarios = self._firsts.get(id_[0], ([], []))
            if at := bisect_right(firsts, int(id_[1:])):
                return scenarios[at - 1]
        return self._devices.get(breach.device or "")

    def _close(self) -> None:
        for invariant in self._all:
            invariant.close()

    def take(self) -> list[Found]:
        """What was broken since the last time, and meant by no scenario: one verdict for each invariant and cause."""
        self._close()
        found: list[Found] = []
        for invariant in self._all:
            by_cause: dict[str | None, list[Breach]] = {}
            for breach in invariant.take():
                cause = self._cause(breach)
                meant = self._meant.get(cause or "", frozenset()) | self._meant.get(self._running or "", frozenset())
                if invariant.name not in meant:
                    by_cause.setdefault(cause, []).append(breach)
            found += [(cause, invariant.verdict(breaches)) for cause, breaches in by_cause.items()]
        for invariant, how in self._broken.items():
            if how:
                happened = f"the check itself broke, which says nothing about the forwarder: {how}"
                error = Verdict(invariant.name, "error", 0, invariant.promise, happened, "check")
                found.append((self._running, error))
                self._broken[invariant] = ""
        return found


def _numbered(id_: str) -> bool:
    """Whether it is an id as the ledger gives them; a stored history may be a stranger's."""
    return id_[1:].isdecimal()
