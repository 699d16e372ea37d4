"""The login of a forwarder's pages: who logs in, and by which steps of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from uplab.scenarios.suites.pages.labels import control, fields, text
from uplab.scenarios.under_test.access.sign_in import Credentials, PagesLogin, Step

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["Login", "LoginError", "log_in"]


class Login(NamedTuple):
    """Who logs in, and by which steps."""

    who: Credentials
    how: PagesLogin


class LoginError(Exception):
    """The steps of the profile do not lead past the login of the pages."""


def log_in(page: Page, login: Login) -> None:
    """Takes the steps where the pages ask who is there; LoginError where they lead nowhere."""
    from playwright.sync_api import Error  # noqa: PLC0415 - it may be missing

    inside, step = control(page, "Applications").first, None
    try:
        _asked(page, login.how.steps[0]).or_(inside).first.wait_for()
        if inside.is_visible():  # he was let in before
            return
        for step in login.how.steps:
            if step.button is not None:
                control(page, step.button).first.click()
            else:
                _asked(page, step).fill(login.who.user if step.value == "user" else login.who.password)
        inside.wait_for()
        page.wait_for_load_state()
    except Error as error:
        last = (step.button or step.field) if step is not None else "its beginning"
        told = f"{str(error).splitlines()[0]} {page.url} shows: {text(page)}"
        raise LoginError(f"the login did not lead to the pages; the last step was {last!r}: {told}") from None


def _asked(page: Page, step: Step) -> Locator:
    return control(page, step.button).first if step.button is not None else fields(page, step.field or "").first
