"""Bugs of content: values of one device under another's name, altered documents, wrong times."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard import mqtt as thingsboard_sink
from uplab.simulator.forwarder.destinations.thingsboard import telemetry as thingsboard
from uplab.simulator.forwarder.documents import document
from uplab.simulator.forwarder.documents.drivers import Drivers
from uplab.simulator.forwarder.patterns.headers import Headers

__all__ = ["BAD"]

BAD = Catalogue()
BIN = "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent"


def _rewrite(mark: Mark, change: Any) -> None:
    """Changes the body of every HTTP delivery."""

    def make(deliver: Any) -> Any:
        async def altered(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            answer: Answer = await deliver(self, replace(outgoing, body=change(outgoing.body)))
            return answer

        return altered

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "swap-devices",
    "X-Thing names the device of the delivery before",
    requirement="HTTP-06",
    models="state shared between deliveries",
    scenario=BIN,
    check="right headers",
    also=(Kill("HTTP-13.a", "common/test_multiplex.py::test_uplinks_of_many_devices_do_not_mix", "right headers"),),
)
def swap_devices(mark: Mark) -> None:
    """Resolves patterns with the content of the delivery before."""
    before: list[Any] = []

    def make(resolve: Any) -> Any:
        def late(self: Headers, content: Any, document: Any) -> Any:
            mark()
            before.append((content, document))
            return resolve(self, *before[-2 if len(before) > 1 else -1])

        return late

    swap(Headers, "resolve", make)


@BAD.bad(
    "pattern-kept-as-braces",
    "{DevEUI} is sent as it stands in the configuration",
    requirement="HTTP-06",
    models="pattern cannot be solved (TXIF-2285)",
    scenario=BIN,
    check="right headers",
)
def pattern_kept_as_braces(mark: Mark) -> None:
    """Sends the text of the pattern."""

    def make(resolve: Any) -> Any:
        def literal(self: Headers, content: Any, document: Any) -> Any:
            mark()
            return dict(resolve(self, content, document)) | {name: "{DevEUI}" for name, _ in self.patterns}

        return literal

    swap(Headers, "resolve", make)


@BAD.bad(
    "pattern-resolved-once",
    "a pattern keeps the value of the first uplink",
    requirement="HTTP-06",
    models="a cache without its key",
    scenario=BIN,
    check="right headers",
)
def pattern_resolved_once(mark: Mark) -> None:
    """Remembers the first answer."""
    first: dict[int, Any] = {}

    def make(resolve: Any) -> Any:
        def cached(self: Headers, content: Any, document: Any) -> Any:
            mark()
            return first.setdefault(id(self), resolve(self, content, document))

        return cached

    swap(Headers, "resolve", make)


@BAD.bad(
    "hex-in-capitals",
    "payload_hex is written in capitals",
    requirement="HTTP-15.c",
    models="hexadecimal text taken for something else (chirpstack-application-server#112)",
    scenario=BIN,
    check="unaltered",
)
def hex_in_capitals(mark: Mark) -> None:
    """Rewrites the payload."""
    _rewrite(
        mark,
        lambda body: re.sub(rb'"payload_hex":"([0-9a-f]*)"', lambda m: b'"payload_hex":"' + m[1].upper() + b'"', body),
    )


@BAD.bad(
    "numbers-as-text",
    "numbers become strings",
    requirement="COM-16.a",
    models="the untyped regime mixed into the typed one (integrations' samples)",
    scenario="common/test_numbers.py::test_large_and_long_numbers_keep_their_value",
    check="unaltered",
)
def numbers_as_text(mark: Mark) -> None:
    """Writes FPort as a string."""
    _rewrite(mark, lambda body: re.sub(rb'"FPort":(\d+)', rb'"FPort":"\1"', body))


@BAD.bad(
    "gateways-dropped",
    "the list of gateways is left out",
    requirement="HTTP-15.c",
    models="arrays unsupported in a transformation (TXIF-2390)",
    scenario=BIN,
    check="unaltered",
)
def gateways_dropped(mark: Mark) -> None:
    """Takes Lrrs away."""

    def change(body: bytes) -> bytes:
        document = orjson.loads(body)
        for report in document.values():
            report.pop("Lrrs", None)
        return orjson.dumps(document)

    _rewrite(mark, change)


@BAD.bad(
    "device-in-lower-case",
    "DevEUI is written in lower case",
    requirement="HTTP-15.c",
    models="device id casing (lorawan-stack PR 5371)",
    scenario=BIN,
    check="unaltered",
)
def device_in_lower_case(mark: Mark) -> None:
    """Rewrites the DevEUI."""
    _rewrite(mark, lambda body: re.sub(rb'"DevEUI":"(\w+)"', lambda m: b'"DevEUI":"' + m[1].lower() + b'"', body))


@BAD.bad(
    "temperature-times-ten",
    "the driver forgets to divide by ten",
    requirement="HTTP-15.d",
    models="a driver that returns raw values",
    scenario="http/test_did_it_work.py::test_decoded_payload_is_what_the_device_measured",
    check="carries",
)
def temperature_times_ten(mark: Mark) -> None:
    """Scales the decoded temperature."""

    def make(decode: Any) -> Any:
        def raw(*arguments: Any) -> Any:
            decoded = decode(*arguments)
            if decoded.payload and "temperature" in decoded.payload:
                mark()
                return replace(decoded, payload={**decoded.payload, "temperature": decoded.payload["temperature"] * 10})
            return decoded

        return raw

    swap(Drivers, "decode", make)


def _point(mark: Mark, change: Any) -> None:
    """Changes what an uplink becomes in ThingsBoard."""

    def make(point: Any) -> Any:
        def altered(*arguments: Any, **options: Any) -> Any:
            mark()
            return change(point(*arguments, **options))

        return altered

    swap(thingsboard_sink, "point", make)


@BAD.bad(
    "seconds-for-milliseconds",
    "telemetry is stamped in seconds: 1970",
    requirement="TB-15.a",
    models="ts in seconds (thingsboard#6351)",
    scenario="thingsboard/test_did_it_work.py::test_every_uplink_stands_in_the_history_at_its_time",
    check="none lost",
)
def seconds_for_milliseconds(mark: Mark) -> None:
    """Divides ts by a thousand."""
    _point(mark, lambda point: replace(point, ts=point.ts // 1000))


@BAD.bad(
    "arrival-for-measurement",
    "telemetry is stamped with the time of its forwarding",
    requirement="TB-15.a",
    models="received_at taken for the time of the measurement (lorawan-stack#1439)",
    scenario="thingsboard/test_did_it_work.py::test_every_uplink_stands_in_the_history_at_its_time",
    check="none lost",
)
def arrival_for_measurement(mark: Mark) -> None:
    """Stamps with the clock."""
    import time

    _point(mark, lambda point: replace(point, ts=round(time.time() * 1000) + 1))


@BAD.bad(
    "values-under-another-device",
    "each device shows the values of the one before",
    requirement="TB-11.a",
    models="state shared between deliveries",
    scenario="thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink",
    check="seen",
)
def values_under_another_device(mark: Mark) -> None:
    """Takes the values of the point before."""
    before: list[Any] = []

    def change(point: Any) -> Any:
        before.append(point.values)
        return replace(point, values=before[-2 if len(before) > 1 else -1])

    _point(mark, change)


@BAD.bad(
    "second-device-by-case",
    "a device is named in lower case every second time, and so created twice",
    requirement="TB-14.a",
    models="lower-case DevEUI not matched (iotedge-lorawan-starterkit#179, hono#3460)",
    scenario="thingsboard/test_did_it_work.py::test_unknown_devices_are_created_once",
    check="seen",
)
def second_device_by_case(mark: Mark) -> None:
    """Changes the case of the name."""
    count = 0

    def make(message: Any) -> Any:
        def twice(point: thingsboard.Point) -> Any:
            nonlocal count
            count += 1
            mark()
            return message(replace(point, device=point.device.lower() if count % 2 else point.device))

        return twice

    swap(thingsboard_sink, "telemetry_message", make)


@BAD.bad(
    "strings-become-numbers",
    "counters and ports that came as strings go out as numbers",
    requirement="COM-16.b",
    models="the typed regime mixed into the untyped one (integrations' samples)",
    scenario="common/test_documents.py::test_regime_of_strings_passes_through_unchanged",
    check="unaltered",
    also=(Kill("COM-16.b", "common/test_documents.py::test_mixed_regime_passes_through_unchanged", "unaltered"),),
)
def strings_become_numbers(mark: Mark) -> None:
    """Takes the quotes away."""
    _rewrite(mark, lambda body: re.sub(rb'"(FPort|FCntUp)":"(\d+)"', rb'"\1":\2', body))


@BAD.bad(
    "whole-floats-cut",
    "42.0 goes out as 42",
    requirement="COM-16.a",
    models="numbers written anew, as JavaScript writes them",
    scenario="common/test_numbers.py::test_whole_floats_keep_their_point_zero",
    check="seen",
)
def whole_floats_cut(mark: Mark) -> None:
    """Cuts the zero off."""
    _rewrite(mark, lambda body: re.sub(rb"(:-?\d+)\.0(?=[,}\]])", rb"\1", body))


@BAD.bad(
    "letters-lost",
    "letters beyond ASCII go out as question marks",
    requirement="COM-16.c",
    models="non-ASCII text in drivers and transformations (TXIF-1288)",
    scenario="common/test_documents.py::test_unusual_content_passes_through_unaltered",
    check="unaltered",
)
def letters_lost(mark: Mark) -> None:
    """Writes ASCII."""
    _rewrite(mark, lambda body: body.decode().encode("ascii", "replace"))


@BAD.bad(
    "string-port-not-decoded",
    "an uplink whose FPort came as a string is not decoded",
    requirement="COM-16.d",
    models="uplinks lost for all but one device family (TXIF-2093): a comparison by type",
    scenario="common/test_documents.py::test_regime_of_strings_is_decoded_too",
    check="seen",
)
def string_port_not_decoded(mark: Mark) -> None:
    """Reads numbers only."""

    def make(integer: Any) -> Any:
        def strict(value: object) -> Any:
            if isinstance(value, str):
                mark()
                return None
            return integer(value)

        return strict

    swap(document, "whole", make)
