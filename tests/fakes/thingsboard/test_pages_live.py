"""The pages in a browser: what a person sees, at once when it changes. Skipped without Chromium and playwright."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.fakes.thingsboard.state.device import Device
from uplab.scenarios.suites.pages.chromium import launched, missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BIG = 9_007_199_254_740_993  # beyond what a double holds exactly
NOW_MS = 1_760_000_000_000


class Running:
    """A fake in a thread of its own, as the browser is in this one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.server = ThingsBoardServer()
        self.base = f"http://127.0.0.1:{self.call(self.server.listen_http())}"
        self.device = self.do(lambda: self.server.state.add_device(self.server.state.demo.id, "elsys"))

    def call(self, work: Any) -> Any:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def do(self, work: Any) -> Any:
        """Run a function there and wait for it."""
        done: Future[Any] = Future()
        self.loop.call_soon_threadsafe(lambda: done.set_result(work()))
        return done.result(10)

    def save(self, ts: int = NOW_MS, **values: Any) -> None:
        """Telemetry of the device."""
        self.do(lambda: self.device.save_telemetry(ts, dict(values)))

    def stop(self) -> None:
        """End it."""
        self.call(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@pytest.fixture(name="browser", scope="module")
def a_browser() -> Iterator["Browser"]:
    if wanted := missing():
        if os.environ.get("UPLAB_REQUIRE_CLIENTS") == "1":
            pytest.fail(f"UPLAB_REQUIRE_CLIENTS=1 wants {wanted}")
        pytest.skip(f"needs {wanted}")
    with launched("127.0.0.1") as browser:
        yield browser


@pytest.fixture(name="fake")
def a_fake() -> Iterator[Running]:
    fake = Running()
    yield fake
    fake.stop()


@pytest.fixture(name="page")
def a_page(browser: "Browser", fake: Running) -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=fake.base)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(fake.base)
    page.fill("input[name=username]", "tenant@thingsboard.org")
    page.fill("input[name=password]", "tenant")
    page.click("text=Login")
    page.wait_for_selector("#count-devices:text('2')")
    yield page
    context.close()


def row(page: "Page", key: str, scope: str | None = None) -> list[str]:
    """The cells of a value's row, once it is there."""
    narrowed = f'[data-scope="{scope}"]' if scope else ""
    return page.locator(f'tr[data-key="{key}"]{narrowed} td').all_inner_texts()


def open_device(page: "Page", fake: Running) -> None:
    page.goto(f"{fake.base}/devices/{fake.device.id}")
    page.wait_for_selector("#state .state")


def test_telemetry_is_shown_as_it_comes(page: "Page", fake: Running) -> None:
    open_device(page, fake)
    page.wait_for_selector("text=No telemetry yet.")

    fake.save(temperature=21.5)
    page.wait_for_selector('tr[data-key="temperature"] .value:text-is("21.5")')
    fake.save(NOW_MS + 1, temperature=22)
    page.wait_for_selector('tr[data-key="temperature"] .value:text-is("22")')


def test_big_numbers_and_foreign_times_are_shown_as_they_are(page: "Page", fake: Running) -> None:
    fake.save(big=BIG)
    fake.save(NOW_MS * 1_000, in_us=1)
    open_device(page, fake)
    page.wait_for_selector('tr[data-key="in_us"]')

    assert row(page, "big")[2] == str(BIG)
    assert row(page, "in_us")[0] == f"{NOW_MS * 1_000} (no time in ms)"


def test_scopes_stand_apart_and_shared_attributes_are_edited(page: "Page", fake: Running) -> None:
    fake.do(lambda: fake.device.save_attributes("CLIENT_SCOPE", {"same": "client"}, NOW_MS))
    fake.do(lambda: fake.device.save_attributes("SHARED_SCOPE", {"same": "shared"}, NOW_MS))
    open_device(page, fake)
    page.click("#tab-attributes")
    page.wait_for_selector('tr[data-key="same"][data-scope="Shared"]')
    assert row(page, "same", "Client")[1:4] == ["Client", "same", "client"]
    assert row(page, "same", "Shared")[1:4] == ["Shared", "same", "shared"]

    page.click("#add-attribute")
    page.fill("dialog input[name=key]", "n")
    page.fill("dialog input[name=value]", str(BIG))
    page.click("dialog >> text=Save")
    page.wait_for_selector(f'tr[data-key="n"][data-scope="Shared"] .value:text-is("{BIG}")')
    assert fake.device.attributes("SHARED_SCOPE", 0)["n"][1] == BIG
    page.click('tr[data-key="n"] >> text=Delete')
    page.wait_for_selector('tr[data-key="n"]', state="detached")


def test_access_token_is_shown_and_copied(page: "Page", fake: Running) -> None:
    open_device(page, fake)
    page.click("#tab-details")
    page.click("#copy-token")
    page.wait_for_selector("text=Copied.")

    assert page.inner_text("#access-token") == fake.device.credentials.id
    assert page.evaluate("navigator.clipboard.readText()") == fake.device.credentials.id


def test_device_is_renamed_and_deleted(page: "Page", fake: Running) -> None:
    open_device(page, fake)
    page.click("#rename")
    page.fill("dialog input", "other name")
    page.click("dialog >> text=Rename >> nth=-1")
    page.wait_for_selector("h1:text('other name')")
    assert fake.device.name == "other name"

    page.click("#delete")
    page.click("dialog >> text=Delete >> nth=-1")
    page.wait_for_selector("h1:text-is('Devices')")
    page.wait_for_selector("#devices")
    assert fake.device.id not in fake.server.state.devices


def test_new_device_comes_into_the_list_at_once(page: "Page", fake: Running) -> None:
    page.goto(f"{fake.base}/devices")
    page.wait_for_selector("#devices >> text=elsys")

    made: Device = fake.do(lambda: fake.server.state.add_device(fake.server.state.demo.id, "newcomer"))

    page.wait_for_selector("#devices >> text=newcomer")
    fake.do(lambda: fake.server.state.delete_device(made))
    page.wait_for_selector("#devices >> text=newcomer", state="detached")


def test_chart_draws_a_line_and_goes_on(page: "Page", fake: Running) -> None:
    now_ms = page.evaluate("Date.now()")
    for minute in range(5):
        fake.save(now_ms - minute * 60_000, temperature=20 + minute)
    page.goto(f"{fake.base}/dashboards")
    page.click("text=Add dashboard")
    page.fill("dialog input", "Board")
    page.click("dialog >> text=Add >> nth=-1")
    page.click("text=Add widget")
    page.fill("dialog input[name=device]", "elsys")
    page.select_option("dialog select[name=kind]", "chart")
    page.fill("dialog input[name=keys]", "temperature")
    page.click("dialog >> text=Add >> nth=-1")
    page.wait_for_selector(".chart polyline")
    assert page.locator(".chart circle").count() == 5

    fake.save(now_ms + 1_000, temperature=33.25)
    page.wait_for_selector(".legend strong:text-is('33.25')")
    page.wait_for_selector(".chart circle >> nth=5", state="attached")


def test_phone_shows_values_whole(page: "Page", fake: Running) -> None:
    fake.save(a_key_of_a_driver_that_is_rather_long_for_a_phone="a value of some words, which wraps")
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (f"/devices/{fake.device.id}", "/devices", "/home", "/dashboards"):
        page.goto(f"{fake.base}{path}")
        page.wait_for_selector("h1")
        page.wait_for_selector(".value, #devices, .tile, .empty", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        cut = page.evaluate(
            "[...document.querySelectorAll('.value')].some((one) => one.getBoundingClientRect().right > 390)"
        )
        assert not cut
