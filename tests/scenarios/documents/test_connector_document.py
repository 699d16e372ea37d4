"""The stored facts: that they are whole, and that scenarios get the bodies that the documents show."""

import datetime as dt
import re
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from uplab.scenarios.checks.requirements import catalogue, clauses
from uplab.scenarios.documents import connector_document
from uplab.scenarios.documents.connector_document import KnownDocument, example_body, known_documents, members
from uplab.scenarios.documents.vendor_document import read_vendor_document

KNOWN = known_documents()
ROOT = Path(__file__).parent.parent.parent


def tracked(pattern: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_http_example_is_the_documents_own() -> None:
    assert example_body("http.md") == {
        "connectorId": "actility-http-iot",
        "name": "Test HTTP Connection",
        "configuration": {
            "headers": {"Authorization": "Bearer ee32e34ed!=", "X-Thing": "{DevEUI}", "X-Site": "BuildingA"},
            "destinationURL": "https://posthere.io/4b19-48f6-94cc",
        },
    }


def test_examples_keep_the_order_of_their_members() -> None:
    assert {name: list(example_body(name)) for name in KNOWN} == {
        "http.md": ["connectorId", "name", "configuration"],
        "thingsboard.md": ["connectorId", "name", "configuration"],
        "widgelix.md": ["name", "connectorId", "configuration", "brand"],
    }


def test_each_document_is_named_by_title_date_and_digest() -> None:
    assert {name: (one.connector, one.title) for name, one in KNOWN.items()} == {
        "http.md": ("HTTP", "CREATING A HTTP CONNECTION"),
        "thingsboard.md": ("ThingsBoard", "CREATING A THINGSBOARD CONNECTION"),
        "widgelix.md": ("Widgelix", "CREATING A WIDGELIX CONNECTION"),
    }
    for one in KNOWN.values():
        assert one.date == "unknown" or dt.date.fromisoformat(one.date)
        assert re.fullmatch("[0-9a-f]{64}", one.sha256)


@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_the_connector_id_of_table_and_example_is_one(known: KnownDocument) -> None:
    values = {fact.name: fact.value for fact in known.facts if fact.kind == "parameter"}

    assert values["connectorId"] == known.brand[0]


def test_every_promise_of_a_document_rests_on_a_part_of_it() -> None:
    promised = {id_: row.document for id_, row in catalogue().items() if row.source == "D" and row.document in KNOWN}
    resting = {name: {id_ for fact in one.facts for id_ in fact.rows} for name, one in KNOWN.items()}

    assert {id_ for rows in resting.values() for id_ in rows} <= {*catalogue(), *clauses()}
    resting = {name: {id_.partition(".")[0] for id_ in rows} for name, rows in resting.items()}
    assert [id_ for id_, document in promised.items() if id_ not in resting[document]] == []


def test_another_document_has_no_example() -> None:
    with pytest.raises(KeyError, match=r"other\.md"):
        example_body("other.md")


def test_document_without_an_example_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare.toml").write_text(
        'document = "bare.md"\nconnector = "Bare"\ntitle = "BARE"\ndate = "unknown"\nsha256 = ""\n'
        '[[section]]\nheading = "BARE"\n',
        encoding="utf-8",
    )
    bare = known_documents(tmp_path)
    monkeypatch.setattr(connector_document, "_examples", lambda: {name: one.examples for name, one in bare.items()})

    with pytest.raises(ValueError, match=r"bare\.md shows no POST /connections"):
        example_body("bare.md")


def test_members_are_leaves_with_their_paths() -> None:
    body = {"a": {"b": [1, {"c": None}], "d": {}}, "e": "ä"}

    assert list(members(body)) == [("a.b.0", "1"), ("a.b.1.c", "null"), ("a.d", "{}"), ("e", '"ä"')]


def test_no_document_of_a_vendor_is_held() -> None:
    sentences = {fact.name for one in KNOWN.values() for fact in one.facts if fact.kind == "sentence"}
    pages = [ROOT / name for name in tracked("*.md")]

    documents = {one.sha256 for one in KNOWN.values()}
    assert [page for page in pages if sha256(page.read_bytes()).hexdigest() in documents] == []
    said = {page.name: {fact.name for fact in read_vendor_document(page.read_bytes()).facts} for page in pages}
    assert {name: taken for name, digests in said.items() if (taken := digests & sentences)} == {}
