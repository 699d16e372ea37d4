"""The forwarder's floors, top to bottom as an uplink and a request go: each imports what stands below it only."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import uplab.simulator.forwarder

ROOT = "uplab.simulator.forwarder"
HOUSE = Path(next(iter(uplab.simulator.forwarder.__path__)))
FLOORS = (
    ("__main__",),
    ("api",),
    ("pages",),
    ("web",),
    ("service",),
    ("watch",),
    ("downlinks",),
    ("delivery",),
    ("destinations.table",),
    ("destinations.http", "destinations.thingsboard"),
    ("destinations",),
    ("connections",),
    ("documents",),
    ("patterns",),
    ("store",),
    ("settings",),
    ("platform",),
    ("resolve", "clock", "logs", "problem", "invalid"),
)
"""What shares a floor knows nothing of each other; the longest name that fits a module is its place."""
MOST_MODULES = 15
HEIGHT = {place: -number for number, floor in enumerate(FLOORS) for place in floor}


def place_of(module: str) -> str:
    return max((p for p in HEIGHT if module == p or module.startswith(f"{p}.")), key=len)


def upward(name: str, source: str) -> Iterator[str]:
    """The imports of a module that do not lead down."""
    here = place_of(name)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{ROOT}."):
            there = place_of(str(node.module).removeprefix(f"{ROOT}."))
            if there != here and HEIGHT[there] >= HEIGHT[here]:
                yield f"{name} imports {there}"


def modules() -> dict[str, str]:
    """The source of each module, by its name below the root."""
    found = {path.relative_to(HOUSE): path.read_text(encoding="utf-8") for path in HOUSE.rglob("*.py")}
    return {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): source
        for path, source in found.items()
        if path.as_posix() != "__init__.py"
    }


def test_each_module_imports_what_stands_below_only() -> None:
    assert [wrong for name, source in modules().items() for wrong in upward(name, source)] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("settings", "from uplab.simulator.forwarder.connections.connection import Configuration"),
        ("service", "from uplab.simulator.forwarder.api.app import Application"),
        ("destinations.http.sink", "from uplab.simulator.forwarder.destinations.thingsboard.rest import READ_MAX"),
        ("destinations.connector", "from uplab.simulator.forwarder.destinations.http.connector import HTTP"),
        ("clock", "from uplab.simulator.forwarder.logs import log"),
    ],
)
def test_wrong_import_would_be_found(name: str, line: str) -> None:
    assert list(upward(name, line))


def test_rooms_are_small_enough_to_know() -> None:
    files = [path.relative_to(HOUSE) for path in HOUSE.rglob("*.py") if path.name != "__init__.py"]
    rooms = Counter(path.parent.as_posix() for path in files)

    assert {room: count for room, count in rooms.items() if count > MOST_MODULES} == {}
