"""report.html: the whole run in one file that opens from disk, needs no network, and can be read without JavaScript.

The page is streamed, one scenario's history at a time, so a large run needs no large memory; what does not fit into the
page's budget is counted and said, and stays in the histories.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from uplab.reports.bundle import bundle_of
from uplab.reports.causes import causes
from uplab.reports.headline import headline, left_behind, repeat_command, shown_outcomes, worst_first
from uplab.reports.matrix import Matrix, matrix
from uplab.reports.past.comparison import compare
from uplab.reports.run import OUTCOMES, Check, ReportError, Run, Scenario, read_lines
from uplab.reports.text import RAW_LIMIT, SIGNS, counted, moment, one_line, seconds, shorten, visible
from uplab.reports.timeline import ROWS, Timeline, Timelines, diverged, timelines

__all__ = ["write_html"]

BUDGET = 7_000_000  # characters of timelines in one page
_ROW = 48  # characters of markup around a row's words
_MESSAGE = 8_000
_MESSAGES = 2_000_000  # characters of all messages in one page; after them each is cut to its beginning
_BEGINNING = 300
_PICTURES = 6_000_000  # characters of all pictures in one page
_PICTURE = 400_000  # bytes of one file
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario's timelines as the page shows them: those that a verdict complains about, and the others."""

    concerned: tuple[Timeline, ...] = ()
    others: tuple[Timeline, ...] = ()
    left_out: int = 0
    trouble: str | None = None

    @property
    def rows(self) -> int:
        """How many rows are shown."""
        return sum(len(timeline.rows) for timeline in (*self.concerned, *self.others))


class _Teller:
    """Hands out timelines as long as the page's budget of characters lasts."""

    def __init__(self, run: Run, budget: int) -> None:
        self._run = run
        self._left = budget

    def tell(self, scenario: Scenario) -> Told:
        """The timelines of a scenario; a history that cannot be read is said in its place, the page goes on."""
        if scenario.history is None:
            return Told(trouble="No history was kept.")
        if self._left <= 0:
            return Told(trouble=f"The page is full; the timelines are in {scenario.history}.")
        wanted = {id_ for verdict in scenario.complaints for id_ in verdict.ids}
        try:
            found = timelines(
                read_lines(self._run.folder, scenario.history, self._run.format), wanted=wanted, limit=ROWS
            )
        except ReportError as error:
            return Told(trouble=f"The history cannot be read: {error}")
        shown, left_out = self._within_budget(found)
        marked = [_marked(timeline, scenario) for timeline in shown]
        return Told(
            tuple(timeline for timeline in marked if timeline.id in wanted),
            tuple(timeline for timeline in marked if timeline.id not in wanted),
            left_out,
        )

    def _within_budget(self, found: Timelines) -> tuple[Sequence[Timeline], int]:
        shown: list[Timeline] = []
        left_out = found.left_out
        for timeline in found.shown:
            if self._left > 0:
                shown.append(timeline)
                self._left -= sum(_ROW + len(row.words) + len(row.raw or "") for row in timeline.rows)
            else:
                left_out += len(timeline.rows) + timeline.left_out
        return shown, left_out


class _Messages:
    """Shows texts of a run in full, more or less, until the page's share of them is used up."""

    def __init__(self) -> None:
        self._left = _MESSAGES

    def show(self, text: str) -> str:
        """The text, safe to show; its beginning only when it is very long or the page is full."""
        shown = visible(shorten(text, _MESSAGE if self._left > 0 else _BEGINNING))
        self._left -= len(shown)
        return shown


def _marked(timeline: Timeline, scenario: Scenario) -> Timeline:
    for verdict in scenario.complaints:
        timeline = diverged(timeline, verdict)
    return timeline


def write_html(run: Run, path: Path, *, budget: int = BUDGET) -> None:
    """Writes the report of a run to one file; `budget` bounds the characters of its timelines."""
    with path.open("wb") as file:
        _render(run, file, budget)


def _render(run: Run, file: IO[bytes], budget: int) -> None:
    numbers = {scenario.id: number for number, scenario in enumerate(run.scenarios, 1)}
    found, why = matrix(run), causes(run)
    environment = _environment()
    page = environment.get_template("report.html").stream(
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
        past=compare(run),
        first_of_cause={cause.scenarios[0].id for cause in why},
        tell=_Teller(run, budget).tell,
        pictures=_pictures(run, _PICTURES),
        policy=_policy(environment.get_template("report.js").render()),
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


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("uplab.reports", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        counted=counted,
        seconds=seconds,
        safe_text=visible,
        message=_Messages().show,
        line=one_line,
        sign=lambda outcome: SIGNS[outcome],
        slug=lambda outcome: outcome.replace(" ", "-"),
        milliseconds=lambda ms: "" if ms is None else f"+{ms:,.1f}",
        body=_body,
        moment=moment,
        question=_question,
    )
    return environment


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
