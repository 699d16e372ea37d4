"""What happens where no browser can be driven, and what the browser may reach."""

import pytest

from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.suites.pages import chromium
from uplab.scenarios.suites.pages.chromium import REQUIRED, launched, missing, unavailable


def test_each_missing_part_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_spec", lambda _: None)
    monkeypatch.setattr(chromium, "find_chromium", lambda: None)

    told = missing()

    assert told is not None
    assert "pip install playwright" in told
    assert "apt-get install chromium-headless-shell" in told


def test_nothing_is_missing_where_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_spec", lambda _: object())
    monkeypatch.setattr(chromium, "find_chromium", lambda: "/usr/bin/chromium")

    assert missing() is None


def test_chromium_is_found_on_the_path_under_any_of_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/opt/chrome" if name == "google-chrome" else None)

    assert chromium.find_chromium() == "/opt/chrome"


def test_scenario_is_not_applicable_without_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRED, raising=False)

    with pytest.raises(pytest.skip.Exception, match="install Chromium"):
        unavailable("install Chromium")


def test_scenario_fails_where_all_clients_are_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRED, "1")

    with pytest.raises(CheckFailed, match=r"install Chromium \(UPLAB_REQUIRE_CLIENTS=1 demands it\)"):
        unavailable("install Chromium")


def test_browser_finds_no_host_but_the_named_one() -> None:
    if reason := missing():
        unavailable(reason)
    from playwright.sync_api import Error

    with launched("127.0.0.1") as browser:
        page = browser.new_page()
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            page.goto("http://elsewhere.example/")
