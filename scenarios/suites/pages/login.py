"""The login before the pages of a forwarder: the steps of its profile, taken where the pages ask who is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from uplab.scenarios.under_test.access.sign_in import Credentials, PagesLogin, Step

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Request, Route

__all__ = ["Login", "LoginError", "log_in", "sent_with"]

_MOST_SHOWN = 400  # characters of a page

Find = Callable[[str], "Locator"]


class Login(NamedTuple):
    """Who logs in, and by which steps."""

    who: Credentials
    how: PagesLogin


class LoginError(Exception):
    """The steps of the profile do not lead past the login of the pages."""


def sent_with(headers: Mapping[str, str], route: Route, request: Request) -> None:
    """Sends a request of the browser with these headers, too."""
    route.continue_(headers={**request.headers, **{name.lower(): value for name, value in headers.items()}})


def log_in(page: Page, login: Login, control: Find, fields: Find) -> None:
    """Takes the steps, unless he is in already; LoginError where they lead nowhere.

    `control` finds a link or a button by its name, `fields` the inputs of a label.
    """
    from playwright.sync_api import Error  # noqa: PLC0415 - it may be missing

    def asked(step: Step) -> Locator:
        return control(step.button).first if step.button is not None else fields(step.field or "").first

    inside, step = control("Applications").first, None
    try:
        asked(login.how.steps[0]).or_(inside).first.wait_for()
        if inside.is_visible():
            return
        for step in login.how.steps:
            if step.button is not None:
                asked(step).click()
            else:
                asked(step).fill(login.who.user if step.value == "user" else login.who.password)
        inside.wait_for()
        page.wait_for_load_state()
    except Error as error:
        last = (step.button or step.field) if step is not None else "its beginning"
        shown = page.locator("body").inner_text()[:_MOST_SHOWN]
        told = f"{str(error).splitlines()[0]} {page.url} shows: {shown}"
        raise LoginError(f"the login did not lead to the pages; the last step was {last!r}: {told}") from None
