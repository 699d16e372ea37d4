"""Known-bad fakes whose pages do not do what the documents tell a user to do there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.fakes.posthere.server import PosthereServer
from uplab.fakes.thingsboard.ws import subscriptions
from uplab.fakes.widgelix import report_job, site
from uplab.fakes.widgelix.history import Message
from uplab.fakes.widgelix.state import WidgelixState

__all__ = ["BAD"]

BAD = Catalogue("fake")
WIDGELIX = "pages/test_services.py::test_widgelix_is_set_up_and_read_on_its_pages"
THINGSBOARD = "pages/test_services.py::test_thingsboard_is_set_up_and_read_on_its_pages"
LATER = "widgelix/test_did_it_work.py::test_later_messages_appear_too"
REPORT = "widgelix/test_did_it_work.py::test_report_of_temperature_holds_what_the_device_measured"


@BAD.bad(
    "widgelix-page-makes-no-token",
    "Generate Access Token leads to the same page, and no token is there",
    requirement="WGX-02.c",
    models="a button without an action",
    scenario=WIDGELIX,
    check="seen",
    hop="page",
)
def widgelix_page_makes_no_token(mark: Mark) -> None:
    """Does nothing."""

    def make(_: Any) -> Any:
        def idle(_state: WidgelixState, _device: Any) -> str:
            mark()
            return ""

        return idle

    swap(WidgelixState, "generate_token", make)


@BAD.bad(
    "widgelix-page-forgets-the-port",
    "Connectivity takes URL and port on the page, and keeps the URL alone",
    requirement="WGX-18.c",
    models="a form whose second field has another name than its handler reads",
    scenario=WIDGELIX,
    check="seen",
    hop="page",
)
def widgelix_page_forgets_the_port(mark: Mark) -> None:
    """Drops it."""

    def make(connect: Any) -> Any:
        def portless(state: Any, device: Any, form: Any) -> None:
            mark()
            connect(state, device, {**form, "downlinkPort": ""})

        return portless

    swap(site, "set_connectivity", make)


@BAD.bad(
    "widgelix-page-sends-nothing",
    "a downlink from the page is listed, and posted to nobody",
    requirement="WGX-19.b",
    models="a queue that nobody empties",
    scenario=WIDGELIX,
    check="downlinks",
)
def widgelix_page_sends_nothing(mark: Mark) -> None:
    """Answers the page and forgets the post."""

    def make(send: Any) -> Any:
        def quiet(call: Any) -> Any:
            mark()
            return send(call).answer

        return quiet

    places = [route for route in site._ROUTES if route.handler is site._send]
    assert len(places) == 1, "the route of the page's downlinks is gone"
    quiet = make(site._send)
    swap(site, "_ROUTES", lambda routes: tuple(replace(r, handler=quiet) if r in places else r for r in routes))


@BAD.bad(
    "widgelix-report-is-the-first",
    "a report holds the first message for ever",
    requirement="WGX-16.c",
    models="a report that is cached by its device",
    scenario=LATER,
    check="seen",
    hop="report",
    also=(Kill("WGX-15.b", WIDGELIX, "seen", "page"),),
)
def widgelix_report_is_the_first(mark: Mark) -> None:
    """Ends after one row."""

    def make(rows: Any) -> Any:
        def first(job: Any) -> Any:
            for number, row in enumerate(rows(job)):
                if number:
                    mark()
                    return
                yield row

        return first

    swap(report_job, "rows", make)


@BAD.bad(
    "widgelix-report-mixes-columns",
    "in a report of several fields each stands in the column of another",
    requirement="WGX-15.d",
    models="columns by position, values by name",
    scenario=REPORT,
    check="promise",
    hop="report",
)
def widgelix_report_mixes_columns(mark: Mark) -> None:
    """Turns the values round."""

    def make(rows: Any) -> Any:
        def turned(job: Any) -> Any:
            for time_us, *values in rows(job):
                if len(values) > 1:
                    mark()
                yield [time_us, *values[::-1]]

        return turned

    swap(report_job, "rows", make)


@BAD.bad(
    "widgelix-history-of-the-first",
    "each message of the history shows the values of the first one",
    requirement="WGX-16.b",
    models="one object that all rows share",
    scenario=LATER,
    check="seen",
    hop="Widgelix",
)
def widgelix_history_of_the_first(mark: Mark) -> None:
    """Remembers the first values."""
    from uplab.fakes.widgelix import api

    first: list[dict[str, Any]] = []

    def make(shown: Any) -> Any:
        def same(message: Message, *fields: Any) -> dict[str, Any]:
            found: dict[str, Any] = shown(message, *fields)
            first.append(found["values"])
            if found["values"] != first[0]:
                mark()
            return {**found, "values": first[0]}

        return same

    swap(api, "message_data", make)


@BAD.bad(
    "thingsboard-widget-stands-still",
    "a widget shows what there was when it was opened, and never changes",
    requirement="TB-11.d",
    models="a subscription that is answered once",
    scenario=THINGSBOARD,
    check="pages",
    hop="page",
    also=(Kill("TB-11.b", "thingsboard/test_did_it_work.py::test_dashboard_shows_each_uplink_as_it_comes", "seen"),),
)
def thingsboard_widget_stands_still(mark: Mark) -> None:
    """Tells no update."""

    def make(_: Any) -> Any:
        def deaf(*_arguments: Any) -> None:
            mark()

        return deaf

    swap(subscriptions.TimeSeries, "telemetry", make)


@BAD.bad(
    "thingsboard-widget-is-empty",
    "a widget that is opened shows nothing before the next value comes",
    requirement="TB-11.c",
    models="updates alone, without what there is",
    scenario=THINGSBOARD,
    check="pages",
    hop="page",
)
def thingsboard_widget_is_empty(mark: Mark) -> None:
    """Answers no subscription."""

    def make(_: Any) -> Any:
        def nothing(self: Any, *_arguments: Any) -> None:
            mark()
            self._update({})

        return nothing

    swap(subscriptions.TimeSeries, "_answer", make)


@BAD.bad(
    "bin-page-stands-still",
    "the page of a bin has to be loaded anew",
    requirement="HTTP-12.d",
    models="a stream of events that never tells one",
    scenario="pages/test_services.py::test_page_of_the_bin_shows_the_next_uplink_as_it_comes",
    check="pages",
    hop="page",
)
def bin_page_stands_still(mark: Mark) -> None:
    """Wakes nobody."""

    def make(_: Any) -> Any:
        def asleep(_self: PosthereServer, _name: str, **_: Any) -> None:
            mark()

        return asleep

    swap(PosthereServer, "_wake", make)
