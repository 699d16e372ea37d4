"""Bugs of the ways through the pages: a label, a mark or a step of the documents that is not there, or leads astray."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.destinations.form import Field
from uplab.simulator.forwarder.pages import form
from uplab.simulator.forwarder.pages.form import Kinds
from uplab.simulator.forwarder.pages.registry import ServiceRegistry

__all__ = ["BAD"]

BAD = Catalogue()
# Each is a module whose package has a function of the same name.
applications = import_module("uplab.simulator.forwarder.pages.applications")
creation = import_module("uplab.simulator.forwarder.pages.creation")
devices = import_module("uplab.simulator.forwarder.pages.devices")
page = import_module("uplab.simulator.forwarder.pages.page")

HTTP, WIDGELIX, THINGSBOARD = "pages/test_http.py", "pages/test_widgelix.py", "pages/test_thingsboard.py"
CREATED = f"{HTTP}::test_creating_ends_on_the_details_with_a_notification"
DELIVERS = f"{WIDGELIX}::test_created_application_delivers_with_its_key"
TELEMETRY = f"{THINGSBOARD}::test_created_application_delivers_telemetry"
CHANGED = f"{HTTP}::test_each_parameter_is_changed_and_the_next_uplink_obeys"
KEY = f"{WIDGELIX}::test_next_uplink_uses_the_key_typed_on_the_page"
LETS_FLOW = f"{THINGSBOARD}::test_changed_parameters_let_telemetry_flow"
BOUND = f"{HTTP}::test_uplink_arrives_with_the_headers_typed_in_the_form"


def _says(mark: Mark, right: str, wrong: str) -> None:
    """Puts other words into every page that is sent."""

    def make(answer: Any) -> Any:
        def saying(html: str, *arguments: Any, **options: Any) -> Any:
            if right in html:
                mark()
            return answer(html.replace(right, wrong), *arguments, **options)

        return saying

    swap(page, "HTMLResponse", make)


@BAD.bad(
    "page-says-more-types",
    "View More Applications Type is called More types",
    requirement="HTTP-09.a",
    models="a label of the documents that a release has reworded",
    scenario=CREATED,
    check="pages",
    hop="page",
    also=(Kill("WGX-03.a", DELIVERS, "pages", "page"),),
)
def page_says_more_types(mark: Mark) -> None:
    """Rewords it."""
    _says(mark, "View More Applications Type", "More types")


@BAD.bad(
    "page-says-iot-flow",
    "the tile ThingPark X IoT Flow is called IoT Flow",
    requirement="TB-09.a",
    models="a label of the documents that a release has reworded",
    scenario=TELEMETRY,
    check="pages",
    hop="page",
)
def page_says_iot_flow(mark: Mark) -> None:
    """Rewords it."""
    _says(mark, "ThingPark X IoT Flow", "IoT Flow")


@BAD.bad(
    "page-says-new",
    "Create is called New, wherever it stands",
    requirement="HTTP-09.a",
    models="a label of the documents that a release has reworded",
    scenario=CREATED,
    check="pages",
    hop="page",
    also=(Kill("TB-09.a", TELEMETRY, "pages", "page"),),
)
def page_says_new(mark: Mark) -> None:
    """Rewords it."""
    _says(mark, ">Create<", ">New<")


@BAD.bad(
    "page-without-asterisks",
    "no field of a form is marked as mandatory",
    requirement="WGX-03.b",
    models="a form of which one learns by trying what it wants",
    scenario=DELIVERS,
    check="pages",
    hop="page",
    also=(Kill("HTTP-09.d", CREATED, "pages", "page"), Kill("TB-01.b", TELEMETRY, "pages", "page")),
)
def page_without_asterisks(mark: Mark) -> None:
    """Takes the stars off."""
    _says(mark, '<span class="star" title="mandatory" aria-hidden="true">*</span>', "")


@BAD.bad(
    "page-asks-for-the-address",
    "the form of Widgelix asks for a destination URL, too",
    requirement="WGX-10.d",
    models="a brand that is only a preset of the form for HTTP",
    scenario=DELIVERS,
    check="seen",
    hop="page",
)
def page_asks_for_the_address(mark: Mark) -> None:
    """Adds the field of HTTP."""
    address = Field("destinationURL", "Destination URL", "configuration.destinationURL", "Where it goes")

    def make(begin: Any) -> Any:
        def asking(self: Kinds, connectors: Any) -> None:
            begin(self, connectors)
            mark()
            kind = self.by_slug["widgelix"]
            self.by_slug["widgelix"] = replace(kind, fields=(*kind.fields, address))

        return asking

    swap(Kinds, "__init__", make)


@BAD.bad(
    "created-lands-in-the-list",
    "after Create the browser is in the list of applications, which tells that it was created",
    requirement="HTTP-09.c",
    models="a redirect to where the user came from",
    scenario=CREATED,
    check="pages",
    hop="page",
    also=(Kill("WGX-04.b", DELIVERS, "pages", "page"), Kill("TB-09.c", TELEMETRY, "pages", "page")),
)
def created_lands_in_the_list(mark: Mark) -> None:
    """Sends the browser there."""

    def make_create(create: Any) -> Any:
        async def telling(self: ServiceRegistry, body: Any) -> Any:
            made = await create(self, body)
            applications._NOTICES["created"] = f"The application '{made['name']}' has been successfully created."
            return made

        return telling

    def make_see_other(see_other: Any) -> Any:
        def to_the_list(path: str) -> Any:
            if path.endswith("?done=created"):
                mark()
                path = "/iot-flow/?done=created"
            return see_other(path)

        return to_the_list

    swap(ServiceRegistry, "create", make_create)
    swap(creation, "see_other", make_see_other)


@BAD.bad(
    "page-forgets-the-description",
    "the description that is typed in the form is not stored",
    requirement="HTTP-09.e",
    models="a field that the page has and the request has not",
    scenario=CREATED,
    check="shown",
)
def page_forgets_the_description(mark: Mark) -> None:
    """Leaves it out of the body."""

    def make(create_body: Any) -> Any:
        def without(*arguments: Any) -> dict[str, Any]:
            body: dict[str, Any] = create_body(*arguments)
            if body["configuration"].pop("description", None):
                mark()
            return body

        return without

    swap(creation, "create_body", make)


@BAD.bad(
    "page-takes-the-first-header-only",
    "of the headers that are typed in the form the first one is stored",
    requirement="HTTP-09.e",
    models="a form read as a mapping, in which one name stands once",
    scenario=BOUND,
    check="right headers",
)
def page_takes_the_first_header_only(mark: Mark) -> None:
    """Drops the rest."""

    def make(headers: Any) -> Any:
        def first(rows: Any) -> dict[str, str]:
            if len(rows) > 1:
                mark()
            found: dict[str, str] = headers(rows[:1])
            return found

        return first

    swap(form, "_headers", make)


@BAD.bad(
    "cancel-creates",
    "Cancel sends the form as Create does",
    requirement="HTTP-09.f",
    models="a second button of a form, which submits it like the first",
    scenario=f"{HTTP}::test_cancelled_form_creates_nothing",
    check="seen",
    hop="page",
)
def cancel_creates(mark: Mark) -> None:
    """Makes it a button of the form."""
    link = '<a class="button quiet" role="button" href="/iot-flow/">Cancel</a>'
    _says(mark, link, '<button class="button quiet">Cancel</button>')


@BAD.bad(
    "cancel-proceeds",
    "Cancel in the confirmation window makes the change",
    requirement="HTTP-10.c",
    models="a window of which any button is an answer",
    scenario=f"{HTTP}::test_cancelled_change_changes_nothing",
    check="pages",
    hop="page",
)
def cancel_proceeds(mark: Mark) -> None:
    """Gives both buttons the same value."""
    _says(mark, 'value="cancel">Cancel', 'value="proceed">Cancel')


@BAD.bad(
    "page-merges-headers",
    "a header that is taken away on the page stays",
    requirement="HTTP-10.b",
    models="an editor that lays what is new over what there is",
    scenario=CHANGED,
    check="without headers",
)
def page_merges_headers(mark: Mark) -> None:
    """Keeps the old ones."""

    def make(edited_body: Any) -> Any:
        def merged(resource: Any, field: Field, typed: Any) -> dict[str, Any]:
            body: dict[str, Any] = edited_body(resource, field, typed)
            if field.control == "headers":
                mark()
                old = resource["configuration"].get("headers") or {}
                body["configuration"]["headers"] = {**old, **body["configuration"]["headers"]}
            return body

        return merged

    swap(applications, "edited_body", make)


@BAD.bad(
    "page-stores-the-key-elsewhere",
    "a new Widgelix Key is told as stored, and goes on in a header of its own beside the old one",
    requirement="WGX-05.b",
    models="a key whose header has another name in the editor than in the form",
    scenario=KEY,
    check="right headers",
)
def page_stores_the_key_elsewhere(mark: Mark) -> None:
    """Mistakes the header."""

    def make(edited_body: Any) -> Any:
        def beside(resource: Any, field: Field, typed: Any) -> dict[str, Any]:
            if not field.header:
                body: dict[str, Any] = edited_body(resource, field, typed)
                return body
            mark()
            configuration = dict(resource["configuration"])
            configuration["headers"] = {**configuration["headers"], "X-Widgelix-Key": typed.text(field.key)}
            return {**resource, "configuration": configuration}

        return beside

    swap(applications, "edited_body", make)


@BAD.bad(
    "change-untold",
    "a change is made, and no notification says so",
    requirement="TB-10.a",
    models="a user who confirms again, because nothing happened",
    scenario=LETS_FLOW,
    check="pages",
    hop="page",
    also=(Kill("HTTP-10.a", CHANGED, "pages", "page"), Kill("WGX-05.a", KEY, "pages", "page")),
)
def change_untold(mark: Mark) -> None:
    """Tells of what was created alone."""

    def make(notice: Any) -> Any:
        def silent(resource: Any, kinds: Any, done: str, key: str) -> str:
            if done == "updated":
                mark()
                return ""
            return str(notice(resource, kinds, done, key))

        return silent

    swap(applications, "_notice", make)


@BAD.bad(
    "binding-untold",
    "an application is added to a device, and no notification says so",
    requirement="HTTP-11.a",
    models="a user who adds it again, because nothing happened",
    scenario=BOUND,
    check="pages",
    hop="page",
)
def binding_untold(mark: Mark) -> None:
    """Has no words for it."""

    def make(told: Any) -> Any:
        class Silent(dict[str, str]):
            def get(self, key: str, default: Any = None) -> Any:
                if key == "added":
                    mark()
                return default

        return Silent(told)

    swap(devices, "_NOTICES", make)


@BAD.bad(
    "page-url-of-nobody",
    "the downlink URL on the page ends in a UUID that no connection has",
    requirement="DL-15.b",
    models="environments mixed up (the document's own two pictures)",
    scenario=CREATED,
    check="downlinks",
)
def page_url_of_nobody(mark: Mark) -> None:
    """Mistypes it."""

    def make(view: Any) -> Any:
        def mistyped(resource: Any, kinds: Any) -> Any:
            mark()
            return view({**resource, "downlinkUrl": f"{str(resource['downlinkUrl'])[:-4]}0000"}, kinds)

        return mistyped

    swap(applications, "connection_view", make)
