"""Bugs of what arrives over HTTP: values that are nothing to a careless program, kept too long, or thought too narrow.

Each is one that a connector is likely to ship; most of them no scenario was written for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.connections.flow import Routes
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.documents import document
from uplab.simulator.forwarder.patterns.headers import Headers

__all__ = ["BAD"]

BAD = Catalogue()

MODELS = "common/test_widths.py::test_every_model_arrives_with_what_it_measured"
WIDTHS = "common/test_widths.py::test_every_boundary_of_a_document_passes_through"
TWO_CONNECTORS = "common/test_widths.py::test_flow_with_two_connectors_delivers_to_both"
REJOIN = "common/test_widths.py::test_device_that_joins_anew_counts_from_0_and_is_delivered"
HEADERS = "common/test_widths.py::test_headers_are_as_long_and_as_mixed_as_they_were_written"
CONTENT = "common/test_documents.py::test_unusual_content_passes_through_unaltered"
ROOTS = "common/test_documents.py::test_every_root_is_delivered_unaltered"
KEPT = "common/test_decoding.py::test_undecodable_uplink_does_not_hold_up_the_others"

Values = dict[str, Any]


def _added(
    name: str, wrong: str, models: str, change: Callable[[document.Document, Values, Values], None], scenario: str
) -> None:
    """A known-bad that changes what is added to an uplink, with a memory of its own."""

    def patch(mark: Mark) -> None:
        memory: Values = {}

        def make(additions: Any) -> Any:
            def changed(one: document.Document, *arguments: Any) -> Any:
                mark()
                added = additions(one, *arguments)
                change(one, added, memory)
                return added

            return changed

        swap(document, "_additions", make)

    row = "COM-17.c" if scenario == KEPT else "HTTP-15.d"
    BAD.bad(name, wrong, requirement=row, models=models, scenario=scenario, check="right additions")(patch)


def _payload_of_before(_one: document.Document, added: Values, memory: Values) -> None:
    if "payload" in added:
        added["payload"], memory["payload"] = memory.get("payload", added["payload"]), added["payload"]


def _payload_on_failure(_one: document.Document, added: Values, memory: Values) -> None:
    if "payload" in added:
        memory["payload"] = added["payload"]
    elif added.pop("payloadDecodedError", None) is not None and "payload" in memory:
        added["payload"] = memory["payload"]


def _payload_without_zeros(_one: document.Document, added: Values, _memory: Values) -> None:
    if "payload" in added:
        added["payload"] = {name: value for name, value in added["payload"].items() if value}


def _payload_everywhere(_one: document.Document, added: Values, memory: Values) -> None:
    if "payload" in added:
        memory["payload"] = added["payload"]
    elif "payloadDecodedError" not in added and "payload" in memory:
        added["payload"] = memory["payload"]


def _url_with_a_port_only(one: document.Document, added: Values, _memory: Values) -> None:
    if "FPort" not in one.content:
        del added["downlinkUrl"]


def _url_of_the_first(_one: document.Document, added: Values, memory: Values) -> None:
    added["downlinkUrl"] = memory.setdefault("url", added["downlinkUrl"])


def _driver_unnamed(_one: document.Document, added: Values, _memory: Values) -> None:
    if "" in added:
        added[""] = ""


_added(
    "payload-of-before", "payload is that of the uplink before", "a shared decoder object", _payload_of_before, MODELS
)
_added(
    "payload-kept-on-failure",
    "where decoding fails the payload of an earlier uplink is delivered",
    "a variable that is not cleared in a loop",
    _payload_on_failure,
    KEPT,
)
_added("payload-without-0", "a decoded 0 is left out of payload", "omitempty", _payload_without_zeros, MODELS)
_added(
    "payload-without-bytes",
    "an uplink without application data has the payload of an earlier one",
    "a cache filled in where there is nothing",
    _payload_everywhere,
    WIDTHS,
)
_added(
    "url-with-a-port-only",
    "an uplink without FPort has no downlinkUrl",
    "the URL made where a downlink port is known",
    _url_with_a_port_only,
    WIDTHS,
)
_added(
    "url-of-the-first-connection",
    "downlinkUrl is that of the connection that was there first",
    "a constant made at start",
    _url_of_the_first,
    TWO_CONNECTORS,
)
_added(
    "driver-unnamed", "the driver's id is empty", "a field that a new version calls otherwise", _driver_unnamed, MODELS
)


def _sent(
    name: str,
    wrong: str,
    models: str,
    change: Callable[[Values], Values | None],
    scenario: str = WIDTHS,
    check: str = "unaltered",
) -> None:
    """A known-bad that changes the report in what goes out over HTTP, or lets it fall."""

    def patch(mark: Mark) -> None:
        def make(deliver: Any) -> Any:
            async def altered(self: HttpSink, outgoing: Outgoing) -> Answer:
                told = json.loads(outgoing.body)
                [(root, report)] = told.items() if len(told) == 1 else [("", told)]
                mark()
                new = change(report)
                if new is None:
                    return Answer("delivered")
                body = orjson.dumps({root: new} if root else new)
                answer: Answer = await deliver(self, replace(outgoing, body=body))
                return answer

            return altered

        swap(HttpSink, "deliver", make)

    BAD.bad(
        name,
        wrong,
        requirement={CONTENT: "COM-16.c", REJOIN: "HTTP-12.a"}.get(scenario, "HTTP-15.c"),
        models=models,
        scenario=scenario,
        check=check,
    )(patch)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _gateways(change: Callable[[Any], Any]) -> Callable[[Values], Values]:
    def changed(report: Values) -> Values:
        return report | {"Lrrs": {"Lrr": change(report["Lrrs"]["Lrr"])}} if "Lrrs" in report else report

    return changed


_sent("leaves-out-null", "a member that is null is left out", "exclude_none", _without_nulls, CONTENT)
_sent(
    "three-gateways",
    "only three gateways are passed on",
    "a table of three columns",
    _gateways(lambda lrr: lrr[:3] if isinstance(lrr, list) else lrr),
)
_sent(
    "gateways-always-a-list",
    "a single gateway is put into a list",
    "a converter from XML in reverse",
    _gateways(lambda lrr: lrr if isinstance(lrr, list) else [lrr]),
)
_sent(
    "payload-of-51-bytes",
    "payload_hex is cut after 51 bytes",
    "a column as long as the slowest rate allows",
    lambda report: report | ({"payload_hex": report["payload_hex"][:102]} if "payload_hex" in report else {}),
)
_sent(
    "late-is-lost",
    "what a gateway has kept for later is not delivered",
    "a guard against old data",
    lambda report: None if report.get("Late") == 1 else report,
    check="none lost",
)


def _counting(last: Values) -> Callable[[Values], Values | None]:
    def change(report: Values) -> Values | None:
        device, counter = report.get("DevEUI"), report.get("FCntUp")
        if not isinstance(counter, int) or not isinstance(device, str):
            return report
        behind = counter <= last.get(device, -1)
        last[device] = max(counter, last.get(device, -1))
        return None if behind else report

    return change


_sent(
    "counter-may-not-start-anew",
    "after a second join an uplink is taken for a copy until its counter is where it was",
    "copies known by a counter that only rises",
    _counting({}),
    REJOIN,
    "none lost",
)


def _headers(name: str, wrong: str, models: str, change: Callable[[dict[str, str], Headers], dict[str, str]]) -> None:
    """A known-bad that changes the headers of each uplink."""

    def patch(mark: Mark) -> None:
        def make(resolve: Any) -> Any:
            def changed(self: Headers, *arguments: Any) -> Any:
                mark()
                return change(dict(resolve(self, *arguments)), self)

            return changed

        swap(Headers, "resolve", make)

    BAD.bad(name, wrong, requirement="HTTP-05.a", models=models, scenario=HEADERS, check="right headers")(patch)


_headers(
    "headers-of-1024-bytes",
    "a header's value is cut after 1,024 bytes",
    "a long Authorization was refused (TXIF-1320), and then cut",
    lambda headers, _: {name: value[:1024] for name, value in headers.items()},
)
_headers(
    "text-around-a-pattern-is-lost",
    "of a value with a pattern in it only the pattern's part is sent",
    "a pattern taken for the whole value",
    lambda headers, own: {n: v[6:22] if n == "X-Around" and own.patterns else v for n, v in headers.items()},
)


def _routed(name: str, wrong: str, models: str, change: Callable[[list[Any]], list[Any]], scenario: str) -> None:
    """A known-bad that sends a device's documents to other connections."""

    def patch(mark: Mark) -> None:
        def make(find: Any) -> Any:
            def changed(self: Routes, *arguments: Any) -> Any:
                mark()
                return change(find(self, *arguments))

            return changed

        swap(Routes, "find", make)

    BAD.bad(name, wrong, requirement="COM-22.a", models=models, scenario=scenario, check="none lost")(patch)


_routed(
    "first-connection-only",
    "a device that is bound to several connections is delivered to the first one",
    "Sequential taken for fan-out (Smart Parks)",
    lambda routes: routes[:1],
    "common/test_widths.py::test_flow_with_two_connectors_delivers_to_both",
)
