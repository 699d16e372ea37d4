"""Personal data of a document replaced, the same value by the same, and not a character else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from uplab.scenarios.captures.json_text import Node, read_json_text

__all__ = ["Mask"]

# Members that name a device, its owner or a place, and how what stands in for them looks.
_IDS: Final = ("DevEUI", "DevAddr", "CustomerID", "Lrrid", "LrrID", "PartnerID", "deviceEUI")
_NAMES: Final = ("name", "ModelCfg", "tags", "doms", "dom", "n", "g", "downlinkUrl", "BaseStationData")
_PLACES: Final = (
    *("LrrLAT", "LrrLON", "DevLAT", "DevLON", "DevAlt", "lat", "lon", "latitude", "longitude", "coordinates"),
    *("gpsLatitude", "gpsLongitude", "gpsAltitude", "location", "gpsPrevious"),
)


class Mask:
    """Remembers what it put in the place of what, so that one capture stays one story."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def document(self, text: str) -> str:
        """The document with stand-ins; JsonTextError where it is no JSON."""
        parts: list[str] = []
        at = 0
        for kind, node in sorted(_personal(read_json_text(text), ""), key=lambda found: found[1].start):
            if node.start < at:
                continue
            parts += [text[at : node.start], self._stand_in(kind, node, text[node.start : node.end])]
            at = node.end
        return "".join([*parts, text[at:]])

    def _stand_in(self, kind: str, node: Node, written: str) -> str:
        value = str(node.value).upper() if kind == "id" else written
        known = self._known.get((kind, value))
        if known is None:
            number = sum(one[0] == kind for one in self._known) + 1
            known = self._known[kind, value] = self._made(kind, number, node)
        return json.dumps(known) if node.kind == "text" else known

    def _made(self, kind: str, number: int, node: Node) -> str:
        if kind == "id":
            width = len(str(node.value))
            return str(number).zfill(width)[-width:] if node.kind == "text" else str(number)
        if kind == "place":
            return str(number) if node.kind == "text" else f"{number}.5"
        return f"name-{number}"


def _personal(node: Node, name: str) -> Iterator[tuple[str, Node]]:
    """Every scalar that tells of a person, with the kind of what it tells."""
    kind = "id" if name in _IDS else "place" if name in _PLACES else "name" if name in _NAMES else ""
    if kind and node.kind in ("text", "number"):
        yield kind, node
        return
    for one in node.members:
        # What stands within something personal is personal too.
        yield from _personal(one.value, one.name if one.name in (*_IDS, *_NAMES, *_PLACES) or not kind else name)
    for item in node.items:
        yield from _personal(item, name)
