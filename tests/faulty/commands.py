"""Bugs of downlinks whose words are read too freely, and of commands that come at a bad moment."""

from __future__ import annotations

import re
from typing import Any

import aiomqtt

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.mqtt_link import Link
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.downlinks import downlink as downlinks
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()
QUEUE = "downlink/test_queue.py::"


@BAD.bad(
    "port-0-is-none",
    "a downlink for FPort 0 goes to the connection's downlinkPort",
    requirement="DL-06.a",
    models="a 0 taken for none",
    scenario="downlink/test_delivery.py::test_port_of_the_connection_is_the_default",
    check="answered",
)
def port_0_is_none(mark: Mark) -> None:
    """Takes 0 for none."""

    def make(port: Any) -> Any:
        def otherwise(value: object) -> Any:
            if value in (0, "0"):
                mark()
                return None
            return port(value)

        return otherwise

    swap(downlinks, "_port", make)


def _zero(mark: Mark, wanted: str) -> None:
    """Takes the text "0" of a flag for true."""

    def make(flag: Any) -> Any:
        def otherwise(content: Any, name: str) -> Any:
            found = flag(content, name)
            if name == wanted and content.get(name) == "0":
                mark()
                return "1"
            return found

        return otherwise

    swap(downlinks, "_flag", make)


@BAD.bad(
    "confirmed-by-a-text",
    'Confirmed "0" asks for an acknowledgement, because it is a text and not empty',
    requirement="DL-08.c",
    models="a text taken for true",
    scenario="downlink/test_delivery.py::test_numbers_may_be_given_as_text",
    check="seen",
)
def confirmed_by_a_text(mark: Mark) -> None:
    """Takes every text for true."""
    _zero(mark, "Confirmed")


@BAD.bad(
    "flushed-by-a-text",
    'FlushDownlinkQueue "0" empties the queue, because it is a text and not empty',
    requirement="DL-09.c",
    models="a text taken for true",
    scenario=f"{QUEUE}test_without_flush_the_queue_is_kept",
    check="downlinks",
)
def flushed_by_a_text(mark: Mark) -> None:
    """Takes every text for true."""
    _zero(mark, "FlushDownlinkQueue")


@BAD.bad(
    "validity-without-its-offset",
    "a ValidityTime is read as UTC, whatever its offset",
    requirement="DL-10.a",
    models="local times compared as texts (thingsboard#7770)",
    scenario=f"{QUEUE}test_validity_counts_whatever_its_offset",
    check="downlinks",
)
def validity_without_its_offset(mark: Mark) -> None:
    """Replaces the offset."""

    def make(validity: Any) -> Any:
        def otherwise(value: object) -> Any:
            found = validity(value)
            plain = re.sub(r"[+-](?!00:00)\d\d:\d\d$", "+00:00", found) if isinstance(found, str) else found
            if plain != found:
                mark()
            return plain

        return otherwise

    swap(downlinks, "_validity", make)


@BAD.bad(
    "once-bound-for-ever-reached",
    "a device that was bound to a connection once can be reached through its URL for ever",
    requirement="DL-14",
    models="routes that are looked up once",
    scenario="downlink/test_delivery.py::test_device_that_was_released_is_reached_no_more",
    check="seen",
)
def once_bound_for_ever_reached(mark: Mark) -> None:
    """Remembers each route that there was."""
    known: set[tuple[int, str]] = set()

    def make(routed: Any) -> Any:
        def remembered(self: Service, runner: Any, dev_eui: str) -> bool:
            if routed(self, runner, dev_eui):
                known.add((runner.id, dev_eui))
                return True
            if (runner.id, dev_eui) in known:
                mark()
                return True
            return False

        return remembered

    swap(Service, "routed", make)


@BAD.bad(
    "busy-with-a-command",
    "a ThingsBoard command that comes while another is worked on is not carried out",
    requirement="TB-13.a",
    models="one answer at a time, and what comes meanwhile is gone",
    scenario="thingsboard/test_downlink.py::test_commands_that_come_at_once_are_all_carried_out",
    check="downlinks",
)
def busy_with_a_command(mark: Mark) -> None:
    """Drops what comes meanwhile."""

    def make(received: Any) -> Any:
        def busy(self: ThingsBoardSink, link: Link, message: aiomqtt.Message) -> None:
            if any(task.get_name().endswith(".rpc") for task in self._tasks):
                mark()
                return
            received(self, link, message)

        return busy

    swap(ThingsBoardSink, "_received", make)
