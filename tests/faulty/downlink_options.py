"""Bugs of a downlink's options and of its refusals: ignored, not reported, taken from where none should come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.downlink import change_query
from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.destinations.http import sink as http_sink
from uplab.simulator.forwarder.downlinks import desk as downlinks
from uplab.simulator.forwarder.downlinks.desk import Downlinks
from uplab.simulator.forwarder.downlinks.downlink import ROOT
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.service import NotFoundError, Service

__all__ = ["BAD"]

BAD = Catalogue()


def _without(mark: Mark, parameter: str) -> None:
    """Leaves a parameter of the query away."""
    change_query(
        mark,
        lambda downlink: replace(downlink, parameters=tuple(p for p in downlink.parameters if p[0] != parameter)),
    )


def _content(mark: Mark, change: Any) -> None:
    """Changes the content of a posted downlink before it is checked; `change(content)` gives another, or None."""

    def make(parse: Any) -> Any:
        def altered(raw: Any) -> Any:
            content = raw.get(ROOT) if isinstance(raw, dict) else None
            changed = change(content) if isinstance(content, dict) else None
            if changed is None:
                return parse(raw)
            mark()
            return parse({ROOT: changed})

        return altered

    swap(downlinks, "parse_downlink", make)


@BAD.bad(
    "disabled-takes-downlinks",
    "downlinkEnabled false changes nothing",
    requirement="COM-06",
    models="a switch that only the page shows",
    scenario="downlink/test_delivery.py::test_disabled_downlinks_are_refused",
    check="seen",
)
def disabled_takes_downlinks(mark: Mark) -> None:
    """Takes the switch for on."""

    def make(checked: Any) -> Any:
        def always(self: Downlinks, runner: Any, raw: object, configuration: Any) -> Any:
            if not configuration.downlink_enabled:
                mark()
            return checked(self, runner, raw, configuration.model_copy(update={"downlink_enabled": True}))

        return always

    swap(Downlinks, "_checked", make)


@BAD.bad(
    "flush-ignored",
    "FlushDownlinkQueue empties nothing",
    requirement="DL-09.a",
    models="an optional parameter that is not passed on",
    scenario="downlink/test_queue.py::test_flush_empties_the_queue_first",
    check="downlinks",
    also=(Kill("DL-09.b", "downlink/test_queue.py::test_flush_alone_empties_the_queue", "downlinks"),),
)
def flush_ignored(mark: Mark) -> None:
    """Drops the parameter."""
    _without(mark, "FlushDownlinkQueue")


@BAD.bad(
    "always-flushed",
    "each downlink empties the queue, whatever FlushDownlinkQueue says",
    requirement="DL-09.c",
    models="0 as a string taken for true",
    scenario="downlink/test_queue.py::test_without_flush_the_queue_is_kept",
    check="downlinks",
)
def always_flushed(mark: Mark) -> None:
    """Sets the parameter."""

    def change(downlink: Any) -> Any:
        kept = tuple(p for p in downlink.parameters if p[0] != "FlushDownlinkQueue")
        return replace(downlink, parameters=(*kept, ("FlushDownlinkQueue", "1")))

    change_query(mark, change)


@BAD.bad(
    "validity-ignored",
    "ValidityTime is not passed on: an expired downlink is sent",
    requirement="DL-10.a",
    models="a command that is carried out hours later",
    scenario="downlink/test_queue.py::test_downlink_that_expires_in_the_queue_is_not_sent",
    check="downlinks",
)
def validity_ignored(mark: Mark) -> None:
    """Drops the parameter."""
    _without(mark, "ValidityTime")


@BAD.bad(
    "confirmation-ignored",
    "Confirmed is not passed on: the device acknowledges nothing",
    requirement="DL-08.b",
    models="an optional parameter that is not passed on",
    scenario="downlink/test_queue.py::test_reports_of_two_devices_keep_their_correlation_ids",
    check="seen",
    hop="device",
)
def confirmation_ignored(mark: Mark) -> None:
    """Drops the parameter."""
    _without(mark, "Confirmed")


@BAD.bad(
    "rejection-swallowed",
    "what the network server rejects is not reported to the destination",
    requirement="DL-11.b",
    models="downlink too long for the data rate, and no notice (lorawan-stack#79)",
    scenario="downlink/test_queue.py::test_malformed_correlation_id_is_rejected_or_refused",
    check="seen",
)
def rejection_swallowed(mark: Mark) -> None:
    """Sends no report."""

    def make(_: Any) -> Any:
        def silent(_self: Service, *_arguments: Any) -> None:
            mark()

        return silent

    swap(Service, "send", make)


@BAD.bad(
    "odd-digits-padded",
    "a payload with half a byte too much is padded and sent",
    requirement="DL-13.c",
    models="odd length of hexadecimal text (chirpstack-application-server#11)",
    scenario="downlink/test_refusals.py::test_malformed_downlink_is_refused_by_field",
    check="seen",
)
def odd_digits_padded(mark: Mark) -> None:
    """Puts a zero before it."""

    def change(content: dict[str, Any]) -> dict[str, Any] | None:
        digits = content.get("payload_hex")
        if not isinstance(digits, str) or len(digits) % 2 == 0:
            return None
        return {**content, "payload_hex": f"0{digits}"}

    _content(mark, change)


@BAD.bad(
    "answered-before-checked",
    "a downlink is answered with success, and what is wrong with it is found later and told to nobody",
    requirement="DL-13.c",
    models="a queue between the address and the check",
    scenario="downlink/test_refusals.py::test_body_that_is_no_downlink_is_refused",
    check="seen",
)
def answered_before_checked(mark: Mark) -> None:
    """Swallows the refusal."""

    def make(take: Any) -> Any:
        async def later(self: Downlinks, runner: Any, raw: object) -> None:
            try:
                await take(self, runner, raw)
            except InvalidError:
                mark()

        return later

    swap(Downlinks, "take", make)


@BAD.bad(
    "url-dead-before-an-uplink",
    "the downlink URL works from the first uplink on, and not before",
    requirement="DL-15.a",
    models="a session that the first uplink makes",
    scenario="downlink/test_delivery.py::test_downlink_reaches_the_device_unchanged",
    check="seen",
)
def url_dead_before_an_uplink(mark: Mark) -> None:
    """Knows only connections that have received something."""

    def make(find: Any) -> Any:
        def late(self: Service, text: str) -> Any:
            runner = find(self, text)
            if not self.metrics.total(runner.id)["uplinks"]:
                mark()
                raise NotFoundError("there is no connection with this downlink URL")
            return runner

        return late

    swap(Service, "runner_of_uuid", make)


@BAD.bad(
    "time-refused",
    "a downlink that says when it was made is refused",
    requirement="DL-15.c",
    models="an interface narrower than the documents",
    scenario="widgelix/test_downlink.py::test_downlink_from_widgelix_reaches_the_device",
    check="seen",
)
def time_refused(mark: Mark) -> None:
    """Does not know the field."""

    def change(content: dict[str, Any]) -> None:
        if "Time" in content:
            mark()
            raise InvalidError(f"{ROOT}.Time", f"{ROOT}.Time is unknown")

    _content(mark, change)


@BAD.bad(
    "answer-taken-for-downlink",
    "a downlink in the destination's answer to an uplink is sent to the device",
    requirement="WGX-17",
    models="the way of other platforms, whose destinations answer with a downlink",
    scenario="widgelix/test_downlink.py::test_uplinks_answer_starts_no_downlink",
    check="no downlink",
)
def answer_taken_for_downlink(mark: Mark) -> None:
    """Reads the answer's body."""
    services: list[Service] = []

    def make_start(start: Any) -> Any:
        async def noting(self: Service) -> None:
            services.append(self)
            await start(self)

        return noting

    def make_drain(_: Any) -> Any:
        async def curious(response: Any) -> None:
            try:
                raw = orjson.loads(await response.content.read(65_536))
            except orjson.JSONDecodeError:
                return
            if isinstance(raw, dict) and ROOT in raw:
                mark()
                for runner in services[0].runners[:1]:
                    await services[0].downlinks.take(runner, raw)

        return curious

    swap(Service, "start", make_start)
    swap(http_sink, "_drain", make_drain)


@BAD.bad(
    "small-letters-refused",
    "a DevEUI in small letters is refused",
    requirement="DL-07.b",
    models="lower-case DevEUI not matched (iotedge-lorawan-starterkit#179)",
    scenario="downlink/test_delivery.py::test_dev_eui_may_be_written_in_lower_case",
    check="downlinks",
)
def small_letters_refused(mark: Mark) -> None:
    """Wants capitals."""

    def change(content: dict[str, Any]) -> None:
        dev_eui = content.get("DevEUI")
        if isinstance(dev_eui, str) and dev_eui != dev_eui.upper():
            mark()
            raise InvalidError(f"{ROOT}.DevEUI", f"{ROOT}.DevEUI must be 16 capital hexadecimal digits")

    _content(mark, change)


@BAD.bad(
    "flush-wants-a-payload",
    "a downlink that only empties the queue is refused",
    requirement="DL-05.c",
    models="a mandatory field without its documented exception",
    scenario="downlink/test_queue.py::test_flush_alone_empties_the_queue",
    check="seen",
)
def flush_wants_a_payload(mark: Mark) -> None:
    """Knows no exception."""

    def change(content: dict[str, Any]) -> None:
        if "FlushDownlinkQueue" in content and not {"payload", "payload_hex"} & set(content):
            mark()
            raise InvalidError(f"{ROOT}.payload_hex", f"{ROOT}.payload_hex is mandatory")

    _content(mark, change)


@BAD.bad(
    "always-confirmed",
    "every downlink asks for an acknowledgement",
    requirement="DL-08.c",
    models="0 as a string taken for true",
    scenario="downlink/test_queue.py::test_unconfirmed_downlink_is_not_acknowledged",
    check="seen",
    hop="device",
)
def always_confirmed(mark: Mark) -> None:
    """Sets the parameter."""

    def change(downlink: Any) -> Any:
        kept = tuple(p for p in downlink.parameters if p[0] != "Confirmed")
        return replace(downlink, parameters=(("Confirmed", "1"), *kept))

    change_query(mark, change)


@BAD.bad(
    "cause-not-told",
    "the report of a rejected downlink does not say why",
    requirement="DL-11.a",
    models="an error text that helps nobody",
    scenario="downlink/test_queue.py::test_what_the_network_rejects_comes_back_with_its_cause",
    check="seen",
    also=(Kill("DL-12.b", "downlink/test_queue.py::test_unknown_as_id_of_the_connection_is_rejected", "seen"),),
)
def cause_not_told(mark: Mark) -> None:
    """Leaves the network's words out."""

    def make(rejected: Any) -> Any:
        def vague(downlink: Any, _cause: str, *arguments: Any) -> Any:
            mark()
            return rejected(downlink, "rejected", *arguments)

        return vague

    swap(downlinks, "rejected", make)


@BAD.bad(
    "validity-in-seconds-only",
    "a ValidityTime that is a date is refused",
    requirement="DL-10.b",
    models="one of two documented forms forgotten",
    scenario="downlink/test_queue.py::test_downlink_within_its_validity_is_sent",
    check="seen",
)
def validity_in_seconds_only(mark: Mark) -> None:
    """Knows numbers."""

    def change(content: dict[str, Any]) -> None:
        if not str(content.get("ValidityTime", 0)).isdigit():
            mark()
            raise InvalidError(f"{ROOT}.ValidityTime", f"{ROOT}.ValidityTime must be a number of seconds")

    _content(mark, change)
