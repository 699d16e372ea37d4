"""A visitor before the reference forwarder's own pages: more devices than a page holds, and a script that is late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios.suites.pages.conftest import Lab
from tests.simulator.forwarder.process import Forwarder
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.suites.pages.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

NAMES = [f"20635F01{number:08X}" for number in range(230)]


@pytest.fixture(scope="module")
def forwarder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarder]:
    """A forwarder that knows 230 devices and one application."""
    folder: Path = tmp_path_factory.mktemp("forwarder")
    with Forwarder(folder) as forwarder:
        forwarder.bind(forwarder.create("http://127.0.0.1:9/x", description="old"), *NAMES)
        yield forwarder


@pytest.fixture
def visitor(browser: Browser, forwarder: Forwarder) -> Iterator[Visitor]:
    """A visitor who has opened the pages; nothing may be wrong with them."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visitor = Visitor(Lab(), context, forwarder.ready["pages"], step_s=10)
    visitor.open()
    yield visitor
    assert visitor.problems == []
    context.close()


@pytest.mark.parametrize("dev_eui", [NAMES[0], NAMES[200], NAMES[-1]])
def test_device_of_230_is_found(visitor: Visitor, dev_eui: str) -> None:
    visitor.go("Devices List")
    visitor.find(dev_eui)

    visitor.expect_heading(dev_eui, proves="HTTP-11")


def test_last_device_is_reached_by_turning_the_pages_without_a_script(browser: Browser, forwarder: Forwarder) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{forwarder.ready['pages']}devices?find=20635f")

    page.get_by_role("link", name="Page 5", exact=True).click()
    assert page.get_by_text("201-230 of 230").is_visible()
    page.get_by_role("link", name="Previous", exact=True).click()
    page.get_by_role("link", name="Next", exact=True).click()
    page.get_by_role("link", name=NAMES[-1]).click()

    assert page.get_by_role("heading", name=NAMES[-1]).is_visible()
    context.close()


def test_page_shows_no_button_before_the_script_that_hears_it(visitor: Visitor) -> None:
    page = visitor.page
    held: list[Route] = []

    def hold(route: Route) -> None:  # a function, which Playwright can mark
        held.append(route)

    page.route("**/script.js", hold)

    with page.expect_request("**/script.js"):
        page.get_by_role("link", name="Test HTTP Connection").click()
    page.evaluate("fetch('/iot-flow/').then(answer => answer.text())")  # meanwhile all else of the page has come
    assert page.locator("button").count() == 0

    held[0].continue_()
    page.get_by_role("button", name="Edit Description").click()
    page.get_by_role("textbox", name="Description").fill("new")


@pytest.mark.parametrize(
    ("label", "other", "promised"),
    [
        ("View More Applications Type", "More types", "there is a link or a button 'View More Applications Type'"),
        ('aria-label="HTTP"', 'aria-label="Webhook"', "there is a link or a button 'HTTP'"),
        (">Destination URL<", ">Address<", "there is a field 'Destination URL'"),
    ],
)
def test_changed_label_turns_its_step_red(visitor: Visitor, label: str, other: str, promised: str) -> None:
    def reword(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(label, other))

    visitor.page.route("**/iot-flow/create/**", reword)
    visitor.page.route("**/iot-flow/create", reword)
    visitor.page.set_default_timeout(2000)  # what is missing is waited for in vain

    def walk() -> None:
        visitor.go("Applications", "Create", "View More Applications Type", "HTTP")
        visitor.fill("Destination URL", "https://posthere.io/x")

    with pytest.raises(CheckFailed, match=promised):
        walk()
