"""amqtt as a process: wrong use is one line, and it ends with whoever started it."""

import asyncio
import socket
import subprocess
import sys

import pytest

from uplab.fakes.broker.amqtt_process import serve

COMMAND = [sys.executable, "-m", "uplab.fakes.broker.amqtt_process"]


@pytest.mark.parametrize("arguments", [[], ["port"]])
def test_wrong_use_is_one_line(arguments: list[str]) -> None:
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1


def test_it_ends_when_its_stdin_does() -> None:
    process = subprocess.Popen([*COMMAND, "0"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(60) == 0


def packet(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body)]) + body


def text(value: str) -> bytes:
    return len(value).to_bytes(2, "big") + value.encode()


def connect(name: str) -> bytes:
    """CONNECT of MQTT 3.1.1, its session kept."""
    return packet(0x10, text("MQTT") + bytes([4, 0]) + (60).to_bytes(2, "big") + text(name))


def subscribe(topic: str) -> bytes:
    return packet(0x82, b"\0\1" + text(topic) + b"\1")


DISCONNECT = packet(0xE0, b"")


async def received(reader: asyncio.StreamReader) -> bytes:
    head = await asyncio.wait_for(reader.readexactly(2), 10)
    return head + await asyncio.wait_for(reader.readexactly(head[1]), 10)


async def renewed_at_once(port: int) -> bytes:
    """What a client gets that has left, come back before that was noticed, and subscribed again."""
    _, old = first = await asyncio.open_connection("127.0.0.1", port)
    old.write(connect("kept") + subscribe("a"))
    assert [(await received(first[0]))[0] for _ in range(2)] == [0x20, 0x90]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    old.write(DISCONNECT)
    writer.write(connect("kept"))
    assert (await received(reader))[0] == 0x20
    writer.write(subscribe("b"))
    assert (await received(reader))[0] == 0x90
    other_reader, other = await asyncio.open_connection("127.0.0.1", port)
    other.write(connect("other") + packet(0x30, text("b") + b"told"))
    assert (await received(other_reader))[0] == 0x20
    try:
        return await received(reader)
    finally:
        for one in (old, writer, other):
            one.close()


def test_session_that_is_renewed_at_once_is_none_that_has_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async def told() -> bytes:
        stop, listening = asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(serve(port, stop, listening))
        try:
            await asyncio.wait_for(listening.wait(), 30)
            return await renewed_at_once(port)
        finally:
            stop.set()
            await serving

    pushed = asyncio.run(told())
    assert text("b") in pushed
    assert pushed.endswith(b"told")
