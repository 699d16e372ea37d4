"""Kinds of bugs by the clause that each breaks: what a connector may do to what it delivers. A run can say which
of them it would have seen.

They are those of real connectors (loss, repetition, mixing, alteration, form), played on the wire behind any forwarder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from uplab.scenarios.lab.player.bug import Act, Kind, Memory, Message
from uplab.scenarios.lab.player.edits import deep, headed, leaf, rewritten, valued

__all__ = ["KINDS"]

_UPLINK = "DevEUI_uplink"


def _lost(when: Callable[[Memory, Message], bool]) -> Act:
    return lambda memory, message: [] if when(memory, message) else None


def _twice(when: Callable[[Memory, Message], bool]) -> Act:
    return lambda memory, message: [message, message] if when(memory, message) else None


def _reported(change: Callable[[dict[str, Any]], object]) -> Act:
    return lambda _, message: [message.reported(change)]


def _is(root: str) -> Callable[[Memory, Message], bool]:
    return lambda _, message: message.root == f"DevEUI_{root}"


def _has(name: str, value: Any) -> Callable[[Memory, Message], bool]:
    return lambda _, message: message.report.get(name) == value


def _from_before(name: str) -> Act:
    """A member is that of the document before, of whatever device."""

    def act(memory: Memory, message: Message) -> list[Message] | None:
        before = memory.before("all", message)
        if before is None or name not in before.report or name not in message.report:
            return None
        return [message.reported(lambda report: report.__setitem__(name, before.report[name]))]

    return act


def _swapped(memory: Memory, message: Message) -> list[Message] | None:
    before = memory.before(f"headers {_place(message)}", message)
    own = [pair for pair in message.headers if pair[0].lower().startswith("x-")]
    if before is None or not own:
        return None
    theirs = {name.lower(): value for name, value in before.headers}
    return [headed(message, lambda name, value: theirs.get(name.lower(), value) if name.lower()[:2] == "x-" else value)]


def _misled(memory: Memory, message: Message) -> list[Message] | None:
    before = memory.before("target", message)
    wrong = before is not None and before.target.partition("?")[0] != message.target.partition("?")[0]
    return [replace(message, target=before.target)] if before and wrong and memory.nth("misled", 4) else None


def _path(change: Callable[[str], str]) -> Act:
    return lambda _, message: [replace(message, target=change(message.target))]


def _without_slash(target: str) -> str:
    path, mark, query = target.partition("?")
    return f"{path.rstrip('/')}{mark}{query}"


def _raw(change: Callable[[bytes], bytes]) -> Act:
    return lambda _, message: [rewritten(message, change)]


def _point(change: Callable[[dict[str, Any]], object]) -> Act:
    """Each point of telemetry is changed."""

    def of(document: Any) -> None:
        for told in document.values() if isinstance(document, dict) else ():
            for point in told if isinstance(told, list) else ():
                if isinstance(point, dict):
                    change(point)

    return lambda _, message: [message.changed(of)]


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _text_as_number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def _ascii(value: Any) -> Any:
    return value.encode("ascii", "replace").decode() if isinstance(value, str) else value


def _first_gateway(report: dict[str, Any]) -> None:
    lrrs = report.get("Lrrs")
    if isinstance(lrrs, dict) and isinstance(lrrs.get("Lrr"), list):
        lrrs["Lrr"] = lrrs["Lrr"][:1]


def _gateways_as_list(report: dict[str, Any]) -> None:
    lrrs = report.get("Lrrs")
    if isinstance(lrrs, dict) and isinstance(lrrs.get("Lrr"), dict):
        lrrs["Lrr"] = [lrrs["Lrr"]]


def _times_ten(report: dict[str, Any]) -> None:
    payload = report.get("payload")
    if isinstance(payload, dict) and isinstance(payload.get("temperature"), int | float):
        payload["temperature"] *= 10


def _zeros_left_out(report: dict[str, Any]) -> None:
    payload = report.get("payload")
    if isinstance(payload, dict):
        for name in [name for name, value in payload.items() if value == 0]:
            del payload[name]


def _nth(name: str, every: int) -> Callable[[Memory, Message], bool]:
    return lambda memory, _: memory.nth(name, every)


def _first_of(key: Callable[[Message], str]) -> Callable[[Memory, Message], bool]:
    def first(memory: Memory, message: Message) -> bool:
        memory.counts[key(message)] += 1
        return memory.counts[key(message)] == 1

    return first


def _place(message: Message) -> str:
    return message.target.partition("?")[0]


_LOSS = (
    Kind("every seventh lost", "HTTP-12.a", "every seventh delivery is lost", _lost(_nth("all", 7))),
    Kind("first lost", "HTTP-12.a", "the first delivery of each connection is lost", _lost(_first_of(_place))),
    Kind(
        "second of a device lost",
        "HTTP-12.a",
        "the second delivery of each device is lost",
        _lost(lambda memory, m: memory.nth(m.device, 2)),
    ),
    Kind("port 0 lost", "COM-15.a", "an uplink at FPort 0 is lost", _lost(_has("FPort", 0))),
    Kind(
        "no port lost",
        "COM-15.a",
        "an uplink without FPort is lost",
        _lost(lambda _, m: m.root == _UPLINK and "FPort" not in m.report),
    ),
    Kind(
        "counter past 65,535 lost",
        "HTTP-12.a",
        "an uplink whose FCntUp is past 65,535 is lost",
        _lost(lambda _, m: int(m.report.get("FCntUp") or 0) > 65_535),
    ),
    Kind("late lost", "COM-15.a", "a late uplink is lost", _lost(lambda _, m: str(m.report.get("Late")) == "1")),
    Kind("empty lost", "COM-15.a", "an uplink without a byte is lost", _lost(_has("payload_hex", ""))),
    Kind(
        "long lost",
        "COM-15.a",
        "an uplink of more than 51 bytes is lost",
        _lost(lambda _, m: len(str(m.report.get("payload_hex") or "")) > 102),
    ),
    Kind("notifications lost", "COM-15.a", "notifications are lost", _lost(_is("notification"))),
    Kind("locations lost", "COM-15.a", "locations are lost", _lost(_is("location"))),
    Kind("sent reports lost", "COM-15.a", "reports of sent downlinks are lost", _lost(_is("downlink_Sent"))),
    Kind("rejections lost", "COM-15.a", "reports of rejected downlinks are lost", _lost(_is("downlink_Rejected"))),
    Kind("summaries lost", "COM-15.a", "multicast summaries are lost", _lost(_is("multicast_summary"))),
    Kind("alarms lost", "COM-15.a", "alarms are lost", _lost(_is("alarm"))),
    Kind(
        "small letters lost",
        "COM-22.b",
        "a document that writes its DevEUI in small letters is lost",
        _lost(lambda _, m: str(m.report.get("DevEUI")) != str(m.report.get("DevEUI")).upper()),
    ),
    Kind(
        "other offsets lost",
        "COM-15.a",
        "a document whose Time is not written in UTC is lost",
        _lost(lambda _, m: not str(m.report.get("Time", "+00:00")).endswith(("+00:00", "Z"))),
    ),
    Kind(
        "texts lost",
        "COM-16.b",
        "a document that writes numbers as texts is lost",
        _lost(lambda _, m: isinstance(m.report.get("FCntUp"), str)),
    ),
)
_REPEATED = (
    Kind("every fifth twice", "HTTP-12.a", "every fifth delivery comes twice", _twice(_nth("all", 5))),
    Kind("first twice", "HTTP-12.a", "the first delivery of each connection comes twice", _twice(_first_of(_place))),
    Kind(
        "confirmed twice",
        "HTTP-12.a",
        "a confirmed uplink comes twice",
        _twice(lambda _, m: str(m.report.get("MType")) == "4"),
    ),
)
_MIXED = (
    Kind("headers of another", "HTTP-13.a", "headers are those of the delivery before", _swapped),
    Kind("address of another", "HTTP-17.c", "some deliveries go where the one before went", _misled),
    Kind("payload of another", "HTTP-13.a", "payload_hex is that of the delivery before", _from_before("payload_hex")),
    Kind("decoded of another", "HTTP-15.d", "payload is that of the delivery before", _from_before("payload")),
    Kind("name of another", "HTTP-13.a", "CustomerData is that of the delivery before", _from_before("CustomerData")),
    Kind(
        "downlink URL of another", "DL-02.a", "downlinkUrl is that of the delivery before", _from_before("downlinkUrl")
    ),
)
_HEADERS = (
    Kind(
        "own headers dropped",
        "HTTP-05.a",
        "headers that begin with X- are not sent",
        lambda _, m: [replace(m, headers=tuple(pair for pair in m.headers if pair[0].lower()[:2] != "x-"))],
    ),
    Kind(
        "Authorization dropped",
        "HTTP-05.a",
        "Authorization is not sent",
        lambda _, m: [replace(m, headers=tuple(pair for pair in m.headers if pair[0].lower() != "authorization"))],
    ),
    Kind(
        "headers cut",
        "HTTP-05.a",
        "header values are cut at 255 letters",
        lambda _, m: [headed(m, lambda _, value: value[:255])],
    ),
    Kind(
        "headers in small letters",
        "HTTP-05.a",
        "values of own headers are written in small letters",
        lambda _, m: [headed(m, lambda name, value: value.lower() if name.lower()[:2] == "x-" else value)],
    ),
    Kind(
        "headers twice",
        "HTTP-05.a",
        "own headers come twice",
        lambda _, m: [replace(m, headers=(*m.headers, *(pair for pair in m.headers if pair[0].lower()[:2] == "x-")))],
    ),
    Kind(
        "text for JSON",
        "HTTP-15.b",
        "Content-Type is text/plain",
        lambda _, m: [headed(m, lambda name, value: "text/plain" if name.lower() == "content-type" else value)],
    ),
    Kind("PUT for POST", "HTTP-15.a", "documents come by PUT", lambda _, m: [replace(m, method="PUT")]),
)
_ADDRESS = (
    Kind("query dropped", "COM-23.c", "the query of the address is not sent", _path(lambda at: at.partition("?")[0])),
    Kind(
        "query decoded",
        "COM-23.c",
        "escapes of the query are decoded",
        _path(lambda at: at.replace("%20", "+").replace("%2F", "/")),
    ),
    Kind("slash dropped", "HTTP-12.a", "a slash at the end of the path is dropped", _path(_without_slash)),
    Kind(
        "path cut",
        "HTTP-12.a",
        "only the first two parts of a path are used",
        _path(lambda at: "/".join(at.partition("?")[0].split("/")[:3]) + "".join(at.partition("?")[1:])),
    ),
)
_BODY = (
    Kind("numbers as texts", "COM-16.a", "numbers become texts", lambda _, m: [deep(m, _number_as_text)]),
    Kind("texts as numbers", "COM-16.b", "digits in texts become numbers", lambda _, m: [deep(m, _text_as_number)]),
    Kind("42.0 as 42", "COM-16.a", "42.0 goes out as 42", lambda _, m: [deep(m, _whole)]),
    Kind("rounded", "COM-16.a", "fractions are rounded to two digits", lambda _, m: [deep(m, _rounded)]),
    Kind("letters lost", "COM-16.c", "letters beyond ASCII become question marks", lambda _, m: [deep(m, _ascii)]),
    Kind(
        "hexadecimal in capitals", "HTTP-15.c", "payload_hex is in capitals", _reported(leaf("payload_hex", str.upper))
    ),
    Kind("device in small letters", "HTTP-15.c", "DevEUI is in small letters", _reported(leaf("DevEUI", str.lower))),
    Kind("time cut", "HTTP-15.c", "Time loses its milliseconds", _reported(leaf("Time", lambda t: t[:19] + t[23:]))),
    Kind(
        "counter of two bytes",
        "HTTP-15.c",
        "FCntUp keeps 16 bits",
        _reported(leaf("FCntUp", lambda n: int(n) & 0xFFFF)),
    ),
    Kind("gateways dropped", "HTTP-15.c", "the list of gateways is left out", _reported(lambda r: r.pop("Lrrs", None))),
    Kind("one gateway", "HTTP-15.c", "only the first gateway is told", _reported(_first_gateway)),
    Kind(
        "gateway as a list", "HTTP-15.c", "one gateway that is an object becomes a list", _reported(_gateways_as_list)
    ),
    Kind("Late dropped", "HTTP-15.c", "Late is left out", _reported(lambda r: r.pop("Late", None))),
    Kind("customer dropped", "HTTP-15.c", "CustomerData is left out", _reported(lambda r: r.pop("CustomerData", None))),
    Kind("cut", "HTTP-15.c", "the second half of each body is missing", _raw(lambda body: body[: len(body) // 2])),
    Kind("encoded twice", "HTTP-15.c", "the body is a text that holds the JSON", _raw(lambda body: b'"' + body + b'"')),
    Kind("times ten", "HTTP-15.d", "the decoded temperature is ten times too high", _reported(_times_ten)),
    Kind("zeros left out", "HTTP-15.d", "decoded values of 0 are left out", _reported(_zeros_left_out)),
    Kind("no decoded payload", "HTTP-15.d", "payload is left out", _reported(lambda r: r.pop("payload", None))),
    Kind(
        "no decoding error",
        "COM-17.a",
        "payloadDecodedError is left out",
        _reported(lambda r: r.pop("payloadDecodedError", None)),
    ),
    Kind("no downlink URL", "DL-02.a", "downlinkUrl is left out", _reported(lambda r: r.pop("downlinkUrl", None))),
)
_ORDER = (
    Kind(
        "every fourth late",
        "HTTP-15.a",
        "every fourth delivery is held for 400 ms",
        lambda memory, m: [replace(m, delay_s=0.4)] if memory.nth("all", 4) else None,
    ),
)
_TELEMETRY = (
    Kind(
        "telemetry: every seventh lost", "TB-12.b", "every seventh message is lost", _lost(_nth("all", 7)), "telemetry"
    ),
    Kind(
        "telemetry: every fifth twice",
        "TB-12.b",
        "every fifth message comes twice",
        _twice(_nth("all", 5)),
        "telemetry",
    ),
    Kind(
        "telemetry: seconds", "TB-15.a", "ts is in seconds", _point(leaf("ts", lambda ts: int(ts) // 1000)), "telemetry"
    ),
    Kind(
        "telemetry: an hour off",
        "TB-15.a",
        "ts is an hour off",
        _point(leaf("ts", lambda ts: ts + 3_600_000)),
        "telemetry",
    ),
    Kind("telemetry: numbers as texts", "TB-15.b", "values are texts", valued(_number_as_text), "telemetry"),
    Kind(
        "telemetry: zeros left out",
        "TB-15.b",
        "values of 0 are left out",
        valued(lambda v: None if v == 0 else v),
        "telemetry",
    ),
    Kind(
        "telemetry: no metadata",
        "TB-15.c",
        "only decoded values are told",
        _point(
            lambda p: [
                p["values"].pop(n, None)
                for n in [
                    n for n in p["values"] if n.lower() in ("fcntup", "fport", "rssi", "snr", "lrrrssi", "lrrsnr")
                ]
            ]
        ),
        "telemetry",
    ),
    Kind(
        "telemetry: device in small letters",
        "TB-14.b",
        "devices are named in small letters",
        lambda _, m: [replace(m, document={name.lower(): told for name, told in m.document.items()})],
        "telemetry",
    ),
)

KINDS: Final[tuple[Kind, ...]] = (
    *_LOSS,
    *_REPEATED,
    *_MIXED,
    *_HEADERS,
    *_ADDRESS,
    *_BODY,
    *_ORDER,
    *_TELEMETRY,
)
"""All of them, loss first."""
