"""Every check as data, and CHECKS.md made of it: `python -m uplab.scenarios.checks.page > scenarios/CHECKS.md`.

What stands beside each fold is said there once: the reports quote it from a run's record, CHECKS.md tells it to people.
"""

import sys
from typing import Any

from uplab.scenarios.checks.checks import CHECKS, Check
from uplab.scenarios.checks.standing.invariant import Invariant
from uplab.scenarios.checks.standing.watch import INVARIANTS

__all__ = ["described", "page"]

_HEAD = """# The checks

What uplab asks of a history, each with its promise, the rows of `requirements.toml` and the sections of CONTRACT.md
that say so, its question in words, and what to try where it fails. A check is a fold: it sees the lines of a history
(HISTORY.md) one by one. `run.json` keeps with each verdict what its check was asked, so that `uplab recheck` can ask
the same of a stored run again, by the rules as they are then; for what a scenario has seen at a destination or on a
page there is a line of the history, too. A verdict of `expect` has no question, and cannot be judged again. This page
is made from what stands beside each fold.
"""
_ASKED = """
## Asked by a scenario
"""
_STANDING = """
## Standing invariants

Asked of every run, whatever its scenarios ask, from the first line to the last. A break counts against the scenario
whose document it is, also long after its end, and where there is none against the run. A scenario that means to break
one names it: `@pytest.mark.breaks("none twice")`; then nothing is said of it while that scenario runs, nor of its
documents later.
"""


def described() -> list[dict[str, Any]]:
    """Every check: those that scenarios ask, by their names, then the standing invariants."""
    asked = [_beside(check, standing=False) for _, check in sorted(CHECKS.items())]
    return asked + [_beside(invariant, standing=True) for invariant in INVARIANTS]


def _beside(check: type[Check] | type[Invariant], *, standing: bool) -> dict[str, Any]:
    return {
        "name": check.name,
        "standing": standing,
        "promise": check.promise,
        "source": list(check.source),
        "asks": check.asks,
        "advice": check.advice,
    }


def page() -> str:
    """The page as it stands in CHECKS.md."""
    ours = {name for name, one in CHECKS.items() if not one.own}
    checks = [one for one in described() if one["standing"] or one["name"] in ours]
    asked, standing = ([one for one in checks if one["standing"] is kind] for kind in (False, True))
    return "\n".join([_HEAD + _ASKED, *map(_row, asked), _STANDING, *map(_row, standing)]) + "\n"


def _row(check: dict[str, Any]) -> str:
    told = {"asks": check["asks"], "to try": check["advice"]}
    more = "".join(f"; {word}: {text}" for word, text in told.items() if text)
    return f"- **{check['name']}**: {check['promise']}. Source: {', '.join(check['source'])}{more}"


if __name__ == "__main__":
    sys.stdout.write(page())
