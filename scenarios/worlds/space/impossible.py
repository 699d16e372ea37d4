"""Which values cannot stand beside each other in a world, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from uplab.scenarios.worlds.space.beside import COMMANDS, FAILURES
from uplab.scenarios.worlds.space.documents import ROOTS
from uplab.scenarios.worlds.space.faults import FAULTS, FINE

__all__ = ["IMPOSSIBLE", "impossible"]

_HURRIED = tuple(
    name for name, one in FAILURES.items() if one is not None and one.to != "widgelix" and one.what not in FINE
)
_WIDGELIX = tuple(name for name, one in FAILURES.items() if one is not None and one.to == "widgelix")
_JOINS = ("rejoin", "rapid-join")
_OTHER = ("US915", "AS923-1", "AS923-1-NO-DWELL")
_PATTERNED = ("counter", "counter and port")

IMPOSSIBLE: Final[tuple[tuple[str, tuple[str, ...], str, tuple[str, ...], str], ...]] = (
    ("headers", _PATTERNED, "root", tuple(ROOTS), "no page says what a pattern does with a document that is no uplink"),
    ("headers", _PATTERNED, "join", ("told", "again"), "a join has no FPort: its uplink would be dropped"),
    ("headers", _PATTERNED, "downlink", ("any",), "its report has no FCntUp"),
    ("validity", ("90 s", "5 m", "2 h", "6 d"), "document", ("no time",), "how old it is cannot be said"),
    ("compliance", ("on",), "form", ("decoded",), "a decoded payload alone does not say which token is right"),
    ("fault", ("any",), "blamePeriod", ("3600",), "the next attempt comes too late to be waited for"),
    ("trouble", ("any",), "blamePeriod", ("3600",), "as above"),
    ("trouble", ("any",), "fault", ("any",), "nothing reaches the place where it would fail"),
    ("trouble", ("any",), "form", ("decoded",), "what waits arrives alone: which of it came cannot be told"),
    ("trouble", ("any",), "address", ("http",), "there is no certificate without TLS"),
    ("trouble", ("any",), "downlink", ("any",), "what a connection that does not work does with it is not said"),
    ("trouble", ("any",), "refused post", ("any",), "as above"),
    ("trouble", ("any",), "active", ("false",), "nothing is tried on a connection that is inactive"),
    ("region", _OTHER, "uplink", ("51 bytes", "222 bytes"), "longer than its slowest rate carries"),
    ("region", _OTHER, "downlink", ("51 bytes",), "as above"),
    ("air", ("any",), "counter", ("4294967100",), "its jumps would end the counter"),
    ("air", _JOINS, "headers", _PATTERNED, "a join has no FPort: its uplink would be dropped"),
    ("air", _JOINS, "flows", ("by tags",), "only uplinks carry the tags of their device"),
    ("downlinkAsKey", ("another",), "active", ("false",), "its downlinks are not asked for then"),
    ("headers", _PATTERNED, "downlinkAsKey", ("another",), "its report has no FCntUp"),
    ("headers", _PATTERNED, "downlink later", ("any",), "its report has no FCntUp"),
    ("trouble", ("any",), "downlink later", ("any",), "what a connection that does not work does with it is not said"),
    ("active", ("false",), "downlink later", ("any",), "as above"),
    ("flows", ("by tags",), "downlink later", ("any",), "whether a device of a flow by tags is bound is not said"),
    ("fault beside", _HURRIED, "downlink later", ("any",), "the network refuses what is dated by the hurried clock"),
    ("hours", ("an hour and more",), "process", ("any",), "a restart would put the clock back"),
    ("hours", ("an hour and more",), "downlink", ("any",), "the network refuses what is dated by the hurried clock"),
    ("hours", ("an hour and more",), "downlink later", ("any",), "as above"),
    ("hours", ("an hour and more",), "command", tuple(COMMANDS)[1:], "as above"),
    ("hours", ("an hour and more",), "validity", ("90 s", "5 m", "2 h", "6 d"), "ages go by the hurried clock"),
    ("hours", ("an hour and more",), "fault", ("any",), "what is put off is over at once"),
    ("hours", ("an hour and more",), "trouble", ("any",), "as above"),
    ("hours", ("an hour and more",), "fault beside", _WIDGELIX, "as above"),
    ("login", ("client secret",), "process", ("any",), "a start for a login is one of its own"),
    ("login", ("client secret",), "fault", ("any",), "worlds that wait are played together"),
    ("login", ("client secret",), "fault beside", tuple(FAILURES)[1:], "as above"),
    ("login", ("client secret",), "trouble", ("any",), "as above"),
    ("login", ("client secret",), "hours", ("an hour and more",), "as above"),
    ("fault", ("hang",), "process", ("any",), "a stop waits for what is under way"),
    ("fault beside", _HURRIED, "process", ("any",), "a restart would put the clock back"),
    ("fault beside", _HURRIED, "downlink", ("any",), "the network refuses what is dated by the hurried clock"),
    ("fault beside", _HURRIED, "command", ("any",), "as above"),
    ("fault beside", _HURRIED, "validity", ("90 s", "5 m", "2 h", "6 d"), "ages go by the hurried clock"),
    ("fault", tuple(FAULTS), "form", ("decoded",), "a decoded payload alone does not say which uplink came twice"),
    ("fault", tuple(FAULTS), "active", ("false",), "nothing is tried on a connection that is inactive"),
    ("active", ("false",), "downlink", ("any",), "what an inactive connection does with a downlink is not said"),
    ("active", ("false",), "refused post", ("any",), "as above"),
    ("process", ("stop while waiting", "kill while waiting"), "active", ("true",), "what waits, waits for active"),
    ("life", ("put while waiting",), "form", ("decoded",), "which form it had cannot be told from the payload alone"),
    ("document", ("no counter", "no port", "port 0"), "headers", _PATTERNED, "a pattern finds nothing in it"),
    ("flows", ("by tags",), "document", ("odd content", "no customer data"), "its tags are not the device's"),
    ("flows", ("by tags",), "root", tuple(ROOTS), "only uplinks carry the tags of their device"),
    ("flows", ("by tags",), "join", ("told", "again"), "as above"),
    ("flows", ("by tags",), "downlink", ("any",), "whether a device of a flow by tags is bound to a URL is not said"),
)
"""Pairs that no world has: a dimension, its values, another one, its values, and why. `any`: all but the default."""


def impossible(drawn: Mapping[str, str], name: str, value: str) -> str | None:
    """Why a value cannot stand beside those that are drawn already; None where it can."""
    for one, values, other, others, why in IMPOSSIBLE:
        for mine, my_values, theirs, their_values in ((one, values, other, others), (other, others, one, values)):
            if name == mine and _in(value, my_values) and _in(drawn.get(theirs, "none"), their_values):
                return why
    return None


def _in(value: str, values: tuple[str, ...]) -> bool:
    return value in values or ("any" in values and value != "none")
