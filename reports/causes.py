"""Why scenarios went wrong, each cause once: the same check at the same hop, in the same words but for their values.

A cause has an id that lasts over runs, so that a ticket, a list of deviations and a history can name it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from uplab.reports.run import Scenario, Verdict

__all__ = ["Cause", "causes", "template"]

_ORDER = ("failed", "error", "unknown")
_ID_DIGITS = 6  # 16.7 million ids: among a hundred causes two are alike with a chance of 0.03 %

# What differs from one scenario to the next, longest first. A value becomes "…", a number "n".
_VALUES = (
    (re.compile(r"https?://\S+|\b[\w.-]+\.(?:test|com|org|net|io)\b\S*"), "…"),
    (re.compile(r"'[^']*'|\"[^\"]*\"|\{.*\}|\[.*\]", re.DOTALL), "…"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?"), "…"),
    (re.compile(r"(?<![\w/])/\S+"), "…"),
    (re.compile(r"(?<!\S)[^\s/]+/(?:[^\s,;:]|[,;:](?=\S))*"), "…"),  # a topic
    (re.compile(r"\bSECRET-\S+"), "…"),
    (re.compile(r"(?<![\w.])(?=[0-9a-f-]*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b", re.IGNORECASE), "…"),
    (re.compile(r"\b[udr]\d+(?:(?:, | and )[udr]\d+)*(?: and \d+ more)?\b"), "…"),
    (re.compile(r"(?<![\w.])-?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?", re.IGNORECASE), "n"),
)
_ASIDE = re.compile(r";.*| \(and [\d,]+ more like it\)", re.DOTALL)
"""What follows a semicolon tells more of the same: where else it arrived, what came after it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause with the scenarios that it spoilt, in the order of the run; `shown` is the verdict of the first.

    `shown` is None where no check said anything: the scenario's message is all that there is.
    """

    id: str
    outcome: str
    scenarios: tuple[Scenario, ...]
    shown: Verdict | None

    @property
    def check(self) -> str:
        """Which check found it; a scenario that broke off was judged by none."""
        return self.shown.check if self.shown else "no check"

    @property
    def requirements(self) -> tuple[str, ...]:
        """The rows that it concerns."""
        return tuple(dict.fromkeys(id_ for scenario in self.scenarios for id_ in scenario.requirements))


@dataclass(frozen=True, slots=True)
class _Signature:
    """What two failures of one cause have in common, whatever their outcomes."""

    check: str
    hop: str
    words: str

    @property
    def id(self) -> str:
        text = "\n".join((self.check, self.hop, self.words))
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def causes(scenarios: Sequence[Scenario]) -> tuple[Cause, ...]:
    """The causes of all that was no pass, worst outcome first, then those with most scenarios.

    A scenario has one cause: of its complaints the one that most scenarios share, for a fault shows itself
    in many ways and in one of them everywhere.
    """
    troubled = [one for outcome in _ORDER for one in scenarios if one.outcome == outcome]
    told = {scenario.id: _signatures(scenario) for scenario in troubled}
    spread = Counter(signature for signatures in told.values() for signature in signatures)
    grouped: dict[tuple[str, _Signature], list[Scenario]] = {}
    for scenario in troubled:
        chosen = max(told[scenario.id], key=lambda signature: spread[signature])  # the first of equals
        grouped.setdefault((scenario.outcome, chosen), []).append(scenario)
    found = [
        Cause(signature.id, outcome, tuple(spoilt), told[spoilt[0].id][signature])
        for (outcome, signature), spoilt in grouped.items()
    ]
    return tuple(sorted(found, key=lambda cause: (_ORDER.index(cause.outcome), -len(cause.scenarios))))


def _signatures(scenario: Scenario) -> dict[_Signature, Verdict | None]:
    """Of a failed scenario its failures; what was unknown besides follows from them."""
    counted = [v for v in scenario.complaints if v.outcome == scenario.outcome] or list(scenario.complaints)
    found: dict[_Signature, Verdict | None] = {}
    for verdict in counted:
        # A check's name says what was promised, but for the general ones: there the promise itself does.
        promised = template(verdict.promised) if verdict.check in ("promise", "awaited", "pages") else ""
        words = f"{promised}\n{template(_ASIDE.sub('', verdict.happened))}"
        found.setdefault(_Signature(verdict.check, verdict.hop or "", words), verdict)
    if not found:
        first = (scenario.reason or scenario.message or "").strip().partition("\n")[0]
        found[_Signature("", "", template(_ASIDE.sub("", first)))] = None
    return found


def template(sentence: str) -> str:
    """The sentence without its values: numbers, ids, names of places, quoted texts, times."""
    for values, stand_in in _VALUES:
        sentence = values.sub(stand_in, sentence)
    return re.sub(r"…(?:[\s,]+(?:and )?…)+", "…", " ".join(sentence.split()))
