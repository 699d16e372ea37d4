"""Forwarders that show a secret of the user: one for each pair of a secret and a place, each place in another form."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson

from tests.faulty.known_bad import Catalogue, Mark, Patch, swap
from uplab.simulator.forwarder import __main__ as forwarder
from uplab.simulator.forwarder.api import app as api
from uplab.simulator.forwarder.api import ingress
from uplab.simulator.forwarder.api.ingress import Ingress, Message, Receive, Send
from uplab.simulator.forwarder.api.oauth import Guard
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.pages import page as pages
from uplab.simulator.forwarder.pages.login import Login

__all__ = ["BAD"]

BAD = Catalogue()
SCENARIOS = "common/test_secrets.py::"
IN_LOG, IN_EVENTS, IN_ANSWERS, ON_PAGES, OF_LOGIN = (
    f"{SCENARIOS}{name}"
    for name in (
        "test_no_secret_in_the_log",
        "test_no_secret_in_events",
        "test_no_secret_in_answers_and_error_texts",
        "test_no_secret_on_the_pages",
        "test_login_is_shown_nowhere",
    )
)
Secret = Callable[[], str | None]
"""The secret as the forwarder knows it by now."""

_fetched: list[str] = []


def _of_address() -> str:
    """A password of its own, another one in each run."""
    return "Pw+" + hashlib.sha256(os.environ["UPLAB_AS_KEY"].encode()).hexdigest()[:20]


def _give_tokens(_mark: Mark) -> None:
    """Remembers the tokens that it gives."""

    def make(issue: Any) -> Any:
        def remembering(self: Guard, *arguments: Any) -> Any:
            answer = issue(self, *arguments)
            if answer and not self.open:
                _fetched.append(answer["access_token"])
            return answer

        return remembering

    swap(Guard, "issue", make)


def _live_behind_a_password(_mark: Mark) -> None:
    """Names addresses with a user and a password, as one behind a proxy does."""

    def make(announce: Any) -> Any:
        def with_password(service: Any, base: str) -> None:
            announce(service, base.replace("://", f"://uplab:{quote(_of_address())}@"))

        return with_password

    swap(forwarder, "_announce", make)


def _have_pages_behind_a_login(_mark: Mark) -> None:
    """Has its pages, open to everybody, also where the API wants a login."""

    def make(announce: Any) -> Any:
        def with_pages(service: Any, base: str) -> None:
            service.settings = replace(service.settings, pages_user="")
            announce(service, base)

        return with_pages

    swap(forwarder, "_announce", make)
    swap(Login, "open", lambda _open: False)
    swap(Login, "check", lambda _check: lambda _self, _request: None)


# By its name: how people call it, how the forwarder knows it, what that takes, and whether it is part of a login.
SECRETS: dict[str, tuple[str, Secret, Patch | None, bool]] = {
    "tunnel-key": ("the tunnel key", lambda: os.environ["UPLAB_AS_KEY"], None, False),
    "api-token": ("the API token", lambda: os.environ.get("UPLAB_FORWARDER_TOKEN"), None, False),
    "address-password": ("the password of its address", _of_address, _live_behind_a_password, False),
    "client-secret": ("the client secret", lambda: os.environ.get("UPLAB_FORWARDER_CLIENT_SECRET"), None, True),
    "fetched-token": ("a token that it gave", lambda: _fetched[-1] if _fetched else None, _give_tokens, True),
}


def _into_the_log(secret: Secret, mark: Mark) -> None:
    """Logs the header `Authorization: Basic` of a refused document."""

    def make(refuse: Any) -> Any:
        async def chatty(*arguments: Any) -> None:
            if known := secret():
                mark()
                print("refused: Basic", base64.b64encode(f"somebody:{known}".encode()).decode(), flush=True)
            await refuse(*arguments)

        return chatty

    swap(ingress, "_refuse", make)


def _into_answers(secret: Secret, mark: Mark) -> None:
    """Names it in each refusal of the API and of a downlink."""

    def make(refuse: Any) -> Any:
        def chatty(status: int, message: str, *arguments: Any) -> Any:
            if known := secret():
                mark()
                message += f" ({known})"
            return refuse(status, message, *arguments)

        return chatty

    swap(api, "_refuse", make)


def _into_ingress_bodies(secret: Secret, mark: Mark) -> None:
    """Names it in the body of a refusal, as it would stand in a URL."""

    def make(refuse: Any) -> Any:
        async def chatty(send: Send, status: int, message: str, field: str) -> None:
            if known := secret():
                mark()
                message += f" (?key={quote(known, safe='')})"
            await refuse(send, status, message, field)

        return chatty

    swap(ingress, "_refuse", make)


def _into_ingress_headers(secret: Secret, mark: Mark) -> None:
    """Gives it back in a header, in hexadecimal, also where the document is accepted."""

    def make(call: Any) -> Any:
        async def chatty(self: Ingress, scope: Message, receive: Receive, send: Send) -> None:
            async def with_header(message: Message) -> None:
                known = secret()
                if known and message["type"] == "http.response.start":
                    mark()
                    message = {**message, "headers": [*message["headers"], (b"x-debug", known.encode().hex().encode())]}
                await send(message)

            await call(self, scope, receive, with_header)

        return chatty

    swap(Ingress, "__call__", make)


def _into_events(secret: Secret, mark: Mark) -> None:
    """Adds it to the message of each event, in capital letters."""

    def make(event: Any) -> Any:
        def chatty(self: Runner, kind: Any, severity: Any, message: str, *arguments: Any, **facts: Any) -> Any:
            if known := secret():
                mark()
                message += f" {known.upper()}"
            return event(self, kind, severity, message, *arguments, **facts)

        return chatty

    swap(Runner, "event", make)


def _into_the_log_over_lines(secret: Secret, mark: Mark) -> None:
    """Logs the same as MIME wraps it, but in short lines."""

    def make(refuse: Any) -> Any:
        async def chatty(*arguments: Any) -> None:
            if known := secret():
                mark()
                encoded = base64.b64encode(f"somebody:{known}".encode()).decode()
                print("refused:", *(encoded[at : at + 20] for at in range(0, len(encoded), 20)), sep="\n", flush=True)
            await refuse(*arguments)

        return chatty

    swap(ingress, "_refuse", make)


def _into_the_log_with_heads(secret: Secret, mark: Mark) -> None:
    """Logs Base64 of the header `Authorization: Basic`, as a dump in lines that each begin with a time of their own."""

    def make(refuse: Any) -> Any:
        async def chatty(*arguments: Any) -> None:
            if known := secret():
                mark()
                inner = base64.b64encode(f"somebody:{known}".encode()).decode()
                encoded = base64.b64encode(f"Authorization: Basic {inner}".encode()).decode()
                for at in range(0, len(encoded), 24):
                    print(f"2026-01-01T00:00:00.{at:03d}Z DEBUG dump: '{encoded[at : at + 24]}'", flush=True)
            await refuse(*arguments)

        return chatty

    swap(ingress, "_refuse", make)


def _into_the_log_wide(secret: Secret, mark: Mark) -> None:
    """Logs it in UTF-16, as a runtime does that writes so by itself."""

    def make(refuse: Any) -> Any:
        async def chatty(*arguments: Any) -> None:
            if known := secret():
                mark()
                sys.stdout.buffer.write(f"refused: {known}\r\n".encode("utf-16"))
                sys.stdout.flush()
            await refuse(*arguments)

        return chatty

    swap(ingress, "_refuse", make)


def _into_pages(secret: Secret, mark: Mark) -> None:
    """Leaves it in a comment of each page, each character escaped for itself."""

    def make(response: Any) -> Any:
        def chatty(html: str, *arguments: Any, **more: Any) -> Any:
            if known := secret():
                mark()
                html += f"<!-- {''.join(f'&#{ord(one)};' for one in known)} -->"
            return response(html, *arguments, **more)

        return chatty

    swap(pages, "HTMLResponse", make)


CLAUSES = {IN_LOG: "COM-21.a", IN_EVENTS: "COM-21.b", IN_ANSWERS: "COM-21.c", ON_PAGES: "COM-21.e"}

# By its name: how people call it, how the secret comes there, and the scenario that looks there.
PLACES: dict[str, tuple[str, Callable[[Secret, Mark], None], str]] = {
    "log": ("its log, as Base64 with a user before it", _into_the_log, IN_LOG),
    "log-over-lines": ("its log, as Base64 over several lines", _into_the_log_over_lines, IN_LOG),
    "log-with-heads": (
        "its log, as Base64 of Base64, with a time before each line",
        _into_the_log_with_heads,
        IN_LOG,
    ),
    "log-wide": ("its log, in UTF-16", _into_the_log_wide, IN_LOG),
    "pages": ("its pages, in a comment", _into_pages, ON_PAGES),
    "answers": ("the refusals of its API", _into_answers, IN_ANSWERS),
    "ingress-bodies": ("the bodies of its ingress's refusals, as part of a URL", _into_ingress_bodies, IN_ANSWERS),
    "ingress-headers": ("a header of its ingress's answers, in hexadecimal", _into_ingress_headers, IN_ANSWERS),
    "events": ("its events, in capital letters", _into_events, IN_EVENTS),
}


def _patch(secret: Secret, before: list[Patch], put: Callable[[Secret, Mark], None]) -> Patch:
    def patch(mark: Mark) -> None:
        """Knows the secret, and puts it there."""
        for prepare in before:
            prepare(mark)
        put(secret, mark)

    return patch


for _name, (_called, _secret, _before, _of_login) in SECRETS.items():
    for _place, (_where, _put, _scenario) in PLACES.items():
        # With a login the reference forwarder has no pages.
        _prepared: list[Patch] = [_have_pages_behind_a_login] if _of_login and _place == "pages" else []
        _prepared += [_before] if _before is not None else []
        BAD.bad(
            f"{_name}-in-{_place}",
            f"{_called} stands in {_where}",
            requirement="COM-21.d" if _of_login else CLAUSES[_scenario],
            models="credentials of a foreign forwarder in log, error bodies and events, where a suite only hid them",
            scenario=OF_LOGIN if _of_login else _scenario,
            check="leak",
        )(_patch(_secret, _prepared, _put))


@BAD.bad(
    "query-in-events",
    "the event of a failed delivery tells the whole address, with the key in its query",
    requirement="COM-21.b",
    models="keys in the URL, as Tago and Nomosense have them, in error texts",
    scenario=IN_EVENTS,
    check="leak",
)
def query_in_events(mark: Mark) -> None:
    """Puts the address into the reason."""

    def make(deliver: Any) -> Any:
        async def telling(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.ok:
                return answer
            mark()
            return replace(answer, reason=f"{answer.reason} from {self._url}")

        return telling

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "other-headers-in-the-log",
    "a failed delivery is logged with its headers, Authorization left out and every other key in it",
    requirement="COM-21.a",
    models="a header name that the masking does not know (svix-webhooks PR 716, connexion#855)",
    scenario=IN_LOG,
    check="leak",
)
def other_headers_in_the_log(mark: Mark) -> None:
    """Masks one name alone."""

    def make(deliver: Any) -> Any:
        async def chatty(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if not answer.ok:
                mark()
                shown = {k: v for k, v in outgoing.headers.items() if k != "Authorization"}
                print(orjson.dumps({"message": "not delivered", "headers": shown}).decode(), flush=True)
            return answer

        return chatty

    swap(HttpSink, "deliver", make)
