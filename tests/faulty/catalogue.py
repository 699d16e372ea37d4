"""All known-bad forwarders, hop by hop, and the known-bad fakes; one alone costs the import of its own module."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faulty.known_bad import Catalogue, KnownBad

__all__ = ["CATALOGUE", "MODULES", "find"]

MODULES = (
    "authentication",
    "leaks",
    "headers",
    "mapping",
    "forms",
    "transport",
    "tunnel",
    "flows",
    "retry",
    "policies",
    "reconnection",
    "bodies",
    "broker_links",
    "brokers",
    "configuration",
    "deletion",
    "accepted",
    "taken",
    "told",
    "values_told",
    "way_back",
    "way_down",
    "shown",
    "restart",
    "alarms",
    "downlink",
    "downlink_options",
    "addresses",
    "pages",
    "walks",
    "posting",
    "sharing",
    "sessions",
    "kept",
    "spelt",
    "standing",
    "letters",
    "lasting",
    "commands",
    "content",
    "many_and_late",
    "on_the_air",
    "network",
    "fakes",
    "services",
)

if TYPE_CHECKING:
    CATALOGUE: Catalogue  # given by `__getattr__`, since a process that is one of them needs no other


def find(name: str) -> KnownBad | None:
    """The known-bad of this name, None where there is none."""
    for module in MODULES:
        if f'"{name}"' in Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"):
            found: KnownBad | None = import_module(f"tests.faulty.{module}").BAD.get(name)
            if found is not None:
                return found
    return _all().get(name)  # its name is put together where it is made


@cache
def _all() -> Catalogue:
    found = Catalogue()
    for module in MODULES:
        for name, bad in import_module(f"tests.faulty.{module}").BAD.items():
            assert name not in found, f"two known-bads are called {name}"
            found[name] = bad
    return found


def __getattr__(name: str) -> Catalogue:
    """All of them, when they are first asked for."""
    if name == "CATALOGUE":
        return _all()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
