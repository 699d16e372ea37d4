"""Bugs of sessions at ThingsBoard: what belongs to one is kept for the next, or for another account."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.thingsboard import mqtt, telemetry
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink

__all__ = ["BAD"]

BAD = Catalogue()


@BAD.bad(
    "offset-not-read",
    "telemetry is stamped as if every document's Time were in UTC",
    models="a timestamp cut before its offset (thingsboard-gateway#1006)",
    requirement="TB-15.b",
    scenario="thingsboard/test_values.py::test_every_boundary_of_a_document_is_told",
    check="none lost",
)
def offset_not_read(mark: Mark) -> None:
    """Cuts it off."""

    def make(milliseconds: Any) -> Any:
        def utc(time: str) -> int:
            cut = re.sub(r"[+-]\d\d:\d\d$", "+00:00", time)
            if cut != time:
                mark()
            return int(milliseconds(cut))

        return utc

    swap(telemetry, "milliseconds", make)


@BAD.bad(
    "counters-of-16-bits",
    "telemetry shows a frame counter modulo 65,536",
    models="the counter as it stands in the frame",
    requirement="TB-15.b",
    scenario="thingsboard/test_values.py::test_every_boundary_of_a_document_is_told",
    check="right values",
)
def counters_of_16_bits(mark: Mark) -> None:
    """Cuts it."""

    def make(message: Any) -> Any:
        def short(point: Any) -> Any:
            counter = point.values.get("fCntUp")
            if isinstance(counter, int) and counter > 0xFFFF:
                mark()
                point = replace(point, values={**point.values, "fCntUp": counter & 0xFFFF})
            return message(point)

        return short

    swap(mqtt, "telemetry_message", make)


@BAD.bad(
    "devices-connect-once",
    "a device is connected in the first session only, and not again after that",
    models="a set of known devices that outlives its session (thingsboard-gateway#108)",
    requirement="TB-16.a",
    scenario="thingsboard/test_session.py::test_session_that_the_server_ends_is_renewed_without_loss",
    check="connect first",
)
def devices_connect_once(mark: Mark) -> None:
    """Remembers them for good."""
    known: set[tuple[int, str]] = set()

    def make(announce: Any) -> Any:
        async def once(self: ThingsBoardSink, link: Any, message: Any) -> None:
            key = (id(getattr(self._on_rpc, "args", [self])[0]), message.device)
            if key in known and message.device not in self._announced:
                mark()
                self._announced.add(message.device)
            known.add(key)
            await announce(self, link, message)

        return once

    swap(ThingsBoardSink, "_announce", make)
