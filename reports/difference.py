"""What was expected beside what was received, from a check's own sentence, and the part in which they differ."""

import re
from dataclasses import dataclass

__all__ = ["Pair", "Side", "pair_of"]

_FORMS = (
    re.compile(r"expected (?P<expected>.+?), received (?P<received>.+)", re.DOTALL),
    re.compile(r".*(?:\b(?:is|was|as|with|by)|:) (?P<received>\S.*?), expected (?P<expected>.+)", re.DOTALL),
    re.compile(r"(?P<received>.+?),? expected (?P<expected>.+)", re.DOTALL),
    re.compile(r"(?:^|.*? )(?:is|has) (?P<received>.+?), not (?P<expected>.+)", re.DOTALL),
)
_IN_TIME = re.compile(
    r"after (?P<time>[\d.]+ s)(?: there was still (?P<nothing>nothing)|: (?P<received>.+?))"
    r"(?:, expected (?P<expected>.+))?",
    re.DOTALL,
)
_ASIDE = re.compile(r"(?: \(and [\d,]+ more like it\)|;).*", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)  # a value may hold any word that a form looks for
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Side:
    """One side: what is alike before, the part that differs, what is alike after it."""

    before: str
    other: str
    after: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides."""

    expected: Side
    received: Side


def pair_of(promised: str, happened: str) -> Pair | None:
    """Both sides of a complaint; None where its sentence does not tell two."""
    said = happened[:_MOST]
    plain = _ASIDE.sub("", _QUOTED.sub(lambda quoted: '"' + "." * (len(quoted[0]) - 2) + '"', said))

    def words(found: re.Match[str], name: str) -> str:
        return said[slice(*found.span(name))].strip()

    if match := _IN_TIME.fullmatch(plain):
        received = words(match, "received") if match["received"] else "nothing"
        expected = words(match, "expected") if match["expected"] else promised[:_MOST]
        return Pair(Side("", expected, ""), Side("", f"{received}, still after {match['time']}", ""))
    for form in _FORMS:
        if match := form.search(plain):
            return _marked(words(match, "expected"), words(match, "received"))
    return None


def _marked(expected: str, received: str) -> Pair:
    begin = _alike(expected, received)
    end = _alike(expected[begin:][::-1], received[begin:][::-1])
    one, other = (
        Side(text[:begin], text[begin : len(text) - end], text[len(text) - end :]) for text in (expected, received)
    )
    return Pair(one, other)


def _alike(one: str, other: str) -> int:
    """How many characters at the beginning of both are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
