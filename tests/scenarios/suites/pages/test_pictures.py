"""A picture of a page is taken into the run's folder, and none of a page with a secret of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from uplab.scenarios.history import secrets
from uplab.scenarios.suites.pages.pictures import Pictures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

SECRET = "9f8e7d6c5b4a39281706"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a field."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content("<h1>Application</h1><input id=x>")
    yield page
    context.close()


def test_picture_is_a_file_named_by_its_scenario(page: Page, tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, "pages/test_http.py::test_x[a/b]")

    names = [pictures.take(page), pictures.take(page)]

    assert names == ["pictures/pages-test-http-test-x-a-b-01.jpg", "pictures/pages-test-http-test-x-a-b-02.jpg"]
    assert all((tmp_path / str(name)).read_bytes().startswith(b"\xff\xd8\xff") for name in names)


def test_name_of_a_picture_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_foreign", [])
    secrets.register(SECRET, "the API token")
    assert SECRET not in Pictures(tmp_path, f"pages/test_http.py::test_x[{SECRET}]").name


def test_secret_that_was_typed_into_a_field_is_in_no_picture(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "_foreign", [])
    secrets.register(SECRET, "the API token")
    page.locator("#x").fill(SECRET)

    assert Pictures(tmp_path, "a").take(page) is None
    assert not list(tmp_path.rglob("*.jpg"))


def test_page_that_is_gone_has_none(page: Page, tmp_path: Path) -> None:
    page.close()

    assert Pictures(tmp_path, "a").take(page) is None
