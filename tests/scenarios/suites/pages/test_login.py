"""The login before the pages: the steps of a profile, taken by a visitor, and by a whole run against the reference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.scenarios.suite_runs import uplab
from tests.scenarios.suites.pages.conftest import Lab
from uplab.scenarios.suites.pages.chromium import missing, unavailable
from uplab.scenarios.suites.pages.login import Login, LoginError
from uplab.scenarios.suites.pages.visitor import Visitor
from uplab.scenarios.under_test.access.sign_in import Credentials, PagesLogin

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TWO_PAGES = PagesLogin.model_validate(
    {
        "steps": [
            {"field": "E-mail", "value": "user"},
            {"button": "Next"},
            {"field": "Password", "value": "password"},
            {"button": "Sign in"},
        ]
    }
)
HEAD = "<!doctype html><title>x</title><link rel=icon href=data:,>"


def asked(site: HTTPServer) -> None:
    """A site that asks on two pages who is there."""

    def first(request: Request) -> Response:
        if request.cookies.get("session") == "in":
            return Response(f"{HEAD}<h1>All</h1><a href='/'>Applications</a>", content_type="text/html")
        form = "<form action='/who'><label>E-mail<input name=user></label><button>Next</button></form>"
        return Response(HEAD + form, content_type="text/html")

    def second(request: Request) -> Response:
        field = f"<input type=hidden name=user value='{request.args['user']}'>"
        form = f"<form method=post action='/in'>{field}<label>Password<input name=password></label>"
        return Response(f"{HEAD}{form}<button>Sign in</button></form>", content_type="text/html")

    def enter(request: Request) -> Response:
        if (request.form["user"], request.form["password"]) != ("me@example.com", "hush"):
            return Response(f"{HEAD}<p>Wrong.", content_type="text/html")
        return Response(status=303, headers={"Location": "/", "Set-Cookie": "session=in; Path=/"})

    site.expect_request("/").respond_with_handler(first)
    site.expect_request("/who").respond_with_handler(second)
    site.expect_request("/in", method="POST").respond_with_handler(enter)


def visitor(browser: Browser, site: HTTPServer, password: str) -> Visitor:
    login = Login(Credentials("me@example.com", password), TWO_PAGES)
    return Visitor(Lab(), browser.new_context(), site.url_for("/"), step_s=5, login=login)


def test_steps_lead_past_the_login_and_are_taken_once(browser: Browser, site: HTTPServer) -> None:
    asked(site)
    guest = visitor(browser, site, "hush")

    guest.open()
    guest.open()

    guest.expect_heading("All", proves="HTTP-09")
    assert [request.path for request, _ in site.log].count("/in") == 1
    assert "hush" not in "".join(guest.seen)


def test_login_that_leads_nowhere_says_which_step_was_the_last(browser: Browser, site: HTTPServer) -> None:
    asked(site)

    with pytest.raises(LoginError, match="the last step was 'Sign in'"):
        visitor(browser, site, "wrong").open()


@pytest.mark.parametrize(("steps", "code"), [("", 0), ('[pages_login]\nsteps = [{button = "Enter"}]\n', 1)])
def test_whole_walk_is_behind_a_login(tmp_path: Path, steps: str, code: int) -> None:
    if reason := missing():
        unavailable(reason)
    reference = Path(__file__).parents[4] / "scenarios" / "forwarders" / "reference" / "reference.toml"
    profile = reference.read_text(encoding="utf-8").replace("pages = true", "pages = true\npages_login = true")
    (tmp_path / "profile.toml").write_text(f"{profile}\n{steps}")
    scenarios = (
        "pages/test_http.py::test_creating_ends_on_the_details_with_a_notification",
        "pages/test_login.py::test_devices_list_is_shown_after_the_login_and_to_nobody_before",
    )

    ended = uplab(tmp_path, "run", *scenarios, "--forwarder-profile", "profile.toml", "--report-dir", "runs")

    assert ended.code == code, ended.out + ended.err
    if code:
        assert "the pages let in whom the forwarder was told" in ended.out
