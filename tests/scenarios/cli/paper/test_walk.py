"""The walk through the documents is whole: each sentence that can be kept has clauses, and each clause is judged."""

import ast
from pathlib import Path

from uplab.scenarios.checks.requirements import catalogue, clauses
from uplab.scenarios.cli.paper.walk import page, sentences
from uplab.scenarios.documents.connector_document import known_documents

ROOT = Path(__file__).parents[4]
KNOWN = known_documents()
LEADS_ON = {
    "A part on later changes begins",
    "A table of the body's members follows",
    "A table of the form's fields follows",
    "An example of POST follows",
    "No bug is known",
    "The API's resource is called connections",
    "The example is not complete; what all connections have in common stands on a page of its own",
    "The form asks for the parameters listed at the top",
    "The form asks for the parameters listed below it",
    "The steps of a change follow",
    "ThingsBoard is opened in the browser",
    "Widgelix is opened in the browser",
}
"""Sentences that say nothing by themselves: they lead to the next, or claim that nothing is wrong."""


def test_page_is_made_from_the_facts() -> None:
    told = (ROOT / "docs" / "WALK.md").read_text(encoding="utf-8")

    assert told == page(), "python -m uplab.scenarios.cli.paper.walk > docs/WALK.md"


def test_each_sentence_has_its_clauses() -> None:
    bare = {said for known in KNOWN.values() for _, said, proven in sentences(known) if not proven}

    assert {one for one in bare if not one.startswith("No limitation of the ")} == LEADS_ON


def test_each_documented_clause_rests_on_a_sentence() -> None:
    proven = {clause for known in KNOWN.values() for *_, clauses_ in sentences(known) for clause in clauses_}
    documented = {
        clause.id
        for row in catalogue().values()
        if row.document in KNOWN
        for clause in row.clauses
        if clause.source == "D"
    }

    assert sorted(documented - proven) == []


def test_each_clause_of_the_walk_is_named_by_a_scenario() -> None:
    marked: set[str] = set()
    for path in (ROOT / "scenarios" / "suites").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.requirement"):
                marked |= {str(one.value) for one in node.args if isinstance(one, ast.Constant)}
    proven = {clause for known in KNOWN.values() for *_, clauses_ in sentences(known) for clause in clauses_}

    assert sorted(proven - marked) == []
    assert proven <= set(clauses())
