"""Walks over several pages: no step is taken on a page that is about to be replaced, however late the next is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import quote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.suites.pages.visitor import Visitor

NAMES = [f"20635F01{number:08X}" for number in range(230)]
# So long does the page stay on the screen: time enough for a step that should not be taken on it.
A_WHILE = "const aWhile = (then, n = 20) => n ? requestAnimationFrame(() => aWhile(then, n - 1)) : then()"
EDITOR = '<button aria-label="Edit Name">Edit</button><label hidden>Name<input></label>'
OPENS = "document.querySelector('button').onclick = () => { document.querySelector('label').hidden = false }"


def page(heading: str, body: str) -> str:
    return f"<!doctype html><title>x</title><link rel=icon href=data:,><h1>{heading}</h1>{body}"


def show(site: HTTPServer, path: str, html: str) -> None:
    site.expect_request(path, method="GET").respond_with_data(html, content_type="text/html")


def test_button_is_not_clicked_before_its_script_has_come(site: HTTPServer, guest: Visitor) -> None:
    released = threading.Event()

    def late(_request: Request) -> Response:
        assert released.wait(10)
        return Response(OPENS, content_type="text/javascript")

    def release(_request: Request) -> Response:
        released.set()
        return Response(status=204)

    releases = f"<script>{A_WHILE}; aWhile(() => fetch('/release'))</script>"
    show(site, "/", page("List", '<a href="/one">bin</a>'))
    show(site, "/one", page("bin", f"<script src=late.js defer></script>{EDITOR}{releases}"))
    site.expect_request("/late.js").respond_with_handler(late)
    site.expect_request("/release").respond_with_handler(release)
    guest.open()

    guest.go("bin")
    guest.press("Edit Name")
    guest.fill("Name", "x")

    assert guest.value("Name") == "x"


def test_page_that_a_script_goes_to_is_waited_for(site: HTTPServer, guest: Visitor) -> None:
    goes = f"{A_WHILE}; document.querySelector('button').onclick = () => aWhile(() => location.assign('/two'))"
    show(site, "/", page("One", f"<button>On</button><a href='/wrong'>Edit</a><script>{goes}</script>"))
    show(site, "/two", page("Two", "<a href='/right'>Edit</a>"))
    show(site, "/right", page("Three", ""))
    show(site, "/wrong", page("Wrong", ""))
    guest.open()

    guest.go("On", "Edit")

    assert guest.page.url.endswith("/right")


def test_second_change_of_a_field_waits_for_its_own_notification(site: HTTPServer, guest: Visitor) -> None:
    told = '<div role="status" style="position:fixed;top:8px;right:8px">updated: Name</div>'
    sends = f"{A_WHILE}; document.querySelector('#go').onclick = () => aWhile(() => location.assign('/two'))"
    dialog = "<dialog open>Sure?<button id=go>Proceed</button></dialog><button>Confirm</button>"
    show(site, "/", page("bin", f"{told}{EDITOR}{dialog}<script>{OPENS};{sends}</script>"))
    show(site, "/two", page("bin", told))
    guest.open()

    guest.change("Name", "again")
    guest.expect_notification("updated", "Name", proves="HTTP-10")

    assert guest.page.url.endswith("/two")


def test_application_that_repeats_its_notification_in_place_is_understood(site: HTTPServer, guest: Visitor) -> None:
    """A page that is never loaded anew: heading and notification stay where they are and say something else."""
    script = """
    const say = (id, text) => { document.getElementById(id).textContent = text };
    document.querySelector('a').onclick = (e) => { e.preventDefault(); setTimeout(() => say('h', 'bin')) };
    document.querySelector('button').onclick = () => setTimeout(() => say('s', 'bin was created'));
    """
    status = '<div id="s" role="status" style="position:fixed;top:8px;right:8px"></div>'
    body = f'<h1 id="h">List</h1>{status}<a href="#">bin</a><button>Create</button><script>{script}</script>'
    show(site, "/", f"<link rel=icon href=data:,>{body}")
    guest.open()

    guest.go("bin")
    guest.submit("Create")
    guest.expect_notification("bin", "created", proves="HTTP-09")


def test_step_after_a_form_that_nobody_waited_for_is_a_mistake_of_the_scenario(
    site: HTTPServer, guest: Visitor
) -> None:
    show(site, "/", page("One", f"<form><button>Create</button></form>{EDITOR}"))
    guest.open()
    guest.submit("Create")

    steps: list[Callable[[], None]] = [
        lambda: guest.press("Edit Name"),
        lambda: guest.fill("Name", "x"),
        lambda: guest.go("Create"),
    ]
    for step in steps:
        with pytest.raises(AssertionError, match="nobody waited for what 'Create' brings"):
            step()


def test_link_that_leads_nowhere_fails(site: HTTPServer, guest: Visitor) -> None:
    show(site, "/", page("One", '<a href="#">On</a>'))
    guest.open()
    guest.page.set_default_timeout(1000)  # it is waited for in vain

    with pytest.raises(CheckFailed, match="'On' leads to a page, with a heading of its own"):
        guest.go("On")


def listing(site: HTTPServer, per_page: int, *, search: bool) -> None:
    """A list of all names, some on a page, which can be turned, and searched if there is a search."""

    def answer(request: Request) -> Response:
        wanted, number = request.args.get("find", ""), int(request.args.get("page", "0"))
        found = [name for name in NAMES if wanted in name]
        rows = "".join(f'<a href="/{name}">{name}</a> ' for name in found[number * per_page :][:per_page])
        more = (number + 1) * per_page < len(found)
        turn = f'<a href="/?page={number + 1}&find={quote(wanted)}">Next</a>' if more else ""
        form = "<form><input type=search name=find aria-label=Find></form>" if search else ""
        return Response(page("Devices List", form + rows + turn), content_type="text/html")

    site.expect_request("/").respond_with_handler(answer)
    for name in (NAMES[0], NAMES[-1]):
        show(site, f"/{name}", page(name, ""))


@pytest.mark.parametrize(
    ("per_page", "search", "asked"), [(50, True, 2), (50, False, 5), (500, False, 1), (500, True, 1)]
)
def test_device_is_found_as_a_person_finds_it(
    site: HTTPServer, guest: Visitor, per_page: int, search: bool, asked: int
) -> None:
    listing(site, per_page, search=search)
    guest.open()

    guest.find(NAMES[-1])

    guest.expect_heading(NAMES[-1], proves="HTTP-11")
    assert sum(request.path == "/" for request, _ in site.log) == asked


@pytest.mark.parametrize("search", [True, False])
def test_device_that_is_on_no_page_fails(site: HTTPServer, guest: Visitor, search: bool) -> None:
    listing(site, 100, search=search)
    guest.open()
    guest.page.set_default_timeout(1000)  # it is waited for in vain

    with pytest.raises(CheckFailed, match=r"there is a link or a button|the list finds"):
        guest.find("FFFFFFFFFFFFFFFF")
