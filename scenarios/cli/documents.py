"""`uplab documents`: reads the files of the vendor, and tells what is different, for people or as JSON."""

import json
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uplab.scenarios.documents.connector_document import Fact, KnownDocument, known_documents
from uplab.scenarios.documents.difference import Difference, differences, recognise
from uplab.scenarios.documents.vendor_document import MOST_BYTES, Problem, VendorDocumentError, read_vendor_document
from uplab.scenarios.run.exit_codes import FAILED, PASSED, WRONG_USAGE

__all__ = ["compare"]

_MOST_CHARACTERS = 300  # of one fact on the terminal; JSON has them whole


@dataclass(frozen=True, slots=True)
class _Compared:
    """What came of one file. `error`: why it could not be read, or is no such document; then nothing else is known."""

    file: Path
    error: str | None = None
    line: int | None = None
    known: KnownDocument | None = None
    sha256: str | None = None
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def same_bytes(self) -> bool:
        return self.known is not None and self.known.sha256 == self.sha256


def compare(files: list[Path], *, as_json: bool) -> int:
    """Compares each file with what uplab stores of its connector, prints what is different, and returns the exit code.

    PASSED where nothing is different, FAILED where something is, WRONG_USAGE where a file, or a part of one, cannot be
    read, or a file is no such document. Each of those makes one line on stderr.
    """
    known = known_documents()
    compared = [_compare(file, known) for file in files]
    if as_json:
        print(json.dumps([_as_dict(one) for one in compared], indent=2))
    for one in compared:
        if not as_json and one.known is not None:
            print("\n".join(_told(one, one.known)))
        for where, why in _complaints(one):
            print(_printable(f"uplab: {where}: {why}"), file=sys.stderr)
    if any(one.error or one.problems for one in compared):
        return WRONG_USAGE
    return FAILED if any(one.differences for one in compared) else PASSED


def _compare(file: Path, known: dict[str, KnownDocument]) -> _Compared:
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
        read = read_vendor_document(raw)
        one = recognise(read, known.values())
    except OSError as error:
        return _Compared(file, error=error.strerror or str(error))
    except VendorDocumentError as error:
        return _Compared(file, error=str(error), line=error.line)
    if read.sha256 == one.sha256:
        return _Compared(file, known=one, sha256=read.sha256)
    return _Compared(
        file, known=one, sha256=read.sha256, differences=tuple(differences(one, read)), problems=read.problems
    )


def _complaints(one: _Compared) -> Iterator[tuple[str, str]]:
    if one.error:
        yield f"{one.file}:{one.line}" if one.line else str(one.file), one.error
    for problem in one.problems:
        yield f"{one.file}:{problem.line}", problem.why


def _told(one: _Compared, known: KnownDocument) -> Iterator[str]:
    dated = "" if known.date == "unknown" else f" of {known.date}"
    stored = f"the {known.connector} document{dated} (sha256 {known.sha256[:12]})"
    if one.same_bytes:
        yield _printable(f"{one.file}: the same as {stored}")
        return
    if not one.differences:
        what = "what could be read of it says the same" if one.problems else "it says the same"
        yield _printable(f"{one.file}: other bytes than {stored}, but {what}")
        return
    outcomes = [difference.outcome for difference in one.differences]
    counts = ", ".join(f"{outcomes.count(name)} {name}" for name in ("gone", "new", "changed") if name in outcomes)
    yield _printable(f"{one.file}: not {stored}: {counts}")
    for difference in one.differences:
        yield from _lines(one.file, difference)


def _lines(file: Path, difference: Difference) -> Iterator[str]:
    was, now = difference.was, difference.now
    fact = was or now
    assert fact is not None  # one of the two is there
    named = fact.name if fact.kind in ("example", "parameter") else ""
    place = f"{file}:{difference.line}" if difference.line else f"{file}"
    section = f" in {fact.section!r}" if fact.kind != "heading" else ""
    rows = f" ({', '.join(was.rows)})" if was and was.rows else ""
    yield _printable(f"  {difference.outcome:<7}  {place}: {fact.kind}{f' {named}' if named else ''}{section}{rows}")
    if was:
        yield _printable(f"           was  {_shown(was)}")
    if now:
        yield _printable(f"           is   {_shown(now)}")


def _shown(fact: Fact) -> str:
    """A stored sentence, or description, in our words; all else as the document has it."""
    return textwrap.shorten(fact.shown or fact.name, _MOST_CHARACTERS, placeholder=" ...")


def _printable(text: str) -> str:
    """A document of somebody else moves no cursor."""
    return "".join(one if one.isprintable() else "?" for one in text)


def _as_dict(one: _Compared) -> dict[str, Any]:
    if one.known is None:
        return {"file": str(one.file), "error": one.error, "line": one.line}
    return {
        "file": str(one.file),
        "connector": one.known.connector,
        "document": one.known.document,
        "date": one.known.date,
        "sha256": {"was": one.known.sha256, "is": one.sha256},
        "same_document": one.same_bytes,
        "same_facts": not one.differences and not one.problems,
        "differences": [_difference(difference) for difference in one.differences],
        "unread": [{"line": problem.line, "why": problem.why} for problem in one.problems],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    fact = difference.was or difference.now
    assert fact is not None  # one of the two is there
    return {
        "outcome": difference.outcome,
        "kind": fact.kind,
        "name": fact.name if fact.kind in ("example", "parameter") else None,
        "section": fact.section,
        "line": difference.line,
        "was": _side(difference.was),
        "is": _side(difference.now),
        "digest": _digest(difference.now),
        "requirements": list(difference.was.rows) if difference.was else [],
    }


def _digest(fact: Fact | None) -> str | None:
    """That of the file's own words: what documents/*.toml would hold of it."""
    if fact is None:
        return None
    return fact.name if fact.kind == "sentence" else fact.wording or None


def _side(fact: Fact | None) -> str | None:
    return None if fact is None else fact.shown or fact.name
