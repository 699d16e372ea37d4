"""The sign-off as a page."""

from dataclasses import replace

from tests.reports.page import Page
from tests.reports.paper.conftest import MakeRun
from uplab.reports.paper.page import page
from uplab.reports.paper.signoff import sign_off
from uplab.reports.run import read_run

MADE = "2026-12-01T03:00:00+00:00"


def test_page_tells_product_documents_clauses_and_what_is_missing(made: MakeRun) -> None:
    one = sign_off([read_run(made("a")), read_run(made("b"))])

    shown = Page(page(one, made=MADE, links={"a": "../runs/a/report.html"}, carries=False))

    for words in (
        "reference",
        "version not told",
        "lab-1, Linux 6.18 x86_64",
        "http.md A title 2021-12-17",
        one.runs[0].sha256,
        "HTTP-05",
        "our reading",
        "Deviations that were agreed on None.",
        "Not applicable, and why",
        "it was not asked which kinds of bugs",
        "made 2026-12-01 03:00:00 UTC",
    ):
        assert words in shown.text, words
    assert {"../runs/a/report.html#r-HTTP-05"} <= {link["href"] for link in shown.all("a")}
    assert not shown.all("script")
    assert not [1 for _, attributes in shown.elements if "src" in attributes]


def test_words_of_strangers_are_only_text(made: MakeRun) -> None:
    one = sign_off([read_run(made("a"))])
    hostile = replace(one, runs=(replace(one.runs[0], forwarder="<script>alert(1)</script>", doubt=("<b>",)),))

    source = page(hostile, made=MADE, links={}, carries=True)

    assert "<script>" not in source
    assert "uplab verify" in Page(source).text
