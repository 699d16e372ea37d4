import json
from typing import Any

import pytest

from uplab.scenarios.lab.player.bug import Bug, Kind
from uplab.scenarios.lab.player.mutation import Mutation, Played
from uplab.scenarios.lab.player.published import Published

DEV = "20635F0106000001"
TOPIC = b"v1/gateway/telemetry"


def connect(level: int) -> bytes:
    body = b"\x00\x04MQTT" + bytes((level, 2, 0, 60)) + (b"\x00" if level == 5 else b"") + b"\x00\x01a"
    return bytes((0x10, len(body))) + body


def publish(values: dict[str, Any], *, level: int = 4, qos: int = 1, topic: bytes = TOPIC) -> bytes:
    payload = json.dumps({DEV: [{"ts": 1, "values": values}]}, separators=(",", ":")).encode()
    body = len(topic).to_bytes(2, "big") + topic + (b"\x00\x07" if qos else b"") + (b"\x00" if level == 5 else b"")
    body += payload
    size = bytes((len(body),)) if len(body) < 128 else bytes((len(body) % 128 | 0x80, len(body) // 128))
    return bytes((0x30 | qos << 1,)) + size + body


@pytest.mark.parametrize("level", [4, 5])
@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("size", [1, 1000])
def test_telemetry_is_altered_and_all_else_passes(level: int, qos: int, size: int) -> None:
    played = Played(Mutation.read("telemetry fPort 0"))
    stream = Published(lambda: played)
    values: dict[str, Any] = {"fPort": 5, "name": "x" * 100}
    told = connect(level) + publish(values, level=level, qos=qos) + b"\xc0\x00"
    told += publish(values, level=level, qos=qos, topic=b"v1/gateway/rpc")

    on = b"".join(stream.feed(told[at : at + size]) for at in range(0, len(told), size))

    right = connect(level) + publish({**values, "fPort": 0}, level=level, qos=qos) + b"\xc0\x00"
    assert on == right + publish(values, level=level, qos=qos, topic=b"v1/gateway/rpc")


def test_without_a_mutation_everything_passes() -> None:
    stream = Published(lambda: None)
    told = connect(4) + publish({"fPort": 5}) + publish({})
    assert stream.feed(told) == told


def test_what_a_bug_loses_is_acknowledged_here_and_what_it_repeats_comes_twice() -> None:
    answered: list[bytes] = []
    lost = Bug(Kind("lost", "TB-12.b", "", lambda *_: [], over="telemetry"))
    stream = Published(lambda: lost, answer=answered.append)
    assert stream.feed(connect(4) + publish({"fPort": 5})) == connect(4)
    assert answered == [b"\x40\x02\x00\x07"]

    twice = Bug(Kind("twice", "TB-12.b", "", lambda _, message: [message, message], over="telemetry"))
    stream = Published(lambda: twice)
    assert stream.feed(publish({"fPort": 5})) == publish({"fPort": 5}) * 2
