"""Bugs of single values: taken though wrong, refused though right, or made into others on their way."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.bodies import change_body
from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.connections import address
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.delivery import assembly
from uplab.simulator.forwarder.destinations.http import settings
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Outgoing
from uplab.simulator.forwarder.documents.document import Form
from uplab.simulator.forwarder.downlinks import desk
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()
URL = "downlink/test_url.py::"


def _headers(mark: Mark, change: Any) -> None:
    """Changes the headers of each delivery over HTTP."""

    def make(deliver: Any) -> Any:
        async def otherwise(self: HttpSink, outgoing: Outgoing) -> Any:
            changed = change(dict(outgoing.headers))
            if changed != dict(outgoing.headers):
                mark()
            return await deliver(self, replace(outgoing, headers=changed))

        return otherwise

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "only-the-key-is-sent",
    "of the headers of a Widgelix connection only Authorization is sent",
    requirement="WGX-11.c",
    models="a header map read for one name",
    scenario="widgelix/test_api.py::test_put_takes_back_a_further_header_and_every_option",
    check="right headers",
)
def only_the_key_is_sent(mark: Mark) -> None:
    """Drops the others on the way to Widgelix."""

    def make(compiled: Any) -> Any:
        def keyed(headers: Any) -> Any:
            alone = {name: value for name, value in headers.items() if name.lower() == "authorization"}
            if alone != dict(headers):
                mark()
            return compiled(alone)

        return keyed

    swap(settings, "compile_keyed", make)


@BAD.bad(
    "own-content-type-wins",
    "Content-Type, User-Agent and Accept go out as the client's own, whatever was configured",
    requirement="HTTP-05.c",
    models="defaults of an HTTP client that overwrite",
    scenario="faults/test_configuration.py::test_headers_that_every_client_sends_are_honoured_or_refused",
    check="seen",
)
def own_content_type_wins(mark: Mark) -> None:
    """Takes the three away."""
    own = ("content-type", "user-agent", "accept")
    _headers(mark, lambda headers: {name: value for name, value in headers.items() if name.lower() not in own})


@BAD.bad(
    "braces-in-the-address",
    "a destinationURL with a pattern is taken, and requested as it stands",
    requirement="HTTP-20.d",
    models="patterns resolved in headers only",
    scenario="faults/test_pattern.py::test_address_with_braces_is_resolved_or_refused",
    check="seen",
)
def braces_in_the_address(mark: Mark) -> None:
    """Lets braces pass."""

    def make(_: Any) -> Any:
        mark()
        return re.compile(r'[<>"|\\\\^`]')

    swap(address, "_URL_UNSAFE", make)


@BAD.bad(
    "names-in-ascii",
    "a name loses every letter beyond ASCII",
    requirement="COM-02.b",
    models="a column with the wrong character set",
    scenario="common/test_api_input.py::test_any_text_is_a_name",
    check="seen",
)
def names_in_ascii(mark: Mark) -> None:
    """Writes question marks."""

    def make(shown: Any) -> Any:
        def ascii_only(self: Connection[Any], *arguments: Any) -> dict[str, Any]:
            found: dict[str, Any] = shown(self, *arguments)
            name = found["name"].encode("ascii", "replace").decode()
            if name != found["name"]:
                mark()
            return {**found, "name": name}

        return ascii_only

    swap(Connection, "shown", make)


@BAD.bad(
    "other-roots-as-metadata",
    "sendMetadata true delivers every root without its root key",
    requirement="COM-03.b",
    models="an option about the form taken for one about the root",
    scenario="common/test_options.py::test_send_metadata_takes_the_root_away",
    check="seen",
)
def other_roots_as_metadata(mark: Mark) -> None:
    """Sends the whole document of the other roots."""

    def make(outgoing: Any) -> Any:
        def everything(document: Any, form: Form, decode: Any) -> Any:
            if form.bare_content and document.root != "DevEUI_uplink":
                mark()
                return outgoing(document, replace(form, bare_content=False), decode)
            return outgoing(document, form, decode)

        return everything

    swap(assembly, "outgoing", make)


@BAD.bad(
    "days-are-hours",
    "a validity in days counts hours",
    requirement="COM-05.c",
    models="a table of units with a wrong row",
    scenario="common/test_options.py::test_each_unit_of_validity_is_understood",
    check="seen",
)
def days_are_hours(mark: Mark) -> None:
    """Multiplies by 3600."""

    def make(read: Any) -> Any:
        def short(text: str) -> float:
            found: float = read(text)
            if text.endswith("d"):
                mark()
                return found / 24
            return found

        return short

    swap(assembly, "duration_s", make)


@BAD.bad(
    "any-duration",
    "a validity that is no duration is taken for none",
    requirement="COM-05.b",
    models="a parser that gives up quietly",
    scenario="common/test_options.py::test_validity_that_is_no_duration_is_refused",
    check="answered",
)
def any_duration(mark: Mark) -> None:
    """Drops what it cannot read."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        configuration = raw.get("configuration")
        if not isinstance(configuration, dict) or "uplinkTimeValidity" not in configuration:
            return None
        if re.fullmatch(r"[1-9]\d*[smhd]", str(configuration["uplinkTimeValidity"])):
            return None
        rest = {key: value for key, value in configuration.items() if key != "uplinkTimeValidity"}
        return {**raw, "configuration": rest}

    change_body(mark, change)


@BAD.bad(
    "same-url-for-all",
    "every connection shows the same downlink URL",
    requirement="DL-01.b",
    models="one route for an account",
    scenario=f"{URL}test_each_connection_has_its_own",
    check="seen",
)
def same_url_for_all(mark: Mark) -> None:
    """Remembers the first."""
    first: list[str] = []

    def make(url: Any) -> Any:
        def shared(self: Service, text: str) -> str:
            mark()
            first.append(text)
            found: str = url(self, first[0])
            return found

        return shared

    swap(Service, "downlink_url", make)


@BAD.bad(
    "url-without-uuid",
    "the downlink URL ends in the connection's number",
    requirement="DL-01.a",
    models="an id that can be counted up",
    scenario=f"{URL}test_url_is_known_before_any_uplink",
    check="promise",
)
def url_without_uuid(mark: Mark) -> None:
    """Shows the number of letters instead."""

    def make(url: Any) -> Any:
        def short(self: Service, text: str) -> str:
            mark()
            return str(url(self, str(int(text.replace("-", ""), 16) % 10_000)))

        return short

    swap(Service, "downlink_url", make)


@BAD.bad(
    "url-in-the-payload",
    "a decoded payload that is delivered alone carries the downlink URL, too",
    requirement="DL-02.b",
    models="a field added to whatever is sent",
    scenario="common/test_options.py::test_send_raw_decoded_format_delivers_the_payload_alone",
    check="seen",
)
def url_in_the_payload(mark: Mark) -> None:
    """Adds it."""

    def make(outgoing: Any) -> Any:
        def more(document: Any, form: Form, decode: Any) -> Any:
            made = outgoing(document, form, decode)
            if made is None or not form.bare_payload or document.root in made[0]:
                return made
            mark()
            sent = {**made[0], "downlinkUrl": form.downlink_url}
            return sent, orjson.dumps(sent)

        return more

    swap(assembly, "outgoing", make)


@BAD.bad(
    "query-always-added",
    "the tunnel's query is added without lrcCompliance, too",
    requirement="COM-23.d",
    models="an option that cannot be switched off",
    scenario="common/test_compliance.py::test_without_the_option_no_query_is_added",
    check="seen",
)
def query_always_added(mark: Mark) -> None:
    """Signs everything."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        configuration = raw.get("configuration")
        if not isinstance(configuration, dict) or "destinationURL" not in configuration:
            return None
        return {**raw, "configuration": {**configuration, "lrcCompliance": True}}

    change_body(mark, change)


@BAD.bad(
    "wrong-as-key-of-a-connection",
    "downlinkAsKey is taken, masked and never used",
    requirement="COM-07.c",
    models="a parameter that the next hop does not get",
    scenario="downlink/test_queue.py::test_key_of_the_connection_signs_and_its_mask_keeps_it",
    check="seen",
)
def wrong_as_key_of_a_connection(mark: Mark) -> None:
    """Signs with the platform's key."""
    key: list[Any] = [None]

    def make(take: Any) -> Any:
        def otherwise(downlink: Any, as_id: Any, _as_key: Any, now: Any) -> Any:
            mark()
            return take(downlink, as_id, key[0], now)

        return otherwise

    def remember(init: Any) -> Any:
        def kept(self: Any, settings: Any, *arguments: Any) -> None:
            key[:] = [settings.as_key]
            init(self, settings, *arguments)

        return kept

    swap(desk.Downlinks, "__init__", remember)
    swap(desk, "downlink_query", make)
