"""What a scenario may ask of the forwarder under test, by its profile, its place and the ways that lead to it.

What is withheld is told before the first scenario, each with its reason; nothing is skipped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uplab.scenarios.under_test.profile import FEATURES, Profile
from uplab.scenarios.under_test.promise.left_out import unpromised

__all__ = ["ABILITIES", "Commands", "NotApplicableError", "lacking", "restricted", "strangers", "withheld"]

ABILITIES = ("replacing", "deleting", "ingress", "names", "tls", "form", "token", "exact", "alone")
"""What a scenario may need beside the features: that a connection is replaced or deleted, that uplinks go in over HTTP,
that the documents' own addresses stand in the connections, that destinations are reached over TLS; and of the promise:
that documents go out in ThingPark's form, that the ingress asks for a token, that numbers keep each digit. `alone` is
what may be asked of an account only that nobody else uses."""

_BY_API = ("api", "states", "events", "metrics", "limit", "login", "pages", "replacing")


class NotApplicableError(Exception):
    """A scenario asked for what this way of connecting does not have; the text says which."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The user's own commands; each takes JSON on stdin. What is None is not there."""

    connect: str | None = None
    disconnect: str | None = None
    bind: str | None = None
    uplink: str | None = None


def withheld(profile: Profile, *, elsewhere: bool, commands: Commands) -> dict[str, str]:
    """The features and abilities that a scenario cannot have here, each with the reason in words."""
    found: dict[str, str] = {}
    if elsewhere:
        here = "a forwarder that runs elsewhere cannot be"
        found |= {"durable": f"{here} killed from here", "clock": f"{here} given another clock"}
        found["login"] = f"{here} given a login from here"
        found["alone"] = "a forwarder that runs elsewhere may have connections of others: they are left in peace"
    way = profile.connections
    if way == "static":
        why = "connections are static: they are there when the forwarder starts, and nobody"
        found |= dict.fromkeys(_BY_API, f"{why} asks for them, replaces or lists them")
        found |= {"deleting": f"{why} deletes one", "flows": f"{why} binds a device to one"}
        found["downlinks"] = "connections are static: nothing tells a connection's downlink URL"
    elif way == "commands":
        why = "connections come by commands, and none"
        found |= dict.fromkeys(_BY_API, f"{why} shows or replaces one")
        if commands.disconnect is None:
            found["deleting"] = f"{why} deletes one: --disconnect-command is not given"
        if commands.bind is None:
            found["flows"] = f"{why} binds a device to one: --bind-command is not given"
    if commands.uplink is not None:
        found["ingress"] = "uplinks go in by --uplink-command, not over HTTP"
    if profile.ways.names == "direct":
        found["names"] = "names are direct: the lab's own addresses stand in the place of the documents'"
        found["widgelix"] = "names are direct, and Widgelix is at one fixed address"
        if not profile.ways.tls:
            found["tls"] = "names are direct, and by the profile without TLS"
    return found | unpromised(profile)


def strangers(needed: Sequence[str]) -> list[str]:
    """What a scenario says it needs, and is neither a feature nor an ability."""
    return sorted(set(needed) - FEATURES - set(ABILITIES))


def restricted(profile: Profile, reasons: Mapping[str, str]) -> Profile:
    """The profile without the features that are withheld."""
    features = profile.features.model_copy(update={n: False for n in reasons if n not in ABILITIES})
    ways = profile.ways.model_copy(update={"connections": profile.connections})
    return profile.model_copy(update={"features": features, "ways": ways})


def lacking(profile: Profile, reasons: Mapping[str, str], needed: Sequence[str]) -> str | None:
    """Why a scenario with these needs is not applicable, in one line; None where it is."""
    known = [name for name in needed if name not in ABILITIES]
    undeclared = sorted({name for name in known if name not in reasons and not getattr(profile.features, name)})
    said = [f"the profile {profile.name} does not declare {', '.join(undeclared)}"] if undeclared else []
    ways = {re.split("[:,]", why)[0]: why for why in (reasons[name] for name in reversed(needed) if name in reasons)}
    return "; ".join([*said, *reversed(ways.values())]) or None  # of each way one reason is enough
