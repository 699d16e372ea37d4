"""Bugs of the tunnel: what is taken in and what is not, and the query and token towards the destination."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.api import ingress
from uplab.simulator.forwarder.api.ingress import Ingress
from uplab.simulator.forwarder.destinations.http import envelope
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.documents.document import Document, DocumentError
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()
COMPLIANCE = "common/test_compliance.py"


@BAD.bad(
    "plus-taken-for-a-blank",
    "a plus sign of the query is read as a blank, and the token of such a time refused",
    requirement="COM-23.f",
    models="`+` in Time decoded to a space: the token check fails (Smart Parks)",
    scenario="common/test_ingress.py::test_time_zone_with_a_plus_is_understood",
    check="seen",
)
def plus_taken_for_a_blank(mark: Mark) -> None:
    """Decodes once more, as forms are decoded."""

    def make(parse: Any) -> Any:
        def as_form(raw: str) -> dict[str, str]:
            pairs: dict[str, str] = parse(raw)
            if any("+" in value for value in pairs.values()):
                mark()
            return {name: value.replace("+", " ") for name, value in pairs.items()}

        return as_form

    swap(ingress, "parse_query", make)


@BAD.bad(
    "token-optional",
    "a document without a token, or for another AS_ID, is taken",
    requirement="COM-23.e",
    models="receivers that check a token only where one comes (KPN forum)",
    scenario="common/test_ingress.py::test_incomplete_query_is_refused",
    check="seen",
)
def token_optional(mark: Mark) -> None:
    """Looks at it only where it stands."""

    def make(authenticate: Any) -> Any:
        def lenient(self: Ingress, raw_query: str, document: Document) -> None:
            if "Token=" in raw_query:
                authenticate(self, raw_query, document)
            else:
                mark()

        return lenient

    swap(Ingress, "_authenticate", make)


@BAD.bad(
    "second-copy-dropped",
    "a document that comes again is answered with success and dropped",
    requirement="HTTP-12.e",
    models="a window of de-duplication that nobody documents",
    scenario="common/test_ingress.py::test_document_posted_twice_is_treated_as_the_profile_says",
    check="seen",
)
def second_copy_dropped(mark: Mark) -> None:
    """Remembers what was there."""
    seen: set[bytes] = set()

    def make(accept: Any) -> Any:
        def once(self: Service, document: Document) -> Any:
            if document.body in seen:
                mark()
                return self.queue.flush()
            seen.add(document.body)
            return accept(self, document)

        return once

    swap(Service, "accept", make)


@BAD.bad(
    "alarms-refused",
    "the ingress refuses documents with a root that it does not know",
    requirement="COM-15.a",
    models="a list of roots from an older release",
    scenario="common/test_documents.py::test_every_root_is_delivered_unaltered",
    check="seen",
)
def alarms_refused(mark: Mark) -> None:
    """Does not know DevEUI_alarm."""

    def make(read: Any) -> Any:
        def narrow(body: bytes) -> Document:
            document: Document = read(body)
            if document.root == "DevEUI_alarm":
                mark()
                raise DocumentError(document.root, f"{document.root} is unknown")
            return document

        return narrow

    swap(ingress, "read_document", make)


@BAD.bad(
    "device-at-the-root",
    "DevEUI is looked for at the root, and a document without it belongs to nobody",
    requirement="COM-20.e",
    models="a receiver that forgets DevEUI_uplink (a public plugin)",
    scenario="common/test_ingress.py::test_what_is_no_document_is_refused",
    check="seen",
)
def device_at_the_root(mark: Mark) -> None:
    """Answers with success what it cannot deliver."""

    def make(refuse: Any) -> Any:
        async def polite(send: Any, status: int, message: str, field: str) -> None:
            if not field.endswith("DevEUI"):
                await refuse(send, status, message, field)
                return
            mark()
            await send({"type": "http.response.start", "status": 200, "headers": ((b"content-length", b"0"),)})
            await send({"type": "http.response.body"})

        return polite

    swap(ingress, "_refuse", make)


@BAD.bad(
    "compliance-forgotten",
    "lrcCompliance adds nothing to the URL",
    requirement="COM-23.b",
    models="HTTP LRC compliance broken by an upgrade (TXIF-2040)",
    scenario=f"{COMPLIANCE}::test_token_is_right_for_document_query_and_key",
    check="seen",
    also=(Kill("COM-23.a", f"{COMPLIANCE}::test_query_has_the_six_parameters_in_their_order", "seen"),),
)
def compliance_forgotten(mark: Mark) -> None:
    """Drops the query before each delivery."""

    def make(deliver: Any) -> Any:
        async def bare(self: HttpSink, outgoing: Outgoing) -> Answer:
            if outgoing.query:
                mark()
            answer: Answer = await deliver(self, replace(outgoing, query=""))
            return answer

        return bare

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "key-in-small-letters",
    "the key of the tunnel is put into small letters before it signs",
    requirement="COM-23.b",
    models="hexadecimal text taken for a number, and written anew",
    scenario=f"{COMPLIANCE}::test_token_is_right_for_document_query_and_key",
    check="seen",
)
def key_in_small_letters(mark: Mark) -> None:
    """Signs with another key than was given."""

    def make(sign: Any) -> Any:
        def lower(root: str, content: Any, as_id: str, key: str, *arguments: Any) -> Any:
            mark()
            return sign(root, content, as_id, key.lower(), *arguments)

        return lower

    swap(envelope, "uplink_query", make)


@BAD.bad(
    "parameters-by-name",
    "the parameters of the tunnel stand in alphabetical order",
    requirement="COM-23.a",
    models="another order of the fields than the token is made of (a public plugin)",
    scenario=f"{COMPLIANCE}::test_query_has_the_six_parameters_in_their_order",
    check="seen",
)
def parameters_by_name(mark: Mark) -> None:
    """Sorts them."""

    def make(query: Any) -> Any:
        def by_name(*arguments: Any) -> Any:
            mark()
            return sorted(query(*arguments))

        return by_name

    swap(envelope, "uplink_query", make)


@BAD.bad(
    "own-query-lost",
    "the query that the destinationURL has is lost",
    requirement="COM-23.c",
    models="an address that is taken apart and put together again",
    scenario=f"{COMPLIANCE}::test_query_of_the_destination_url_is_kept",
    check="seen",
)
def own_query_lost(mark: Mark) -> None:
    """Cuts the address at its question mark."""

    def make(begin: Any) -> Any:
        def cut(self: HttpSink, client: Any, url: str) -> None:
            if "?" in url:
                mark()
            begin(self, client, url.partition("?")[0])

        return cut

    swap(HttpSink, "__init__", make)
