from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from uplab.simulator.forwarder.pages.login import Login, SignedOutError
from uplab.simulator.forwarder.pages.page import see_other
from uplab.simulator.forwarder.web.routes import Routes


def app_with(login: Login) -> Starlette:
    pages = Routes("/iot-flow", guards=[login.check])

    @pages.get("/")
    async def first(_request: Request) -> Response:
        return PlainTextResponse("the applications")

    async def signed_out(_request: Request, _error: Exception) -> Response:
        return see_other("/iot-flow/login")

    app = Starlette(routes=[*pages.served(), *login.routes().served()])
    app.add_exception_handler(SignedOutError, signed_out)
    return app


def asked(
    *steps: tuple[str, str, Mapping[str, str] | None],
    login: Login | None = None,
    origin: str = "http://forwarder.example",
) -> list[httpx.Response]:
    """The answers to these requests, one after the other, from one browser."""

    async def work() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app_with(login or Login("me", "a password")))
        async with httpx.AsyncClient(transport=transport, base_url="http://forwarder.example") as client:
            return [await client.request(m, path, data=data, headers={"Origin": origin}) for m, path, data in steps]

    return asyncio.run(work())


RIGHT = {"username": "me", "password": "a password"}
ENTERS = ("POST", "/iot-flow/login", RIGHT)
LOOKS = ("GET", "/iot-flow/", None)


def test_who_has_not_logged_in_is_asked_to() -> None:
    answer, form = asked(LOOKS, ("GET", "/iot-flow/login", None))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/iot-flow/login")
    assert ">Applications<" not in form.text


def test_who_has_logged_in_sees_the_pages() -> None:
    answer, page = asked(ENTERS, LOOKS)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/iot-flow/")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert page.text == "the applications"


@pytest.mark.parametrize("typed", [{"username": "me", "password": "wrong"}, {"username": "", "password": ""}, {}])
def test_wrong_password_is_refused_and_not_shown(typed: dict[str, str]) -> None:
    answer, page = asked(("POST", "/iot-flow/login", typed), LOOKS)

    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert 'value="wrong"' not in answer.text
    assert page.status_code == 303


def test_form_of_another_site_is_refused() -> None:
    [answer] = asked(ENTERS, origin="http://evil.example")

    assert answer.status_code == 403
    assert "another site" in answer.text


def test_without_a_user_the_pages_are_open() -> None:
    [page] = asked(LOOKS, login=Login())

    assert page.text == "the applications"
