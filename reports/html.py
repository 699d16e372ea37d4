"""report.html: the whole run in one file that opens from disk, needs no network, and can be read without JavaScript.

The page is streamed, one scenario's history at a time, so a large run needs no large memory; what does not fit into the
page's budget is counted and said, and stays in the histories.
"""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
from jinja2 import Environment

from uplab.reports.bundle import bundle_of
from uplab.reports.difference import pair_of
from uplab.reports.figures.coverage import by_subject, reached_in_words
from uplab.reports.findings import Findings
from uplab.reports.headline import headline, left_behind, repeat_command, shown_outcomes, worst_first
from uplab.reports.matrix import Matrix, matrix
from uplab.reports.pages import environment
from uplab.reports.run import OUTCOMES, Check, Run
from uplab.reports.text import RAW_LIMIT, SIGNS, counted, moment, one_line, seconds, shorten, visible
from uplab.reports.way.drawing import WIDTH
from uplab.reports.way.latency import chart
from uplab.reports.way.teller import Teller

__all__ = ["write_html"]

BUDGET = 7_000_000  # characters of timelines in one page
_MESSAGE = 8_000
_MESSAGES = 2_000_000  # characters of all messages in one page; after them each is cut to its beginning
_BEGINNING = 300
_PICTURES = 6_000_000  # characters of all pictures in one page
_PICTURE = 400_000  # bytes of one file
_JPEG = b"\xff\xd8\xff"
_LEGS = {
    "taken in": "from the post to the forwarder's answer",
    "carried": "from the post to the first arrival at a destination",
    "taken over": "from the arrival to the destination's answer, faults included",
}


class _Messages:
    """Shows texts of a run in full, more or less, until the page's share of them is used up."""

    def __init__(self) -> None:
        self._left = _MESSAGES

    def show(self, text: str) -> str:
        """The text, safe to show; its beginning only when it is very long or the page is full."""
        shown = visible(shorten(text, _MESSAGE if self._left > 0 else _BEGINNING))
        self._left -= len(shown)
        return shown


def write_html(found: Findings, path: Path, *, budget: int = BUDGET) -> None:
    """Writes the report of a run to one file; `budget` bounds the characters of its timelines."""
    with path.open("wb") as file:
        _render(found, file, budget)


def _render(findings: Findings, file: IO[bytes], budget: int) -> None:
    run, why = findings.run, findings.causes
    numbers = {scenario.id: number for number, scenario in enumerate(run.scenarios, 1)}
    found = matrix(run)
    templates = _templates()
    page = templates.get_template("report.html").stream(
        run=run,
        headline=headline(run),
        left_behind=left_behind(run),
        repeat_command=repeat_command,
        bundle_of=bundle_of,
        matrix=found,
        says=_says(found),
        numbers=numbers,
        outcomes=shown_outcomes(run),
        verdicts=found.verdicts,
        about_checks=_about_checks(run),
        checks_of=lambda id_: [check for check in run.checks if id_ in check.source],
        trouble=list(worst_first(run)),
        causes=why,
        past=findings.past,
        deviation_of=findings.deviation_of,
        width=WIDTH,
        pair_of=pair_of,
        latency=chart(run.scenarios),
        legs=_LEGS,
        subjects=by_subject(run.conditions),
        reached=reached_in_words(run.conditions),
        first_of_cause={cause.scenarios[0].id for cause in why},
        tell=Teller(run, budget).tell,
        pictures=_pictures(run, _PICTURES),
        policy=_policy(templates.get_template("report.js").render()),
    )
    page.enable_buffering(256)
    page.dump(file, encoding="utf-8")


def _says(found: Matrix) -> dict[str, str]:
    """What each row and each clause says, by its id."""
    rows = {row.requirement.id: row.requirement.text for row in found.rows}
    return rows | {proof.clause.id: proof.clause.text for row in found.rows if row.split for proof in row.proofs}


def _policy(script: str) -> str:
    """Nothing may be loaded, and no script but our own may run, whatever a payload brings."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rest = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src 'sha256-{digest}'; {rest}"


def _templates() -> Environment:
    templates = environment()
    templates.filters.update(
        counted=counted,
        seconds=seconds,
        safe_text=visible,
        message=_Messages().show,
        line=one_line,
        sign=lambda outcome: SIGNS[outcome],
        slug=lambda outcome: outcome.replace(" ", "-"),
        milliseconds=lambda ms: "" if ms is None else f"{ms:+,.1f}",
        body=_body,
        moment=moment,
        question=_question,
    )
    return templates


@dataclass(frozen=True, slots=True)
class _AboutCheck:
    """A check, and how often it came to which verdict."""

    check: Check
    counts: dict[str, int]


def _about_checks(run: Run) -> list[_AboutCheck]:
    """Those that judged something, in their order; the standing invariants always."""
    verdicts = [verdict for scenario in run.scenarios for verdict in scenario.verdicts]
    found = Counter((v.check, v.standing, v.outcome) for v in (*verdicts, *run.broken))
    about = [
        _AboutCheck(check, {o: n for o in OUTCOMES if (n := found[check.name, check.standing, o])})
        for check in run.checks
    ]
    return [one for one in about if one.counts or one.check.standing]


def _pictures(run: Run, budget: int) -> dict[str, str]:
    """By its file each picture of a user's steps, as a data URL; what went wrong comes first, the rest is left out."""
    found: dict[str, str] = {}
    scenarios = dict.fromkeys([*worst_first(run), *run.scenarios])
    for name in (step.picture for scenario in scenarios for step in scenario.steps if step.picture):
        if (raw := _jpeg(run.folder / name)) is None:
            continue
        url = f"data:image/jpeg;base64,{base64.b64encode(raw).decode()}"
        budget -= len(url)
        if budget < 0:
            break
        found[name] = url
    return found


def _jpeg(path: Path) -> bytes | None:
    """The file; None where it is gone, or no picture of ours."""
    try:
        with path.open("rb") as file:
            raw = file.read(_PICTURE + 1)
    except OSError:
        return None
    return raw if raw.startswith(_JPEG) and len(raw) <= _PICTURE else None


def _question(question: dict[str, Any]) -> str:
    """What a check was asked, as data."""
    return visible(shorten(orjson.dumps(question, option=orjson.OPT_INDENT_2).decode(), _MESSAGE // 4))


def _body(raw: str) -> str:
    """Headers and body as a reader wants them: JSON indented, where the whole of it is there."""
    head, gap, body = raw.rpartition("\n\n")
    try:
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return visible(raw)
    return visible(shorten(head + gap + body, 2 * RAW_LIMIT))
