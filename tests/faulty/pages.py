"""Bugs of the pages: nothing told, nothing changed, refused at the wrong place, secrets given back."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.destinations.form import Field
from uplab.simulator.forwarder.pages.control import Problem
from uplab.simulator.forwarder.pages.login import Login
from uplab.simulator.forwarder.pages.registry import ServiceRegistry

__all__ = ["BAD"]

BAD = Catalogue()
# Each is a module whose package has a function of the same name.
applications = import_module("uplab.simulator.forwarder.pages.applications")
creation = import_module("uplab.simulator.forwarder.pages.creation")

HTTP, WIDGELIX, THINGSBOARD = "pages/test_http.py", "pages/test_widgelix.py", "pages/test_thingsboard.py"
REFUSED = "pages/test_refusals.py::test_wrong_field_is_refused_there_and_nothing_is_made"


@BAD.bad(
    "page-without-notification",
    "an application is created, and no notification says so",
    requirement="WGX-04.a",
    models="a user who presses Create again, because nothing happened",
    scenario=f"{WIDGELIX}::test_created_application_delivers_with_its_key",
    check="pages",
    hop="page",
    also=(
        Kill("HTTP-09.b", f"{HTTP}::test_creating_ends_on_the_details_with_a_notification", "pages", "page"),
        Kill("TB-09.b", f"{THINGSBOARD}::test_created_application_delivers_telemetry", "pages", "page"),
    ),
)
def page_without_notification(mark: Mark) -> None:
    """Tells nothing."""

    def make(_: Any) -> Any:
        def silent(*_arguments: Any) -> str:
            mark()
            return ""

        return silent

    swap(applications, "_notice", make)


@BAD.bad(
    "page-refuses-above-the-form",
    "what is wrong with a field is told above the form, and not at the field",
    requirement="WGX-03.c",
    models="one error text for a whole form",
    scenario=REFUSED,
    check="pages",
    hop="page",
    also=(Kill("HTTP-09.d", REFUSED, "pages", "page"), Kill("TB-01.b", REFUSED, "pages", "page")),
)
def page_refuses_above_the_form(mark: Mark) -> None:
    """Forgets which field it is."""

    def make(_: Any) -> Any:
        def nowhere(_kind: Any, _path: str, message: str) -> Problem:
            mark()
            return Problem("", message)

        return nowhere

    swap(creation, "problem_in", make)


@BAD.bad(
    "page-changes-nothing",
    "a change is confirmed and told as made, and everything goes on as it was",
    requirement="WGX-05.a",
    models="reload of a connection ineffective after a change (TXIF-2168)",
    scenario=f"{WIDGELIX}::test_next_uplink_uses_the_key_typed_on_the_page",
    check="pages",
    hop="page",
    also=(
        Kill("HTTP-10.a", f"{HTTP}::test_each_parameter_is_changed_and_the_next_uplink_obeys", "pages", "page"),
        Kill("TB-10.b", f"{THINGSBOARD}::test_changed_parameters_let_telemetry_flow", "awaited"),
    ),
)
def page_changes_nothing(mark: Mark) -> None:
    """Replaces nothing."""

    def make(_: Any) -> Any:
        async def pretend(_self: ServiceRegistry, _connection_id: str, _body: Any) -> None:
            mark()

        return pretend

    swap(ServiceRegistry, "replace", make)


@BAD.bad(
    "page-adds-nothing",
    "Add an application tells success, and the device goes on without it",
    requirement="HTTP-11.b",
    models="a binding that only the page knows",
    scenario=f"{HTTP}::test_uplink_arrives_with_the_headers_typed_in_the_form",
    check="none lost",
)
def page_adds_nothing(mark: Mark) -> None:
    """Binds nothing."""

    def make(_: Any) -> Any:
        async def pretend(_self: ServiceRegistry, _dev_eui: str, _connection_id: str) -> None:
            mark()

        return pretend

    swap(ServiceRegistry, "bind", make)


@BAD.bad(
    "page-shows-another-url",
    "the downlink URL on the page is that of another environment",
    requirement="WGX-18.a",
    models="environments mixed up (the document's own two pictures)",
    scenario=f"{WIDGELIX}::test_downlink_url_stands_at_the_top_and_widgelix_takes_it",
    check="seen",
    hop="page",
)
def page_shows_another_url(mark: Mark) -> None:
    """Names another host."""

    def make(view: Any) -> Any:
        def elsewhere(resource: Any, kinds: Any) -> Any:
            mark()
            shown = {**resource, "downlinkUrl": str(resource["downlinkUrl"]).replace("//", "//dev.", 1)}
            return view(shown, kinds)

        return elsewhere

    swap(applications, "connection_view", make)


@BAD.bad(
    "page-gives-the-password-back",
    "a form that is refused comes back with the password in it",
    requirement="TB-17.b",
    models="a form that is filled in again with everything that was typed",
    scenario=f"{THINGSBOARD}::test_password_stands_on_no_page",
    check="seen",
    hop="page",
)
def page_gives_the_password_back(mark: Mark) -> None:
    """Makes no difference between the fields."""

    def make(_: Any) -> Any:
        def always(_self: Field) -> bool:
            mark()
            return True

        return property(always)

    swap(Field, "echoed", make)


@BAD.bad(
    "names-are-markup",
    "a name with markup in it becomes part of the page",
    requirement="COM-02.b",
    models="a template that escapes nothing",
    scenario=f"{HTTP}::test_name_with_markup_in_it_is_shown_as_it_was_typed",
    check="pages",
    hop="page",
)
def names_are_markup(mark: Mark) -> None:
    """Escapes nothing."""

    def make(templates: Any) -> Any:
        def raw() -> Any:
            mark()
            environment = templates()
            environment.autoescape = False
            return environment

        return raw

    swap(import_module("uplab.simulator.forwarder.pages.page"), "_templates", make)


@BAD.bad(
    "devices-shown-to-strangers",
    "Devices List asks nobody who he is, while the other pages do",
    requirement="HTTP-11.d",
    models="a guard that one route was added without",
    scenario="pages/test_login.py::test_devices_list_is_shown_after_the_login_and_to_nobody_before",
    check="seen",
    hop="page",
    features=("pages_login",),
)
def devices_shown_to_strangers(mark: Mark) -> None:
    """Guards the other pages."""

    def make(check: Any) -> Any:
        def leaky(self: Login, request: Any) -> None:
            if "/devices" in request.url.path:
                mark()
                return
            check(self, request)

        return leaky

    swap(Login, "check", make)
