"""GitHub Actions: the step summary as Markdown, and annotations on the scenarios, within GitHub's limits."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from uplab.reports.findings import Findings
from uplab.reports.headline import headline, left_behind, repeat_command, shown_outcomes, worst_first
from uplab.reports.matrix import Matrix, matrix
from uplab.reports.run import Run, Scenario
from uplab.reports.text import counted, one_line, seconds, shorten, visible

__all__ = ["annotations", "step_summary", "write_github"]

SUMMARY_LIMIT = 1024 * 1024  # bytes for each step; a larger file is refused as a whole
ANNOTATION_LIMIT = 10  # of each type for each step; GitHub drops the rest without a word
_SIGNS = {"passed": "✅", "failed": "❌", "error": "⚠️", "unknown": "❓", "not applicable": "➖"}  # noqa: RUF001 - meant
_SIGNS |= {"not reached": "⏸️", "gap": "⭕", "not selected": "▫️"}
_MESSAGE = 6_000
_NAMED = 10  # scenarios below a cause
_MOST_LEFT = 10  # things on the forwarder; the report lists all
_CUT = "\n\n*The summary was cut here at GitHub's limit; the rest is in the report.*\n"


def write_github(
    found: Findings, *, environment: Mapping[str, str], output: TextIO, files: Mapping[str, str] | None = None
) -> None:
    """Appends the step summary to the file that GITHUB_STEP_SUMMARY names and prints the annotations.

    `files` says by scenario id where its file stands in the repository. Does nothing outside of GitHub Actions.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        for annotation in annotations(found.run, files=files):
            print(annotation, file=output)
    if name := environment.get("GITHUB_STEP_SUMMARY"):
        path = Path(name)
        room = SUMMARY_LIMIT - (path.stat().st_size if path.exists() else 0)
        with path.open("ab") as file:
            file.write(step_summary(found, limit=room).encode())


def step_summary(found: Findings, *, limit: int = SUMMARY_LIMIT) -> str:
    """The run as Markdown of at most `limit` bytes; what does not fit is cut between blocks, and the cut is said."""
    kept: list[str] = []
    left = limit - len(_CUT.encode())
    for block in _blocks(found):
        left -= len(block.encode())
        if left < 0:
            kept.append(_CUT if limit >= len(_CUT.encode()) else "")
            break
        kept.append(block)
    return "".join(kept)


def _blocks(found: Findings) -> Iterator[str]:
    run = found.run
    said = headline(run)
    yield f"## {_SIGNS[said.outcome]} uplab: {said.word}\n\n{_inline(said.sentence)}.\n\n"
    yield "".join(f"- {_inline(line, 400)}\n" for line in run.gate) + ("\n" if run.gate else "")
    if run.left:
        told = "".join(f"- {_inline(phrase, 300)} ({_inline(one.title)})\n" for phrase, one in run.left[:_MOST_LEFT])
        yield f"{left_behind(run)}:\n\n{told}\n"
    shown = shown_outcomes(run)
    yield f"| {' | '.join(shown)} | duration | seed | forwarder |\n|{'---|' * (len(shown) + 3)}\n"
    counts = " | ".join(str(len(run.of(outcome))) for outcome in shown)
    yield f"| {counts} | {seconds(run.duration_s)} | {run.seed} | {_inline(run.forwarder.name)} |\n\n"
    yield f"Repeat: {_code(repeat_command(run))}\n\n"
    yield from _causes(found)
    for scenario in worst_first(run):
        yield _trouble(run, scenario)
    yield from _requirements(matrix(run))
    yield from _scenarios(run)


def _causes(found: Findings) -> Iterator[str]:
    """Each cause once, those that are new first; the scenarios below are told one by one after them."""
    if not found.causes:
        return
    past = f": {_inline(found.past.sentence)}" if found.past.sentence else ""
    yield f"### Causes{past}\n\n"
    for cause in sorted(found.causes, key=lambda one: (one is not found.first, found.deviation_of(one) is not None)):
        hop = cause.shown.hop if cause.shown else None
        where = f" at {hop}" if hop else ""
        said = [found.past.told.get(cause.id, "")]
        said += [deviation.words] if (deviation := found.deviation_of(cause)) else []
        since = _inline("; ".join(filter(None, said)))
        spoilt = counted(len(cause.scenarios), "scenario")
        told = f"**{_inline(cause.check)}{_inline(where)}** ({spoilt}, cause {cause.id}{f', {since}' if since else ''})"
        happened = (
            cause.shown.happened if cause.shown else (cause.scenarios[0].message or "").strip().partition("\n")[0]
        )
        yield f"- {_SIGNS[cause.outcome]} {told}: {_inline(happened, 400)}\n"
        names = [_inline(f"{one.suite}: {one.title}", 160) for one in cause.scenarios[:_NAMED]]
        more = len(cause.scenarios) - len(names)
        yield "".join(f"  - {name}\n" for name in names) + (f"  - and {more} more\n" if more else "")
    yield "\n"


def _trouble(run: Run, scenario: Scenario) -> str:
    lines = [f"### {_SIGNS[scenario.outcome]} {_inline(scenario.title)}\n"]
    named = _inline(" ".join(scenario.requirements)) or "no requirement"
    lines.append(f"{scenario.outcome}, {_inline(scenario.suite)}, {named}\n")
    if scenario.why:
        lines.append(f"{_inline(scenario.why, 1_000)}\n")
    for verdict in scenario.complaints:
        lines.append(f"- **{_inline(verdict.check)}** {_inline(verdict.requirement or '')} {verdict.outcome}")
        lines += [
            f"  - promised: {_inline(verdict.promised, 1_000)}",
            f"  - happened: **{_inline(verdict.happened, 1_000)}**",
        ]
        if verdict.hop:
            lines.append(f"  - diverged: at {_inline(verdict.hop)} {_inline(', '.join(verdict.ids[:8]))}")
        if verdict.advice:
            lines.append(f"  - to try: {_inline(verdict.advice, 1_000)}")
    if scenario.message and not scenario.complaints:
        lines.append(_fenced(scenario.message))
    lines.append(f"\nRepeat: {_code(repeat_command(run, scenario))}\n\n")
    return "\n".join(lines)


def _requirements(found: Matrix) -> Iterator[str]:
    if not found.rows:
        return
    yield f"### Requirements\n\n| | {' | '.join(found.verdicts)} |\n|---|{'---:|' * len(found.verdicts)}\n"
    for group in found.groups:
        counts = " | ".join(str(group.counts[verdict]) for verdict in found.verdicts)
        yield f"| {_inline(group.prefix)}: {_inline(group.title)} | {counts} |\n"
    yield f"| together | {' | '.join(str(found.counts[v]) for v in found.verdicts)} |\n\n"
    for verdict in ("failed", "error", "unknown", "not reached", "gap"):
        if ids := found.clauses_of(verdict):
            yield f"{verdict}: {_inline(' '.join(ids), 10_000)}\n\n"


def _scenarios(run: Run) -> Iterator[str]:
    yield "### Scenarios\n\n| suite | scenario | verdict | seconds |\n|---|---|---|---:|\n"
    for scenario in run.scenarios:
        verdict = f"{_SIGNS[scenario.outcome]} {scenario.outcome}"
        yield f"| {_inline(scenario.suite)} | {_inline(scenario.title)} | {verdict} | {scenario.duration_s:.2f} |\n"


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~@])")


def _inline(text: str, limit: int = 300) -> str:
    """Text as itself: neither Markdown nor HTML nor a mention comes of it, and it stays on its line."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, limit))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _code(text: str) -> str:
    line = one_line(text, 1_000)
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


def _fenced(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    shown = visible(shorten(text.strip(), _MESSAGE))
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", shown)), 3)
    return f"\n{fence}text\n{shown}\n{fence}\n"


def annotations(run: Run, *, files: Mapping[str, str] | None = None) -> list[str]:
    """Workflow commands, at most ten errors and ten warnings; the last one says how many more there are."""
    places = files or {}
    red = (*run.of("failed"), *run.of("error"))
    return [*_commands("error", red, places), *_commands("warning", run.of("unknown"), places)]


def _commands(kind: str, scenarios: tuple[Scenario, ...], files: Mapping[str, str]) -> Iterator[str]:
    fits = len(scenarios) <= ANNOTATION_LIMIT
    for scenario in scenarios if fits else scenarios[: ANNOTATION_LIMIT - 1]:
        title = _property(one_line(f"{scenario.outcome}: {scenario.title}", 120))
        file = files.get(scenario.id) or scenario.path or scenario.file
        place = f"file={_property(file)},line={_line(scenario)},title={title}"
        yield f"::{kind} {place}::{_data(_said(scenario))}"
    if not fits:
        more = len(scenarios) - ANNOTATION_LIMIT + 1
        what = scenarios[-1].outcome
        yield f"::{kind} title=uplab::{more} more {what}; the step summary and the report list them all"


def _said(scenario: Scenario) -> str:
    """What a reader of the diff needs: the requirements, what was promised, what happened."""
    lines = [f"requirements: {' '.join(scenario.requirements)}"] if scenario.requirements else []
    for verdict in scenario.complaints:
        lines += [
            f"{verdict.check} {verdict.outcome}",
            f"promised: {verdict.promised}",
            f"happened: {verdict.happened}",
        ]
        lines += [f"try: {verdict.advice}"] if verdict.advice else []
    lines += [scenario.why] if scenario.why else []
    if not scenario.complaints and scenario.message:
        lines.append(scenario.message.strip())
    return visible(shorten("\n".join(lines) or scenario.outcome, 3_000))


def _line(scenario: Scenario) -> int:
    """The line of the scenario's file where the message says that it failed, else where the scenario begins."""
    places = re.findall(rf"{re.escape(scenario.file)}:(\d+)", scenario.message or "")
    return int(places[-1]) if places else scenario.line or 1


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
