"""Bugs of the way down: ports, payloads and validity read wrongly, and a URL that is made for the caller."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.api.app import Application
from uplab.simulator.forwarder.downlinks import desk
from uplab.simulator.forwarder.downlinks import downlink as downlinks
from uplab.simulator.forwarder.downlinks.network_server import NetworkServer, Reply
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()
REFUSED = "downlink/test_refusals.py::test_malformed_downlink_is_refused_by_field"
URL = "downlink/test_url.py::test_url_does_not_follow_the_callers_host"


@BAD.bad(
    "connections-port-wins",
    "downlinkPort of the connection is used even where the downlink has a port",
    requirement="COM-07.d",
    models="a default that overrides",
    scenario="downlink/test_delivery.py::test_port_of_the_connection_is_the_default",
    check="seen",
)
def connections_port_wins(mark: Mark) -> None:
    """Forgets the downlink's own."""

    def make(read: Any) -> Any:
        def otherwise(content: Any, configuration: Any, *arguments: Any) -> Any:
            found = read(content, configuration, *arguments)
            if configuration.downlink_port and found.f_port not in (None, configuration.downlink_port):
                mark()
                return replace(found, f_port=int(configuration.downlink_port))
            return found

        return otherwise

    swap(desk, "read_downlink", make)


def _port(change: Any) -> None:
    """Changes how the port of a downlink is read; `change(value, read)` gives the port."""

    def make(read: Any) -> Any:
        def otherwise(value: object) -> int | None:
            return change(value, read)  # type: ignore[no-any-return]

        return otherwise

    swap(downlinks, "_port", make)


@BAD.bad(
    "any-port-on-the-way-down",
    "a port out of range becomes 1",
    requirement="DL-06.a",
    models="a port that is cut to a byte",
    scenario=REFUSED,
    check="seen",
)
def any_port_on_the_way_down(mark: Mark) -> None:
    """Takes 1 for what it cannot read."""

    def change(value: object, read: Any) -> Any:
        try:
            return read(value)
        except Exception:  # noqa: BLE001 - whatever is wrong with it
            mark()
            return 1

    _port(change)


@BAD.bad(
    "last-port-refused",
    "FPort 224 is refused",
    requirement="DL-06.b",
    models="a bound that is one too small",
    scenario="downlink/test_delivery.py::test_first_and_last_port_are_taken",
    check="promise",
)
def last_port_refused(mark: Mark) -> None:
    """Ends at 223."""

    def change(value: object, read: Any) -> Any:
        if str(value) == "224":
            mark()
            return read(225)
        return read(value)

    _port(change)


@BAD.bad(
    "no-port-is-one",
    "a downlink without a port goes to port 1",
    requirement="DL-06.d",
    models="a default nobody documented",
    scenario=REFUSED,
    check="seen",
)
def no_port_is_one(mark: Mark) -> None:
    """Takes 1 where there is none."""

    def change(value: object, read: Any) -> Any:
        if value is None:
            mark()
            return 1
        return read(value)

    _port(change)


@BAD.bad(
    "nothing-is-a-payload",
    "a downlink without a payload is sent empty",
    requirement="DL-05.b",
    models="an absent text taken for an empty one",
    scenario=REFUSED,
    check="seen",
)
def nothing_is_a_payload(mark: Mark) -> None:
    """Sends no byte."""

    def make(read: Any) -> Any:
        def empty(content: Any, *arguments: Any) -> Any:
            f_port, payload_hex = read(content, *arguments)
            if payload_hex is None and "FlushDownlinkQueue" not in content:
                mark()
                return f_port, ""
            return f_port, payload_hex

        return empty

    swap(downlinks, "_payload", make)


@BAD.bad(
    "connections-port-forgotten",
    "downlinkPort of the connection is taken and never used",
    requirement="DL-06.c",
    models="a parameter that the form has and the code has not",
    scenario="downlink/test_delivery.py::test_port_of_the_connection_is_the_default",
    check="promise",
)
def connections_port_forgotten(mark: Mark) -> None:
    """Reads without it."""

    def make(read: Any) -> Any:
        def portless(content: Any, configuration: Any, *arguments: Any) -> Any:
            if configuration.downlink_port:
                mark()
            return read(content, configuration.model_copy(update={"downlink_port": None}), *arguments)

        return portless

    swap(desk, "read_downlink", make)


@BAD.bad(
    "any-validity",
    "a ValidityTime that is no time is left out, and the downlink sent",
    requirement="DL-10.c",
    models="a parse error that means for ever",
    scenario="downlink/test_queue.py::test_validity_that_is_no_time_is_rejected_or_refused",
    check="seen",
)
def any_validity(mark: Mark) -> None:
    """Takes none for what it cannot read."""

    def make(read: Any) -> Any:
        def lenient(value: object) -> Any:
            try:
                return read(value)
            except InvalidError:
                mark()
                return None

        return lenient

    swap(downlinks, "_validity", make)


def _following(mark: Mark, wanted: Any) -> None:
    """Makes the downlink URL from the host of the request at hand, for the requests that are `wanted`."""
    host: ContextVar[str] = ContextVar("host", default="")

    def make_call(call: Any) -> Any:
        async def noting(self: Application, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and wanted(scope):
                named = dict(scope["headers"])
                host.set((named.get(b"x-forwarded-host") or named.get(b"host", b"")).decode())
            await call(self, scope, receive, send)

        return noting

    def make_url(url: Any) -> Any:
        def of_caller(self: Service, text: str) -> str:
            found: str = url(self, text)
            if "evil" not in host.get():
                return found
            mark()
            return found.replace(found.split("/")[2], host.get())

        return of_caller

    swap(Application, "__call__", make_call)
    swap(Service, "downlink_url", make_url)


@BAD.bad(
    "made-for-the-caller",
    "the answer to POST shows a downlink URL with the caller's host",
    requirement="DL-03.c",
    models="an absolute address made in one handler of many",
    scenario=URL,
    check="promise",
)
def made_for_the_caller(mark: Mark) -> None:
    """In POST alone."""
    _following(mark, lambda scope: scope["method"] == "POST")


@BAD.bad(
    "page-for-the-caller",
    "the page shows a downlink URL with the caller's host",
    requirement="DL-03.b",
    models="a template that asks the request for its base",
    scenario=URL,
    check="promise",
    hop="page",
)
def page_for_the_caller(mark: Mark) -> None:
    """On the pages alone."""
    _following(mark, lambda scope: not scope["path"].startswith("/iot-flow/v1"))


@BAD.bad(
    "a-window-late",
    "a downlink is handed on when the next one comes: after it, and a receive window too late",
    requirement="DL-04.b",
    models="a buffer of one, flushed from its end (a queue that is handed on newest first)",
    scenario="downlink/test_delivery.py::test_downlinks_come_in_the_next_windows_in_the_order_of_posting",
    check="downlinks",
)
def a_window_late(mark: Mark) -> None:
    """Keeps each until another one has gone before it."""
    held: list[Any] = []

    def make(send: Any) -> Any:
        async def later(self: NetworkServer, query: Any) -> Reply:
            if not held:
                mark()
                held.append(query)
                return Reply(200)
            reply: Reply = await send(self, query)
            await send(self, held.pop())
            return reply

        return later

    swap(NetworkServer, "send", make)
