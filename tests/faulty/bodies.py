"""Bugs of a connection's body: taken though it is wrong, refused though it is right, kept otherwise than given."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder import service
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.http import settings as http_settings
from uplab.simulator.forwarder.destinations.http import widgelix
from uplab.simulator.forwarder.destinations.http.settings import ID as HTTP
from uplab.simulator.forwarder.destinations.thingsboard.settings import ID as THINGSBOARD
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.patterns.headers import HeaderError, compile_headers
from uplab.simulator.forwarder.platform import Platform

__all__ = ["BAD", "change_body"]

BAD = Catalogue()
HTTP_WRONG = "http/test_api.py::test_wrong_body_is_refused_by_field"
WIDGELIX_WRONG = "widgelix/test_api.py::test_wrong_body_is_refused_by_field"
THINGSBOARD_WRONG = "thingsboard/test_api.py::test_wrong_body_is_refused_by_field"
NAMED = "http/test_api.py::test_name_and_description_are_set_and_changed"


def change_body(mark: Mark, change: Any) -> None:
    """Changes a body before it is read; `change(raw, stored)` gives another body, or None to leave it."""

    def make(parse: Any) -> Any:
        def lenient(raw: Any, types: Any, platform: Any, stored: Any = None) -> Any:
            changed = change(copy.deepcopy(raw), stored) if isinstance(raw, dict) else None
            if changed is not None:
                mark()
            return parse(raw if changed is None else changed, types, platform, stored)

        return lenient

    swap(service, "parse_connection", make)


def _configured(raw: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a body, empty where it is none."""
    found = raw.get("configuration")
    return found if isinstance(found, dict) else {}


@BAD.bad(
    "connector-guessed",
    "an unknown connectorId is guessed from the keys of the configuration",
    requirement="HTTP-04",
    models="a dispatch with a default branch",
    scenario=HTTP_WRONG,
    check="answered",
    also=(
        Kill("WGX-09", WIDGELIX_WRONG, "answered"),
        Kill("TB-06", "thingsboard/test_api.py::test_unknown_connector_is_refused", "answered"),
    ),
)
def connector_guessed(mark: Mark) -> None:
    """Takes whoever names a host for ThingsBoard, and everybody else for HTTP."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        if raw.get("connectorId") in (None, HTTP, THINGSBOARD):
            return None
        return {**raw, "connectorId": THINGSBOARD if "hostName" in _configured(raw) else HTTP}

    change_body(mark, change)


@BAD.bad(
    "any-widgelix-address",
    "a WIDGELIX connection may go to any address",
    requirement="WGX-10.a",
    models="a key that goes wherever the URL says",
    scenario=WIDGELIX_WRONG,
    check="answered",
    also=(
        Kill("WGX-10.b", "widgelix/test_api.py::test_wrong_body_is_refused_by_field", "answered"),
        Kill("WGX-10.c", "widgelix/test_api.py::test_wrong_body_is_refused_by_field", "answered"),
    ),
)
def any_widgelix_address(mark: Mark) -> None:
    """Takes the address that is given for the platform's own."""

    def make(_: Any) -> Any:
        def trusting(url: str, platform: Platform) -> None:
            if url != platform.widgelix_url:
                mark()

        return trusting

    swap(http_settings, "check_address", make)


@BAD.bad(
    "key-optional",
    "a WIDGELIX connection without Authorization is accepted",
    requirement="WGX-11.a",
    models="an obligatory key that only the form of the page asks for",
    scenario=WIDGELIX_WRONG,
    check="answered",
    also=(Kill("WGX-11.b", "widgelix/test_api.py::test_wrong_body_is_refused_by_field", "answered"),),
)
def key_optional(mark: Mark) -> None:
    """Looks at the key only where there is one."""

    def make(compile_keyed: Any) -> Any:
        def lenient(given: Any) -> Any:
            if any(name.lower() == "authorization" for name in given):
                return compile_keyed(given)
            mark()
            return compile_headers(given)

        return lenient

    swap(http_settings, "compile_keyed", make)


@BAD.bad(
    "empty-key",
    "an empty Widgelix Key is accepted",
    requirement="WGX-01.b",
    models="Widgelix key pattern (TXIF-2569)",
    scenario=WIDGELIX_WRONG,
    check="answered",
)
def empty_key(mark: Mark) -> None:
    """Sends Bearer and nothing behind it."""

    def make(bearer: Any) -> Any:
        def careless(name: str, value: str) -> Any:
            if value.strip():
                return bearer(name, value)
            mark()
            return "Bearer "

        return careless

    swap(widgelix, "bearer", make)


@BAD.bad(
    "bearer-refused",
    "a key that the document's example writes as a bearer token is refused",
    requirement="WGX-06",
    models="validation of the Widgelix key fails (TXIF-2569)",
    scenario="widgelix/test_api.py::test_example_body_creates_the_connection",
    check="answered",
)
def bearer_refused(mark: Mark) -> None:
    """Wants the key raw."""

    def make(bearer: Any) -> Any:
        def strict(name: str, value: str) -> Any:
            if value.startswith("Bearer "):
                mark()
                raise HeaderError(name, f"header {name} must be a UUID")
            return bearer(name, value)

        return strict

    swap(widgelix, "bearer", make)


@BAD.bad(
    "any-brand",
    "an unknown brand is taken for none",
    requirement="WGX-12.a",
    models="an enumeration with a silent default",
    scenario=WIDGELIX_WRONG,
    check="answered",
)
def any_brand(mark: Mark) -> None:
    """Leaves it out."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        if raw.get("brand", "WIDGELIX") == "WIDGELIX":
            return None
        return {key: value for key, value in raw.items() if key != "brand"}

    change_body(mark, change)


@BAD.bad(
    "description-forgotten",
    "the description is taken and never shown again",
    requirement="WGX-13.b",
    models="a field that one side exposes and the other forgets (TXIF-2346)",
    scenario="widgelix/test_api.py::test_example_body_creates_the_connection",
    check="promise",
    also=(Kill("HTTP-22", NAMED, "shown"),),
)
def description_forgotten(mark: Mark) -> None:
    """Shows everything else."""

    def make(shown: Any) -> Any:
        def without(self: Connection[Any], platform: Any) -> dict[str, Any]:
            mark()
            body: dict[str, Any] = shown(self, platform)
            kept = {key: value for key, value in body["configuration"].items() if key != "description"}
            return {**body, "configuration": kept}

        return without

    swap(Connection, "shown", make)


@BAD.bad(
    "first-name-stays",
    "PUT changes everything but the name",
    requirement="WGX-01.c",
    models="a name that is part of the key of a record",
    scenario="widgelix/test_key.py::test_next_uplink_uses_the_new_key",
    check="seen",
    also=(Kill("HTTP-22", NAMED, "shown"),),
)
def first_name_stays(mark: Mark) -> None:
    """Puts the old name in the place of the new one."""

    def change(raw: dict[str, Any], stored: Any) -> dict[str, Any] | None:
        return None if stored is None else {**raw, "name": stored.given["name"]}

    change_body(mark, change)


@BAD.bad(
    "pattern-refused",
    "a header with a pattern in it cannot be saved",
    requirement="HTTP-01",
    models="a complex expression cannot be saved (TXIF-2030)",
    scenario="http/test_api.py::test_example_body_creates_the_connection",
    check="answered",
)
def pattern_refused(mark: Mark) -> None:
    """Takes braces for characters that no header may hold."""

    def make(compile_headers: Any) -> Any:
        def narrow(given: Any) -> Any:
            for name, value in given.items():
                if "{" in value:
                    mark()
                    raise HeaderError(name, f"header {name} holds characters that are not allowed")
            return compile_headers(given)

        return narrow

    swap(http_settings, "compile_headers", make)


@BAD.bad(
    "mqtt-ports-only",
    "the port of the document's own example is refused",
    requirement="TB-03",
    models="a check that knows the ports of the document's table, and not that of its example",
    scenario="thingsboard/test_api.py::test_example_body_creates_the_connection",
    check="seen",
)
def mqtt_ports_only(mark: Mark) -> None:
    """Knows 1883 and 8883."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        if str(_configured(raw).get("hostName")).endswith(":443"):
            mark()
            raise InvalidError("configuration.hostName", "configuration.hostName must name port 1883 or 8883")
        return None

    change_body(mark, change)


@BAD.bad(
    "demo-account",
    "a missing user name or password becomes that of the vendor's demo account",
    requirement="TB-01.a",
    models="defaults that were meant for a test bench",
    scenario=THINGSBOARD_WRONG,
    check="seen",
)
def demo_account(mark: Mark) -> None:
    """Fills in what is missing."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        given = _configured(raw)
        if raw.get("connectorId") != THINGSBOARD or {"username", "password"} <= set(given):
            return None
        return {**raw, "configuration": {"username": "tenant@thingsboard.org", "password": "tenant", **given}}

    change_body(mark, change)


@BAD.bad(
    "port-by-default",
    "hostName without a port is taken, and 1883 assumed",
    requirement="TB-07.c",
    models="a default that picks the transport in silence, here the one without TLS",
    scenario=THINGSBOARD_WRONG,
    check="seen",
)
def port_by_default(mark: Mark) -> None:
    """Adds a port."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        host = _configured(raw).get("hostName")
        if not isinstance(host, str) or ":" in host:
            return None
        return {**raw, "configuration": {**_configured(raw), "hostName": f"{host}:1883"}}

    change_body(mark, change)


@BAD.bad(
    "unnamed",
    "a connection without a name is called Unnamed",
    requirement="COM-02.a",
    models="a mandatory key with a default",
    scenario=HTTP_WRONG,
    check="answered",
    also=(Kill("WGX-01.a", "widgelix/test_api.py::test_wrong_body_is_refused_by_field", "answered"),),
)
def unnamed(mark: Mark) -> None:
    """Gives it a name."""
    change_body(mark, lambda raw, _stored: None if raw.get("name") else {**raw, "name": "Unnamed"})


@BAD.bad(
    "options-ignored",
    "options that are not implemented are taken, kept, shown, and without effect",
    requirement="COM-25",
    models="a transformation that is silently not applied (TXIF-2058, 2322)",
    scenario="common/test_api_input.py::test_option_that_is_not_implemented_is_refused",
    check="seen",
)
def options_ignored(mark: Mark) -> None:
    """Checks the body without them, and puts them back."""

    def make(parse: Any) -> Any:
        def patient(raw: Any, types: Any, platform: Any, stored: Any = None) -> Any:
            given = _configured(raw) if isinstance(raw, dict) else {}
            odd = {key: given[key] for key in ("proxy", "debugMode") if key in given}
            if not odd and "upOperations" not in (raw if isinstance(raw, dict) else {}):
                return parse(raw, types, platform, stored)
            mark()
            plain = {key: value for key, value in raw.items() if key != "upOperations"}
            plain["configuration"] = {key: value for key, value in given.items() if key not in odd}
            parsed = parse(plain, types, platform, stored)
            kept = {**parsed.given, **{key: raw[key] for key in ("upOperations",) if key in raw}}
            return replace(parsed, given={**kept, "configuration": {**kept["configuration"], **odd}})

        return patient

    swap(service, "parse_connection", make)


@BAD.bad(
    "own-as-id-forgotten",
    "downlinkAsId and downlinkAsKey of a connection are taken and never used",
    requirement="COM-07.b",
    models="fields that the API has and nothing else (TXIF-2346, 1834)",
    scenario="downlink/test_queue.py::test_unknown_as_id_of_the_connection_is_rejected",
    check="seen",
)
def own_as_id_forgotten(mark: Mark) -> None:
    """Leaves both out."""
    forgotten = {"downlinkAsId", "downlinkAsKey"}

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        given = _configured(raw)
        if not forgotten & set(given):
            return None
        return {**raw, "configuration": {key: value for key, value in given.items() if key not in forgotten}}

    change_body(mark, change)
