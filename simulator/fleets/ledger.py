"""What was sent and what became of it, by device: complete at every moment, also where a day is broken off."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["Ledger"]


class Ledger:
    """Counts by the number of a device; its memory is some bytes for each device, however long the day is."""

    COLUMNS = ("join_tries", "joins", "sent", "documents", "late", "not_joined")

    def __init__(self, devices: Sequence[tuple[str, str]]) -> None:
        """The devices as DevEUI and model."""
        self._devices = devices
        self.join_tries, self.joins, self.sent, self.documents, self.late, self.not_joined = (
            array("L", bytes(array("L").itemsize * len(devices))) for _ in self.COLUMNS
        )
        self.roots: Counter[str] = Counter()
        self.number = {dev_eui: number for number, (dev_eui, _) in enumerate(devices)}

    def publish(self, document: dict[str, Any]) -> None:
        """Count a document under its root, and an uplink for its device."""
        root, content = next(iter(document.items()))
        self.roots[root] += 1
        if root == "DevEUI_uplink" and "rawJoinRequest" not in content:
            number = self.number[content["DevEUI"]]
            self.documents[number] += 1
            self.late[number] += int(content.get("Late") or 0)

    def total(self) -> dict[str, Any]:
        """The sums; `unheard` are the uplinks of which no document has been made so far."""
        sums: dict[str, Any] = {name: sum(getattr(self, name)) for name in self.COLUMNS}
        return {
            "devices": len(self._devices),
            **sums,
            "unheard": sums["sent"] - sums["documents"],
            "by_root": dict(sorted(self.roots.items())),
        }

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """For each device DevEUI, model and its counts, in the order of COLUMNS."""
        columns = [getattr(self, name) for name in self.COLUMNS]
        for number, who in enumerate(self._devices):
            yield (*who, *(column[number] for column in columns))
