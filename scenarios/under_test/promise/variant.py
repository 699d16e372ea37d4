"""What is varied between two plays of a scenario: failure generation, transport to ThingsBoard, numbers, device model.

A run plays each scenario as it is usual; a full one also in the other variants that concern it, chosen so that each
pair of values is met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Final

from uplab.scenarios.under_test.profile import Profile

__all__ = ["DIMENSIONS", "USUAL", "Variant", "values_of", "variants"]

DIMENSIONS: Final = ("generation", "transport", "regime", "model")

_MODELS: Final = (
    *("dragino_lht65", "milesight_em300_th", "nke_th", "ellenex_pls2_l", "adeunis_ftd", "axioma_w1"),
    *("abeeway_position", "abeeway_heartbeat"),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to play a scenario; None is the usual: the profile's generation and transport, typed numbers, Elsys ERS.

    `extra` says that only a full run plays it.
    """

    generation: str | None = None
    transport: str | None = None
    regime: str | None = None
    model: str | None = None
    extra: bool = False

    def __str__(self) -> str:
        """As it stands in a scenario's id."""
        return "-".join(value for name in DIMENSIONS if (value := getattr(self, name)) is not None)

    def profile(self, profile: Profile) -> Profile:
        """The profile in this generation."""
        if self.generation in (None, profile.choices.failure_generation):
            return profile
        choices = profile.choices.model_copy(update={"failure_generation": self.generation})
        return profile.model_copy(update={"choices": choices})


USUAL: Final = Variant()


def values_of(profile: Profile) -> dict[str, tuple[str, ...]]:
    """What there is of each dimension with this profile, the usual first."""
    choices, secure = profile.choices, profile.ways.names != "direct" or profile.ways.tls
    return {
        "generation": choices.generations,
        "transport": tuple(one for one in choices.transports if secure or one == "mqtt"),
        "regime": ("typed", "strings"),
        "model": ("elsys_ers", *_MODELS),
    }


def variants(
    profile: Profile, varied: Sequence[str], only: Mapping[str, Sequence[str]] | None = None, *, elsewhere: bool = False
) -> list[Variant]:
    """How a scenario is played that is `varied` in these dimensions, the way of every run first.

    `only` holds the values that a scenario is about: of these the first that the profile has is its usual one. A
    forwarder that runs `elsewhere` has the generation that it has.
    """
    there = values_of(profile)
    if elsewhere:
        there["generation"] = there["generation"][:1]
    axes: dict[str, tuple[str, ...]] = {}
    for name in DIMENSIONS:
        wanted = (only or {}).get(name)
        values = tuple(value for value in there[name] if wanted is None or value in wanted)
        if values and (wanted is not None or (name in varied and len(values) > 1)):
            axes[name] = values
    if not axes:
        return [USUAL]
    usual = {name: there[name][0] for name in axes}
    found: list[Variant] = []
    for row in _pairwise(list(axes.values())):
        unusual: dict[str, Any] = {name: v for name, v in zip(axes, row, strict=True) if v != usual[name]}
        found.append(Variant(**unusual, extra=bool(found)))
    return found


def _pairwise(axes: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Rows in which each value of each axis meets each value of each other one; the first holds the first values.

    Greedy, and so the same whenever it is asked: of all rows the one that meets most pairs which were not met yet.
    """
    rows = list(product(*axes))
    chosen = [rows[0]]
    if len(axes) == 1:
        return rows
    missing = {pair for row in rows for pair in _pairs(row)} - _pairs(rows[0])
    while missing:
        best = max(rows, key=lambda row: len(_pairs(row) & missing))
        chosen.append(best)
        missing -= _pairs(best)
    return chosen


def _pairs(row: Sequence[Any]) -> set[tuple[tuple[int, Any], ...]]:
    return set(combinations(enumerate(row), 2))
