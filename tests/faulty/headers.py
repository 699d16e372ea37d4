"""Bugs of headers and patterns: taken though no request can carry them, merged, or sent as they stand."""

from __future__ import annotations

from typing import Any

from tests.faulty.bodies import change_body
from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.http import settings as http_settings
from uplab.simulator.forwarder.destinations.http import sink as http_sink
from uplab.simulator.forwarder.destinations.sink import Outgoing
from uplab.simulator.forwarder.patterns import headers
from uplab.simulator.forwarder.patterns.headers import HeaderError
from uplab.simulator.forwarder.patterns.pattern import Pattern, PatternError

__all__ = ["BAD"]

BAD = Catalogue()


@BAD.bad(
    "any-header",
    "header names and values that no request can carry are accepted",
    requirement="HTTP-05.b",
    models="invalid Authorization syntax sent as it is (chirpstack-application-server PR 176)",
    scenario="faults/test_configuration.py::test_header_that_http_cannot_carry_is_refused",
    check="answered",
)
def any_header(mark: Mark) -> None:
    """Checks nothing."""

    def make(check: Any) -> Any:
        def careless(name: str, value: str) -> None:
            try:
                check(name, value)
            except HeaderError:
                mark()

        return careless

    swap(headers, "_check", make)


@BAD.bad(
    "trace-ends-here",
    "the traceparent of the ingress is not passed on",
    requirement="HTTP-23",
    models="a queue between the server and the client, which takes the body alone",
    scenario="http/test_trace.py::test_trace_of_an_uplink_goes_on_to_the_destination",
    check="same trace",
)
def trace_ends_here(mark: Mark) -> None:
    """Sends what is configured, and no more."""

    def make(_headers: Any) -> Any:
        def configured(outgoing: Outgoing) -> Any:
            if outgoing.traceparent:
                mark()
            return outgoing.headers

        return configured

    swap(http_sink, "_headers", make)


@BAD.bad(
    "trace-of-before",
    "an uplink that is tried again has the traceparent of the uplink before",
    requirement="HTTP-23",
    models="a trace kept for the thread, and not for the message",
    scenario="http/test_trace.py::test_trace_stays_over_the_attempts",
    check="same trace",
)
def trace_of_before(mark: Mark) -> None:
    """Keeps the newest for all."""
    newest: dict[str, str] = {}

    def make(headers: Any) -> Any:
        def kept(outgoing: Outgoing) -> Any:
            told = dict(headers(outgoing))
            before = newest.setdefault("trace", told.get("traceparent", ""))
            if "traceparent" in told and before != told["traceparent"]:
                mark()
                newest["trace"], told["traceparent"] = told["traceparent"], before
            return told

        return kept

    swap(http_sink, "_headers", make)


@BAD.bad(
    "wrong-pattern-is-text",
    "a pattern that is wrong in itself is taken for text",
    requirement="HTTP-20.a",
    models="a parser that gives up in silence",
    scenario="faults/test_pattern.py::test_pattern_that_is_wrong_in_itself_is_refused",
    check="answered",
)
def wrong_pattern_is_text(mark: Mark) -> None:
    """Sends it as it stands."""

    def make(compile_pattern: Any) -> Any:
        def lenient(text: str) -> Any:
            try:
                return compile_pattern(text)
            except PatternError:
                mark()
                return Pattern((text,))

        return lenient

    swap(headers, "compile_pattern", make)


@BAD.bad(
    "last-header-wins",
    "of two header names that differ by case the last one is sent, and the other dropped in silence",
    requirement="HTTP-21.c",
    models="header names matched by case in one place and not in another (svix-webhooks PR 716)",
    scenario="faults/test_configuration.py::test_header_given_twice_by_case_is_honoured_or_refused",
    check="promise",
)
def last_header_wins(mark: Mark) -> None:
    """Keeps one of them."""

    def make(compile_headers: Any) -> Any:
        def merged(given: Any) -> Any:
            by_name = {name.lower(): (name, value) for name, value in given.items()}
            if len(by_name) < len(given):
                mark()
            return compile_headers(dict(by_name.values()))

        return merged

    swap(http_settings, "compile_headers", make)


@BAD.bad(
    "credentials-dropped",
    "user and password in the destinationURL are taken and dropped",
    requirement="HTTP-21.d",
    models="an address that is taken apart and put together again",
    scenario="faults/test_configuration.py::test_credentials_in_the_url_are_refused_or_kept_secret",
    check="promise",
)
def credentials_dropped(mark: Mark) -> None:
    """Cuts them out of the address."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        configuration = raw.get("configuration")
        url = configuration.get("destinationURL") if isinstance(configuration, dict) else None
        if not isinstance(configuration, dict) or not isinstance(url, str) or "@" not in url:
            return None
        scheme, _, rest = url.partition("://")
        return {**raw, "configuration": {**configuration, "destinationURL": f"{scheme}://{rest.partition('@')[2]}"}}

    change_body(mark, change)
