"""A browser, a site of pages to walk through, and a visitor of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pytest_httpserver import HTTPServer

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import History
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.lab.heartbeat import Heartbeat
from uplab.scenarios.lab.judge import Judge
from uplab.scenarios.suites.pages.chromium import launched, missing, unavailable
from uplab.scenarios.suites.pages.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class Punctual(Heartbeat):
    """A heartbeat that is never late."""

    def __init__(self) -> None:
        """Beats nowhere."""

    late = None


class Lab(Judge):
    """What a visitor needs of a lab."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self.requirements: list[str] = []
        self.heartbeat = Punctual()
        self.history = History(Ledger())


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for these modules."""
    if reason := missing():
        unavailable(reason)
    with launched("127.0.0.1") as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[HTTPServer]:
    """A site of pages at the one address that the browser may reach; an answer that is held back holds no other."""
    with HTTPServer("127.0.0.1", 0, threaded=True) as site:
        yield site


@pytest.fixture
def guest(browser: Browser, site: HTTPServer) -> Iterator[Visitor]:
    """A visitor of the site."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visitor = Visitor(Lab(), context, site.url_for("/"), step_s=10)
    yield visitor
    context.close()
