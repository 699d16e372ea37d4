"""What was captured elsewhere, as a row of exchanges: documents, HAR, the JSON of a request bin, NDJSON, folders.

The bytes of a document are those that the capture holds: of one that stands in it as JSON, the characters between its
braces. Known members of bins and platforms are in _BODIES and the lists beside it; HAR is version 1.2
(http://www.softwareishard.com/blog/har-12-spec/), with `_error` as Chromium writes it.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NotRequired, TypedDict

from uplab.fakes.messages import Pairs
from uplab.fakes.posthere.encoding import PackedError, unpacked
from uplab.scenarios.captures.json_text import JsonTextError, Node, read_json_text
from uplab.simulator.thingpark.documents import ROOTS

__all__ = ["CaptureError", "Exchange", "read_capture", "read_path"]

MOST_BYTES: Final = 64_000_000
_SUFFIXES: Final = (".json", ".har", ".ndjson", ".jsonl")
_BODIES: Final = ("bodyBase64", "body_base64", "rawBody", "raw", "body", "content", "payload", "data", "message")
_TIMES: Final = ("timestamp", "time", "startedDateTime", "created_at", "createdAt", "receivedAt", "received_at", "date")
_STATUSES: Final = ("status", "statusCode", "status_code", "code")
_WAITS: Final = ("duration_ms", "durationMs", "elapsed_ms", "latency_ms", "duration", "elapsed")
_ERRORS: Final = ("error", "_error", "exception")
_LISTS: Final = ("data", "requests", "items", "entries", "events", "messages")
_MILLISECONDS_FROM: Final = 1e11  # a larger count of seconds since 1970 is one of milliseconds
_MARK: Final = b"\xef\xbb\xbf"
_LAST_S: Final = 4_102_444_800.0  # the year 2100


class CaptureError(Exception):
    """What was given is no capture that can be read; the text names the place in one line."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a capture, and what is known of its answer.

    `body` is None where the capture has none, and `unread` says why where it has one that cannot be read. `at_s` is in
    seconds since 1970, `wait_ms` the time to the whole answer. `status` 0 or `error` say that no answer came.
    """

    place: str
    body: bytes | None
    at_s: float | None = None
    method: str = "POST"
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    wait_ms: float | None = None
    error: str = ""
    unread: str = ""


def read_path(path: Path) -> list[Exchange]:
    """The exchanges of a file or of all files of a folder, by name; CaptureError names what cannot be read."""
    try:
        if path.is_dir():
            files = sorted(one for one in path.iterdir() if one.suffix.lower() in _SUFFIXES and one.is_file())
            if not files:
                raise CaptureError(f"{path}: no file in it ends with {', '.join(_SUFFIXES)}")
            return [one for file in files for one in read_path(file)]
        if path.stat().st_size > MOST_BYTES:
            raise CaptureError(f"{path}: it has more than {MOST_BYTES} bytes; cut it into parts")
        raw = path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror}") from None
    return read_capture(raw, str(path))


def read_capture(raw: bytes, name: str) -> list[Exchange]:
    """The exchanges of one capture, in the order in which they happened; CaptureError.

    A byte order mark before it counts for nothing, as HAR 1.2 wants it.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptureError(f"{name}: it is no text in UTF-8 (byte {error.start})") from None
    if not text.strip():
        raise CaptureError(f"{name}, line 1, column 1: expected a value, found the end")
    lines = text.split("\n")
    try:
        tree = read_json_text(text, halves=True)
    except JsonTextError as error:
        if _is_lines(lines):
            return _in_time(list(_of_lines(lines, name)))
        if _is_one_document(text):  # the document's own judge says what is wrong with it
            return [Exchange(name, raw)]
        raise CaptureError(f"{name}, {error}") from None
    if raw.startswith(_MARK) and any(one.name in ROOTS for one in tree.members):
        return [Exchange(name, raw)]  # a document goes out byte for byte, and its judge takes no such byte
    return _in_time(list(_of_tree(text, tree, name))) or [Exchange(name, raw)]


def _in_time(found: list[Exchange]) -> list[Exchange]:
    """By time where all have one (a bin shows the newest first), else as they stand."""
    times = [one.at_s for one in found if one.at_s is not None]
    return sorted(found, key=lambda one: one.at_s or 0.0) if len(times) == len(found) else found


def _is_lines(lines: list[str]) -> bool:
    """Whether it is JSON line by line: more than one line, and the first is a value of its own."""
    full = [line for line in lines if line.strip()]
    if len(full) < 2:
        return False
    try:
        return read_json_text(full[0]).kind in ("object", "array")
    except JsonTextError:
        return full[0].lstrip().startswith("{") and full[0].rstrip().endswith("}")


def _is_one_document(text: str) -> bool:
    return any(f'"{root}"' in text for root in ROOTS) and text.lstrip().startswith("{")


def _of_lines(lines: list[str], name: str) -> Iterator[Exchange]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        line = line.rstrip("\r")  # noqa: PLW2901 - the end of a line is no part of it
        try:
            tree = read_json_text(line, halves=True)
        except JsonTextError as error:
            if _is_one_document(line):
                yield Exchange(place, line.strip().encode())
                continue
            raise CaptureError(f"{place}: {str(error).partition(', ')[2]}") from None
        yield from _of_tree(line, tree, place)


def _of_tree(text: str, tree: Node, place: str) -> Iterator[Exchange]:
    if tree.kind == "array":
        counted = [_whole(item.member("number")) or 0 for item in tree.items]
        newest_first = counted == sorted(counted, reverse=True) and len(set(counted)) > 1
        numbered = list(enumerate(tree.items, 1))
        for number, item in reversed(numbered) if newest_first else numbered:
            yield from _of_tree(text, item, f"{place}, entry {number}")
        return
    if tree.kind != "object":
        return
    if any(one.name in ROOTS for one in tree.members):
        yield Exchange(place, **_document(text, tree))
        return
    log = tree.member("log")
    entries = log.member("entries") if log is not None else None
    if entries is not None and entries.kind == "array":
        for number, item in enumerate(entries.items, 1):
            yield _of_har(text, item, f"{place}, entry {number}")
        return
    listed = next((tree.member(one) for one in _LISTS if (found := tree.member(one)) and found.kind == "array"), None)
    if listed is not None and not any(tree.member(one) for one in ("method", "headers")):
        yield from _of_tree(text, listed, place)
        return
    if not any(tree.member(one) for one in (*_BODIES, "request", "headers", "method")):
        yield Exchange(place, **_document(text, tree))  # no request: a document, if a wrong one
        return
    yield _of_item(text, tree, place)


def _of_har(text: str, item: Node, place: str) -> Exchange:
    request, response = item.member("request"), item.member("response")
    if request is None or request.kind != "object":
        return Exchange(place, None)
    posted = request.member("postData")
    error = _first(item, _ERRORS) or (_first(response, _ERRORS) if response else None)
    headers = _headers(request.member("headers"))
    mime = _plain(posted.member("mimeType")) if posted is not None else ""
    if mime and not any(header.lower() == "content-type" for header, _ in headers):
        headers += (("Content-Type", mime),)
    told = posted.member("text") if posted is not None else None
    return Exchange(
        place,
        at_s=_seconds(item.member("startedDateTime")),
        method=_plain(request.member("method")) or "POST",
        url=_plain(request.member("url")),
        headers=headers,
        status=_whole(response.member("status")) if response is not None else None,
        wait_ms=_wait_ms(item.member("time")),
        error=_plain(error),
        **_body(text, told, _plain(posted.member("encoding")) if posted is not None else "", headers),
    )


def _of_item(text: str, item: Node, place: str) -> Exchange:
    """One request as a bin or a platform shows it."""
    request = item.member("request")
    response = item.member("response")
    inner = request if request is not None and request.kind == "object" else item
    answered = response if response is not None and response.kind == "object" else item
    name = next((one for one in _BODIES if (found := inner.member(one)) is not None and found.value != ""), None)
    told = inner.member(name) if name else None
    if told is not None and told.kind == "constant":
        told = None
    encoding = "base64" if name in ("bodyBase64", "body_base64") else _plain(inner.member("encoding"))
    raw_headers = inner.member("rawHeaders")
    headers = _headers(raw_headers if raw_headers is not None else inner.member("headers"))
    return Exchange(
        place,
        at_s=_seconds(_first(item, _TIMES) or _first(inner, _TIMES)),
        method=_plain(inner.member("method")) or "POST",
        url=_plain(inner.member("url")),
        headers=headers,
        status=_whole(_first(answered, _STATUSES)),
        wait_ms=_wait_ms(_first(item, _WAITS) or _first(answered, _WAITS)),
        error=_plain(_first(item, _ERRORS) or _first(answered, _ERRORS)),
        **_body(text, told, encoding, headers),
    )


def _text_of(text: str, node: Node) -> str:
    return text[node.start : node.end]


class _Body(TypedDict):
    body: bytes | None
    unread: NotRequired[str]


def _document(text: str, node: Node) -> _Body:
    """A document that stands there itself, as the characters that it has there."""
    return {"body": _text_of(text, node).encode()}


def _body(text: str, told: Node | None, encoding: str, headers: Pairs) -> _Body:
    """The bytes of a body: a text as it says, out of Base64 and unpacked where it is; JSON as it stands there."""
    if told is None or told.kind == "constant":
        return {"body": None}
    if told.kind != "text":
        return _document(text, told)
    value = str(told.value)
    try:
        if encoding.lower() != "base64":
            return {"body": value.encode()}
        packed = base64.b64decode(value, validate=True)
    except UnicodeEncodeError:
        return {"body": None, "unread": "its body holds half a character"}
    except (binascii.Error, ValueError):
        return {"body": None, "unread": "its body is no Base64"}
    said = next((value for name, value in headers if name.lower() == "content-encoding"), "")
    if packed.lstrip()[:1] in (b"{", b"["):  # many a tool shows it unpacked, under the header of what came
        return {"body": packed}
    try:
        return {"body": unpacked(packed, said, MOST_BYTES)}
    except PackedError as error:
        return {"body": None, "unread": f"its body {error}"}


def _first(node: Node | None, names: Sequence[str]) -> Node | None:
    return next((found for one in names if node and (found := node.member(one)) and found.value is not None), None)


def _plain(node: Node | None) -> str:
    return str(node.value) if node is not None and node.kind in ("text", "number") else ""


def _whole(node: Node | None) -> int | None:
    text = _plain(node)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _wait_ms(node: Node | None) -> float | None:
    """How long an answer took; what is no time, or a negative one as HAR has it for unknown, is none."""
    found = _real(node)
    return found if found is not None and found >= 0 else None


def _real(node: Node | None) -> float | None:
    try:
        number = float(_plain(node))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds(node: Node | None) -> float | None:
    """An instant as ISO 8601 text, or as seconds or milliseconds since 1970; before 1970 nothing was captured."""
    text, count = _plain(node), _real(node)
    if count is None:
        try:
            instant = datetime.fromisoformat(text)
            count = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    elif count > _MILLISECONDS_FROM:
        count /= 1000
    return count if 0 < count < _LAST_S else None


def _headers(node: Node | None) -> tuple[tuple[str, str], ...]:
    """Headers as a list of {name, value}, as a list of pairs, or as an object of texts or of lists of texts."""
    if node is None:
        return ()
    pairs: list[tuple[str, str]] = []
    for one in node.members:
        values = one.value.items if one.value.kind == "array" else (one.value,)
        pairs += [(one.name, _plain(value)) for value in values]
    for item in node.items:
        if item.kind == "array" and len(item.items) == 2:
            pairs.append((_plain(item.items[0]), _plain(item.items[1])))
        elif item.kind == "object":
            pairs.append((_plain(item.member("name")), _plain(item.member("value"))))
    return tuple(pair for pair in pairs if pair[0])
