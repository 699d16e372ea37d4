"""What was configured in the scenario that runs, by the place to which it delivers: options, headers, downlink URLs."""

from collections.abc import Mapping
from typing import Any

from uplab.scenarios.checks.standing.connections import place_of_configuration, resources
from uplab.scenarios.checks.standing.invariant import Place
from uplab.scenarios.history.history import Event

__all__ = ["Configurations"]


class Configurations:
    """Every configuration that was asked for or shown; a page may make one that is shown later, or never."""

    hops = frozenset({"api.asked", "api.answered"})

    def __init__(self, namespace: str = "") -> None:
        self._namespace = namespace
        self._at: dict[Place, list[Mapping[str, Any]]] = {}
        self._urls: dict[Place, set[str]] = {}

    def begin(self) -> None:
        """Another scenario: its connections are its own."""
        self._at.clear()
        self._urls.clear()

    def see(self, event: Event) -> None:
        """Learns from each body that names a configuration, and from no refusal."""
        facts = event.facts
        if not str(facts.get("path")).startswith("/connections"):
            return
        if event.hop == "api.answered" and int(facts.get("status") or 0) >= 300:
            return
        for body in resources(event.raw):
            configuration = body["configuration"]
            place = place_of_configuration(configuration, self._namespace)
            if place is None:
                continue
            if configuration not in (known := self._at.setdefault(place, [])):
                known.append(configuration)
            if isinstance(url := body.get("downlinkUrl"), str):
                self._urls.setdefault(place, set()).add(url)

    @property
    def urls(self) -> set[str]:
        """The downlink URLs of this scenario's connections."""
        return set().union(*self._urls.values())

    def urls_at(self, place: Place) -> set[str]:
        """The downlink URLs of the connections that deliver there, also of those that have done so before a PUT."""
        return self._urls.get(place, set())

    def at(self, place: Place) -> list[Mapping[str, Any]]:
        """Every configuration with which anything may have been delivered there, oldest first."""
        return self._at.get(place, [])

    def any_is(self, option: str) -> bool:
        """Whether an option is true on any of this scenario's connections."""
        return any(one.get(option) is True for known in self._at.values() for one in known)
