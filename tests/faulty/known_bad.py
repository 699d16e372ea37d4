"""What a known-bad forwarder is: its manifest, and how it takes the place of the right code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

__all__ = ["Catalogue", "KnownBad", "Mark", "swap"]

Mark = Callable[[], None]
"""Called by changed code when it runs: a kill counts only when it did."""

Patch = Callable[[Mark], None]


@dataclass(frozen=True, slots=True)
class KnownBad:
    """One bug: what is wrong, what it breaks, which real bug it models, and the check that must catch it.

    `scenario` is the node id that must turn red, without parameters; `check` the verdict in it; `hop` what the report
    must name as the place where it diverged.
    """

    name: str
    wrong: str
    requirement: str
    models: str
    scenario: str
    check: str
    patch: Callable[[Mark], None]
    hop: str = "forwarder"


class Catalogue(dict[str, KnownBad]):
    """The known-bad forwarders by name; modules add theirs with the decorator `bad`."""

    def bad(
        self, name: str, wrong: str, *, requirement: str, models: str, scenario: str, check: str, hop: str = "forwarder"
    ) -> Callable[[Patch], Patch]:
        """Adds the decorated patch under a name that is not taken."""

        def add(patch: Patch) -> Patch:
            assert name not in self, f"two known-bad forwarders are called {name}"
            self[name] = KnownBad(name, wrong, requirement, models, scenario, check, patch, hop)
            return patch

        return add


def marker(name: str) -> Mark:
    """Says once, in the forwarder's log, that the changed code ran."""
    ran = False

    def mark() -> None:
        nonlocal ran
        if not ran:
            ran = True
            print(orjson.dumps({"known_bad": name, "ran": True}).decode(), file=sys.stderr, flush=True)

    return mark


def swap(owner: Any, attribute: str, make: Callable[[Any], Any]) -> None:
    """Puts `make(original)` in the place of an attribute; SystemExit when that is gone, so that no bug rots unseen."""
    if attribute not in vars(owner):
        sys.exit(f"the place to patch is gone: {getattr(owner, '__name__', owner)} has no {attribute} of its own")
    setattr(owner, attribute, make(vars(owner)[attribute]))
