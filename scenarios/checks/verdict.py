"""What a check says: its outcome, what was promised, what happened, where it diverged, what to try."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

__all__ = ["CheckError", "CheckFailed", "CheckUnknown", "Outcome", "Verdict", "raise_for", "worst", "worst_outcome"]

Outcome = Literal["passed", "failed", "unknown", "error"]
"""`error` is the harness's own: the check broke, which says nothing about the forwarder."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one check over a history. `examined` counts what it looked at: none is unknown, never a pass.

    `question` is what the check was asked, where it is a fold over the history that can be asked again.
    """

    check: str
    outcome: Outcome
    examined: int
    promised: str
    happened: str
    hop: str | None = None
    advice: str | None = None
    ids: tuple[str, ...] = ()
    requirement: str | None = None
    question: dict[str, Any] | None = None

    def proving(self, requirement: str) -> "Verdict":
        """The same verdict, tied to the requirement that it proves."""
        return replace(self, requirement=requirement)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for run.json."""
        return {**asdict(self), "ids": list(self.ids)}

    def text(self) -> str:
        """The verdict for a reader who knows the promise, not the code."""
        title = f"{self.requirement}: {self.check}" if self.requirement else self.check
        lines = [f"{title} {self.outcome}", f"  promised: {self.promised}", f"  happened: {self.happened}"]
        if self.hop:
            lines.append(f"  diverged: at the {self.hop}" + (f" ({', '.join(self.ids[:8])})" if self.ids else ""))
        if self.advice:
            lines.append(f"  try:      {self.advice}")
        return "\n".join(lines)


class CheckFailed(AssertionError):  # noqa: N818 - it names the outcome, as pytest's own do
    """A promise was broken; `verdict` says so where nobody has recorded it yet."""

    verdict: Verdict | None = None


class CheckUnknown(Exception):  # noqa: N818
    """Nothing can be said: too little was seen to call the promise kept or broken. Never a pass."""


class CheckError(Exception):
    """A check itself broke: an error of the harness, and no failure of the forwarder."""


def worst(verdicts: list[Verdict]) -> Outcome:
    """Failed before error before unknown before passed; nothing judged is unknown."""
    return worst_outcome({verdict.outcome for verdict in verdicts})


def worst_outcome(outcomes: Collection[Outcome]) -> Outcome:
    """The same for outcomes alone."""
    order: tuple[Outcome, ...] = ("failed", "error", "unknown", "passed")
    return next((outcome for outcome in order if outcome in outcomes), "unknown")


def raise_for(verdicts: list[Verdict]) -> None:
    """Raises CheckFailed, CheckError or CheckUnknown with every verdict that is no pass, worst first."""
    outcome = worst(verdicts)
    if outcome == "passed":
        return
    bad = sorted((v for v in verdicts if v.outcome != "passed"), key=lambda v: v.outcome != "failed")
    text = "\n".join(verdict.text() for verdict in bad) or "nothing was judged"
    raise {"failed": CheckFailed, "error": CheckError}.get(outcome, CheckUnknown)(text)
