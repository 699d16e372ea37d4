"""Bugs of the form in which a message goes out: options without effect, reports and errors left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery import assembly
from uplab.simulator.forwarder.documents.drivers import Decoded, Drivers
from uplab.simulator.forwarder.patterns.headers import Headers
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError

__all__ = ["BAD", "swallow"]

BAD = Catalogue()


def _form(mark: Mark, change: Any) -> None:
    """Changes the form in which documents go out; `change(form)` gives another one."""

    def make(outgoing: Any) -> Any:
        def otherwise(document: Any, form: Any, decode: Any) -> Any:
            changed = change(form)
            if changed != form:
                mark()
            return outgoing(document, changed, decode)

        return otherwise

    swap(assembly, "outgoing", make)


def swallow(mark: Mark, root: str) -> None:
    """Delivers no document of this root."""

    def make(outgoing: Any) -> Any:
        def filtered(document: Any, *arguments: Any) -> Any:
            if document.root == root:
                mark()
                return None
            return outgoing(document, *arguments)

        return filtered

    swap(assembly, "outgoing", make)


@BAD.bad(
    "metadata-by-its-name",
    "sendMetadata true leaves the root in its place",
    requirement="COM-03.a",
    models="an option whose name says the opposite of what it does",
    scenario="common/test_options.py::test_send_metadata_takes_the_root_away",
    check="promise",
)
def metadata_by_its_name(mark: Mark) -> None:
    """Sends the whole document."""
    _form(mark, lambda form: replace(form, bare_content=False))


@BAD.bad(
    "decoded-format-ignored",
    "sendRawDecodedFormat true changes nothing",
    requirement="COM-04.a",
    models="a transformation that is silently not applied (TXIF-2058, 2322)",
    scenario="common/test_options.py::test_send_raw_decoded_format_delivers_the_payload_alone",
    check="promise",
)
def decoded_format_ignored(mark: Mark) -> None:
    """Sends the whole document."""
    _form(mark, lambda form: replace(form, bare_payload=False))


@BAD.bad(
    "nothing-without-a-payload",
    "sendRawDecodedFormat true sends nothing of what could not be decoded",
    requirement="COM-04.b",
    models="an application that goes blind when decoding fails (TXIF-1306)",
    scenario="common/test_options.py::test_without_a_payload_the_full_document_is_delivered",
    check="none lost",
)
def nothing_without_a_payload(mark: Mark) -> None:
    """Filters what has no payload."""

    def make(outgoing: Any) -> Any:
        def strict(document: Any, form: Any, decode: Any) -> Any:
            made = outgoing(document, form, decode)
            if form.bare_payload and made is not None and document.root in made[0]:
                mark()
                return None
            return made

        return strict

    swap(assembly, "outgoing", make)


@BAD.bad(
    "locations-swallowed",
    "positions that the network computed are not delivered",
    requirement="COM-15.a",
    models="a root that nobody thought of",
    scenario="common/test_documents.py::test_every_root_is_delivered_unaltered",
    check="none lost",
    also=(Kill("COM-15.d", "widgelix/test_did_it_work.py::test_widgelix_gets_every_root", "none lost"),),
)
def locations_swallowed(mark: Mark) -> None:
    """Filters the root."""
    swallow(mark, "DevEUI_location")


@BAD.bad(
    "decoding-error-swallowed",
    "an uplink that cannot be decoded arrives without a word about it",
    requirement="COM-17.a",
    models="decoding error not reported: the application is blind (TXIF-1306, 1314)",
    scenario="common/test_decoding.py::test_decoding_error_is_reported_and_delivered",
    check="promise",
)
def decoding_error_swallowed(mark: Mark) -> None:
    """Forgets the error."""

    def make(decode: Any) -> Any:
        def quiet(*arguments: Any) -> Any:
            decoded: Decoded = decode(*arguments)
            if decoded.error is None:
                return decoded
            mark()
            return Decoded()

        return quiet

    swap(Drivers, "decode", make)


@BAD.bad(
    "values-without-a-driver",
    "an uplink of a device without a driver gets the payload of another device's driver",
    requirement="COM-17.b",
    models="a generic profile that is decoded though it has no driver (TXIF-2284, 2487)",
    scenario="common/test_decoding.py::test_device_without_a_driver_is_not_decoded",
    check="seen",
)
def values_without_a_driver(mark: Mark) -> None:
    """Falls back on a driver."""
    fallback = {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}}

    def make(decode: Any) -> Any:
        def generous(self: Drivers, driver: Any, *arguments: Any) -> Any:
            decoded: Decoded = decode(self, driver, *arguments)
            if decoded != Decoded():
                return decoded
            mark()
            return replace(decode(self, fallback, *arguments), driver_id=None)

        return generous

    swap(Drivers, "decode", make)


@BAD.bad(
    "unresolved-as-braces",
    "a pattern that an uplink does not resolve is sent as it stands",
    requirement="HTTP-20.b",
    models="pattern cannot be solved (TXIF-2285, 2350)",
    scenario="faults/test_pattern.py::test_unresolved_pattern_is_never_sent_as_braces",
    check="seen",
    also=(Kill("HTTP-20.b", "faults/test_pattern.py::test_placeholder_of_the_widgelix_example_is_never_sent", "seen"),),
)
def unresolved_as_braces(mark: Mark) -> None:
    """Sends the text of the pattern."""

    def make(resolve: Any) -> Any:
        def literal(self: Headers, content: Any, document: Any) -> Any:
            try:
                return resolve(self, content, document)
            except UnresolvedError:
                mark()
                return {**self.constant, **{name: f"{{{name}}}" for name, _ in self.patterns}}

        return literal

    swap(Headers, "resolve", make)
