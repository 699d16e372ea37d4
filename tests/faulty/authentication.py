"""Bugs of credentials: lost, doubled, leaked, not checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder import service
from uplab.simulator.forwarder.api import ingress
from uplab.simulator.forwarder.connections import connection
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.http import widgelix
from uplab.simulator.forwarder.destinations.http.sink import HttpClient, HttpSink
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.invalid import InvalidError

__all__ = ["BAD"]

BAD = Catalogue()


@BAD.bad(
    "drop-authorization",
    "the configured Authorization header is not sent",
    requirement="HTTP-05.a",
    models="headers lost in a reload of the connection (TXIF-2168)",
    scenario="http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent",
    check="right headers",
)
def drop_authorization(mark: Mark) -> None:
    """Takes the header away before each delivery."""

    def make(deliver: Any) -> Any:
        async def without(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            kept = {name: value for name, value in outgoing.headers.items() if name.lower() != "authorization"}
            answer: Answer = await deliver(self, replace(outgoing, headers=kept))
            return answer

        return without

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "bearer-twice",
    "a key that is given as a bearer token gets a second Bearer",
    requirement="WGX-14",
    models="forced Bearer prefix on the Widgelix key (TXIF-2455)",
    scenario="widgelix/test_key.py::test_exactly_one_bearer_reaches_widgelix",
    check="none lost",
    hop="destination",
)
def bearer_twice(mark: Mark) -> None:
    """Puts Bearer before whatever was given."""

    def make(_: Any) -> Any:
        def forced(_name: str, value: str) -> str:
            mark()
            return f"Bearer {value}"

        return forced

    swap(widgelix, "bearer", make)


@BAD.bad(
    "raw-key-without-bearer",
    "a key that is given raw is sent without Bearer",
    requirement="WGX-14",
    models="Widgelix key pattern (TXIF-2569)",
    scenario="widgelix/test_key.py::test_exactly_one_bearer_reaches_widgelix",
    check="none lost",
    hop="destination",
)
def raw_key_without_bearer(mark: Mark) -> None:
    """Sends the key as it was given."""

    def make(_: Any) -> Any:
        def as_given(_name: str, value: str) -> str:
            mark()
            return value

        return as_given

    swap(widgelix, "bearer", make)


@BAD.bad(
    "opened-on-wrong-password",
    "a refused login is shown as OPENED",
    requirement="TB-08.a",
    models="status shown erroneous (TXIF-2258, 1829), OPENING stuck when login fails (TXIF-2161)",
    scenario="thingsboard/test_account.py::test_wrong_password_is_told_and_delivers_nothing",
    check="awaited",
)
def opened_on_wrong_password(mark: Mark) -> None:
    """Takes a refusal for a login."""

    def make(opened: Any) -> Any:
        async def hopeful(self: Any) -> Answer:
            answer: Answer = await opened(self)
            if answer.kind == "authentication_failed":
                mark()
                return Answer("delivered")
            return answer

        return hopeful

    swap(MqttSession, "open", make)


@BAD.bad(
    "password-shown",
    "GET shows the password in clear",
    requirement="TB-17.a",
    models="secrets in API answers (clusterzx/paperless-ai#966)",
    scenario="thingsboard/test_account.py::test_password_is_shown_as_five_asterisks",
    check="seen",
    also=(Kill("COM-10.c", "common/test_listing.py::test_passwords_are_five_asterisks_everywhere", "seen"),),
)
def password_shown(mark: Mark) -> None:
    """Shows the body as it was given."""

    def make(_: Any) -> Any:
        def shown(self: connection.Connection[Any], _platform: Any) -> dict[str, Any]:
            mark()
            return {**self.given, "active": self.body.active}

        return shown

    swap(connection.Connection, "shown", make)


@BAD.bad(
    "asterisks-stored",
    "a masked password that is given back is stored as five asterisks",
    requirement="COM-24.a",
    models="a rebuild of the body on PUT (a public C# client of the API)",
    scenario="thingsboard/test_account.py::test_masked_password_given_back_keeps_the_secret",
    check="awaited",
    also=(
        Kill("COM-24.b", "common/test_listing.py::test_masked_header_given_back_keeps_the_secret", "right headers"),
        Kill("COM-24.c", "common/test_listing.py::test_mask_that_stands_for_nothing_is_refused", "answered"),
        Kill("COM-24.d", "downlink/test_queue.py::test_key_of_the_connection_signs_and_its_mask_keeps_it", "seen"),
    ),
)
def asterisks_stored(mark: Mark) -> None:
    """Takes the mask for the secret."""

    def make(_: Any) -> Any:
        def literally(value: object, _stored: object, _field: str) -> object:
            if value == "*****":
                mark()
            return value

        return literally

    swap(connection, "_kept", make)


@BAD.bad(
    "any-token",
    "the ingress takes documents with a wrong token",
    requirement="COM-23.e",
    models="receivers that skip the token check because it is hard (KPN forum, 28 answers)",
    scenario="common/test_ingress.py::test_wrong_token_is_refused",
    check="seen",
)
def any_token(mark: Mark) -> None:
    """Says yes to every token."""

    def make(_: Any) -> Any:
        def yes(*_arguments: Any, **_options: Any) -> bool:
            mark()
            return True

        return yes

    swap(ingress, "check_token", make)


@BAD.bad(
    "follows-redirects",
    "a redirect is followed, with the headers that were meant for the first host",
    requirement="HTTP-17.a",
    models="the default of many HTTP clients",
    scenario="faults/test_redirect.py::test_redirect_is_not_followed",
    check="right place",
    also=(
        Kill("HTTP-17.b", "faults/test_redirect.py::test_redirect_is_not_followed", "right place"),
        Kill("HTTP-17.c", "faults/test_redirect.py::test_redirect_is_not_followed", "no secret elsewhere"),
    ),
)
def follows_redirects(mark: Mark) -> None:
    """Lets the client follow."""
    import aiohttp

    def make(post: Any) -> Any:
        def following(self: Any, url: Any, **options: Any) -> Any:
            mark()
            return post(self, url, **{**options, "allow_redirects": True})

        return following

    swap(aiohttp.ClientSession, "post", make)


@BAD.bad(
    "tls-not-verified",
    "certificates are not verified",
    requirement="HTTP-18.a",
    models="verification switched off to make it work (Cumulocity ccd0838aa, thingpark-cli)",
    scenario="faults/test_tls.py::test_untrusted_certificate_is_refused",
    check="seen",
)
def tls_not_verified(mark: Mark) -> None:
    """Takes every certificate."""
    import ssl

    def make(begin: Any) -> Any:
        def trusting(self: HttpClient, *arguments: Any, **options: Any) -> None:
            mark()
            begin(self, *arguments, **options)
            # The session's connector has made its context already: it is the same object.
            context: ssl.SSLContext = self.session.connector._ssl  # type: ignore[union-attr]
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE

        return trusting

    swap(HttpClient, "__init__", make)


@BAD.bad(
    "headers-logged",
    "each delivery writes its headers to the log",
    requirement="COM-21.a",
    models="JWT and password logged at info level (Cumulocity's Actility agent)",
    scenario="common/test_secrets.py::test_no_secret_in_the_log",
    check="leak",
)
def headers_logged(mark: Mark) -> None:
    """Logs what it sends."""

    def make(deliver: Any) -> Any:
        async def chatty(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            print("delivering with", dict(outgoing.headers), flush=True)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return chatty

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "headers-told",
    "the event of a failed delivery tells the headers that were sent",
    requirement="COM-21.b",
    models="secrets in error bodies (SignalK/SensESP#889)",
    scenario="common/test_secrets.py::test_no_secret_in_events",
    check="seen",
)
def headers_told(mark: Mark) -> None:
    """Adds them to the message."""

    def make(event: Any) -> Any:
        def chatty(self: Runner, kind: Any, severity: Any, message: str, *arguments: Any, **facts: Any) -> Any:
            if kind == "UPLINK_FAILED":
                mark()
                message += f" {self.connection.given['configuration'].get('headers')}"
            return event(self, kind, severity, message, *arguments, **facts)

        return chatty

    swap(Runner, "event", make)


@BAD.bad(
    "refusal-repeats-the-body",
    "a refused body is repeated in the error text, its secrets included",
    requirement="COM-21.c",
    models="secrets in error bodies (passkit-webservice-toolkit#4)",
    scenario="common/test_secrets.py::test_no_secret_in_answers_and_error_texts",
    check="leak",
)
def refusal_repeats_the_body(mark: Mark) -> None:
    """Helps more than it should."""

    def make(parse: Any) -> Any:
        def helpful(raw: Any, *arguments: Any) -> Any:
            try:
                return parse(raw, *arguments)
            except InvalidError as error:
                mark()
                raise InvalidError(error.field, f"{error}: {raw}") from None

        return helpful

    swap(service, "parse_connection", make)


@BAD.bad(
    "refused-login-fades",
    "a refused login is shown as AUTHENTICATION_FAILED once, and as CLOSED from then on",
    requirement="COM-09.b",
    models="status shown erroneous (TXIF-2258, 1829)",
    scenario="thingsboard/test_account.py::test_wrong_password_is_told_and_delivers_nothing",
    check="shown",
)
def refused_login_fades(mark: Mark) -> None:
    """Forgets why it is closed."""
    told: set[int] = set()

    def make(state: Any) -> Any:
        def fading(self: Runner) -> State:
            shown: State = state.fget(self)
            if shown is not State.AUTHENTICATION_FAILED:
                return shown
            if self.id in told:
                mark()
                return State.CLOSED
            told.add(self.id)
            return shown

        return property(fading)

    swap(Runner, "state", make)


@BAD.bad(
    "recovered-and-silent",
    "with the right password the connection is OPENED, and delivers nothing any more",
    requirement="TB-08.b",
    models="workers that end with a failed login, and that nobody starts again",
    scenario="thingsboard/test_account.py::test_corrected_account_recovers",
    check="none lost",
)
def recovered_and_silent(mark: Mark) -> None:
    """Halts at the first failure."""

    def make(start: Any) -> Any:
        def halted(self: Delivery, now: float) -> Any:
            if self.state is State.AUTHENTICATION_FAILED:
                mark()
                self.halt()
            return start(self, now)

        return halted

    swap(Delivery, "start", make)
