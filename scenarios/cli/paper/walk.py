"""The three connector documents, sentence by sentence, each with the clauses that prove it: docs/WALK.md.

Made from documents/*.toml and requirements.toml: `python -m uplab.scenarios.cli.paper.walk > docs/WALK.md`.
"""

import sys
from collections.abc import Iterable, Iterator

from uplab.scenarios.checks.requirements import catalogue, clauses
from uplab.scenarios.documents.connector_document import Fact, KnownDocument, known_documents

__all__ = ["clauses_of", "page", "sentences"]

_HEAD = """# The documents, walked through

What the three connector documents say, sentence by sentence in our words, and the clauses of
`scenarios/requirements.toml` that prove it. `uplab where HTTP-12.a` names the scenarios that judge a clause and what is
known to break it; the tests hold that each clause has both. A sentence with a dash only leads to what follows it, or
claims that nothing is wrong, which the whole of the rows is there to show. This page is made from the facts that
`uplab documents` holds newer documents against.
"""
_NOTHING = "-"


def clauses_of(fact: Fact) -> list[str]:
    """The ids of the clauses that prove it; a row stands for all of its clauses."""
    named = (catalogue()[row].clauses if row in catalogue() else (clauses()[row],) for row in fact.rows)
    return [clause.id for found in named for clause in found]


def sentences(known: KnownDocument) -> Iterator[tuple[str, str, list[str]]]:
    """Section, what is said in our words, and the clauses that prove it; an example is told once, as a whole."""
    for fact in _once(known.facts):
        match fact.kind:
            case "sentence":
                yield fact.section, fact.shown, clauses_of(fact)
            case "parameter":
                yield fact.section, f"`{fact.name}`: {fact.shown}", clauses_of(fact)
            case "example":
                yield fact.section, f"The example of {fact.name.rpartition(' ')[0]}", clauses_of(fact)


def _once(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Of an example its first member alone."""
    told: set[str] = set()
    for fact in facts:
        example = fact.name.rpartition(" ")[0] if fact.kind == "example" else None
        if example is None or example not in told:
            yield fact
        told |= {example} if example is not None else set()


def page() -> str:
    """The page as it stands in docs/WALK.md."""
    return "\n".join([_HEAD, *(line for known in known_documents().values() for line in _told(known))]) + "\n"


def _told(known: KnownDocument) -> Iterator[str]:
    yield f"## {known.connector}: {known.document} of {known.date}"
    section = None
    for heading, said, proven in sentences(known):
        if heading != section:
            section = heading
            yield from ("", f"### {heading.strip()}", "", "| what it says | proven by |", "|---|---|")
        shown = "; ".join(f"{id_} ({clauses()[id_].label})" for id_ in proven)
        yield f"| {said} | {shown or _NOTHING} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
