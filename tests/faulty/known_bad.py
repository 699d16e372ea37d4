"""What a known-bad forwarder or fake is: its manifest, and how it takes the place of the right code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

__all__ = ["Catalogue", "Kill", "KnownBad", "Mark", "Side", "announcement", "marker", "swap"]

Mark = Callable[[], None]
"""Called by changed code when it runs: a kill counts only when it did."""

Patch = Callable[[Mark], None]
Side = Literal["forwarder", "fake"]


@dataclass(frozen=True, slots=True)
class Kill:
    """A clause that the bug breaks, and what must turn red for it.

    `scenario` is a node id without parameters, `check` the verdict in it, `hop` what the report must name as the place
    where it diverged.
    """

    requirement: str
    scenario: str
    check: str
    hop: str = "forwarder"


@dataclass(frozen=True, slots=True)
class KnownBad:
    """One bug: what is wrong, which real bug it models, and a kill for each clause of the catalogue that it breaks.

    `side` says whose code is patched: the forwarder's, or that of a fake in the lab. `arguments` are options with which
    the forwarder starts, `choices` those of its profile where they are not the reference forwarder's, `features` what
    it has beside that one's. One that delivers by a `policy` of its own is `policy_forwarder.py`, and departs from it
    by itself: nothing is patched.
    """

    name: str
    wrong: str
    models: str
    kills: tuple[Kill, ...]
    patch: Patch
    side: Side = "forwarder"
    arguments: tuple[str, ...] = ()
    choices: Mapping[str, Any] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    policy: Mapping[str, Any] | None = None

    @property
    def requirements(self) -> tuple[str, ...]:
        """The clauses that it breaks."""
        return tuple(dict.fromkeys(kill.requirement for kill in self.kills))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios that must turn red."""
        return tuple(dict.fromkeys(kill.scenario for kill in self.kills))


class Catalogue(dict[str, KnownBad]):
    """The known-bad forwarders and fakes by name; modules add theirs with the decorator `bad`."""

    def __init__(self, side: Side = "forwarder") -> None:
        """Begin empty; what is added patches this side."""
        super().__init__()
        self.side: Side = side

    def bad(
        self,
        name: str,
        wrong: str,
        *,
        requirement: str,
        models: str,
        scenario: str,
        check: str,
        hop: str = "forwarder",
        also: tuple[Kill, ...] = (),
        arguments: tuple[str, ...] = (),
        choices: Mapping[str, Any] | None = None,
        features: tuple[str, ...] = (),
    ) -> Callable[[Patch], Patch]:
        """Adds the decorated patch under a name that is not taken; `also` are further clauses that it breaks."""

        def add(patch: Patch) -> Patch:
            assert name not in self, f"two known-bads are called {name}"
            kills = (Kill(requirement, scenario, check, hop), *also)
            self[name] = KnownBad(name, wrong, models, kills, patch, self.side, arguments, choices or {}, features)
            return patch

        return add


def announcement(name: str, *, ran: bool = False) -> str:
    """The line by which a known-bad makes itself known, and the one that says that its changed code ran."""
    return orjson.dumps({"known_bad": name, **({"ran": True} if ran else {})}).decode()


def _to_log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def marker(name: str, say: Callable[[str], None] = _to_log) -> Mark:
    """Says once, in the forwarder's log unless told otherwise, that the changed code ran."""
    ran = False

    def mark() -> None:
        nonlocal ran
        if not ran:
            ran = True
            say(announcement(name, ran=True))

    return mark


def swap(owner: Any, attribute: str, make: Callable[[Any], Any]) -> None:
    """Puts `make(original)` in the place of an attribute; SystemExit when that is gone, so that no bug rots unseen."""
    if attribute not in vars(owner):
        sys.exit(f"the place to patch is gone: {getattr(owner, '__name__', owner)} has no {attribute} of its own")
    setattr(owner, attribute, make(vars(owner)[attribute]))
