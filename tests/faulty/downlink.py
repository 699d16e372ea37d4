"""Bugs of the way back: to the wrong device, altered, accepted though wrong, refused though right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.forms import swallow
from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery import assembly
from uplab.simulator.forwarder.destinations.thingsboard import command
from uplab.simulator.forwarder.downlinks import desk as downlinks
from uplab.simulator.forwarder.downlinks.network_server import NetworkServer, Reply
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD", "change_query"]

BAD = Catalogue()
REACHES = "downlink/test_delivery.py::test_downlink_reaches_the_device_unchanged"
MANY = "downlink/test_delivery.py::test_many_devices_through_one_url_do_not_mix"
REFUSED = "downlink/test_refusals.py::test_malformed_downlink_is_refused_by_field"


def change_query(mark: Mark, change: Any) -> None:
    """Changes the query that goes to the network server, after it was signed anew."""

    def make(query: Any) -> Any:
        def altered(downlink: Any, *arguments: Any) -> Any:
            mark()
            return query(change(downlink), *arguments)

        return altered

    swap(downlinks, "downlink_query", make)


@BAD.bad(
    "downlink-to-the-first",
    "every downlink goes to the device of the first one",
    requirement="HTTP-13.b",
    models="one downlink topic for all devices (TXIF-1331)",
    scenario=MANY,
    check="downlinks",
)
def downlink_to_the_first(mark: Mark) -> None:
    """Remembers the first device."""
    first: list[str] = []

    def change(downlink: Any) -> Any:
        first.append(downlink.dev_eui)
        return replace(downlink, dev_eui=first[0])

    change_query(mark, change)


@BAD.bad(
    "hex-taken-for-text",
    "payload_hex is taken for text and encoded once more",
    requirement="DL-04.a",
    models="hexadecimal, text and base64 confused (LWN-Simulator#8)",
    scenario=REACHES,
    check="downlinks",
)
def hex_taken_for_text(mark: Mark) -> None:
    """Encodes the digits."""
    change_query(mark, lambda downlink: replace(downlink, payload_hex=downlink.payload_hex.encode().hex()))


@BAD.bad(
    "port-one",
    "every downlink goes to port 1",
    requirement="COM-07.a",
    models="a default that wins over what was configured",
    scenario="downlink/test_delivery.py::test_port_of_the_connection_is_the_default",
    check="downlinks",
)
def port_one(mark: Mark) -> None:
    """Forgets the port."""
    change_query(mark, lambda downlink: replace(downlink, f_port=1))


@BAD.bad(
    "correlation-lost",
    "CorrelationID is not passed on",
    requirement="DL-08.a",
    models="CorrelationID missing in reports (TXIF-1318)",
    scenario="downlink/test_delivery.py::test_sent_report_comes_back_with_the_correlation_id",
    check="seen",
)
def correlation_lost(mark: Mark) -> None:
    """Drops the parameter."""
    change_query(
        mark,
        lambda downlink: replace(downlink, parameters=tuple(p for p in downlink.parameters if p[0] != "CorrelationID")),
    )


@BAD.bad(
    "wrong-token",
    "the token is computed over another order of the fields",
    requirement="DL-12.a",
    models="token over other fields (a public plugin's order)",
    scenario=REACHES,
    check="seen",
)
def wrong_token(mark: Mark) -> None:
    """Signs the reversed query."""

    def make(query: Any) -> Any:
        def altered(downlink: Any, as_id: str | None, as_key: str | None, now: str) -> Any:
            mark()
            return query(downlink, as_id, (as_key or "")[::-1], now)

        return altered

    swap(downlinks, "downlink_query", make)


@BAD.bad(
    "accepted-and-lost",
    "a downlink is accepted and never handed on",
    requirement="HTTP-14",
    models="HTTP downlink does not work (TXIF-2066)",
    scenario=REACHES,
    check="seen",
    also=(Kill("WGX-19.a", "widgelix/test_downlink.py::test_downlink_from_widgelix_reaches_the_device", "downlinks"),),
)
def accepted_and_lost(mark: Mark) -> None:
    """Answers for the network server."""

    def make(_: Any) -> Any:
        async def nobody(self: NetworkServer, _query: Any) -> Reply:
            mark()
            return Reply(200)

        return nobody

    swap(NetworkServer, "send", make)


@BAD.bad(
    "foreign-device-reached",
    "any device can be reached through any connection's URL",
    requirement="DL-14",
    models="the URL taken for the whole permission",
    scenario="downlink/test_delivery.py::test_device_of_another_connection_is_refused",
    check="seen",
)
def foreign_device_reached(mark: Mark) -> None:
    """Says yes to every device."""

    def make(_: Any) -> Any:
        def everybody(self: Service, *_arguments: Any) -> bool:
            mark()
            return True

        return everybody

    swap(Service, "routed", make)


@BAD.bad(
    "crash-without-dev-eui",
    "a downlink without DevEUI ends in an internal error",
    requirement="DL-07.a",
    models="DevEUI missing in a request kills the agent (c8y-docs PR 3616)",
    scenario=REFUSED,
    check="seen",
)
def crash_without_dev_eui(mark: Mark) -> None:
    """Reads the field before it looks."""

    def make(parse: Any) -> Any:
        def blind(raw: Any) -> Any:
            if isinstance(raw, dict) and "DevEUI" not in raw.get("DevEUI_downlink", {"DevEUI": ""}):
                mark()
                raise RuntimeError("DevEUI")
            return parse(raw)

        return blind

    swap(downlinks, "parse_downlink", make)


@BAD.bad(
    "payload-wins",
    "of payload and payload_hex one is used in silence",
    requirement="DL-05.a",
    models="two fields for one thing",
    scenario=REFUSED,
    check="seen",
)
def payload_wins(mark: Mark) -> None:
    """Drops payload."""

    def make(parse: Any) -> Any:
        def lenient(raw: Any) -> Any:
            content = raw.get("DevEUI_downlink") if isinstance(raw, dict) else None
            if isinstance(content, dict) and {"payload", "payload_hex"} <= set(content):
                mark()
                raw = {"DevEUI_downlink": {k: v for k, v in content.items() if k != "payload"}}
            return parse(raw)

        return lenient

    swap(downlinks, "parse_downlink", make)


@BAD.bad(
    "sent-report-swallowed",
    "reports of sent downlinks are not delivered",
    requirement="COM-15.c",
    models="sent report never delivered (lorawan-stack#3741)",
    scenario="downlink/test_delivery.py::test_sent_report_comes_back_with_the_correlation_id",
    check="seen",
)
def sent_report_swallowed(mark: Mark) -> None:
    """Filters the root."""
    swallow(mark, "DevEUI_downlink_Sent")


@BAD.bad(
    "url-of-another-connection",
    "uplinks carry a downlink URL that is not the connection's",
    requirement="DL-02.a",
    models="environments mixed up (the document's own two pictures)",
    scenario="downlink/test_url.py::test_uplinks_carry_the_same_url",
    check="seen",
)
def url_of_another_connection(mark: Mark) -> None:
    """Names another host."""

    def make(outgoing: Any) -> Any:
        def elsewhere(document: Any, form: Any, decode: Any) -> Any:
            mark()
            return outgoing(document, replace(form, downlink_url=form.downlink_url.replace("//", "//dev.", 1)), decode)

        return elsewhere

    swap(assembly, "outgoing", make)


@BAD.bad(
    "deleted-url-answers",
    "the URL of a deleted connection still takes downlinks",
    requirement="DL-01.e",
    models="a capability that outlives its connection",
    scenario="downlink/test_url.py::test_url_is_gone_with_the_connection",
    check="answered",
)
def deleted_url_answers(mark: Mark) -> None:
    """Remembers every UUID."""
    seen: dict[str, Any] = {}

    def make(runner_of_uuid: Any) -> Any:
        def remembering(self: Service, text: str) -> Any:
            if text.lower() in self._by_uuid:
                return runner_of_uuid(self, text)
            mark()
            return seen.get(text.lower()) or runner_of_uuid(self, text)

        return remembering

    def make_add(add: Any) -> Any:
        def keep(self: Service, *arguments: Any) -> Any:
            runner = add(self, *arguments)
            seen[runner.uuid] = runner
            return runner

        return keep

    def make_routed(_: Any) -> Any:
        def routed(self: Service, *_arguments: Any) -> bool:
            return True

        return routed

    swap(Service, "runner_of_uuid", make)
    swap(Service, "_add", make_add)
    swap(Service, "routed", make_routed)


@BAD.bad(
    "command-swallowed",
    "a ThingsBoard command is answered and not carried out",
    requirement="TB-13.a",
    models="a command channel that only looks alive",
    scenario="thingsboard/test_downlink.py::test_rpc_for_a_device_reaches_that_device",
    check="downlinks",
    also=(Kill("TB-13.b", "thingsboard/test_downlink.py::test_malformed_rpc_reaches_no_device", "seen"),),
)
def command_swallowed(mark: Mark) -> None:
    """Answers at once."""

    def make(_: Any) -> Any:
        async def polite(*_arguments: Any) -> dict[str, Any]:
            mark()
            return {"status": "accepted"}

        return polite

    swap(command, "carry_out", make)
