"""A profile beside the wire: what it declares and is not there, and what is there and it does not declare. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from uplab.scenarios.under_test.profile import Profile

__all__ = ["Shown", "compared", "features_of"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one connection and one uplink of it have shown.

    `resource` is the connection as the API shows it, None where there is no API; `statuses` what GET of its parts
    (events, metrics) was answered; `delivered` the report of the uplink as it arrived, None where it came in another
    form.
    """

    resource: Mapping[str, Any] | None = None
    statuses: Mapping[str, int] = field(default_factory=dict)
    delivered: Mapping[str, Any] | None = None


def features_of(shown: Shown) -> dict[str, tuple[bool, str]]:
    """Of each feature that can be told from it: whether it is there, and by what."""
    found: dict[str, tuple[bool, str]] = {}
    if shown.resource is not None:
        for name, member in (("states", "state"), ("downlinks", "downlinkUrl")):
            found[name] = (isinstance(shown.resource.get(member), str), _member(member, shown.resource))
    for part, status in shown.statuses.items():
        found[part] = (status == 200, f"GET /connections/.../{part} was answered {status}")
    if shown.delivered is not None:
        there = "payload" in shown.delivered or "payloadDecodedError" in shown.delivered
        found["drivers"] = (there, f"the uplink arrived {'with' if there else 'without'} a decoded payload")
    return found


def _member(name: str, resource: Mapping[str, Any]) -> str:
    return f"the API shows {'a' if name in resource else 'no'} {name}"


def compared(profile: Profile, shown: Shown) -> Sequence[str]:
    """A line for each feature that is declared and absent, or there and not declared."""
    lines = []
    for name, (there, how) in features_of(shown).items():
        declared = bool(getattr(profile.features, name))
        if declared and not there:
            lines.append(f"the profile declares {name}, but {how}")
        elif there and not declared:
            lines.append(f"{how}, but the profile does not declare {name}: what needs it is not applicable")
    return lines
