"""The verdicts for the terminal: a line for each suite, the requirements, what went wrong, and where the report is.

What a reader wants first stands last, beside his prompt. Of more than a few failures their causes are told, so that
a red night fits a screen; the tables are in the report then.
"""

import re
from collections import Counter
from collections.abc import Iterator

from rich.box import Box
from rich.console import Console, OverflowMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from uplab.reports.bundle import FOLDER, bundle_of
from uplab.reports.causes import Cause
from uplab.reports.figures.coverage import reached_in_words, unread_in_words
from uplab.reports.findings import Findings
from uplab.reports.headline import headline, left_behind, repeat_command, shown_outcomes, worst_first
from uplab.reports.matrix import Matrix, matrix
from uplab.reports.past.comparison import Comparison
from uplab.reports.run import Run, Scenario, Verdict
from uplab.reports.text import SIGNS, counted, one_line, seconds, shorten, visible

__all__ = ["render"]

_STYLES = {
    "passed": "green",
    "failed": "bold red",
    "error": "bold magenta",
    "unknown": "bold yellow",
    "not applicable": "dim",
}
_STYLES |= {"gap": "magenta", "not reached": "yellow", "not selected": "dim"}
_PLAIN_SIGNS = {"passed": "+", "failed": "x", "error": "!", "unknown": "?", "not applicable": "-"}
_PLAIN_SIGNS |= {"not reached": ".", "gap": "o", "not selected": "."}
# One rule under the heading and nothing else: it survives a log file, a narrow window and a copy into an issue.
_RULED = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
_MESSAGE = 3_000
_FEW = 20  # scenarios that a reader takes in at a glance: so many are listed by name
# What the runner says of features: "the profile mine does not declare events, metrics".
_UNDECLARED = re.compile(r"(.+ does not declare) ([a-z_]+(?:, [a-z_]+)*)")
_MOST_LEFT = 10  # things on the forwarder; the report lists all
_TOLD_WHOLE = 3  # so many scenarios that went wrong are told in full; of more, their causes
_FEW_CAUSES = 2  # so many have room for their words as long as they are
_MOST_CAUSES = 6  # with their words; of the others a line each
_MOST_NAMES = 6  # scenarios named below their causes, all causes together
_WHOLE_CAUSES = 3  # so many have room for what was promised and what to try, beside what happened


def render(found: Findings, *, console: Console, every: bool = False, brief: bool = False) -> None:
    """Prints the run to the console; colour adds to the words and never stands for them.

    `every` lists each scenario by name and tells each failure in full; `brief` leaves the tables away.
    """
    run, why, past = found.run, found.causes, found.past
    troubles, rows = worst_first(run), matrix(run)
    whole = every or len(troubles) <= _TOLD_WHOLE
    console.print()
    if whole and not brief:
        console.print(_table(run, console) if every or len(run.scenarios) <= _FEW else _suites(run, console))
        _print_not_applicable(run, console)
        _print_requirements(run, rows, console)
    elif not brief:
        _print_rows(rows, console, cut=True)
    for scenario in troubles if whole else ():
        _print_trouble(run, scenario, console)
    if not whole:
        _print_causes(found, console)
    _print_left(run, console)
    _print_end(run, why, past, console)
    if found.first and not whole:
        _print_first(found.first, console)


def _sign(outcome: str, console: Console) -> str:
    return (SIGNS if console.encoding.startswith("utf") else _PLAIN_SIGNS)[outcome]


def _cut(console: Console) -> OverflowMethod:
    """How a line ends that is longer than the window: the mark for it is no ASCII."""
    return "ellipsis" if console.encoding.startswith("utf") else "crop"


def _verdict(outcome: str, console: Console, word: str = "") -> Text:
    return Text(f"{_sign(outcome, console)} {word or outcome}", style=_STYLES[outcome])


def _table(run: Run, console: Console) -> Table:
    table = Table(box=_RULED, show_edge=False, pad_edge=False, padding=(0, 1), header_style="dim", expand=False)
    table.add_column("suite", no_wrap=True, max_width=14)
    table.add_column("scenario", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for suite, scenarios in run.suites().items():
        for index, scenario in enumerate(scenarios):
            short = "n/a" if scenario.outcome == "not applicable" else ""
            took = "" if scenario.outcome == "not applicable" else f"{scenario.duration_s:.2f}"
            name = Text(one_line(suite, 40) if index == 0 else "", style="bold")
            table.add_row(name, Text(one_line(scenario.title, 160)), _verdict(scenario.outcome, console, short), took)
    return table


def _suites(run: Run, console: Console) -> Table:
    """One line for each suite: how many scenarios came to which end."""
    unreached = run.unreached_suites()
    wanted: tuple[str, ...] = ("passed", "failed", "error", "unknown", "not applicable")
    outcomes = [one for one in wanted if one in shown_outcomes(run)]
    table = Table(box=_RULED, show_edge=False, pad_edge=False, padding=(0, 1), header_style="dim", expand=False)
    table.add_column("suite", no_wrap=True, max_width=20)
    for outcome in (*outcomes, *(["not reached"] if unreached else [])):
        table.add_column("n/a" if outcome == "not applicable" else outcome, justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    suites = run.suites()
    for suite in dict.fromkeys((*suites, *unreached)):
        scenarios = suites.get(suite, ())
        counts = {outcome: sum(one.outcome == outcome for one in scenarios) for outcome in outcomes}
        counts |= {"not reached": len(unreached.get(suite, ()))} if unreached else {}
        numbers = [Text(str(n), style=_STYLES[outcome] if n else "dim") for outcome, n in counts.items()]
        worst = next(
            (o for o in ("failed", "error", "unknown", "not reached", "passed") if counts.get(o)), "not applicable"
        )
        name = Text(f"{_sign(worst, console)} {one_line(suite, 40)}", style=_STYLES[worst])
        table.add_row(name, *numbers, f"{sum(one.duration_s for one in scenarios):.1f}")
    return table


def _print_causes(findings: Findings, console: Console) -> None:
    """Each cause once, a line for each of its words, then the scenarios that it spoilt; all of it fits a screen."""
    found = findings.causes
    named = max(1, _MOST_NAMES // min(len(found), _MOST_CAUSES))
    for cause in found[:_MOST_CAUSES]:
        console.print()
        console.print(_told(cause, findings, console), overflow=_cut(console), no_wrap=True)
        for word, words in _words(cause):
            if word != "happened" and len(found) > _WHOLE_CAUSES:
                continue
            line = Text.assemble((word.ljust(10), "dim"), one_line(words, 300))
            if len(found) <= _FEW_CAUSES:
                _indented(line, console)
            else:
                console.print(Text("  ") + line, overflow=_cut(console), no_wrap=True)
        shown = cause.scenarios if len(cause.scenarios) <= named + 1 else cause.scenarios[:named]
        for scenario in shown:
            name = f"  {one_line(scenario.suite, 40)}: {one_line(scenario.title, 160)}"
            rows = " ".join(scenario.requirements)
            console.print(Text.assemble(name, (f"  {one_line(rows, 80)}", "dim")), overflow=_cut(console), no_wrap=True)
        if more := len(cause.scenarios) - len(shown):
            _indented(Text(f"and {more:,} more, which the report names, and -v", style="dim"), console)
    if len(found) > _MOST_CAUSES:
        console.print()
    for cause in found[_MOST_CAUSES:]:
        console.print(_told(cause, findings, console), overflow=_cut(console), no_wrap=True)


def _told(cause: Cause, found: Findings, console: Console) -> Text:
    """A cause in one line: its id, what found it and where, how many scenarios it spoilt, and since when."""
    hop = (cause.shown.hop if cause.shown else None) or ""
    where = f" at {'' if '.' in hop else 'the '}{hop}" if hop else ""
    spoilt = counted(len(cause.scenarios), "scenario")
    since = f", {found.past.told[cause.id]}" if cause.id in found.past.told else ""
    if deviation := found.deviation_of(cause):
        since += f"; {one_line(deviation.words, 80)}"
    sign = Text(f"{_sign(cause.outcome, console)} {cause.outcome}", style=_STYLES[cause.outcome])
    return Text.assemble(sign, f"  {cause.id}  ", (f"{one_line(cause.check, 60)}{where}", "bold"), f": {spoilt}", since)


def _words(cause: Cause) -> Iterator[tuple[str, str]]:
    """What was promised, what happened first, what to try."""
    if cause.shown is None:
        first = cause.scenarios[0]
        yield "happened", (first.why or first.message or "nothing was said").strip().partition("\n")[0]
        return
    yield "promised", cause.shown.promised
    yield "happened", cause.shown.happened
    if cause.shown.advice:
        yield "to try", cause.shown.advice


def _print_left(run: Run, console: Console) -> None:
    """What scenarios made on the forwarder and could not remove: no verdict on them, but somebody has to do it."""
    if not run.left:
        return
    console.print()
    console.print(Text(f"{left_behind(run)}:", style=_STYLES["unknown"]), overflow="fold")
    for phrase, scenario in run.left[:_MOST_LEFT]:
        where = f"made in {one_line(scenario.suite, 40)}: {one_line(scenario.title, 160)}"
        _indented(Text(f"{one_line(phrase, 300)}; {where}"), console)
    if len(run.left) > _MOST_LEFT:
        _indented(Text(f"and {len(run.left) - _MOST_LEFT:,} more, which the report lists"), console)


def _print_trouble(run: Run, scenario: Scenario, console: Console) -> None:
    console.print()
    title = Text.assemble(_verdict(scenario.outcome, console), "  ", (one_line(scenario.title), "bold"))
    console.print(title, overflow="fold")
    about = [one_line(scenario.suite, 40), " ".join(scenario.requirements)]
    _indented(Text("  ".join(one_line(part, 160) for part in about if part), style="dim"), console)
    if scenario.why:
        _indented(Text(visible(shorten(scenario.why, _MESSAGE))), console)
    for verdict in scenario.complaints:
        _indented(_complaint(verdict), console)
    if scenario.message and not scenario.complaints:
        _indented(Text(visible(shorten(scenario.message.strip(), _MESSAGE))), console)
    _command("repeat    ", repeat_command(run, scenario), console)


def _complaint(verdict: Verdict) -> Table:
    """Promised, happened, diverged and try, each beside its word."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim", min_width=8)
    grid.add_column(overflow="fold")
    for word, value, style in _parts(verdict):
        grid.add_row(word, Text(visible(shorten(value, 1_000)), style=style))
    return grid


def _parts(verdict: Verdict) -> Iterator[tuple[str, str, str]]:
    check = f"{verdict.check} ({verdict.requirement})" if verdict.requirement else verdict.check
    yield "check", f"{check}, {verdict.outcome}, {verdict.examined:,} examined", ""
    yield "promised", verdict.promised, ""
    yield "happened", verdict.happened, "bold"
    if verdict.hop:
        ids = f" ({', '.join(verdict.ids[:8])}{' …' if len(verdict.ids) > 8 else ''})" if verdict.ids else ""
        yield "diverged", f"at {'' if '.' in verdict.hop else 'the '}{verdict.hop}{ids}", ""
    if verdict.advice:
        yield "to try", verdict.advice, ""


def _print_not_applicable(run: Run, console: Console) -> None:
    """Each reason once, with the number of scenarios that it keeps away: counted, never silent."""
    said = _reasons(run.of("not applicable"))
    if said:
        console.print()
    for reason, number in said:
        console.print(
            _verdict("not applicable", console),
            Text(f" {counted(number, 'scenario')}: {visible(reason)}"),
            sep="",
            overflow="fold",
        )


def _reasons(scenarios: tuple[Scenario, ...]) -> list[tuple[str, int]]:
    """The reasons with their scenarios' number; those of features that a profile does not declare become one."""
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for scenario in scenarios:
        reason = scenario.reason or "no reason given"
        undeclared = _UNDECLARED.fullmatch(reason)
        start, features = undeclared.groups() if undeclared else (reason, "")
        found.setdefault(start, Counter())[tuple(sorted(set(features.split(", "))))] += 1
    return [(_reason(start, sets), sets.total()) for start, sets in found.items()]


def _reason(start: str, sets: Counter[tuple[str, ...]]) -> str:
    """One reason; several sets of features each with the number of their scenarios, single features first."""
    if len(sets) == 1:
        return shorten(f"{start} {', '.join(next(iter(sets)))}".rstrip(), 400)
    first, *others = sorted(sets, key=lambda features: (len(features), features))
    told = [f"{' + '.join(first)} ({counted(sets[first], 'scenario')})"]
    told += [f"{' + '.join(features)} ({sets[features]:,})" for features in others]
    return shorten(f"{start}: {', '.join(told)}", _MESSAGE)


def _print_requirements(run: Run, found: Matrix, console: Console) -> None:
    if not found.rows:
        return
    console.print()
    table = Table(box=_RULED, show_edge=False, pad_edge=False, padding=(0, 1), header_style="dim", expand=False)
    table.add_column("requirements", no_wrap=True)
    for verdict in found.verdicts:
        table.add_column("n/a" if verdict == "not applicable" else verdict, justify="right", no_wrap=True)
    table.add_column("all", justify="right", no_wrap=True)
    for group in found.groups:
        numbers = [Text(str(group.counts[v]), style=_STYLES[v] if group.counts[v] else "dim") for v in found.verdicts]
        table.add_row(Text(one_line(group.prefix, 20)), *numbers, str(len(group.rows)))
    sums = (str(found.counts[verdict]) for verdict in found.verdicts)
    table.add_row(Text("together", style="bold"), *sums, str(len(found.rows)))
    console.print(table)
    if found.counts["not selected"]:
        outside = counted(found.counts["not selected"], "row")
        _indented(Text(one_line(f"{outside} outside of what was selected: {run.selection}", 400)), console)
    _print_rows(found, console)


def _print_rows(found: Matrix, console: Console, *, cut: bool = False) -> None:
    """The rows that are no pass, by name; `cut` leaves a line for each verdict, and the rest to the report."""
    for verdict in ("failed", "error", "unknown", "gap"):
        if ids := found.clauses_of(verdict):
            line = Text.assemble((f"{verdict}: ", _STYLES[verdict]), " ".join(ids))
            if cut:
                console.print(Text("  ") + line, overflow=_cut(console), no_wrap=True)
            else:
                _indented(line, console)
    if found.strangers:
        _indented(Text(f"in no catalogue: {' '.join(one_line(id_, 60) for id_ in found.strangers)}"), console)


def _print_end(run: Run, why: tuple[Cause, ...], past: Comparison, console: Console) -> None:
    said = headline(run)
    counts = ", ".join(f"{len(run.of(outcome))} {outcome}" for outcome in shown_outcomes(run))
    console.print()
    word = Text(f"{_sign(said.outcome, console)} {said.word.upper()}", style=_STYLES[said.outcome])
    console.print(Text.assemble(word, f"  {said.sentence}"), overflow="fold")
    for line in run.gate:
        _indented(Text(one_line(line, 400), style=_STYLES["failed"]), console)
    if run.unreached:
        counts += f", {len(run.unreached)} not reached"
    if len(why) < len(worst_first(run)):
        counts += f", of {counted(len(why), 'cause')}"
    _indented(Text(f"{counts}; in {seconds(run.duration_s)}"), console)
    if run.not_promised:
        _indented(
            Text(f"{counted(len(run.not_promised), 'thing')} not promised by the profile, and not judged"), console
        )
    for line in filter(None, (reached_in_words(run.conditions), unread_in_words(run.arrived))):
        _indented(Text(one_line(line, 300)), console)
    if past.sentence and (past.told or past.fixed):
        _indented(Text(f"causes: {past.sentence}"), console)
    for deviation in run.deviations:
        if deviation.state == "passes again":
            named = one_line(f"deviation {deviation.id} ({deviation.ticket}) passes again: take it off the list", 200)
            _indented(Text(named), console)
    if past.trouble:
        _indented(Text(one_line(past.trouble, 400), style=_STYLES["unknown"]), console)
    _command("repeat    ", repeat_command(run), console)
    _command("report    ", str(run.folder / "report.html"), console)
    if any(bundle_of(run, scenario) for scenario in run.of("failed")):
        _command("bundles   ", f"{run.folder / FOLDER}, one for each failure: uplab replay FILE", console)


def _print_first(cause: Cause, console: Console) -> None:
    """The first cause once more, beside the reader's prompt."""
    *_, words = [words for word, words in _words(cause) if word == "happened"]
    line = Text.assemble(("  first     ", "dim"), f"{cause.id} ", (one_line(words, 400), "bold"))
    console.print(line, overflow=_cut(console), no_wrap=True)


def _indented(what: Text | Table, console: Console) -> None:
    console.print(Padding(what, (0, 0, 0, 2), expand=False), overflow="fold")


def _command(word: str, command: str, console: Console) -> None:
    """A line to be copied: never wrapped by us, so that a terminal can still select it whole."""
    console.print(Text.assemble("  ", (word, "dim"), visible(command)), soft_wrap=True)
