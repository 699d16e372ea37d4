"""The catalogue itself, and that the suites speak of nothing that is not in it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.checks import requirements
from uplab.scenarios.checks.requirements import catalogue
from uplab.scenarios.documents.connector_document import known_documents
from uplab.scenarios.under_test.profile import FEATURES

HOUSE = Path(requirements.__file__).parents[1]
ROWS: list[dict[str, Any]] = tomllib.loads((HOUSE / "requirements.toml").read_text(encoding="utf-8"))["requirement"]
DOCUMENTS = {*known_documents(), "common parameters", "downlinks"}


def marked(name: str) -> Iterator[tuple[str, object]]:
    """Every argument of `pytest.mark.<name>(...)` in the suites, with its place."""
    for path in sorted((HOUSE / "suites").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(f"mark.{name}"):
                for argument in node.args:
                    place = f"{path.relative_to(HOUSE)}:{node.lineno}"
                    yield place, argument.value if isinstance(argument, ast.Constant) else ast.unparse(argument)


def test_every_id_stands_once() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(ids) > 90
    assert [id_ for id_ in ids if ids.count(id_) > 1] == []
    assert list(catalogue()) == ids


@pytest.mark.parametrize("prefix", sorted({row["id"].partition("-")[0] for row in ROWS}))
def test_ids_of_a_document_are_numbered_without_a_gap(prefix: str) -> None:
    ids = [row["id"] for row in ROWS if row["id"].startswith(f"{prefix}-")]
    assert ids == [f"{prefix}-{number:02d}" for number in range(1, len(ids) + 1)]


def is_whole(row: dict[str, Any]) -> bool:
    return (
        row.keys() == {"id", "document", "source", "subject", "text"}
        and row["subject"] in ("forwarder", "page", "fake")
        and row["source"] in ("D", "P", "O")
        and row["document"] in DOCUMENTS
        and row["text"] == row["text"].strip() != ""
    )


def test_every_row_says_who_can_break_it_and_where_it_stands() -> None:
    assert [row for row in ROWS if not is_whole(row)] == []
    assert [requirement.as_dict() for requirement in catalogue().values()] == ROWS


def test_every_requirement_of_a_scenario_is_in_the_catalogue() -> None:
    found = list(marked("requirement"))
    assert len(found) > 50
    assert [(place, id_) for place, id_ in found if id_ not in catalogue()] == []


def test_every_feature_that_a_scenario_needs_is_in_the_profile() -> None:
    found = list(marked("needs"))
    assert found
    assert [(place, feature) for place, feature in found if feature not in FEATURES] == []
