"""Bugs that only the air brings out: counters, joins, late and doubled uplinks, other regions, devices that listen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.downlinks import desk
from uplab.simulator.forwarder.downlinks.network_server import NetworkServer as Downstream
from uplab.simulator.forwarder.downlinks.network_server import Reply
from uplab.simulator.forwarder.invalid import InvalidError

__all__ = ["BAD"]

BAD = Catalogue()
TROUBLES = "air/test_troubles.py::test_what_goes_wrong_on_the_air_costs_no_other_uplink"
ABROAD = "air/test_troubles.py::test_counters_and_late_uplinks_arrive_once_at_every_destination"
REGIONS = "air/test_regions.py::test_uplinks_of_every_region_arrive_as_they_are"
DOWN = "air/test_regions.py::test_downlink_reaches_a_device_in_every_region"
CLASS_C = "air/test_regions.py::test_downlink_reaches_a_device_of_class_c_at_once"

Drops = Callable[[object, dict[str, Any]], bool]
"""Whether a sink drops a report; what was delivered elsewhere is nothing to it."""


def _dropping(mark: Mark, drops: Drops, sink: Any = HttpSink) -> None:
    """Says of some uplinks that they were delivered, and delivers them not."""

    def make(deliver: Any) -> Any:
        async def some(self: Any, outgoing: Outgoing) -> Answer:
            report = _uplink(outgoing.body)
            if report is not None and drops(self, report):
                mark()
                return Answer("delivered", 200)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return some

    swap(sink, "deliver", make)


def _uplink(body: bytes) -> dict[str, Any] | None:
    found = orjson.loads(body)
    report = found.get("DevEUI_uplink") if isinstance(found, dict) else None
    return report if isinstance(report, dict) else None


def _seen_before() -> Drops:
    seen: set[tuple[int, str, object]] = set()

    def drops(sink: object, report: dict[str, Any]) -> bool:
        counter = report.get("FCntUp")
        key = (id(sink), str(report["DevEUI"]), counter)
        known = key in seen
        seen.add(key)
        return known and bool(counter)  # 0 tells it that there was a join

    return drops


@BAD.bad(
    "counter-tells-a-copy",
    "an uplink whose counter the device had before is taken for a copy",
    requirement="AIR-02.a",
    models="a cache by device and counter that no join empties",
    scenario=TROUBLES,
    check="on the air",
)
def counter_tells_a_copy(mark: Mark) -> None:
    """Knows no sessions."""
    _dropping(mark, _seen_before())


@BAD.bad(
    "silent-after-many-joins",
    "a device that joins again and again is not delivered until a second uplink",
    requirement="AIR-02.b",
    models="a guard against join storms that punishes the device",
    scenario=TROUBLES,
    check="on the air",
)
def silent_after_many_joins(mark: Mark) -> None:
    """Drops the first uplink after three joins in a row."""
    joins: dict[tuple[int, str], int] = {}

    def drops(sink: object, report: dict[str, Any]) -> bool:
        device = (id(sink), str(report["DevEUI"]))
        if "FCntUp" in report:
            return joins.pop(device, 0) >= 3
        joins[device] = joins.get(device, 0) + 1
        return False

    _dropping(mark, drops)


@BAD.bad(
    "debounced-uplinks",
    "of uplinks that follow each other within a few milliseconds only the first is delivered",
    requirement="AIR-02.c",
    models="debouncing by the document's Time",
    scenario=TROUBLES,
    check="on the air",
)
def debounced_uplinks(mark: Mark) -> None:
    """Compares times, not counters."""
    newest: dict[tuple[int, str], str] = {}

    def drops(sink: object, report: dict[str, Any]) -> bool:
        device, time = (id(sink), str(report["DevEUI"])), str(report.get("Time"))
        before, newest[device] = newest.get(device, ""), time
        # The same second, and the same hundredth of it.
        return "FCntUp" in report and before[:22] == time[:22]

    _dropping(mark, drops)


@BAD.bad(
    "late-is-too-late",
    "an uplink with Late 1 is not delivered",
    requirement="AIR-02.d",
    models="a filter for what is live",
    scenario=TROUBLES,
    check="on the air",
)
def late_is_too_late(mark: Mark) -> None:
    """Wants what comes at once."""
    _dropping(mark, lambda _, report: str(report.get("Late")) == "1" and "FCntUp" in report)


@BAD.bad(
    "once-for-each-gateway",
    "an uplink that many gateways heard is delivered once more",
    requirement="AIR-02.e",
    models="a loop over Lrrs in the wrong place",
    scenario=TROUBLES,
    check="on the air",
)
def once_for_each_gateway(mark: Mark) -> None:
    """Posts it twice from four gateways on."""

    def make(deliver: Any) -> Any:
        async def again(self: HttpSink, outgoing: Outgoing) -> Answer:
            report = _uplink(outgoing.body)
            if report is not None and "FCntUp" in report and int(report.get("DevLrrCnt", 0)) > 3:
                mark()
                await deliver(self, outgoing)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return again

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "counter-tells-a-copy-at-thingsboard",
    "at ThingsBoard alone an uplink whose counter came before is taken for a copy",
    requirement="AIR-02.f",
    models="one destination's own cache",
    scenario=ABROAD,
    check="on the air",
)
def counter_tells_a_copy_at_thingsboard(mark: Mark) -> None:
    """Knows no sessions, there."""
    _dropping(mark, _seen_before(), ThingsBoardSink)


@BAD.bad(
    "channels-of-europe",
    "a channel that Europe does not have is called LC1",
    requirement="AIR-03.a",
    models="a table of eight channels that every document goes through",
    scenario=REGIONS,
    check="unaltered",
)
def channels_of_europe(mark: Mark) -> None:
    """Renames what it does not know."""
    known = {f"LC{number}" for number in range(1, 9)}

    def make(deliver: Any) -> Any:
        async def european(self: HttpSink, outgoing: Outgoing) -> Answer:
            document = orjson.loads(outgoing.body)
            report = document.get("DevEUI_uplink") if isinstance(document, dict) else None
            if isinstance(report, dict) and report.get("Channel") not in known:
                mark()
                report["Channel"] = "LC1"
                object.__setattr__(outgoing, "body", orjson.dumps(document))
            answer: Answer = await deliver(self, outgoing)
            return answer

        return european

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "downlinks-of-51-bytes",
    "a downlink of more than 51 bytes is refused, whatever the device's data rate",
    requirement="AIR-03.b",
    models="the limit of Europe's slowest data rate taken for all",
    scenario=DOWN,
    check="answered",
)
def downlinks_of_51_bytes(mark: Mark) -> None:
    """Knows better than the network server."""

    def make(read: Any) -> Any:
        def short(*arguments: Any) -> Any:
            found = read(*arguments)
            if found.payload_hex and len(found.payload_hex) > 102:
                mark()
                raise InvalidError("payload_hex", "at most 51 bytes")
            return found

        return short

    swap(desk, "read_downlink", make)


@BAD.bad(
    "downlinks-wait-for-an-uplink",
    "a downlink is kept until the device's next uplink, also for a device that listens all the time",
    requirement="AIR-03.c",
    models="a queue of the forwarder's own, made for class A",
    scenario=CLASS_C,
    check="seen",
)
def downlinks_wait_for_an_uplink(mark: Mark) -> None:
    """Accepts it, and hands it on long after: nobody's uplink comes here."""
    kept: set[asyncio.Task[Any]] = set()

    def make(send: Any) -> Any:
        async def keep(self: Downstream, query: Any) -> Reply:
            mark()
            kept.add(asyncio.get_running_loop().create_task(_much_later(send(self, query))))
            return Reply(200, "")

        return keep

    swap(Downstream, "send", make)


async def _much_later(sending: Awaitable[Any]) -> None:
    await asyncio.Event().wait()
    await sending
