"""Bugs after acceptance: what is taken and then dropped, refused without words, told as something else."""

from __future__ import annotations

from typing import Any

from tests.faulty.bodies import change_body
from tests.faulty.forms import swallow
from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.delivery import assembly
from uplab.simulator.forwarder.delivery.backlog import Uplink
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import read_rpc
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.service import NotFoundError, Service

__all__ = ["BAD"]

BAD = Catalogue()
OPTIONS = "common/test_options.py::"


@BAD.bad(
    "inactive-forgets",
    "what comes while a connection is inactive is answered with success and forgotten",
    requirement="COM-01.c",
    models="a queue that exists only while its connection runs",
    scenario=f"{OPTIONS}test_inactive_connection_delivers_nothing",
    check="none lost",
)
def inactive_forgets(mark: Mark) -> None:
    """Takes nothing in."""

    def make(accept: Any) -> Any:
        def while_active(self: Runner, uplink: Uplink) -> None:
            if self.connection.body.active:
                accept(self, uplink)
            else:
                mark()

        return while_active

    swap(Runner, "accept", make)


@BAD.bad(
    "decoded-goes-before-metadata",
    "with both formats asked for, the decoded payload is delivered",
    requirement="COM-03.c",
    models="two options read in the other order",
    scenario=f"{OPTIONS}test_send_metadata_goes_before_the_decoded_format",
    check="none lost",
)
def decoded_goes_before_metadata(mark: Mark) -> None:
    """Drops the other one."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        configuration = raw.get("configuration")
        if not isinstance(configuration, dict) or not configuration.get("sendRawDecodedFormat"):
            return None
        return {**raw, "configuration": {**configuration, "sendMetadata": False}}

    change_body(mark, change)


@BAD.bad(
    "notifications-swallowed",
    "notifications, those of a join too, are not delivered",
    requirement="COM-15.b",
    models="a filter on uplinks",
    scenario="common/test_documents.py::test_documents_of_a_join_are_delivered",
    check="seen",
)
def notifications_swallowed(mark: Mark) -> None:
    """Filters them."""
    swallow(mark, "DevEUI_notification")


@BAD.bad(
    "undecodable-dropped",
    "an uplink that cannot be decoded is not delivered",
    requirement="COM-17.c",
    models="an exception of a codec that ends the whole",
    scenario="common/test_decoding.py::test_undecodable_uplink_does_not_hold_up_the_others",
    check="none lost",
)
def undecodable_dropped(mark: Mark) -> None:
    """Drops what has an error in it."""

    def make(outgoing: Any) -> Any:
        def decoded_only(document: Any, *arguments: Any) -> Any:
            made = outgoing(document, *arguments)
            if made is not None and b"payloadDecodedError" in made[1]:
                mark()
                return None
            return made

        return decoded_only

    swap(assembly, "outgoing", make)


@BAD.bad(
    "state-of-its-own",
    "the answer to POST shows a state that no document names",
    requirement="COM-09.d",
    models="an internal state that leaks",
    scenario="common/test_states.py::test_new_connection_shows_id_state_and_startup_time",
    check="seen",
)
def state_of_its_own(mark: Mark) -> None:
    """Calls it STARTING."""

    def make(create: Any) -> Any:
        async def starting(self: Service, raw: object) -> dict[str, Any]:
            mark()
            return {**await create(self, raw), "state": "STARTING"}

        return starting

    swap(Service, "create", make)


@BAD.bad(
    "headers-masked-unasked",
    "header values are masked though the profile says that they are shown",
    requirement="COM-10.d",
    models="a change of what the API shows, and nobody was told",
    scenario="common/test_listing.py::test_header_values_are_masked_as_the_profile_says",
    check="seen",
    also=(Kill("WGX-12.b", "widgelix/test_api.py::test_example_body_creates_the_connection", "seen"),),
)
def headers_masked_unasked(mark: Mark) -> None:
    """Masks them, and forgets the brand on the way."""

    def make(shown: Any) -> Any:
        def masked(self: Connection[Any], *arguments: Any) -> dict[str, Any]:
            mark()
            found = {key: value for key, value in shown(self, *arguments).items() if key != "brand"}
            configuration = found["configuration"]
            if configuration.get("headers"):
                configuration = {**configuration, "headers": dict.fromkeys(configuration["headers"], "*****")}
            return {**found, "configuration": configuration}

        return masked

    swap(Connection, "shown", make)


@BAD.bad(
    "alarms-not-read",
    "alarms are taken whatever is in them, and none is kept",
    requirement="COM-11.c",
    models="a part of the body that nobody validates",
    scenario="common/test_alarms.py::test_wrong_alarm_is_refused_by_field",
    check="seen",
)
def alarms_not_read(mark: Mark) -> None:
    """Takes them off."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        return {key: value for key, value in raw.items() if key != "alarms"} if "alarms" in raw else None

    change_body(mark, change)


@BAD.bad(
    "unknown-id-is-a-crash",
    "an id that is not there ends in an internal error",
    requirement="COM-20.c",
    models="a lookup without a default",
    scenario="common/test_api_input.py::test_unknown_id_answers_404",
    check="answered",
)
def unknown_id_is_a_crash(mark: Mark) -> None:
    """Raises what nobody catches."""

    def make(runner: Any) -> Any:
        def blind(self: Service, connection_id: str) -> Any:
            try:
                return runner(self, connection_id)
            except NotFoundError:
                mark()
                raise KeyError(connection_id) from None

        return blind

    swap(Service, "runner", make)


@BAD.bad(
    "any-flow",
    "a flow that is wrong is answered with success, and binds nothing",
    requirement="COM-20.f",
    models="validation put off to where nobody hears of it",
    scenario="common/test_flows.py::test_wrong_flow_is_refused_by_field",
    check="answered",
)
def any_flow(mark: Mark) -> None:
    """Makes up an id."""

    def make(create: Any) -> Any:
        async def lenient(self: Service, raw: object) -> dict[str, Any]:
            try:
                found: dict[str, Any] = await create(self, raw)
            except InvalidError:
                mark()
                return {"id": "999999"}
            return found

        return lenient

    swap(Service, "create_flow", make)


@BAD.bad(
    "description-mandatory",
    "a body without a description is refused",
    requirement="WGX-13.a",
    models="a form whose every field is mandatory",
    scenario="widgelix/test_api.py::test_description_may_be_left_out",
    check="answered",
)
def description_mandatory(mark: Mark) -> None:
    """Wants one."""

    def change(raw: dict[str, Any], _stored: Any) -> dict[str, Any] | None:
        if isinstance(raw.get("configuration"), dict) and "description" not in raw["configuration"]:
            mark()
            raise InvalidError("configuration.description", "configuration.description is mandatory")
        return None

    change_body(mark, change)


@BAD.bad(
    "failure-is-counted-as-delivered",
    "an uplink that was refused counts as failed and as delivered",
    requirement="WGX-20.c",
    models="a counter of attempts called deliveries",
    scenario="widgelix/test_key.py::test_refused_delivery_is_visible_on_the_connection",
    check="seen",
    also=(Kill("WGX-20.d", "widgelix/test_key.py::test_revoked_key_ends_just_so", "promise"),),
)
def failure_is_counted_as_delivered(mark: Mark) -> None:
    """Counts both."""

    def make(note: Any) -> Any:
        def both(self: Runner, failed: Any) -> None:
            mark()
            self.count("uplinksDelivered")
            note(self, failed)

        return both

    swap(Runner, "_note_failure", make)


@BAD.bad(
    "loss-untold",
    "an uplink whose header cannot be made is counted, and no event tells it",
    requirement="HTTP-20.c",
    models="a drop in silence",
    scenario="faults/test_pattern.py::test_unresolved_pattern_is_told",
    check="seen",
)
def loss_untold(mark: Mark) -> None:
    """Leaves the event out."""

    def make(settle: Any) -> Any:
        def silent(self: Runner, uplink: Uplink, event: Any, tallies: Any) -> None:
            if event is not None and event.kind == "UPLINK_LOST":
                mark()
                event = None
            settle(self, uplink, event, tallies)

        return silent

    swap(Runner, "_settle", make)


@BAD.bad(
    "password-told",
    "the event of a failed login tells the password",
    requirement="TB-17.c",
    models="an account printed whole where its name was meant",
    scenario="common/test_secrets.py::test_no_secret_in_events",
    check="seen",
)
def password_told(mark: Mark) -> None:
    """Adds it."""

    def make(event: Any) -> Any:
        def chatty(self: Runner, kind: Any, severity: Any, message: str, *arguments: Any, **facts: Any) -> Any:
            password = self.connection.given["configuration"].get("password")
            if kind == "LOGIN_FAILED" and password:
                mark()
                message = f"{message} ({password})"
            return event(self, kind, severity, message, *arguments, **facts)

        return chatty

    swap(Runner, "event", make)


@BAD.bad(
    "command-without-reply",
    "a ThingsBoard command is carried out, and ThingsBoard never hears of it",
    requirement="DL-15.d",
    models="a request that times out although it worked",
    scenario="thingsboard/test_downlink.py::test_rpc_for_a_device_reaches_that_device",
    check="promise",
)
def command_without_reply(mark: Mark) -> None:
    """Does the work, and publishes nothing."""

    def make(_: Any) -> Any:
        async def silent(self: ThingsBoardSink, _link: Any, payload: bytes) -> None:
            rpc = read_rpc(payload)
            if rpc is not None and self._on_rpc is not None:
                mark()
                await self._on_rpc(rpc.device.upper(), rpc.method, rpc.params)

        return silent

    swap(ThingsBoardSink, "_command", make)
