"""What a newer connector document adds, changes or no longer has, against the stored facts. It opens no file."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from uplab.scenarios.documents.connector_document import Fact, KnownDocument
from uplab.scenarios.documents.vendor_document import VendorDocument, VendorDocumentError

__all__ = ["Difference", "differences", "recognise"]

# Two of these that differ are one that was changed, where a section lost as many as it gained: they have no name to
# be known by, but for themselves.
_NAMELESS = ("sentence", "address", "picture")
_NO_NAME_OF_A_CONNECTOR = frozenset(
    ("a", "an", "the", "new", "to", "with", "for", "creating", "create", "setting", "up", "connecting", "connect")
)
_CONNECTION = frozenset(("connection", "connector"))


@dataclass(frozen=True, slots=True)
class Difference:
    """`was` is the stored fact, None of a new one; `now` that of the file, None of one that is gone.

    `line` is where to look in the file, from 1: that of the fact, of one that is gone that of its section, None where
    that is gone too.
    """

    was: Fact | None
    now: Fact | None
    line: int | None

    @property
    def outcome(self) -> str:
        """One of gone, new and changed."""
        return "new" if self.was is None else "gone" if self.now is None else "changed"


def recognise(read: VendorDocument, known: Iterable[KnownDocument]) -> KnownDocument:
    """Which document it is a newer edition of; VendorDocumentError where it is of none.

    Its title says it, or else the connectorId and brand of its example: connectors of other brands have the
    connectorId of HTTP too.
    """
    known = list(known)
    words = re.findall(r"[\w-]+", read.title.lower())
    names = [word for word in words if word not in _NO_NAME_OF_A_CONNECTOR | _CONNECTION]
    for one in known:
        if names == [one.connector.lower()]:
            return one
    there = ", ".join(one.connector for one in known)
    if names and _CONNECTION & set(words):
        raise VendorDocumentError(f"it is about {' '.join(names)[:60]!r}; uplab has the facts of {there}")
    body = read.examples.get("POST /connections")
    brand = (body.get("connectorId"), body.get("brand")) if isinstance(body, dict) else (None, None)
    for one in known:
        if brand[0] is not None and brand == one.brand:
            return one
    raise VendorDocumentError(
        f"no connector document that uplab knows: neither its title nor its example of POST /connections names {there}"
    )


def differences(known: KnownDocument, read: VendorDocument) -> list[Difference]:
    """Every difference, in the order of the file; what is gone stands where its section begins.

    A fact that only moved to another section is the same. Of an example that cannot be read nothing is said.
    """
    unread = tuple(f"{problem.example} " for problem in read.problems if problem.example)
    stored = [fact for fact in known.facts if not (unread and fact.kind == "example" and fact.name.startswith(unread))]
    pairs, gone, new = _matched(stored, read.facts)
    changed = [(was, now) for was, now in pairs if (was.value, was.wording) != (now.value, now.wording)]
    changed += _replaced(gone, new)
    replaced = {id(fact) for pair in changed for fact in pair}
    found = [Difference(was, now, now.line) for was, now in changed]
    found += [Difference(None, now, now.line) for now in new if id(now) not in replaced]
    found += [Difference(was, None, read.sections.get(was.section)) for was in gone if id(was) not in replaced]
    return sorted(found, key=lambda one: one.line or 0)


def _matched(stored: Iterable[Fact], read: Iterable[Fact]) -> tuple[list[tuple[Fact, Fact]], list[Fact], list[Fact]]:
    """Pairs of one name, first within a section, then wherever they stand; and what is left on both sides."""
    pairs: list[tuple[Fact, Fact]] = []
    left, right = list(stored), list(read)
    for of_section in (True, False):
        waiting: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
        for fact in reversed(right):
            waiting[_key(fact, of_section=of_section)].append(fact)
        still = []
        for fact in left:
            same = waiting[_key(fact, of_section=of_section)]
            if same:
                pairs.append((fact, same.pop()))
            else:
                still.append(fact)
        left = still
        taken = {id(now) for _, now in pairs}
        right = [fact for fact in right if id(fact) not in taken]
    return pairs, left, right


def _key(fact: Fact, *, of_section: bool) -> tuple[str, ...]:
    return (fact.kind, fact.name, fact.section) if of_section else (fact.kind, fact.name)


def _replaced(gone: Iterable[Fact], new: Iterable[Fact]) -> Iterator[tuple[Fact, Fact]]:
    places: dict[tuple[str, str], tuple[list[Fact], list[Fact]]] = defaultdict(lambda: ([], []))
    for side, facts in enumerate((gone, new)):
        for fact in facts:
            if fact.kind in _NAMELESS:
                places[fact.kind, fact.section][side].append(fact)
    for was, now in places.values():
        if len(was) == len(now):
            yield from zip(was, now, strict=True)
