"""The catalogue itself, and that the suites speak of nothing that is not in it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import ascii_lowercase
from types import ModuleType
from typing import Any

import pytest

from uplab.scenarios.checks import requirements
from uplab.scenarios.checks.requirements import LABELS, catalogue, clauses, concerns
from uplab.scenarios.documents.connector_document import known_documents
from uplab.scenarios.under_test.ways.reach import strangers

HOUSE = Path(requirements.__file__).parents[1]
ROWS: list[dict[str, Any]] = tomllib.loads((HOUSE / "requirements.toml").read_text(encoding="utf-8"))["requirement"]
SUBJECTS = ("forwarder", "page", "fake")
FIELDS = ("id", "document", "source", "subject", "text")
ID = re.compile(r"(WGX|HTTP|TB|COM|DL|MQTT|AIR)-\d\d(\.[a-z])?")
OPEN = ""
NOT_YET = set(OPEN.split())
"""Clauses that no verdict names yet; reports show each as a gap. It may only become shorter."""
DOCUMENTS = {*known_documents(), "common parameters", "downlinks", "MQTT page", "LoRaWAN"}


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
        row.keys() - {"clauses"} == set(FIELDS)
        and row["subject"] in SUBJECTS
        and row["source"] in LABELS
        and row["document"] in DOCUMENTS
        and row["text"] == row["text"].strip() != ""
    )


def test_every_row_says_who_can_break_it_and_where_it_stands() -> None:
    assert [row for row in ROWS if not is_whole(row)] == []
    shown = [requirement.as_dict() for requirement in catalogue().values()]
    assert [{name: row[name] for name in FIELDS} for row in shown] == [{n: row[n] for n in FIELDS} for row in ROWS]


def is_clause(clause: str | dict[str, str]) -> bool:
    own = {"text": clause} if isinstance(clause, str) else clause
    return (
        own.keys() <= {"text", "source", "subject"}
        and own["text"] == own["text"].strip() != ""
        and own.get("source", "O") in LABELS
        and own.get("subject", "fake") in SUBJECTS
    )


def test_clauses_are_lettered_without_a_gap_and_say_what_differs_from_their_row() -> None:
    for row in ROWS:
        letters = "".join(row.get("clauses", ""))
        assert letters == ascii_lowercase[: len(letters)], row["id"]
        assert len(letters) != 1, f"{row['id']} says one thing: it needs no clauses"
        assert all(map(is_clause, row.get("clauses", {}).values())), row["id"]


@pytest.mark.parametrize(
    ("id_", "subject", "label"),
    [
        ("WGX-09", "forwarder", "documented"),
        ("WGX-07.c", "forwarder", "our reading"),
        ("WGX-18.b", "fake", "documented"),
        ("COM-16.a", "forwarder", "public"),
    ],
)
def test_clause_that_says_nothing_else_is_as_its_row(id_: str, subject: str, label: str) -> None:
    assert (clauses()[id_].subject, clauses()[id_].label) == (subject, label)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("WGX-07.a", "WGX-07", True),
        ("WGX-07", "WGX-07.a", True),
        ("WGX-07.a", "WGX-07.a", True),
        ("WGX-07.a", "WGX-07.b", False),
        ("WGX-0", "WGX-07", False),
    ],
)
def test_row_stands_for_each_of_its_clauses(one: str, other: str, same: bool) -> None:
    assert concerns(one, other) == same


def test_every_clause_that_a_scenario_names_is_in_the_catalogue() -> None:
    found = [*marked("requirement"), *((place, id_) for place, id_, in_mark in spoken() if not in_mark)]
    assert len(found) > 250
    assert [(place, id_) for place, id_ in found if id_ not in clauses()] == []


def spoken() -> Iterator[tuple[str, str, bool]]:
    """Every id of the catalogue that stands as a text in the suites, with its place, and whether it is in a mark."""
    for path in sorted((HOUSE / "suites").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marks = [
            n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func).endswith("mark.requirement")
        ]
        marked = {id(text) for mark in marks for text in ast.walk(mark)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value):
                yield f"{path.relative_to(HOUSE)}:{node.lineno}", node.value, id(node) in marked


def first_of_each(module: ModuleType) -> Iterator[str]:
    """The clauses that the verdicts of some scenario prove without saying so: the first of its marks."""
    for name, function in vars(module).items():
        if name.startswith("test_"):
            marks = [
                mark for mark in getattr(function, "pytestmark", ()) if mark.name in ("requirement", "parametrize")
            ]
            own = [mark.args[0] for mark in marks if mark.name == "requirement"]
            given = [one for mark in marks if mark.name == "parametrize" for one in mark.args[1]]
            yield from own[:1]
            for parameters in given:
                named = [mark.args[0] for mark in getattr(parameters, "marks", ()) if mark.name == "requirement"]
                yield from [] if own else named[:1]


def named_by_verdicts() -> set[str]:
    """Every clause that a verdict of the suites names."""
    files = sorted((HOUSE / "suites").rglob("test_*.py"))
    names = [".".join(("uplab", "scenarios", *path.relative_to(HOUSE).with_suffix("").parts)) for path in files]
    first = {id_ for name in names for id_ in first_of_each(import_module(name))}
    return first | {id_ for _, id_, in_mark in spoken() if not in_mark}


def test_every_clause_is_named_by_a_verdict() -> None:
    gaps = set(clauses()) - named_by_verdicts()
    assert sorted(gaps - NOT_YET) == [], "a gap: no verdict of the suites names it"
    assert sorted(NOT_YET - gaps) == [], "proven by now: take it off the list"


def test_every_feature_that_a_scenario_needs_is_in_the_profile() -> None:
    found = list(marked("needs"))
    assert found
    assert [(place, feature) for place, feature in found if strangers([str(feature)])] == []
