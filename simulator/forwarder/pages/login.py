"""The login of the pages, where there is one: a name and a password, and a cookie for as long as the process lives."""

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from uplab.simulator.forwarder.pages.page import foreign, page, see_other
from uplab.simulator.forwarder.pages.posted import posted_form
from uplab.simulator.forwarder.pages.refusal import ForeignError, RefusedError
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["LOGIN_PATH", "Login", "SignedOutError"]

LOGIN_PATH = "/iot-flow/login"
_COOKIE = "iot-flow"


class SignedOutError(Exception):
    """A request for a page from somebody who has not logged in."""


class Login:
    """Lets one user in; without one, everybody."""

    def __init__(self, user: str | None = None, password: str | None = None) -> None:
        """Ask for this name and this password."""
        self._user, self._password = user or "", password or ""
        self._session = secrets.token_urlsafe(32)

    @property
    def open(self) -> bool:
        """Whether nobody has to log in."""
        return not self._user

    def check(self, request: Request) -> None:
        """SignedOutError for who has not logged in."""
        if not self.open and not _same(request.cookies.get(_COOKIE, ""), self._session):
            raise SignedOutError

    def routes(self) -> Routes:
        """Make the form, below /iot-flow."""
        pages = Routes("/iot-flow")

        @pages.get("/login")
        async def ask(_request: Request) -> HTMLResponse:
            return page("login.html", wrong=False, user="")

        @pages.post("/login")
        async def answer(request: Request) -> Response:
            try:
                typed = await posted_form(request)
            except ForeignError:
                return foreign()
            except RefusedError as error:
                return page("login.html", error.status, wrong=True, user="")
            user = typed.text("username")
            if self.open or not (_same(user, self._user) & _same(typed.text("password"), self._password)):
                return page("login.html", 403, wrong=True, user=user)
            response = see_other("/iot-flow/")
            response.set_cookie(_COOKIE, self._session, path="/iot-flow", httponly=True, samesite="strict")
            return response

        return pages


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), known.encode())
