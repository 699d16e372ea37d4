"""The pages of the fake ThingsBoard in a browser: every device, dashboard and domain can be reached, however many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.suites.pages.chromium import launched, missing, unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

DEVICES = [f"device {number:03}" for number in range(229)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this module."""
    if reason := missing():
        unavailable(reason)
    with launched("127.0.0.1") as browser:
        yield browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A ThingsBoard with 229 devices beside the gateway that is always there."""
    loop = LoopThread()
    server = loop.call(ThingsBoardServer)
    try:
        port = loop.run(server.listen_http())
        for name in DEVICES:
            loop.call(lambda name=name: server.state.add_device(server.state.demo.id, name))  # type: ignore[misc]
        yield f"http://127.0.0.1:{port}"
        loop.run(server.stop())
    finally:
        loop.stop()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Logged in."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Username").fill("tenant@thingsboard.org")
    page.get_by_label("Password").fill("tenant")
    page.get_by_role("button", name="Login").click()
    page.get_by_role("heading", name="Home").wait_for()
    yield page
    context.close()


def shown(page: Page) -> Locator:
    return page.locator("#devices tbody tr td:nth-child(2)")


def test_all_devices_are_reached_page_by_page(page: Page) -> None:
    page.goto("/devices")
    seen: list[str] = []
    for first, last in ((1, 50), (51, 100), (101, 150), (151, 200), (201, 230)):
        page.get_by_text(f"{first}-{last} of 230").wait_for()
        seen += shown(page).all_inner_texts()
        following = page.get_by_role("button", name="Next")
        if last < 230:
            following.click()

    assert len(seen) == 230
    assert set(seen) > set(DEVICES)
    assert following.is_disabled()


def test_search_begins_at_its_first_page(page: Page) -> None:
    page.goto("/devices")
    page.get_by_role("button", name="Next").click()
    page.get_by_text("51-100 of 230").wait_for()

    page.get_by_label("Search by name").fill("device 10")

    page.get_by_role("link", name="device 109").wait_for()
    page.get_by_text("device 000").wait_for(state="detached")
    assert sorted(shown(page).all_inner_texts()) == [f"device 10{digit}" for digit in range(10)]
    assert not page.get_by_role("navigation", name="Pages").is_visible()


def test_widget_shows_any_of_the_devices(page: Page) -> None:
    page.goto("/dashboards")
    page.get_by_role("button", name="Add dashboard").click()
    page.get_by_label("Name").fill("board")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("heading", name="board", exact=True).wait_for()

    page.get_by_role("button", name="Add widget").click()
    page.get_by_label("Device").fill("device 228")
    page.locator("#device-names option[value='device 228']").wait_for(state="attached")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()

    page.get_by_role("heading", name=re.compile("device 228")).wait_for()
