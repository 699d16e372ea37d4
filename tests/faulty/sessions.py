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


@BAD.bad(
    "commands-in-the-first-session-only",
    "commands are listened to in a connection's first session, and not again in the next",
    requirement="TB-13.a",
    models="a handler that was given to the first client alone",
    scenario="thingsboard/test_session.py::test_commands_come_in_the_next_session_too",
    check="downlinks",
)
def commands_in_the_first_session_only(mark: Mark) -> None:
    """Hears nothing in later ones."""
    heard: dict[str, int] = {}

    def make(received: Any) -> Any:
        def once(self: ThingsBoardSink, link: Any, message: Any) -> None:
            known: Any = self._on_rpc
            identity = known.args[0].identity if known is not None else ""
            if heard.setdefault(identity, id(self)) == id(self):
                received(self, link, message)
            else:
                mark()

        return once

    def make_opened(opened: Any) -> Any:
        def noting(self: ThingsBoardSink) -> None:
            known: Any = self._on_rpc
            heard.setdefault(known.args[0].identity if known is not None else "", id(self))
            opened(self)

        return noting

    swap(ThingsBoardSink, "_received", make)
    swap(ThingsBoardSink, "_opened", make_opened)


@BAD.bad(
    "command-known-by-its-number",
    "a command whose id another device's command has had is not carried out",
    requirement="DL-15.d",
    models="ids of requests that are taken to be the session's, and are the device's",
    scenario="thingsboard/test_downlink.py::test_rpc_for_a_device_reaches_that_device",
    check="promise",
)
def command_known_by_its_number(mark: Mark) -> None:
    """Takes it for a copy."""

    def make(command: Any) -> Any:
        async def once(self: ThingsBoardSink, link: Any, payload: bytes) -> None:
            rpc = telemetry.read_rpc(payload)
            seen = self.__dict__.setdefault("seen_commands", {})
            if rpc is not None and seen.setdefault(rpc.id, rpc.device) != rpc.device:
                mark()
                return
            await command(self, link, payload)

        return once

    swap(ThingsBoardSink, "_command", make)
