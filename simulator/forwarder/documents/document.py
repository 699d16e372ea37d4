"""The documents that pass through: how one is read at the ingress, and the forms in which it goes out.

What goes out is the text that came in with members spliced into it, so that every number stays written as it was.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from uplab.simulator.forwarder.documents.drivers import Decoded
from uplab.simulator.forwarder.documents.report import (
    DOWNLINK,
    ROOTS,
    UPLINK,
    WrongTimeError,
    device_of,
    instant_of,
    time_of,
    whole,
)

__all__ = [
    "DOWNLINK",
    "ROOTS",
    "UPLINK",
    "Decode",
    "Document",
    "DocumentError",
    "Form",
    "is_dev_eui",
    "outgoing",
    "read_document",
]

DEPTH_MAX = 64  # documents have about six levels; what is deeper is no document, and costs every reader stack
_DEV_EUI = re.compile(r"[0-9A-Fa-f]{16}")
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)
_BLANK = re.compile(rb"\s")
_STRUCTURAL = b"{}[]:,"
_BLANKS = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+', re.DOTALL)


class DocumentError(ValueError):
    """A document that is refused; `field` names the place."""

    def __init__(self, field: str, message: str) -> None:
        """Keep field and message apart, for an answer that names the field."""
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Document:
    """A ThingPark document: its text as it came, and what routing and scheduling need to know of it."""

    body: bytes
    root: str
    content: dict[str, Any]  # what stands under the root
    parsed: dict[str, Any]
    dev_eui: str  # upper case, whatever the document writes; empty for a base station's alarm
    traceparent: str = ""  # of the post that brought it, where it had one

    def as_written(self) -> dict[str, Any]:
        """What stands under the root, its numbers as the digits in which they came."""
        written: dict[str, Any] = json.loads(self.body, parse_int=str, parse_float=str)[self.root]
        return written

    @property
    def f_cnt(self) -> int | None:
        """FCntUp of an uplink, in either number regime; None when it is no counter of 32 bits."""
        f_cnt = whole(self.content.get("FCntUp"))
        return f_cnt if f_cnt is not None and 0 <= f_cnt < 2**32 else None

    @property
    def about(self) -> str:
        """Whom the document is about: the device, or the base station of a base station's alarm."""
        return self.dev_eui or device_of(ROOTS[self.root], self.content)

    @property
    def time(self) -> str:
        """The document's time as it writes it, empty when it has none; WrongTimeError when it is none."""
        told = time_of(ROOTS[self.root], self.content)
        if told is None:
            return ""
        instant_of(ROOTS[self.root], self.content)
        return str(told[1])

    @property
    def time_s(self) -> float | None:
        """The document's time in seconds since 1970, None when it has none."""
        try:
            instant_ms = instant_of(ROOTS[self.root], self.content)
        except WrongTimeError:
            return None
        return None if instant_ms is None else instant_ms / 1000

    @property
    def tags(self) -> frozenset[str] | None:
        """The device's tags in lower case, None when the document does not speak of them."""
        data = self.content.get("CustomerData")
        if isinstance(data, str):  # the untyped regime writes the object as a string
            try:
                data = orjson.loads(data)
            except orjson.JSONDecodeError:
                return None
        tags = data.get("tags") if isinstance(data, dict) else None
        return frozenset(str(tag).strip().lower() for tag in tags) if isinstance(tags, list) else None


Decode = Callable[[dict[str, Any] | None, int | None, bytes, float | None], Decoded]


@dataclass(frozen=True, slots=True)
class Form:
    """Which of the documented forms a connection sends, and the downlink URL that goes into it."""

    downlink_url: str
    bare_content: bool = False  # sendMetadata true: without the root, uplinks only (the name means the opposite)
    bare_payload: bool = False  # sendRawDecodedFormat true: the decoded payload alone, where there is one


def is_dev_eui(text: str) -> bool:
    """Whether a text is 16 hexadecimal digits, in either case."""
    return _DEV_EUI.fullmatch(text) is not None


def read_document(body: bytes) -> Document:
    """Read a document of the tunnel; DocumentError when it is none."""
    if body.count(b"{") + body.count(b"[") > DEPTH_MAX and _depth(body) > DEPTH_MAX:
        raise DocumentError("", f"the document is nested deeper than {DEPTH_MAX} levels")
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DocumentError("", f"the body is no JSON: {error.msg} at character {error.pos}") from None
    if not isinstance(parsed, dict):
        raise DocumentError("", "the body must be a JSON object")
    roots = [name for name in parsed if name in ROOTS]
    if len(roots) != 1:
        found = ", ".join(str(name)[:40] for name in list(parsed)[:5]) or "nothing"
        raise DocumentError("", f"the document must have one root of ThingPark, such as {UPLINK}; found {found}")
    root = roots[0]
    content = parsed[root]
    if not isinstance(content, dict):
        raise DocumentError(root, f"{root} must be an object")
    # Two documents in one would go out together, one device's with another's; escapes can hide the second name.
    if (body.count(root.encode()) > 1 or b"\\u" in body) and _names(body).count(root) > 1:
        raise DocumentError(root, f"{root} stands in the document twice")
    return Document(body, root, content, parsed, _dev_eui(root, content))


def _dev_eui(root: str, content: dict[str, Any]) -> str:
    dev_eui = content.get("DevEUI")
    if dev_eui is None and root == "BS_alarm":
        return ""
    if dev_eui is None:
        raise DocumentError(f"{root}.DevEUI", f"{root}.DevEUI is missing")
    if not isinstance(dev_eui, str) or not _DEV_EUI.fullmatch(dev_eui):
        raise DocumentError(f"{root}.DevEUI", f"{root}.DevEUI must be 16 hexadecimal digits")
    return dev_eui.upper()


def outgoing(document: Document, form: Form, decode: Decode) -> tuple[dict[str, Any], bytes] | None:
    """Give the document and the text that go out; None when this form does not send it."""
    if form.bare_content and document.root != UPLINK:
        return None
    added = _additions(document, form, decode) if document.root == UPLINK else {}
    driver_id = added.pop("", None)
    parsed, content = document.parsed, document.content
    body = _compact(document.body)
    if "downlinkUrl" in content and "downlinkUrl" in added:
        # A document that has been through a forwarder before: a member cannot be there twice.
        body = _without(body, document, "downlinkUrl")
        content = {name: value for name, value in content.items() if name != "downlinkUrl"}
    if added:
        content = content | added
        parsed = parsed | {document.root: content}
        body = _splice(body, document, orjson.dumps(added)[1:-1])
    if driver_id is not None:
        body, content, parsed = _name_driver(body, document.root, content, parsed, str(driver_id))
    if form.bare_content:
        return content, _content_text(body, document)
    if form.bare_payload and isinstance(content.get("payload"), dict):
        return content["payload"], orjson.dumps(content["payload"])
    return parsed, body


def _additions(document: Document, form: Form, decode: Decode) -> dict[str, Any]:
    """Collect what the forwarder adds to an uplink; the driver's id stands under the empty name."""
    content = document.content
    added: dict[str, Any] = {}
    payload_hex, f_port = content.get("payload_hex"), whole(content.get("FPort"))
    if isinstance(payload_hex, str) and payload_hex and f_port and "payload" not in content:
        driver = content.get("DriverCfg")
        named = driver if isinstance(driver, dict) else None
        decoded = _decoded(decode, named, f_port, payload_hex, document.time_s)
        if decoded.payload is not None:
            added["payload"] = decoded.payload
        if decoded.points is not None and "points" not in content:
            added["points"] = decoded.points
        if decoded.error is not None:
            added["payloadDecodedError"] = decoded.error
        if decoded.driver_id is not None:
            added[""] = decoded.driver_id
    added["downlinkUrl"] = form.downlink_url
    return added


def _decoded(
    decode: Decode, driver: dict[str, Any] | None, f_port: int, payload_hex: str, time_s: float | None
) -> Decoded:
    try:
        payload = bytes.fromhex(payload_hex)
    except ValueError:
        return Decoded(error={"code": "com-5002", "message": "payload_hex is not hexadecimal"})
    return decode(driver, f_port, payload, time_s)


def _name_driver(
    body: bytes, root: str, content: dict[str, Any], parsed: dict[str, Any], driver_id: str
) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
    """Write the id of the driver that decoded into DriverCfg, as captures show it."""
    driver = content.get("DriverCfg")
    at = body.find(b'"DriverCfg":{')
    if not isinstance(driver, dict) or not driver or "id" in driver or at < 1 or body[at - 1 : at] == b"\\":
        return body, content, parsed
    at += len(b'"DriverCfg":{')
    body = body[:at] + b'"id":' + orjson.dumps(driver_id) + b"," + body[at:]
    content = content | {"DriverCfg": driver | {"id": driver_id}}
    return body, content, parsed | {root: content}


def _compact(body: bytes) -> bytes:
    """Take the blanks between tokens away; a compact body comes back as it is."""
    if not _loose(body):
        return body
    return _BLANKS.sub(lambda match: match[1] or b"", body)


def _loose(body: bytes) -> bool:
    """Whether there may be blanks between tokens: in JSON each such blank touches a structural character or an edge."""
    if not any(blank in body for blank in (b" ", b"\n", b"\t", b"\r")):
        return False
    if body[:1].isspace() or body[-1:].isspace():
        return True
    # Looking at the few blanks there are takes a third of the time of a search for structural characters.
    return any(
        body[at - 1] in _STRUCTURAL or body[at + 1] in _STRUCTURAL
        for at in (match.start() for match in _BLANK.finditer(body))
    )


def _splice(body: bytes, document: Document, members: bytes) -> bytes:
    """Put members at the end of the root's object."""
    end = _root_span(body, document)[1]
    comma = b"" if body[end - 1 : end] == b"{" else b","
    return body[:end] + comma + members + body[end:]


def _content_text(body: bytes, document: Document) -> bytes:
    start, end = _root_span(body, document)
    return body[start : end + 1]


def _without(body: bytes, document: Document, name: str) -> bytes:
    """Cut a member out of the root's object, in compact text; every other byte stays."""
    start, end = _root_span(body, document)
    depth, begin, found = 0, start + 1, False
    for match in _TOKENS.finditer(body, start, end + 1):
        token = match[0]
        if depth == 1 and token == b":" and not found:
            found = orjson.loads(body[begin : match.start()]) == name
        elif depth == 1 and token in (b",", b"}"):
            if found:  # with the comma before it; the first member has one behind it instead
                first = body[begin - 1 : begin] != b","
                return body[: begin - (not first)] + body[match.end() if first and token == b"," else match.start() :]
            begin = match.end()
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
    return body


def _root_span(body: bytes, document: Document) -> tuple[int, int]:
    """Find the opening and the closing brace of the root's object in compact text."""
    opening = b'{"' + document.root.encode() + b'":{'
    if len(document.parsed) == 1 and body.startswith(opening):
        return len(opening) - 1, len(body) - 2
    start = _start_of_root(body, document.root)
    return start, _end_of_object(body, start)


def _start_of_root(body: bytes, root: str) -> int:
    depth = 0
    for match in _TOKENS.finditer(body):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and body[match.end() : match.end() + 2] == b":{" and orjson.loads(token) == root:
            return match.end() + 1
    raise AssertionError("a document that was read has its root")


def _end_of_object(body: bytes, start: int) -> int:
    depth = 0
    for match in _TOKENS.finditer(body, start):
        if match[0] in (b"{", b"["):
            depth += 1
        elif match[0] in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return match.start()
    raise AssertionError("a document that was read has as many closing braces as opening ones")


def _names(body: bytes) -> list[str]:
    """List the names of the outermost object, as often as each is written."""
    names: list[str] = []
    depth, before = 0, b""
    for match in _TOKENS.finditer(body):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif token == b":" and depth == 1:
            names.append(orjson.loads(before))
        before = token
    return names


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for match in _TOKENS.finditer(body):
        if match[0] in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in (b"}", b"]"):
            depth -= 1
    return deepest
