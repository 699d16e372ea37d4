import asyncio
from unittest.mock import Mock

import aiohttp
import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.destination import answer as http_answer
from tests.simulator.forwarder.lrc_stub import LrcStub
from uplab.simulator.forwarder.downlinks.network_server import ANSWER_MAX_BYTES, NetworkServer, Reply, beginning

QUERY = [("DevEUI", "20635F0108000496"), ("Time", "2026-01-01T00:00:00.123+00:00")]


def send(url: str | None, timeout_s: float = 5.0) -> Reply:
    async def run() -> Reply:
        network = NetworkServer(url, {}, None, timeout_s)
        try:
            return await network.send(QUERY)
        finally:
            await network.close()

    return asyncio.run(run())


def test_downlink_is_a_post_of_its_query() -> None:
    with LrcStub() as lrc:
        reply = send(lrc.url)

    assert reply == Reply(200, "Request queued by LRC")
    assert reply.queued
    assert lrc.queries() == [dict(QUERY)]


def test_rejection_gives_its_cause_as_plain_text() -> None:
    with LrcStub() as lrc:
        lrc.status, lrc.text = 350, "Token &lt;x&gt; does\n not fit"
        reply = send(lrc.url)

    assert reply == Reply(350, "Token <x> does not fit")
    assert not reply.queued


@pytest.mark.parametrize("status", [500, 503])
def test_failing_network_server_gives_no_status(status: int) -> None:
    with LrcStub() as lrc:
        lrc.status = status
        assert send(lrc.url) == Reply(None, f"the network server answers HTTP {status}")


def test_silent_network_server_gives_no_status() -> None:
    with LrcStub() as lrc:
        lrc.status = None
        assert send(lrc.url, 0.3).status is None
        assert len(lrc.queries()) == 1


def test_absent_network_server_gives_no_status() -> None:
    assert send("http://127.0.0.1:1").status is None
    assert "--network-url" in send(None).cause


@pytest.mark.parametrize(("status", "reply"), [(200, Reply(200, "Request")), (350, Reply(350, "Request"))])
def test_status_says_whether_it_was_taken_also_where_the_body_breaks_off(status: int, reply: Reply) -> None:
    with Destination(lambda _: http_answer(status, b"Request", length=1000)) as lrc:
        assert send(f"http://127.0.0.1:{lrc.port}") == reply


async def turn() -> None:
    """Lets the loop do what is ready."""
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done


def test_cause_is_read_in_however_many_segments_it_comes() -> None:
    async def read() -> bytes:
        content = aiohttp.StreamReader(Mock(), 65_536, loop=asyncio.get_running_loop())
        reading = asyncio.ensure_future(beginning(content))
        for piece in (b"Security ", b"check ", b"failed", b"x" * ANSWER_MAX_BYTES):
            content.feed_data(piece, len(piece))
            await turn()
        return await reading

    assert asyncio.run(read()).startswith(b"Security check failedxxx")
