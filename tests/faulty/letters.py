"""Bugs of letters and numbers: header values, names and members that are almost what they were."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import orjson

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard import mqtt as thingsboard_sink
from uplab.simulator.forwarder.destinations.thingsboard import telemetry as thingsboard
from uplab.simulator.forwarder.patterns import pattern

__all__ = ["BAD"]

BAD = Catalogue()
HEADERS = "common/test_widths.py::test_headers_are_as_long_and_as_mixed_as_they_were_written"
LETTERS = "common/test_names.py::test_names_in_headers_are_the_uplinks_own"
TOLD = "thingsboard/test_values.py::test_every_boundary_of_a_document_is_told"


def _headers(mark: Mark, change: Callable[[Mapping[str, str]], dict[str, str]]) -> None:
    """Changes the header fields of every HTTP delivery."""

    def make(deliver: Any) -> Any:
        async def altered(self: HttpSink, outgoing: Outgoing) -> Answer:
            changed = change(outgoing.headers)
            if changed != dict(outgoing.headers):
                mark()
            answer: Answer = await deliver(self, replace(outgoing, headers=changed))
            return answer

        return altered

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "empty-header-is-none",
    "a header whose value is empty is not sent",
    requirement="HTTP-05.a",
    models="an empty text taken for none",
    scenario=HEADERS,
    check="right headers",
)
def empty_header_is_none(mark: Mark) -> None:
    """Leaves it out."""
    _headers(mark, lambda headers: {name: value for name, value in headers.items() if value})


@BAD.bad(
    "percent-is-an-escape",
    "a percent sign and two digits in a header value become the letter that they would stand for in an address",
    requirement="HTTP-05.a",
    models="a value that is taken for a part of a URL (helium/console#760)",
    scenario=HEADERS,
    check="right headers",
)
def percent_is_an_escape(mark: Mark) -> None:
    """Decodes it as a URL."""
    _headers(mark, lambda headers: {name: unquote(value) for name, value in headers.items()})


@BAD.bad(
    "backslash-is-an-escape",
    "a backslash in a header value goes, as in a text in quotes",
    requirement="HTTP-05.a",
    models="a value that goes through a template in which $ and backslash have a meaning",
    scenario=HEADERS,
    check="right headers",
)
def backslash_is_an_escape(mark: Mark) -> None:
    r"""Takes $1 and \ for what a regular expression puts in."""
    _headers(mark, lambda headers: {name: re.sub(r"\\|\$\d", "", value) for name, value in headers.items()})


@BAD.bad(
    "underscore-is-a-dash",
    "an underscore in a header's name becomes a dash",
    requirement="HTTP-05.a",
    models="names of headers made from those of variables, and back",
    scenario=HEADERS,
    check="right headers",
)
def underscore_is_a_dash(mark: Mark) -> None:
    """Writes every name with dashes."""
    _headers(mark, lambda headers: {name.replace("_", "-"): value for name, value in headers.items()})


@BAD.bad(
    "headers-in-ascii",
    "letters beyond ASCII that a pattern finds go out as question marks",
    requirement="HTTP-05.a",
    models="non-ASCII text in headers and transforms (TXIF-1288)",
    scenario=LETTERS,
    check="seen",
)
def headers_in_ascii(mark: Mark) -> None:
    """Replaces what ASCII does not have."""
    _headers(
        mark,
        lambda headers: {name: value.encode("ascii", "replace").decode() for name, value in headers.items()},
    )


@BAD.bad(
    "truth-with-a-capital",
    "a pattern that finds true or false puts True or False",
    requirement="HTTP-05.a",
    models="a value written in the words of the program's language",
    scenario=HEADERS,
    check="right headers",
)
def truth_with_a_capital(mark: Mark) -> None:
    """Writes it as Python does."""

    def make(text: Any) -> Any:
        def otherwise(values: list[Any], *arguments: Any) -> Any:
            if any(isinstance(value, bool) for value in values):
                mark()
                values = [str(value) if isinstance(value, bool) else value for value in values]
            return text(values, *arguments)

        return otherwise

    swap(pattern, "_text", make)


# --- what is told ThingsBoard -----------------------------------------------------------------------------------------


def _values(mark: Mark, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Changes the values of every point."""

    def make(point: Any) -> Any:
        def altered(*arguments: Any, **options: Any) -> Any:
            made = point(*arguments, **options)
            values = change(dict(made.values))
            if orjson.dumps(values) != orjson.dumps(made.values):
                mark()
            return replace(made, values=values)

        return altered

    swap(thingsboard_sink, "point", make)


def _moved(mark: Mark, shift_ms: Callable[[str], int]) -> None:
    """Moves the ts of a point by what a time, as it is written, leads to."""

    def make(milliseconds: Any) -> Any:
        def wrong(time: str) -> Any:
            if by := shift_ms(time):
                mark()
            return milliseconds(time) + by

        return wrong

    swap(thingsboard, "milliseconds", make)


def _as_a_whole(time: str) -> int:
    found = re.search(r"\.(\d{1,2})(?!\d)", time)
    return int(found[1]) - int(found[1].ljust(3, "0")) if found else 0


@BAD.bad(
    "half-a-second-is-five",
    "a fraction of one digit is taken for milliseconds: .5 of a second for 5 ms",
    requirement="TB-15.b",
    models="times of one to three digits read as if they had three",
    scenario=TOLD,
    check="none lost",
)
def half_a_second_is_five(mark: Mark) -> None:
    """Reads the digits as a whole number."""
    _moved(mark, _as_a_whole)


def _minutes_added(time: str) -> int:
    found = re.search(r"-\d\d:(\d\d)$", time)
    return -2 * 60_000 * int(found[1]) if found and "T" in time else 0


@BAD.bad(
    "sign-of-the-hours-alone",
    "-03:30 is taken for three hours back and half an hour on",
    requirement="TB-15.b",
    models="an offset whose minutes have no sign of their own",
    scenario=TOLD,
    check="none lost",
)
def sign_of_the_hours_alone(mark: Mark) -> None:
    """Adds the minutes."""
    _moved(mark, _minutes_added)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?([eE]\d+)?", value) else value


@BAD.bad(
    "every-digit-is-a-number",
    "a text such as 00012345 or 12e4 is told as the number that it would be",
    requirement="TB-15.b",
    models="numeric-looking text cast to a number: serial numbers lose their zeros",
    scenario=TOLD,
    check="right values",
)
def every_digit_is_a_number(mark: Mark) -> None:
    """Reads texts as numbers where that can be done."""
    _values(mark, lambda values: {name: _number(value) for name, value in values.items()})


@BAD.bad(
    "empty-is-none",
    "an empty text, list or object is not told",
    requirement="TB-15.b",
    models="an empty value taken for none",
    scenario=TOLD,
    check="right values",
)
def empty_is_none(mark: Mark) -> None:
    """Leaves it out."""
    _values(mark, lambda values: {name: value for name, value in values.items() if value not in ("", [], {})})


@BAD.bad(
    "list-is-its-first",
    "of a list that the device sends the first value is told",
    requirement="TB-15.b",
    models="arrays unsupported in a transformation (TXIF-2390)",
    scenario=TOLD,
    check="right values",
)
def list_is_its_first(mark: Mark) -> None:
    """Takes one."""

    def first(values: dict[str, Any]) -> dict[str, Any]:
        shortened = {name for name, value in values.items() if isinstance(value, list) and value} - {"gateways"}
        return {name: value[0] if name in shortened else value for name, value in values.items()}

    _values(mark, first)


@BAD.bad(
    "object-is-a-text",
    "an object that the device sends is told as the text of its JSON",
    requirement="TB-15.b",
    models="JSON in a string in JSON",
    scenario=TOLD,
    check="right values",
)
def object_is_a_text(mark: Mark) -> None:
    """Writes it down twice."""

    def written(values: dict[str, Any]) -> dict[str, Any]:
        if "fCntUp" not in values:
            return values  # any other document than an uplink
        return {name: orjson.dumps(one).decode() if isinstance(one, dict) else one for name, one in values.items()}

    _values(mark, written)


@BAD.bad(
    "notification-in-other-words",
    "what a notification says is told as numbers",
    requirement="COM-15.b",
    models="Var1 and Var2 are texts in the documents, and numbers to who reads on",
    scenario="thingsboard/test_values.py::test_every_root_is_told",
    check="right values",
)
def notification_in_other_words(mark: Mark) -> None:
    """Adds one to battery and margin."""

    def more(values: dict[str, Any]) -> dict[str, Any]:
        told = values.get("notification")
        if not isinstance(told, dict):
            return values
        return values | {
            "notification": {
                name: int(value) + 1 if name.startswith("Var") and str(value).isdigit() else value
                for name, value in told.items()
            }
        }

    _values(mark, more)
