"""Bugs of what ThingsBoard is told: values that are nothing to a careless program, and values kept too long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard import mqtt as thingsboard_sink
from uplab.simulator.forwarder.destinations.thingsboard import telemetry as thingsboard

__all__ = ["BAD"]

BAD = Catalogue()

MODELS_TOLD = "thingsboard/test_values.py::test_every_model_is_told_with_what_it_measured"
WIDTHS_TOLD = "thingsboard/test_values.py::test_every_boundary_of_a_document_is_told"
STRINGS_TOLD = "thingsboard/test_values.py::test_values_of_the_regime_of_strings_are_told"
ROOTS_TOLD = "thingsboard/test_values.py::test_every_root_is_told"
Values = dict[str, Any]


def _told(name: str, wrong: str, models: str, change: Callable[[Values], Values], scenario: str = MODELS_TOLD) -> None:
    """A known-bad that changes the values of each point."""
    row = "TB-15.c" if scenario == WIDTHS_TOLD else "TB-15.b"

    def patch(mark: Mark) -> None:
        def make(point: Any) -> Any:
            def changed(*arguments: Any, **options: Any) -> Any:
                mark()
                made = point(*arguments, **options)
                return replace(made, values=change(made.values))

            return changed

        swap(thingsboard_sink, "point", make)

    BAD.bad(name, wrong, requirement=row, models=models, scenario=scenario, check="right values")(patch)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kept(change: Callable[[Values, Values], Values]) -> Callable[[Values], Values]:
    """With the values of the point before, whosever they were."""
    before: Values = {}

    def changed(values: Values) -> Values:
        made = change(before, values)
        before.clear()
        before.update(made)
        return made

    return changed


_told(
    "leaves-out-0",
    "a value of 0 is not told",
    "if value: instead of if value is not None",
    lambda values: {name: value for name, value in values.items() if value is False or value != 0},
)
_told(
    "leaves-out-false",
    "a value of false is not told",
    "nulls and falses sorted out together",
    lambda values: {name: value for name, value in values.items() if value is not False},
)
_told(
    "loses-the-sign",
    "a value below 0 is told above 0",
    "a column without a sign",
    lambda values: {name: abs(value) if _is_number(value) else value for name, value in values.items()},
)
_told(
    "whole-numbers-only",
    "fractions are cut off",
    "int() over all values",
    lambda values: {name: int(value) if _is_number(value) else value for name, value in values.items()},
)
_told(
    "counter-of-16-bits",
    "FCntUp starts at 0 again after 65535",
    "a counter in a field of two bytes",
    lambda values: {n: v & 0xFFFF if n == "fCntUp" and isinstance(v, int) else v for n, v in values.items()},
    WIDTHS_TOLD,
)
_told(
    "everything-a-text",
    "numbers are told as texts",
    "values put together by a template",
    lambda values: {name: str(value) if _is_number(value) else value for name, value in values.items()},
)
_told(
    "flags-as-numbers",
    "true and false are told as 1 and 0",
    "a format without booleans in between",
    lambda values: {name: int(value) if isinstance(value, bool) else value for name, value in values.items()},
)
_told(
    "keeps-what-was-measured",
    "a value that an uplink does not hold is told as it was before",
    "latest values merged into the next message",
    _kept(lambda before, values: before | values),
)
_told(
    "late-is-never-told",
    "Late is told as 0 always",
    "a constant in a mapping",
    lambda values: values | {"late": 0},
    WIDTHS_TOLD,
)
_told(
    "signal-of-the-first",
    "RSSI is that of the uplink before",
    "the radio's part of a message filled in from a cache",
    _kept(lambda before, values: values | ({"rssi": before["rssi"]} if "rssi" in before else {})),
)


@BAD.bad(
    "texts-are-no-numbers",
    "in the regime of strings the network's numbers are not told",
    requirement="TB-15.c",
    models="isinstance(value, int) and nothing else",
    scenario=STRINGS_TOLD,
    check="right values",
)
def texts_are_no_numbers(mark: Mark) -> None:
    """Reads numbers only."""

    def only_numbers(read: Any) -> Any:
        def strict(value: object) -> Any:
            mark()
            return None if isinstance(value, str) else read(value)

        return strict

    for name, (key, read) in list(thingsboard.METADATA.items()):
        if read is not thingsboard._name:
            thingsboard.METADATA[name] = key, only_numbers(read)


@BAD.bad(
    "tells-uplinks-only",
    "a notification, a location or an alarm is not told",
    requirement="COM-15.a",
    models="else: return, after the branch for uplinks",
    scenario=ROOTS_TOLD,
    check="seen",
)
def tells_uplinks_only(mark: Mark) -> None:
    """Counts any other document as delivered."""

    def make(deliver: Any) -> Any:
        async def only_uplinks(self: Any, outgoing: Outgoing) -> Answer:
            if "DevEUI_uplink" in outgoing.document:
                answer: Answer = await deliver(self, outgoing)
                return answer
            mark()
            return Answer("delivered")

        return only_uplinks

    swap(thingsboard_sink.ThingsBoardSink, "deliver", make)


@BAD.bad(
    "names-devices-as-they-were-written",
    "a document that writes the DevEUI in lower case makes a second device",
    requirement="TB-14.b",
    models="lower-case DevEUI not matched (Azure/iotedge-lorawan-starterkit#179, eclipse-hono/hono#3460)",
    scenario="thingsboard/test_values.py::test_device_that_is_there_already_is_used_in_either_case",
    check="seen",
)
def names_devices_as_they_were_written(mark: Mark) -> None:
    """Takes the name out of the document."""

    def make(point: Any) -> Any:
        def as_written(dev_eui: str, time: str, told: Any, **options: Any) -> Any:
            mark()
            [report] = told.values() if len(told) == 1 else [told]
            return replace(point(dev_eui, time, told, **options), device=report.get("DevEUI", dev_eui))

        return as_written

    swap(thingsboard_sink, "point", make)
