"""Bugs of the way over HTTP: what counts as an answer, what becomes of bytes, headers, addresses and certificates."""

from __future__ import annotations

import re
import ssl
from dataclasses import replace
from typing import Any

import orjson
from multidict import CIMultiDict
from yarl import URL

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.http.sink import HttpClient, HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing

__all__ = ["BAD"]

BAD = Catalogue()


def _sending(mark: Mark, change: Any) -> None:
    """Changes each message before it is posted; `change` gives another one, or None to leave it."""

    def make(deliver: Any) -> Any:
        async def other(self: HttpSink, outgoing: Outgoing) -> Answer:
            changed = change(outgoing)
            if changed is not None:
                mark()
            answer: Answer = await deliver(self, changed or outgoing)
            return answer

        return other

    swap(HttpSink, "deliver", make)


def _rewritten(mark: Mark, change: Any) -> None:
    """Changes the JSON of each message; `change` is asked of each value from the leaves on, with its name."""

    def walk(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            value = {key: walk(one, key) for key, one in value.items()}
        elif isinstance(value, list):
            value = [walk(one, name) for one in value]
        return change(value, name)

    def changed(outgoing: Outgoing) -> Outgoing | None:
        before = orjson.loads(outgoing.body)
        after = walk(before)
        return None if after == before else replace(outgoing, body=orjson.dumps(after))

    _sending(mark, changed)


@BAD.bad(
    "certificate-of-anybody",
    "a certificate is verified up to its authority, and not for whom it is",
    models="check_hostname off, because an address was tried first",
    requirement="HTTP-18.a",
    scenario="faults/test_tls.py::test_untrusted_certificate_is_refused",
    check="seen",
)
def certificate_of_anybody(mark: Mark) -> None:
    """Asks for no name."""

    def make(create: Any) -> Any:
        def nameless(*arguments: Any, **options: Any) -> ssl.SSLContext:
            context: ssl.SSLContext = create(*arguments, **options)
            mark()
            context.check_hostname = False
            return context

        return nameless

    swap(ssl, "create_default_context", make)


@BAD.bad(
    "only-200-is-success",
    "201, 202 and 204 count as failed deliveries",
    models="status == 200 in a connector (a webhook that is retried for ever against a 202)",
    requirement="HTTP-16.b",
    scenario="faults/test_blame.py::test_every_2xx_is_a_delivery",
    check="none twice",
)
def only_200_is_success(mark: Mark) -> None:
    """Knows one success."""

    def make(deliver: Any) -> Any:
        async def strict(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.ok and answer.status != 200:
                mark()
                return Answer("refused", answer.status, f"HTTP {answer.status}")
            return answer

        return strict

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "length-in-characters",
    "a body is cut to as many bytes as it has characters",
    models="Content-Length counted before the text was encoded",
    requirement="COM-16.c",
    scenario="common/test_documents.py::test_unusual_content_passes_through_unaltered",
    check="unaltered",
)
def length_in_characters(mark: Mark) -> None:
    """Counts wrongly."""

    def change(outgoing: Outgoing) -> Outgoing | None:
        length = len(outgoing.body.decode())
        return replace(outgoing, body=outgoing.body[:length]) if length < len(outgoing.body) else None

    _sending(mark, change)


@BAD.bad(
    "large-documents-vanish",
    "a document above 4 KB counts as delivered, and is not sent",
    models="a column of 4,096 characters between ingress and delivery",
    requirement="HTTP-15.c",
    scenario="common/test_widths.py::test_every_boundary_of_a_document_passes_through",
    check="none lost",
)
def large_documents_vanish(mark: Mark) -> None:
    """Drops it."""

    def make(deliver: Any) -> Any:
        async def small(self: HttpSink, outgoing: Outgoing) -> Answer:
            if len(outgoing.body) > 4096:
                mark()
                return Answer("delivered", 200)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return small

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "digits-become-a-number",
    "a payload whose digits are decimal by chance goes out as a number",
    models="a payload of 1e10 that a spreadsheet made infinite; leading zeros lost in YAML",
    requirement="HTTP-15.c",
    scenario="common/test_widths.py::test_every_boundary_of_a_document_passes_through",
    check="unaltered",
)
def digits_become_a_number(mark: Mark) -> None:
    """Guesses the type."""

    def change(value: Any, name: str) -> Any:
        return int(value) if name == "payload_hex" and isinstance(value, str) and value.isdigit() else value

    _rewritten(mark, change)


@BAD.bad(
    "numbers-rounded",
    "numbers go out with four decimals",
    models="positions that jump by eleven metres (a float of a database column)",
    requirement="COM-16.a",
    scenario="common/test_numbers.py::test_large_and_long_numbers_keep_their_value",
    check="unaltered",
)
def numbers_rounded(mark: Mark) -> None:
    """Rounds."""
    _rewritten(mark, lambda value, _name: round(value, 4) if isinstance(value, float) else value)


@BAD.bad(
    "nulls-left-out",
    "members that are null are left out",
    models="a serialiser that skips what is null by default",
    requirement="COM-16.c",
    scenario="common/test_documents.py::test_unusual_content_passes_through_unaltered",
    check="unaltered",
)
def nulls_left_out(mark: Mark) -> None:
    """Skips them."""

    def change(value: Any, _name: str) -> Any:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value

    _rewritten(mark, change)


@BAD.bad(
    "address-normalised",
    "the destination's address is decoded and encoded anew before it is requested",
    models="%7E, %2F and + in a path that a URL library has tidied up",
    requirement="HTTP-12.a",
    scenario="http/test_address.py::test_address_is_requested_as_it_was_written",
    check="right place",
)
def address_normalised(mark: Mark) -> None:
    """Tidies it up."""

    def make(begin: Any) -> Any:
        def tidied(self: HttpSink, client: HttpClient, url: str) -> None:
            begin(self, client, url)
            tidy = URL(url)
            if str(tidy) != str(self._parsed):
                mark()
            self._parsed = tidy

        return tidied

    swap(HttpSink, "__init__", make)


@BAD.bad(
    "comma-splits-a-header",
    "a header value with a comma in it goes out as two headers",
    models="a list of values joined by commas, in the one place and split at them in the other",
    requirement="HTTP-05.a",
    scenario="common/test_widths.py::test_headers_are_as_long_and_as_mixed_as_they_were_written",
    check="right headers",
)
def comma_splits_a_header(mark: Mark) -> None:
    """Splits it."""

    def change(outgoing: Outgoing) -> Outgoing | None:
        if not any("," in value for value in outgoing.headers.values()):
            return None
        split = [(name, part.strip()) for name, value in outgoing.headers.items() for part in value.split(",")]
        return replace(outgoing, headers=CIMultiDict(split))

    _sending(mark, change)


@BAD.bad(
    "blanks-within-squeezed",
    "several blanks in a header value become one, and those at its ends go",
    models="a value that is tidied up before it is stored",
    requirement="HTTP-05.a",
    scenario="common/test_widths.py::test_headers_are_as_long_and_as_mixed_as_they_were_written",
    check="right headers",
)
def blanks_within_squeezed(mark: Mark) -> None:
    """Tidies it up."""

    def change(outgoing: Outgoing) -> Outgoing | None:
        tidy = {name: re.sub(r"\s+", " ", value).strip() for name, value in outgoing.headers.items()}
        return replace(outgoing, headers=tidy) if tidy != dict(outgoing.headers) else None

    _sending(mark, change)
