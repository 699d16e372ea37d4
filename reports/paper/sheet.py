"""signoff.xlsx: the sign-off as a workbook, for those who filter and count: summary, clauses, runs, deviations."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from uplab.reports.paper.signoff import SignOff
from uplab.reports.text import moment, one_line

__all__ = ["write_sheet"]

_COLOURS = {
    "passed": "#176b3a",
    "failed": "#b3202a",
    "agreed deviation": "#8a5300",
    "error": "#6a3fa0",
    "unknown": "#8a5300",
    "not tested": "#59616e",
    "not applicable": "#59616e",
}


def write_sheet(one: SignOff, path: Path, *, made: str) -> None:
    """Writes the workbook; every cell is text or a number, so that nothing in it is taken for a formula."""
    # XlsxWriter takes texts for formulas and links unless it is told not to.
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Sign-off", "comments": f"made {made}", "author": "uplab"})
        heading = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        colours = {word: book.add_format({"font_color": colour, "valign": "top"}) for word, colour in _COLOURS.items()}

        def sheet(name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> None:
            page = book.add_worksheet(name)
            page.set_landscape()
            page.set_paper(9)  # A4
            page.fit_to_pages(1, 0)
            page.repeat_rows(0)
            page.freeze_panes(1, 0)
            last = 0
            for n, (title, width) in enumerate(columns):
                page.set_column(n, n, width)
                page.write_string(0, n, title, heading)
            for last, row in enumerate(rows, 1):
                for n, value in enumerate(row):
                    if isinstance(value, int | float):
                        page.write_number(last, n, value, wrapped)
                    else:
                        text = one_line(str(value or ""), 2_000)
                        page.write_string(last, n, text, colours.get(text, wrapped))
            if last:
                page.autofilter(0, 0, last, len(columns) - 1)

        said = [("product", product) for product in one.products] + [("made", moment(made))]
        said += [
            ("documents", f"{doc.document}, {doc.title}, {doc.date}, sha256 {doc.sha256}") for doc in one.documents
        ]
        sheet("Summary", [("what", 24), ("value", 110)], [*said, *((word, n) for word, n in one.counts.items())])
        by_run = [(f"run {n}", 16) for n, _ in enumerate(one.runs, 1)] if len(one.runs) > 1 else []
        columns = [("section", 10), ("clause", 11), ("in our words", 70), ("who says so", 14), ("about", 11)]
        sheet(
            "Clauses",
            [*columns, ("verdict", 17), ("why", 60), *by_run],
            (
                (section.prefix, s.id, s.text, s.label, s.subject, s.verdict, s.why, *(s.by_run if by_run else ()))
                for section in one.sections
                for s in section.statements
            ),
        )
        _runs(one, sheet)
        _deviations(one, sheet)


def _runs(one: SignOff, sheet: Any) -> None:
    columns = [("run", 28), ("product", 24), ("version", 16), ("digest", 40), ("started", 22), ("seconds", 10)]
    columns += [("machine", 40), ("profile", 16), ("seed", 12), ("selection", 30), ("exit code", 9), ("uplab", 18)]
    sheet(
        "Runs",
        [*columns, ("sha256 of run.json", 66), ("what it excludes", 60)],
        (
            (
                *(run.name, run.forwarder, run.version, run.digest, moment(run.started), run.duration_s),
                *(run.machine, run.profile, run.seed, run.selection or "the whole", run.exit_code, run.uplab),
                *(run.sha256, "was not asked" if run.doubt is None else "; ".join(run.doubt)),
            )
            for run in one.runs
        ),
    )


def _deviations(one: SignOff, sheet: Any) -> None:
    columns = [("run", 28), ("kind", 10), ("deviation", 30), ("state", 14), ("reason", 60)]
    sheet(
        "Deviations",
        [*columns, ("ticket", 18), ("owner", 22), ("until", 12)],
        ((name, d.kind, d.id, d.state, d.reason, d.ticket, d.owner, d.until) for name, d in one.deviations),
    )
