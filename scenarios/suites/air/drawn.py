"""Devices whose model and region the seed draws from the simulator's tables, and what each row of troubles proves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from uplab.scenarios import Lab, LabDevice
from uplab.simulator.lorawan.region import REGIONS
from uplab.simulator.payloads import MODELS

__all__ = ["CLAUSES", "GROUPS", "JOINS", "drawn_device"]

GROUPS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "counters": {
        "AIR-01.a": ("counter-repeated", "counter-restarted", "counter-jumped-too-far"),
        "AIR-02.a": ("counter-jumped", "counter-past-16-bits", "rejoin"),
    },
    "keys": {"AIR-01.b": ("mic-damaged", "payload-damaged", "wrong-key", "wrong-address")},
    "joins": {"AIR-01.c": ("wrong-join-key", "nonce-repeated"), "AIR-02.b": ("rapid-join",)},
    "radio": {
        "AIR-01.d": ("illegal-data-rate", "illegal-frequency", "out-of-reach"),
        "AIR-02.c": ("weak-signal", "random-loss", "duty-cycle-broken", "burst"),
    },
    "gateways": {
        "AIR-01.e": ("duplicate-late", "reordering"),
        "AIR-02.d": ("gateway-cut-off",),
        "AIR-02.e": ("duplicates", "frame-repeated"),
    },
}
"""Which troubles are played together, by the clause that each proves."""

CLAUSES: Final[Mapping[str, str]] = {
    name: clause for group in GROUPS.values() for clause, names in group.items() for name in names
}

JOINS: Final[Mapping[str, int]] = {"rejoin": 1, "rapid-join": 4}
"""How often the network server lets a device in during a trouble; else never."""


def drawn_device(lab: Lab, purpose: str) -> LabDevice:
    """A device of a region, and of a model unless the variant has one, that follow from seed, scenario and purpose."""
    draw = lab.upstream.stream(purpose)
    model = draw.choice(sorted(MODELS))
    return lab.device(lab.variant.model or model, region=draw.choice(sorted(REGIONS)))
