import json
from dataclasses import replace
from typing import Any

import pytest

from uplab.scenarios.lab.player.bug import Bug, Kind
from uplab.scenarios.lab.player.mutation import Mutation, Played
from uplab.scenarios.lab.player.posted import Posted

BODY = json.dumps({"DevEUI_uplink": {"DevEUI": "20635F0106000001", "FPort": 5}}).encode()


def request(body: bytes = BODY, *more: str, path: str = "/bin") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: a", "X-Site: B", *more, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def posted(text: str | None) -> tuple[Posted, Played | None]:
    played = Played(Mutation.read(text)) if text else None
    return Posted(lambda: played), played


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_requests_pass_as_they_came_however_they_are_cut(size: int) -> None:
    both = request() + request(b"", path="/empty") + request(b"no json")
    stream, _ = posted("header Z-None 0")

    assert b"".join(stream.feed(both[at : at + size]) for at in range(0, len(both), size)) == both


def test_body_and_length_are_altered() -> None:
    stream, played = posted("member FPort dropped")
    head, _, body = stream.feed(request()).partition(b"\r\n\r\n")

    assert played is not None
    assert played.changed == 1
    assert json.loads(body) == {"DevEUI_uplink": {"DevEUI": "20635F0106000001"}}
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"X-Site: B" in head


def test_header_is_altered_and_the_body_stays() -> None:
    stream, _ = posted("header X-Site dropped")
    assert stream.feed(request()) == request().replace(b"X-Site: B\r\n", b"")


def test_telemetry_over_rest_is_altered() -> None:
    body: Any = {"ts": 1, "values": {"fPort": 5}}
    stream, _ = posted("telemetry fPort 0")
    path = "/api/plugins/telemetry/DEVICE/1/timeseries/ANY"
    changed = stream.feed(request(json.dumps(body).encode(), path=path))

    assert json.loads(changed.partition(b"\r\n\r\n")[2]) == {"ts": 1, "values": {"fPort": 0}}


@pytest.mark.parametrize("line", ["Upgrade: websocket", "Transfer-Encoding: chunked", "Expect: 100-continue"])
def test_what_is_not_read_here_passes(line: str) -> None:
    stream, _ = posted("member FPort 0")
    assert stream.feed(request(BODY, line)) == request(BODY, line)
    assert stream.feed(b"\x81\x02hi") == b"\x81\x02hi"


def test_nothing_is_held_without_end() -> None:
    stream, _ = posted(None)
    assert stream.feed(b"x" * 70_000) == b"x" * 70_000


def bugged(act: Any, requests: int = 1) -> tuple[bytes, list[bytes], list[bytes], list[float]]:
    """What goes on of requests, what is answered here, what goes aside, and what is held back for how long."""
    answered: list[bytes] = []
    aside: list[bytes] = []
    held: list[float] = []
    bug = Bug(Kind("bug", "HTTP-12.a", "", act))
    posted = Posted(
        lambda: bug, answer=answered.append, aside=aside.append, later=lambda after_s, _: held.append(after_s)
    )
    body = b'{"DevEUI_uplink":{"DevEUI":"A","FPort":5}}'
    request = b"POST /a?b=1 HTTP/1.1\r\nX-A: 1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    return posted.feed(request * requests), answered, aside, held


def test_what_a_bug_loses_is_answered_here() -> None:
    on, answered, aside, _ = bugged(lambda *_: [], 2)
    assert (on, aside) == (b"", [])
    assert [one[:15] for one in answered] == [b"HTTP/1.1 200 OK"] * 2


def test_what_a_bug_sends_twice_goes_aside() -> None:
    on, _, [more], _ = bugged(lambda _, message: [message, message])
    assert on == more
    assert on.startswith(b"POST /a?b=1 HTTP/1.1\r\nX-A: 1\r\n")


def test_what_a_bug_holds_back_goes_later() -> None:
    on, _, _, held = bugged(lambda _, message: [replace(message, delay_s=0.4)])
    assert (on, held) == (b"", [0.4])


def test_method_target_and_bytes_are_as_the_bug_says() -> None:
    on, *_ = bugged(lambda _, message: [replace(message, method="PUT", target="/b", raw=b"{")])
    assert on == b"PUT /b HTTP/1.1\r\nX-A: 1\r\nContent-Length: 1\r\n\r\n{"
