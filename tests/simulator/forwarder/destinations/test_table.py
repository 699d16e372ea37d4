"""The table of connectors, and that nobody but their own folders knows them by name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import uplab.simulator.forwarder
from uplab.simulator.forwarder.destinations.table import CONNECTORS

HOUSE = Path(next(iter(uplab.simulator.forwarder.__path__)))
TABLE = "destinations/table.py"
FOLDERS = ("destinations/http/", "destinations/mqtt/", "destinations/thingsboard/")
OPTION = frozenset({"platform.py", "settings.py"})
"""--widgelix-url is an option of the platform, which stands below all connections."""


def elsewhere() -> list[str]:
    """Every module, template and script outside of the connectors' folders and the table."""
    files = [path for kind in ("*.py", "*.html", "*.js") for path in HOUSE.rglob(kind)]
    names = sorted(path.relative_to(HOUSE).as_posix() for path in files)
    return [name for name in names if name != TABLE and not name.startswith(FOLDERS)]


def words() -> set[str]:
    """What names a connector: its id, its models, its brands."""
    rows = CONNECTORS.values()
    brands = {kind.brand for row in rows for kind in row.kinds if kind.brand}
    return {*CONNECTORS, *brands, *(model.__name__ for row in rows for model in (row.body, row.configuration))}


def spoken(source: str) -> Iterator[str]:
    """The names and texts of a module, its docstrings and comments left out."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value
        for field in ("id", "attr", "name", "arg", "module"):
            if isinstance(named := getattr(node, field, None), str):
                yield named


def named_in(name: str, source: str) -> list[str]:
    """The words by which a file knows a connector."""
    found = {word for word in words() if re.search(rf"\b{word}\b", source)}
    if name.endswith(".py"):
        speech = " ".join(spoken(source)).lower()
        found |= {
            word
            for word in ("thingsboard", "widgelix", "forwarder.destinations.http", "forwarder.destinations.mqtt.")
            if word in speech
        }
    return sorted(found)


def test_connectors_are_named_in_their_folders_and_their_rows_only() -> None:
    files = {name: named_in(name, (HOUSE / name).read_text(encoding="utf-8")) for name in elsewhere()}

    assert len(files) > 60
    assert {name for name in OPTION if files.pop(name)} == OPTION
    assert {name: found for name, found in files.items() if found} == {}


@pytest.mark.parametrize(
    "line",
    [
        'ID = "actility-http-iot"',
        "isinstance(body, ThingsBoardBody)",
        'brand == "WIDGELIX"',
        "from uplab.simulator.forwarder.destinations.http.sink import HttpSink",
        "settings.widgelix_url",
    ],
)
def test_name_elsewhere_would_be_found(line: str) -> None:
    assert named_in("service.py", line)


def test_rows_stand_under_their_ids_and_kinds_name_their_row() -> None:
    for name, row in CONNECTORS.items():
        assert row.id == name
        assert {(kind.connector, kind.configuration) for kind in row.kinds} == {(name, row.configuration)}
    slugs = [kind.slug for row in CONNECTORS.values() for kind in row.kinds]
    assert len(slugs) == len(set(slugs))
