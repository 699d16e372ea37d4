import re

import pytest

from uplab.fakes.messages import Request
from uplab.fakes.thingsboard.site import answer


@pytest.mark.parametrize(
    "path", ["/", "/login", "/home", "/devices", "/devices/1", "/entities/devices", "/dashboards/2", "/domains"]
)
def test_every_place_is_the_one_page(path: str) -> None:
    found = answer(Request(1, "GET", path))

    assert found.status == 200
    assert b"<title>ThingsBoard (fake)</title>" in found.body


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/assets/app.js", "text/javascript"), ("/assets/views.js", "text/javascript"), ("/assets/style.css", "text/css")],
)
def test_assets_have_their_types(path: str, kind: str) -> None:
    found = answer(Request(1, "GET", path))

    assert found.status == 200
    assert dict(found.headers)["Content-Type"].startswith(kind)


@pytest.mark.parametrize("path", ["/assets/../server.py", "/assets/%2e%2e/server.py", "/devicesx", "/favicon.ico"])
def test_nothing_else_is_served(path: str) -> None:
    assert answer(Request(1, "GET", path)).status == 404


@pytest.mark.parametrize("path", ["/swagger-ui/", "/swagger-ui.html", "/v3/api-docs", "/actuator/health"])
def test_what_the_real_one_has_beside_its_pages_is_refused_aloud(path: str) -> None:
    found = answer(Request(1, "GET", path))

    assert (found.status, b"the real one has" in found.body) == (501, True)


def test_pages_are_only_read() -> None:
    assert answer(Request(1, "POST", "/home")).status == 405
    assert answer(Request(1, "HEAD", "/home")).body == b""


@pytest.mark.parametrize("path", ["/", "/assets/app.js", "/assets/views.js", "/assets/style.css"])
def test_nothing_is_fetched_from_elsewhere(path: str) -> None:
    text = answer(Request(1, "GET", path)).body.decode()

    assert not re.search(r"https?://|@import|url\(", text)


@pytest.mark.parametrize("path", ["/assets/app.js", "/assets/views.js"])
def test_values_never_become_markup(path: str) -> None:
    text = answer(Request(1, "GET", path)).body.decode()

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)


def test_policy_forbids_foreign_code() -> None:
    assert "default-src 'self'" in dict(answer(Request(1, "GET", "/")).headers)["Content-Security-Policy"]
