"""What arrived and what of it was held against anything: for each destination, its members, headers and telemetry."""

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Read"]


class Read:
    """Which names came at a destination, and which of them no check has read so far.

    A name that one check reads once counts as read: what nobody ever looks at is what a forwarder may get wrong unseen.
    """

    def __init__(self) -> None:
        self._came: dict[tuple[str, str], set[str]] = {}
        self._unread: dict[tuple[str, str], dict[str, int]] = {}

    def note(self, destination: str, kind: str, unread: Iterable[str], came: Iterable[str] | dict[str, Any]) -> None:
        """Notes what came in one delivery ("member", "header", "telemetry"), and which names of it nobody read."""
        key = destination, kind
        self._came.setdefault(key, set()).update(came)
        counts = self._unread.setdefault(key, {})
        for name in unread:
            counts[name] = counts.get(name, 0) + 1

    def take(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What was noted since the last time: {destination: {kind: {"came": names, "unread": {name: count}}}}."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for (destination, kind), names in sorted(self._came.items()):
            unread = dict(sorted(self._unread.get((destination, kind), {}).items()))
            found.setdefault(destination, {})[kind] = {"came": sorted(names), "unread": unread}
        self._came.clear()
        self._unread.clear()
        return found

    def add(self, taken: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Takes in what another one has noted."""
        for destination, kinds in taken.items():
            for kind, told in kinds.items():
                self._came.setdefault((destination, kind), set()).update(told["came"])
                counts = self._unread.setdefault((destination, kind), {})
                for name, count in told["unread"].items():
                    counts[name] = counts.get(name, 0) + count

    @property
    def unread(self) -> list[str]:
        """What arrived and nobody has read, as `destination kind name`."""
        return sorted(f"{where} {kind} {name}" for (where, kind), names in self._unread.items() for name in names)
