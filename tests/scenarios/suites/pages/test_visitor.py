"""The visitor in a real browser: what it takes for a page that keeps the documents' word, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pytest_httpserver import HTTPServer

from tests.scenarios.suites.pages.conftest import Lab
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.suites.pages.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

GOOD = """
<div role="status" style="position:fixed;top:8px;right:8px">The application 'bin' has been created</div>
<h1>bin</h1>
<label for="n">Application Name<span>*</span></label><input id="n">
<label for="u">Destination URL</label><input id="u" aria-invalid="true" aria-describedby="e"><p id="e">must begin so</p>
<label for="h" hidden>Description</label><input id="h" hidden>
<a href="#x">Create</a>
"""


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """A visitor of a page that is all right."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visitor = Visitor(Lab(), context, "http://127.0.0.1:9/", step_s=10)
    visitor.page.set_content(GOOD)
    yield visitor
    context.close()


def show(visitor: Visitor, old: str, new: str) -> None:
    """Shows the same page with one thing changed."""
    assert old in GOOD
    visitor.page.set_content(GOOD.replace(old, new))


def test_page_that_keeps_its_word_passes(visitor: Visitor) -> None:
    visitor.expect_notification("bin", "created", proves="HTTP-09")
    visitor.expect_heading("bin", proves="HTTP-09")
    visitor.expect_mandatory("Application Name", proves="HTTP-09")
    visitor.expect_refused_at("Destination URL", proves="HTTP-09")
    visitor.press("create")
    visitor.fill("application name", "x")

    assert visitor.value("Application Name") == "x"
    assert visitor.problems == []


@pytest.mark.parametrize(
    ("old", "new", "promise"),
    [
        ("has been created", "was lost", "a notification says bin created"),
        ('role="status"', "", "a notification says bin created"),
        ('role="status"', 'role="status" hidden', "a notification says bin created"),
        ("top:8px", "bottom:8px", "it appears at the upper right"),
        ("right:8px", "left:8px", "it appears at the upper right"),
        ("<h1>bin</h1>", "<p>bin</p>", "the browser is on the page of bin"),
        ("<span>*</span>", "", "Application Name is marked as mandatory"),
        ('aria-invalid="true"', "", "Destination URL is marked as wrong"),
        ("must begin so", "", "Destination URL says what is wrong with it"),
        ('<a href="#x">', "<i>", "there is a link or a button 'create'"),
        ("Application Name<", "Nom<", "Application Name is marked as mandatory"),
    ],
)
def test_page_that_breaks_its_word_fails(visitor: Visitor, old: str, new: str, promise: str) -> None:
    show(visitor, old, new)
    visitor.page.set_default_timeout(2000)  # what is missing is waited for in vain

    with pytest.raises(CheckFailed, match=promise):
        test_page_that_keeps_its_word_passes(visitor)


def test_hidden_field_is_none(visitor: Visitor) -> None:
    assert visitor.offers("Application Name")
    assert not visitor.offers("Description")
    visitor.page.set_default_timeout(500)
    with pytest.raises(CheckFailed, match="there is a field 'Description'"):
        visitor.fill("Description", "x")


def test_change_without_confirmation_window_fails(visitor: Visitor) -> None:
    visitor.page.set_content(f'{GOOD}<button aria-label="Edit Application Name"></button><button>Confirm</button>')
    visitor.page.set_default_timeout(500)

    with pytest.raises(CheckFailed, match="a confirmation window displays"):
        visitor.change("Application Name", "new")


def test_rows_of_headers_become_exactly_these(visitor: Visitor) -> None:
    row = '<p><input aria-label="Header name"><input aria-label="Header value"><button>Remove header'
    visitor.page.set_content(
        f'<div id="r">{row}</button></p></div><button id="a">Add a header</button>'
        "<script>const row = r.firstChild.cloneNode(true);"
        "onclick = e => e.target.id === 'a' ? r.append(row.cloneNode(true)) : e.target.closest('p')?.remove()</script>"
    )

    visitor.fill_headers({"X-A": "1", "X-B": "2"})

    values = visitor.page.locator("input").evaluate_all("all => all.map(one => one.value)")
    assert values == ["X-A", "1", "X-B", "2"]


def test_console_and_script_errors_are_problems(visitor: Visitor) -> None:
    visitor.page.set_content("<script>console.log('fine'); console.error('odd'); throw new Error('worse')</script>")
    visitor.page.wait_for_function("true")

    told = " ".join(visitor.problems)
    assert "odd" in told
    assert "worse" in told
    assert "fine" not in told


def test_refused_form_is_no_problem_and_a_missing_page_is_one(visitor: Visitor, site: HTTPServer) -> None:
    site.expect_request("/form", method="POST").respond_with_data("refused", status=400)
    site.expect_request("/").respond_with_data("<title>x</title>", content_type="text/html")
    visitor.page.goto(site.url_for("/"))

    visitor.page.evaluate("fetch('/form', {method: 'POST'}).then(answer => answer.text())")
    visitor.look()
    assert visitor.problems == []
    assert visitor.seen[-1] == "refused"

    visitor.page.evaluate("fetch('/missing').then(answer => answer.text())")
    assert len(visitor.problems) == 1


def test_other_hosts_are_blocked_without_a_problem(visitor: Visitor, site: HTTPServer) -> None:
    site.expect_request("/").respond_with_data(
        '<img src="http://192.0.2.1/x.png"><img src="http://127.0.0.1.example/x.png">', content_type="text/html"
    )

    visitor.page.goto(site.url_for("/"))

    assert visitor.blocked == {"http://192.0.2.1/x.png", "http://127.0.0.1.example/x.png"}
    assert visitor.problems == []
