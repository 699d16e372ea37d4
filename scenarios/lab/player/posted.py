"""The requests of one HTTP connection on their way to a destination: whole ones may be altered, all else passes."""

import json
from collections.abc import Callable

from uplab.scenarios.history.identity import find_report
from uplab.scenarios.lab.player.bug import Bug, Message
from uplab.scenarios.lab.player.mutation import Played

__all__ = ["Posted"]

_MOST_HEAD = 65_536  # bytes; what is longer is no request of a forwarder's
_MOST_BODY = 16_777_216
_END = b"\r\n\r\n"
_REST = "/api/plugins/telemetry/"


_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Posted:
    """Takes in bytes as they come and gives those that go on; `playing` says what is played at that moment.

    What a bug loses is answered here, by `answer`; what it sends more goes by `aside`, what it holds back by `later`.
    """

    def __init__(
        self,
        playing: Callable[[], Played | Bug | None],
        *,
        answer: Callable[[bytes], None] = lambda _: None,
        aside: Callable[[bytes], None] = lambda _: None,
        later: Callable[[float, bytes], None] = lambda *_: None,
    ) -> None:
        self._playing = playing
        self._answer, self._aside, self._later = answer, aside, later
        self._held = b""
        self._open = False  # nothing is looked at any more: another protocol, or nothing that we read

    def feed(self, data: bytes) -> bytes:
        """The bytes that go on now; of a request that is not whole they are held back."""
        self._held += data
        on = b""
        while self._held and not self._open:
            whole = self._request()
            if whole is None:
                return on
            on += whole
        on, self._held = on + self._held, b""
        return on

    def _request(self) -> bytes | None:
        """The next request as it goes on; None while it is not whole."""
        head, end, rest = self._held.partition(_END)
        if not end:
            self._open = len(head) > _MOST_HEAD
            return None if not self._open else b""
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        known = {name.lower(): value for name, value in headers}
        length = known.get("content-length", "0")
        if "upgrade" in known or "expect" in known or "transfer-encoding" in known or not length.isdecimal():
            self._open = True
            return b""
        size = int(length)
        if size > _MOST_BODY:
            self._open = True
            return b""
        if len(rest) < size:
            return None
        body, self._held = rest[:size], rest[size:]
        played = self._playing()
        if isinstance(played, Bug):
            bugged = self._bugged(played, first, headers, body)
            return head + end + body if bugged is None else bugged
        path = first.partition(" ")[2]
        altered = _altered(played, path, headers, body) if played is not None and size else None
        if altered is None:
            return head + end + body
        headers, body = altered
        written = [f"{name}: {value}" for name, value in headers if name.lower() != "content-length"]
        text = "\r\n".join([first, *written, f"Content-Length: {len(body)}"])
        return text.encode("latin-1") + end + body

    def _bugged(self, bug: Bug, first: str, headers: list[tuple[str, str]], body: bytes) -> bytes | None:
        """What goes on at once; None where the request stays as it is."""
        message = _message(first, headers, body)
        if message is None:
            return None
        found = bug.goes_on(message)
        if len(found) == 1 and found[0] is message:
            return None
        if not found:
            self._answer(_TAKEN)
            return b""
        for more in found[1:]:
            self._aside(_written(more))
        if found[0].delay_s:
            self._later(found[0].delay_s, _written(found[0]))
            return b""
        return _written(found[0])


def _message(first: str, headers: list[tuple[str, str]], body: bytes) -> Message | None:
    """The delivery that a request is; None where it is none."""
    method, path, *_ = [*first.split(" "), "", ""]
    try:
        document = json.loads(body)
    except ValueError:
        return None
    found = find_report(document)
    if method != "POST" or found is None:
        return None
    return Message(method, path, tuple(headers), document, str(found[1].get("DevEUI")).upper())


def _written(message: Message) -> bytes:
    body = message.raw
    if body is None:
        body = json.dumps(message.document, ensure_ascii=False, separators=(",", ":")).encode()
    lines = [f"{name}: {value}" for name, value in message.headers if name.lower() != "content-length"]
    text = "\r\n".join([f"{message.method} {message.target} HTTP/1.1", *lines, f"Content-Length: {len(body)}"])
    return text.encode("latin-1", "replace") + _END + body


def _altered(
    played: Played, path: str, headers: list[tuple[str, str]], body: bytes
) -> tuple[list[tuple[str, str]], bytes] | None:
    """Headers and body as they go on; None where nothing is different."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    found = find_report(document)
    if path.startswith(_REST):
        changed, new = played.telemetry({"": document if isinstance(document, list) else [document]}), headers
    elif found is not None:
        changed = played.document(document)
        new = played.headers(headers, str(found[1].get("DevEUI")).upper())
    else:
        return None
    if not changed and new == headers:
        return None
    return new, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() if changed else body
