import json
from typing import Any

import pytest

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
