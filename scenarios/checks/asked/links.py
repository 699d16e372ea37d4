"""How many links a connection has: one MQTT session carries all of its devices."""

from collections.abc import Sequence
from typing import Any

from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["OneLink"]


class OneLink(Check):
    """Each of these accounts has logged in once, and has carried all with that one session."""

    name = "one link"
    promise = "one link carries all devices of a connection"
    source = ("TB-12", "CONTRACT 4")
    asks = "how many MQTT sessions has each account begun, and been let in?"
    advice = "is a link kept after the first uplink, and shared by all devices?"
    hops = frozenset({"destination.connected"})

    def __init__(self, users: Sequence[str]) -> None:
        self._users = list(users)
        self._links: dict[str, int] = dict.fromkeys(users, 0)

    def see(self, event: Event) -> None:
        """One login more."""
        user = str(event.facts.get("username"))
        if user in self._links and not event.facts.get("code"):
            self._links[user] += 1

    def verdict(self) -> Verdict:
        """The first that has more than one."""
        several = [user for user in self._users if self._links[user] > 1]
        if several:
            return self.broken(len(self._users), f"{several[0]} has had {self._links[several[0]]} links, expected 1")
        examined = sum(self._links.values())
        return self.says("passed" if examined else "unknown", examined, f"{examined} accounts, each with one link")

    def asked(self) -> dict[str, Any]:
        """The accounts."""
        return {"users": self._users}
