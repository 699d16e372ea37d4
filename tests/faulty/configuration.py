"""Bugs of the API: what a POST, PUT or DELETE does not do, or does too much."""

from __future__ import annotations

from typing import Any

import orjson

from tests.faulty.bodies import change_body
from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()


@BAD.bad(
    "put-merges",
    "PUT merges: headers that are not given again stay",
    requirement="HTTP-02.b",
    models="replace semantics misread (a public C# client of the API)",
    scenario="http/test_api.py::test_put_replaces_the_whole_configuration",
    check="without headers",
    also=(
        Kill("WGX-07.c", "widgelix/test_api.py::test_put_without_an_optional_key_takes_its_default", "seen"),
        Kill("TB-04.a", "thingsboard/test_api.py::test_put_without_a_mandatory_key_changes_nothing", "answered"),
        Kill("HTTP-02.c", "http/test_api.py::test_put_without_a_mandatory_key_changes_nothing", "answered"),
    ),
)
def put_merges(mark: Mark) -> None:
    """Lays the new configuration over the old one."""

    def change(raw: dict[str, Any], stored: Any) -> dict[str, Any] | None:
        if stored is None or not isinstance(raw.get("configuration"), dict):
            return None
        old, new = stored.given["configuration"], raw["configuration"]
        if "headers" in old:
            new = {**new, "headers": {**old["headers"], **new.get("headers", {})}}
        return {**raw, "configuration": {**old, **new}}

    change_body(mark, change)


@BAD.bad(
    "put-without-effect",
    "PUT is answered and shown, and the connection goes on as it was",
    requirement="HTTP-02.a",
    models="reload of a connection ineffective after a change (TXIF-2168)",
    scenario="http/test_api.py::test_put_replaces_the_whole_configuration",
    check="none lost",
    also=(Kill("TB-04.c", "thingsboard/test_account.py::test_corrected_account_recovers", "awaited"),),
)
def put_without_effect(mark: Mark) -> None:
    """Keeps the old sink at work."""

    def make(_: Any) -> Any:
        def configure(self: Runner, _setup: Any) -> None:
            mark()

        return configure

    swap(Runner, "configure", make)


@BAD.bad(
    "delete-goes-on",
    "a deleted connection goes on delivering",
    requirement="HTTP-03.b",
    models="closing stuck (TXIF-2069)",
    scenario="http/test_api.py::test_nothing_is_delivered_after_delete",
    check="none arrives",
    also=(
        Kill("WGX-08.b", "widgelix/test_api.py::test_nothing_is_delivered_after_delete", "seen"),
        Kill("TB-05.a", "thingsboard/test_api.py::test_nothing_is_delivered_after_delete", "seen"),
    ),
)
def delete_goes_on(mark: Mark) -> None:
    """Answers 204 and does nothing else than to hide the connection."""
    hidden: set[str] = set()

    def make_delete(_: Any) -> Any:
        async def pretend(self: Service, connection_id: str) -> None:
            self.runner(connection_id)
            mark()
            hidden.add(connection_id)

        return pretend

    def make_runner(runner: Any) -> Any:
        def visible(self: Service, connection_id: str) -> Any:
            return runner(self, "hidden" if connection_id in hidden else connection_id)

        return visible

    swap(Service, "delete", make_delete)
    swap(Service, "runner", make_runner)


@BAD.bad(
    "any-scheme",
    "a destinationURL with another scheme is accepted",
    requirement="HTTP-07",
    models="scheme not checked, or checked by its first letters",
    scenario="http/test_api.py::test_wrong_body_is_refused_by_field",
    check="answered",
)
def any_scheme(mark: Mark) -> None:
    """Turns it into http:// in silence."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        configuration = raw.get("configuration")
        url = configuration.get("destinationURL") if isinstance(configuration, dict) else None
        if not isinstance(url, str) or url.startswith(("http://", "https://")):
            return None
        return {**raw, "configuration": {**configuration, "destinationURL": f"http://{url.rpartition('://')[2]}"}}  # type: ignore[dict-item]

    change_body(mark, change)


@BAD.bad(
    "any-blame-period",
    "a blamePeriod that is no whole number is taken for the default",
    requirement="HTTP-08.d",
    models="lenient conversion of numbers",
    scenario="http/test_api.py::test_wrong_body_is_refused_by_field",
    check="answered",
)
def any_blame_period(mark: Mark) -> None:
    """Leaves a wrong value out."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        configuration = raw.get("configuration")
        if not isinstance(configuration, dict) or type(configuration.get("blamePeriod")) in (int, type(None)):
            return None
        return {**raw, "configuration": {k: v for k, v in configuration.items() if k != "blamePeriod"}}

    change_body(mark, change)


@BAD.bad(
    "unknown-keys-dropped",
    "a key of the wrong case is dropped in silence",
    requirement="HTTP-21.a",
    models="the document's own table says Headers, its example headers",
    scenario="faults/test_configuration.py::test_key_of_the_wrong_case_is_honoured_or_refused",
    check="promise",
    also=(
        Kill("HTTP-21.b", "faults/test_configuration.py::test_unknown_key_is_refused_by_its_name", "answered"),
        Kill(
            "HTTP-21.e", "thingsboard/test_api.py::test_key_that_means_nothing_here_is_honoured_or_refused", "promise"
        ),
    ),
)
def unknown_keys_dropped(mark: Mark) -> None:
    """Leaves out what it does not know."""
    known = {
        "headers",
        "destinationURL",
        "description",
        "blamePeriod",
        "hostName",
        "username",
        "password",
        "downlinkPort",
    }

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        configuration = raw.get("configuration")
        if not isinstance(configuration, dict) or {k.lower() for k in configuration} == {
            k.lower() for k in known & set(configuration)
        }:
            return None
        return {**raw, "configuration": {k: v for k, v in configuration.items() if k in known}}

    change_body(mark, change)


@BAD.bad(
    "refused-put-takes-effect",
    "a PUT that is refused has emptied the headers all the same",
    requirement="WGX-07.a",
    models="half-done changes",
    scenario="widgelix/test_api.py::test_put_without_the_key_keeps_the_old_configuration",
    check="none lost",
    hop="destination",
    also=(Kill("COM-20.d", "common/test_api_input.py::test_refused_put_changes_nothing", "seen"),),
)
def refused_put_takes_effect(mark: Mark) -> None:
    """Clears before it checks."""

    def make(replace: Any) -> Any:
        async def hasty(self: Service, connection_id: str, raw: Any) -> Any:
            runner = self.runner(connection_id)
            try:
                return await replace(self, connection_id, raw)
            except Exception:
                mark()
                given = orjson.loads(orjson.dumps(runner.connection.given))
                given["configuration"]["headers"] = {}
                given.pop("brand", None)
                broken = parse_connection(given, self.connectors, self.settings.platform)
                runner.configure(self._setup(broken, runner.id, runner.uuid))
                raise

        return hasty

    swap(Service, "replace", make)


@BAD.bad(
    "inactive-goes-on",
    "active: false changes nothing",
    requirement="COM-01.a",
    models="a flag that only the page shows",
    scenario="common/test_options.py::test_inactive_connection_delivers_nothing",
    check="seen",
    also=(
        Kill("COM-09.a", "common/test_states.py::test_deactivation_and_activation_are_shown", "awaited"),
        Kill("COM-01.b", "common/test_options.py::test_deactivated_connection_stops", "awaited"),
    ),
)
def inactive_goes_on(mark: Mark) -> None:
    """Starts whatever the body says."""

    def make(_: Any) -> Any:
        def start(self: Runner) -> None:
            if not self.connection.body.active:
                mark()
            self._perform(self._delivery.start(self._clock.now()))

        return start

    swap(Runner, "_start_or_stop", make)


@BAD.bad(
    "inactive-unless-asked",
    "a connection whose body does not say active is made deactivated",
    requirement="COM-01.d",
    models="the default of a boolean that nobody set",
    scenario="common/test_options.py::test_connection_is_active_by_default",
    check="shown",
)
def inactive_unless_asked(mark: Mark) -> None:
    """Fills in false."""

    def change(raw: dict[str, Any], stored: Any) -> dict[str, Any] | None:
        return {**raw, "active": False} if stored is None and "active" not in raw else None

    change_body(mark, change)
