"""What the connector documents say, as facts: documents/*.toml. The documents themselves are their vendor's.

Each file there names the document that it was taken from by its title, date and SHA-256. What the document puts as a
value (bodies, addresses, names) stands as it is; what it says in sentences stands in our words, beside a digest of the
sentence, so that `uplab documents` sees when a newer document says something else.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

__all__ = ["Fact", "KnownDocument", "example_body", "known_documents", "members"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a document says.

    `kind`: heading, example, parameter, address, picture or sentence. `name` is what it is known by: the text of the
    heading, the path of the example's member, the parameter, the address, the digest of the sentence. `value` may
    change while the name stays: a member's JSON, a parameter's values. `wording` is the digest of a parameter's
    description. `shown` says it for people: of a stored fact in our words, else as the file has it. `line` is that of
    the file, from 1; a stored fact has none. `rows` are the requirements, or clauses of them, that rest
    on it.
    """

    kind: str
    name: str
    section: str
    value: str = ""
    wording: str = ""
    shown: str = ""
    line: int | None = None
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """The facts of one document. `date`: of the vendor's publication of just these bytes, or "unknown"."""

    document: str
    connector: str
    title: str
    date: str
    sha256: str
    facts: tuple[Fact, ...]
    examples: dict[str, Any]

    @property
    def brand(self) -> tuple[Any, Any]:
        """What tells its connections apart: the connectorId and the brand of its example."""
        body = self.examples.get("POST /connections") or {}
        return body.get("connectorId"), body.get("brand")


def known_documents(folder: Traversable | None = None) -> dict[str, KnownDocument]:
    """The stored documents by the names that they had, such as http.md."""
    place = folder or files("uplab.scenarios") / "documents"
    stored = sorted((one for one in place.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    read = [_known(tomllib.loads(one.read_text(encoding="utf-8"))) for one in stored]
    return {one.document: one for one in read}


def example_body(name: str) -> dict[str, Any]:
    """The body of the example of POST /connections that http.md, widgelix.md or thingsboard.md shows.

    KeyError for another name, ValueError where the document shows none.
    """
    shown = _examples()[name]
    if "POST /connections" not in shown:
        raise ValueError(f"{name} shows no POST /connections")
    body: dict[str, Any] = shown["POST /connections"]
    return body


@cache
def _examples() -> dict[str, dict[str, Any]]:
    return {name: one.examples for name, one in known_documents().items()}


def members(body: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and JSON of each leaf, in the body's order: ("configuration.headers.X-Site", '"BuildingA"')."""
    if isinstance(body, dict | list) and body:
        named = body.items() if isinstance(body, dict) else enumerate(body)
        for name, value in named:
            yield from members(value, f"{path}.{name}" if path else str(name))
    else:
        yield path, json.dumps(body, ensure_ascii=False)


def _known(data: dict[str, Any]) -> KnownDocument:
    shown = [one for section in data["section"] for one in section.get("example", ())]
    return KnownDocument(
        data["document"],
        data["connector"],
        data["title"],
        data["date"],
        data["sha256"],
        tuple(fact for section in data["section"] for fact in _facts(section)),
        {one["request"]: json.loads(one["body"]) for one in shown},
    )


def _facts(section: dict[str, Any]) -> Iterator[Fact]:
    """A section names only the kinds of facts that it has."""
    place = section["heading"]
    yield Fact("heading", place, place)
    yield from (Fact("address", address, place) for address in section.get("addresses", ()))
    yield from (Fact("picture", picture, place) for picture in section.get("pictures", ()))
    for said in section.get("says", ()):
        yield Fact("sentence", said["digest"], place, shown=said["text"], rows=tuple(said.get("rows", ())))
    for one in section.get("example", ()):
        for path, value in members(json.loads(one["body"])):
            name = f"{one['request']} {path}"
            yield Fact("example", name, place, value, shown=value, rows=tuple(one.get("rows", ())))
    for one in section.get("parameter", ()):
        values, rows = ", ".join(one.get("values", ())), tuple(one.get("rows", ()))
        yield Fact("parameter", one["name"], place, values, one["digest"], one["text"], rows=rows)
