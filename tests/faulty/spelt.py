"""Bugs of how things are written: characters, numbers, offsets, encodings that somebody else must read."""

from __future__ import annotations

import asyncio
import gzip
import re
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.http import sink
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.thingsboard import mqtt, telemetry
from uplab.simulator.forwarder.patterns.pattern import Pattern, PatternError, UnresolvedError, compile_pattern

__all__ = ["BAD"]

BAD = Catalogue()
BIN = "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent"

EXACT = 2**53  # up to here a float tells each whole number from the next


@BAD.bad(
    "offset-of-whole-hours",
    "telemetry is stamped as if the minutes of an offset were none",
    requirement="TB-15.b",
    models="a table of time zones by their hours",
    scenario="thingsboard/test_values.py::test_every_boundary_of_a_document_is_told",
    check="none lost",
)
def offset_of_whole_hours(mark: Mark) -> None:
    """Cuts them off."""

    def make(milliseconds: Any) -> Any:
        def hours(time: str) -> int:
            cut = re.sub(r"([+-]\d\d):[0-5]\d$", r"\1:00", time)
            if cut != time:
                mark()
            return int(milliseconds(cut))

        return hours

    swap(telemetry, "milliseconds", make)


def _body(mark: Mark, change: Any) -> None:
    """Changes what is posted, by `change(body, headers)`; the lab's witness is spared."""

    def make(deliver: Any) -> Any:
        async def changed(self: HttpSink, outgoing: Any) -> Any:
            body, headers = change(outgoing.body, dict(outgoing.headers))
            if (body, headers) != (outgoing.body, dict(outgoing.headers)) and "witness" not in self._url:
                mark()
                outgoing = replace(outgoing, body=body, headers=headers)
            return await deliver(self, outgoing)

        return changed

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "characters-of-16-bits",
    "a character that needs more than 16 bits is replaced",
    requirement="COM-15.a",
    models="a text column of three bytes for each character",
    scenario="common/test_names.py::test_names_in_documents_arrive_unaltered",
    check="unaltered",
)
def characters_of_16_bits(mark: Mark) -> None:
    """Replaces them."""

    def change(body: bytes, headers: Any) -> Any:
        return re.sub("[\U00010000-\U0010ffff]", "\ufffd", body.decode()).encode(), headers

    _body(mark, change)


@BAD.bad(
    "body-is-compressed",
    "the body is compressed, and Content-Encoding says so, though no destination has said that it can read that",
    requirement="HTTP-15.c",
    models="compression that a client switches on by itself",
    scenario=BIN,
    check="unaltered",
)
def body_is_compressed(mark: Mark) -> None:
    """Compresses it."""
    _body(mark, lambda body, headers: (gzip.compress(body, 1), {**headers, "Content-Encoding": "gzip"}))


@BAD.bad(
    "compression-that-is-none",
    "Content-Encoding says gzip, and the body is not compressed",
    requirement="HTTP-12.a",
    models="a header that is copied from the request that came in",
    scenario=BIN,
    check="right headers",
)
def compression_that_is_none(mark: Mark) -> None:
    """Says so."""
    _body(mark, lambda body, headers: (body, {**headers, "Content-Encoding": "gzip"}))


@BAD.bad(
    "compressed-without-a-word",
    "the body is compressed, and no header says so",
    requirement="HTTP-15.c",
    models="a proxy that takes the header away",
    scenario=BIN,
    check="unaltered",
)
def compressed_without_a_word(mark: Mark) -> None:
    """Compresses it."""
    _body(mark, lambda body, headers: (gzip.compress(body, 1), headers))


@BAD.bad(
    "value-expanded-again",
    "what a pattern has found is taken for a pattern itself",
    requirement="MQTT-04.a",
    models="templates that are expanded until nothing changes",
    scenario="common/test_names.py::test_names_in_topics_are_the_uplinks_own",
    check="right topic",
)
def value_expanded_again(mark: Mark) -> None:
    """Expands it once more."""

    def make(resolve: Any) -> Any:
        def again(self: Pattern, *documents: Any) -> str:
            text: str = resolve(self, *documents)
            if self.constant or "{" not in text:
                return text
            try:
                other: str = resolve(compile_pattern(text), *documents)
            except (PatternError, UnresolvedError):
                return text
            if other != text:
                mark()
            return other

        return again

    swap(Pattern, "resolve", make)


@BAD.bad(
    "whole-numbers-as-floats",
    "telemetry rounds whole numbers of more than 53 bits",
    requirement="TB-15.b",
    models="numbers of JavaScript",
    scenario="thingsboard/test_values.py::test_every_boundary_of_a_document_is_told",
    check="right values",
)
def whole_numbers_as_floats(mark: Mark) -> None:
    """Rounds them."""

    def rounded(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: rounded(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [rounded(inner) for inner in value]
        return int(float(value)) if isinstance(value, int) and abs(value) > EXACT else value

    _point(mark, lambda point: replace(point, values=rounded(point.values)))


def _point(mark: Mark, change: Any) -> None:
    def make(message: Any) -> Any:
        def changed(point: Any) -> Any:
            other = change(point)
            if other != point:
                mark()
            return message(other)

        return changed

    swap(mqtt, "telemetry_message", make)


@BAD.bad(
    "only-what-has-changed",
    "telemetry leaves out values that the device's last uplink had too",
    requirement="TB-11.a",
    models="sendDataOnlyOnChange of ThingsBoard's gateway",
    scenario="thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink",
    check="right values",
)
def only_what_has_changed(mark: Mark) -> None:
    """Compares with the last ones; the counter is always told."""
    last: dict[str, dict[str, Any]] = {}

    def change(point: Any) -> Any:
        before = last.get(point.device, {})
        last[point.device] = point.values
        values = {name: value for name, value in point.values.items() if before.get(name) != value}
        return replace(point, values=values or point.values)

    _point(mark, change)


@BAD.bad(
    "one-answer-at-a-time",
    "answers are read one after the other, so that one that drips stops all connections",
    requirement="COM-19.b",
    models="one reader for all sockets",
    scenario="faults/test_isolation.py::test_misbehaving_destination_delays_no_other",
    check="within",
)
def one_answer_at_a_time(mark: Mark) -> None:
    """Waits for its turn."""
    turn = asyncio.Lock()

    def make(drain: Any) -> Any:
        async def waiting(response: Any) -> None:
            if turn.locked():
                mark()
            async with turn:
                await drain(response)

        return waiting

    swap(sink, "_drain", make)
