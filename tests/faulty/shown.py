"""Bugs of what the API shows, counts and tells: states, lists, counters, events, refusals, addresses."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.api import app as api
from uplab.simulator.forwarder.api.app import Application
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.service import DOWNLINK_PATH, Service
from uplab.simulator.forwarder.store.metrics import Metrics
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["BAD"]

BAD = Catalogue()


@BAD.bad(
    "outage-hidden",
    "a connection whose destination is out of reach goes on showing OPENED",
    requirement="COM-09.c",
    models="status shown erroneous (TXIF-2258, 1829)",
    scenario="faults/test_outage.py::test_refused_connection_is_told",
    check="seen",
)
def outage_hidden(mark: Mark) -> None:
    """Calls UNREACHABLE opened."""

    def make(state: Any) -> Any:
        def hopeful(self: Runner) -> State:
            shown: State = state.fget(self)
            if shown is State.UNREACHABLE:
                mark()
                return State.OPENED
            return shown

        return property(hopeful)

    swap(Runner, "state", make)


@BAD.bad(
    "list-is-a-summary",
    "the list of connections shows ids and names only",
    requirement="COM-10.a",
    models="a list that is cheaper than what is documented",
    scenario="common/test_listing.py::test_list_shows_each_connection_once_and_whole",
    check="seen",
)
def list_is_a_summary(mark: Mark) -> None:
    """Leaves the rest out."""

    def make(connections: Any) -> Any:
        def summary(self: Service) -> list[dict[str, Any]]:
            mark()
            return [{key: shown[key] for key in ("id", "name")} for shown in connections(self)]

        return summary

    swap(Service, "connections", make)


@BAD.bad(
    "counters-stand-still",
    "delivered uplinks are not counted",
    requirement="COM-12.e",
    models="uplink and downlink counters not moving (TXIF-2075, 1822, 1642)",
    scenario="common/test_metrics.py::test_counters_of_two_connections_do_not_mix",
    check="seen",
    also=(Kill("COM-12.b", "common/test_metrics.py::test_uplinks_are_counted_exactly", "seen"),),
)
def counters_stand_still(mark: Mark) -> None:
    """Counts everything else."""

    def make(add: Any) -> Any:
        def still(self: Metrics, connection_id: int, name: str, *arguments: Any) -> None:
            if name == "uplinksDelivered":
                mark()
                return
            add(self, connection_id, name, *arguments)

        return still

    swap(Metrics, "add", make)


@BAD.bad(
    "failure-not-told",
    "a failed delivery is counted and makes no event",
    requirement="COM-13.a",
    models="errors that only an operator's log shows",
    scenario="common/test_events.py::test_failed_delivery_makes_one_event",
    check="seen",
)
def failure_not_told(mark: Mark) -> None:
    """Counts alone."""

    def make(_: Any) -> Any:
        def silent(self: Runner, _failed: Any) -> None:
            mark()
            self.count("uplinksFailed")

        return silent

    swap(Runner, "_note_failure", make)


@BAD.bad(
    "wish-told-as-error",
    "a deactivation that the user wished is told as an error",
    requirement="COM-13.d",
    models="confusing event at deactivation (TXIF-2112)",
    scenario="common/test_states.py::test_deactivation_makes_one_event_that_is_no_error",
    check="seen",
)
def wish_told_as_error(mark: Mark) -> None:
    """Raises the severity."""

    def make(event: Any) -> Any:
        def alarmed(self: Runner, kind: Any, severity: Any, message: str, *arguments: Any, **facts: Any) -> Any:
            if facts.get("newState") == "DEACTIVATED":
                mark()
                severity = "error"
            return event(self, kind, severity, message, *arguments, **facts)

        return alarmed

    swap(Runner, "event", make)


@BAD.bad(
    "sixth-connection",
    "an account may have more connections than its limit",
    requirement="COM-14.a",
    models="a limit that only the page enforces",
    scenario="common/test_limit.py::test_connection_beyond_the_limit_is_refused",
    check="seen",
    arguments=("--connection-limit", "5"),
    choices={"connection_limit": 5},
)
def sixth_connection(mark: Mark) -> None:
    """Forgets the limit."""

    def make(create: Any) -> Any:
        async def generous(self: Service, raw: object) -> Any:
            if self.settings.connection_limit:
                mark()
                self.settings = replace(self.settings, connection_limit=0)
            return await create(self, raw)

        return generous

    swap(Service, "_create", make)


@BAD.bad(
    "refusal-without-a-field",
    "every refusal says that the request is invalid, and not where",
    requirement="COM-20.a",
    models="an error text that helps nobody",
    scenario="common/test_api_input.py::test_value_of_the_wrong_kind_is_refused_by_field",
    check="promise",
)
def refusal_without_a_field(mark: Mark) -> None:
    """Drops the message."""

    def make(refuse: Any) -> Any:
        def vague(status: int, _message: str, _field: str = "", headers: Any = None) -> Response:
            mark()
            response: Response = refuse(status, "the request is invalid", "", headers)
            return response

        return vague

    swap(api, "_refuse", make)


@BAD.bad(
    "wrong-type-is-a-crash",
    "a body that is no JSON object ends in an internal error",
    requirement="COM-20.b",
    models="500 instead of 400 (TheThingsArchive/api#25)",
    scenario="common/test_api_input.py::test_body_that_is_no_object_is_refused",
    check="answered",
)
def wrong_type_is_a_crash(mark: Mark) -> None:
    """Reads a key before it looks."""

    def make(create: Any) -> Any:
        async def blind(self: Service, raw: Any) -> Any:
            if not isinstance(raw, dict):
                mark()
                raise TypeError(raw["connectorId"])
            return await create(self, raw)

        return blind

    swap(Service, "create", make)


@BAD.bad(
    "delete-without-id",
    "DELETE /connections, as the document writes it, deletes all of them",
    requirement="COM-26",
    models="the connector documents taken literally",
    scenario="http/test_api.py::test_put_and_delete_without_an_id_change_nothing",
    check="answered",
)
def delete_without_id(mark: Mark) -> None:
    """Adds the route."""

    def make(connections: Callable[[Service], Routes]) -> Callable[[Service], Routes]:
        def more(service: Service) -> Routes:
            routes = connections(service)

            @routes.delete("", status=204)
            async def delete_all(_request: Request) -> Response:
                mark()
                for runner in service.runners:
                    await service.delete(str(runner.id))
                return Response(status_code=204)

            return routes

        return more

    swap(api, "connections", make)


@BAD.bad(
    "url-follows-the-caller",
    "the downlink URL begins with whatever Host or X-Forwarded-Host says",
    requirement="DL-03.a",
    models="addresses made from the request, the default of many frameworks behind a proxy",
    scenario="downlink/test_url.py::test_url_does_not_follow_the_callers_host",
    check="seen",
    also=(Kill("DL-03.a", "downlink/test_url.py::test_url_is_known_before_any_uplink", "promise"),),
)
def url_follows_the_caller(mark: Mark) -> None:
    """Remembers the host of the request at hand."""
    host: ContextVar[str] = ContextVar("host", default="")

    def make_call(call: Any) -> Any:
        async def noting(self: Application, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                named = dict(scope["headers"])
                host.set((named.get(b"x-forwarded-host") or named.get(b"host", b"")).decode())
            await call(self, scope, receive, send)

        return noting

    def make_url(url: Any) -> Any:
        def of_caller(self: Service, text: str) -> str:
            if not host.get():
                return str(url(self, text))
            mark()
            return f"http://{host.get()}{DOWNLINK_PATH}/{text}"

        return of_caller

    swap(Application, "__call__", make_call)
    swap(Service, "downlink_url", make_url)


@BAD.bad(
    "events-oldest-first",
    "the list of events begins with the oldest",
    requirement="COM-13.e",
    models="an order that nobody asked for",
    scenario="common/test_states.py::test_events_have_a_time_and_the_newest_comes_first",
    check="seen",
)
def events_oldest_first(mark: Mark) -> None:
    """Turns the list round."""

    def make(events: Any) -> Any:
        async def reversed_events(self: Service, *arguments: Any, **options: Any) -> list[Any]:
            mark()
            found: list[Any] = await events(self, *arguments, **options)
            return found[::-1]

        return reversed_events

    swap(Service, "events", make)


@BAD.bad(
    "startup-without-offset",
    "startupTime has no offset",
    requirement="COM-10.b",
    models="local time written as if it were everybody's",
    scenario="common/test_states.py::test_new_connection_shows_id_state_and_startup_time",
    check="promise",
)
def startup_without_offset(mark: Mark) -> None:
    """Cuts it off."""

    def make(resource: Any) -> Any:
        def local(self: Service, runner: Runner) -> dict[str, Any]:
            mark()
            shown: dict[str, Any] = resource(self, runner)
            return {**shown, "startupTime": str(shown["startupTime"])[:19]}

        return local

    swap(Service, "resource", make)


@BAD.bad(
    "every-uplink-a-device",
    "each uplink counts as one more active device",
    requirement="COM-12.c",
    models="a counter that counts something else than it says",
    scenario="common/test_metrics.py::test_active_devices_are_counted_once",
    check="seen",
)
def every_uplink_a_device(mark: Mark) -> None:
    """Counts uplinks."""

    def make(window: Any) -> Any:
        def wrong(self: Metrics, *arguments: Any) -> dict[str, int]:
            mark()
            counted: dict[str, int] = window(self, *arguments)
            return {**counted, "activeThings": counted["uplinks"]}

        return wrong

    swap(Metrics, "window", make)


@BAD.bad(
    "refusal-without-a-code",
    "a refusal of a ThingsBoard or Widgelix body says in words what is wrong, and has no code",
    requirement="COM-20.g",
    models="an error text that no program can read",
    scenario="thingsboard/test_api.py::test_key_that_means_nothing_here_is_honoured_or_refused",
    check="shown",
    also=(Kill("COM-20.g", "widgelix/test_api.py::test_wrong_body_is_refused_by_field", "shown"),),
)
def refusal_without_a_code(mark: Mark) -> None:
    """Leaves it out of every 400."""

    def make(refuse: Any) -> Any:
        def codeless(status: int, message: str, *arguments: Any, **options: Any) -> Response:
            answer: Response = refuse(status, message, *arguments, **options)
            if status != 400:
                return answer
            mark()
            told = {key: value for key, value in orjson.loads(answer.body).items() if key != "code"}
            return Response(orjson.dumps(told), status, media_type="application/json")

        return codeless

    swap(api, "_refuse", make)
