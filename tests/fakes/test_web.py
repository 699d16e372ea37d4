"""The rim over real sockets: what is captured, where it listens, how it ends."""

import asyncio
import contextlib
import gc
import ssl
import sys
import time
from collections.abc import Callable

import pytest
import trustme

from tests.fakes.wire import LOOPS, Wire, always, connected, echo, listening, on_loop
from uplab.fakes.faults import Hang, HugeBody
from uplab.fakes.journal import Journal
from uplab.fakes.messages import Request, json_answer, text_answer
from uplab.fakes.web import WebRim

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
both_loops = pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])


def test_request_that_is_meant_for_somebody_else_is_taken_and_not_told() -> None:
    names = {"/ours/a": "/a", "/theirs/a": None}

    async def scenario() -> None:
        async with listening(echo, named=lambda url: names.get(url, url)) as site, site.wire() as wire:
            await wire.post(b"1", "/theirs/a")
            assert " 200 " in (await wire.reply()).line
            await wire.post(b"2", "/ours/a")
            await wire.reply()
            await site.heard("destination.answered")
            assert [facts["url"] for facts in site.journal.facts("destination.arrived")] == ["/a"]

    asyncio.run(scenario())


@both_loops
def test_request_is_captured_as_it_was_sent(loop_factory: LoopFactory) -> None:
    body = b'{"Time":"2021-05-19T07:50:44.671+00:00", "t":-46.0}\x00\xff'

    async def scenario() -> None:
        async with listening(lambda _: text_answer(202, "ok")) as site, site.wire() as wire:
            await wire.post(
                body, "/4b19-48f6-94cc?Time=a%2Bb+c&x", b"x-THING: 1\r\nX-Site: B\xc3\xa4\r\nx-thing:  2 \r\n"
            )
            await wire.reply()
            (answered,) = await site.heard("destination.answered")
            (arrived,) = site.journal.facts("destination.arrived")
            assert arrived == {
                "fake": "stub",
                "exchange": arrived["exchange"],
                "method": "POST",
                "url": "/4b19-48f6-94cc?Time=a%2Bb+c&x",
                "host": "posthere.io",
                "headers": [
                    ["Host", "posthere.io"],
                    ["x-THING", "1"],
                    ["X-Site", "Bä"],
                    ["x-thing", "2"],
                    ["Content-Length", str(len(body))],
                ],
                "raw": body,
                "size": len(body),
                "complete": True,
                "delivery": True,
            }
            assert answered == {
                "exchange": arrived["exchange"],
                "fake": "stub",
                "status": 202,
                "written": True,
                "raw": b"ok",
            }

    on_loop(loop_factory, scenario())


def test_compressed_body_is_kept_compressed() -> None:
    async def scenario() -> None:
        async with listening(lambda r: json_answer(200, r.size)) as site, site.wire() as wire:
            await wire.post(b"\x1f\x8bnot even gzip", head=b"Content-Encoding: gzip\r\n")
            assert (await wire.reply()).body == b"15"
            assert site.journal.facts("destination.arrived")[0]["raw"] == b"\x1f\x8bnot even gzip"

    asyncio.run(scenario())


def test_header_that_is_not_utf8_is_still_text_that_can_be_written() -> None:
    async def scenario() -> None:
        async with listening(lambda _: text_answer(200, "ok")) as site, site.wire() as wire:
            await wire.post(b"a", head=b"X-Site: B\xe4r\r\n")
            assert (await wire.reply()).status == 200
            (arrived,) = site.journal.facts("destination.arrived")
            assert arrived["headers"][1] == ["X-Site", "Bär"]

    asyncio.run(scenario())


def test_chunked_body_is_put_together() -> None:
    async def scenario() -> None:
        async with listening() as site, site.wire() as wire:
            await wire.send(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await wire.send(b"2\r\nde\r\n0\r\n\r\n")
            assert (await wire.reply()).body == b"POST abcde\n"

    asyncio.run(scenario())


def test_two_pipelined_requests_are_answered_in_order() -> None:
    async def scenario() -> None:
        async with listening() as site, site.wire() as wire:
            one = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"
            await wire.send(one + b"a" + one + b"b")
            assert [(await wire.reply()).body for _ in range(2)] == [b"POST a\n", b"POST b\n"]
            hops = [entry.hop for entry in site.journal.entries()]
            assert hops == ["destination.arrived", "destination.answered"] * 2

    asyncio.run(scenario())


def test_client_that_expects_continue_is_told_to() -> None:
    async def scenario() -> None:
        async with listening() as site, site.wire() as wire:
            await wire.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            assert (await wire.reply()).status == 100
            await wire.send(b"ok")
            assert (await wire.reply()).body == b"POST ok\n"

    asyncio.run(scenario())


def test_body_beyond_the_cap_is_counted_and_not_kept() -> None:
    async def scenario() -> None:
        async with listening(lambda r: json_answer(200, [r.size, len(r.body), r.cut]), body_cap=1000) as site:
            body = bytes(range(200)) * 15_000
            async with site.wire() as wire:
                await wire.post(body)
                assert (await wire.reply()).body == b"[3000000,1000,true]"
                await wire.post(b"x" * 1000)
                assert (await wire.reply()).body == b"[1000,1000,false]"
            (first, _) = site.journal.facts("destination.arrived")
            assert (first["size"], first["raw"], first["complete"]) == (3_000_000, body[:1000], True)

    asyncio.run(scenario())


@both_loops
def test_written_means_that_the_kernel_has_every_byte(loop_factory: LoopFactory) -> None:
    async def scenario() -> None:
        unsent: list[int] = []
        all_answered = asyncio.Event()

        def emit(hop: str, facts: dict[str, object]) -> None:
            if facts.get("written"):
                assert site.rim._server is not None
                (connection,) = site.rim._server.connections
                assert connection.transport is not None
                unsent.append(connection.transport.get_write_buffer_size())
                if len(unsent) == 400:
                    all_answered.set()

        async with listening(lambda _: text_answer(200, "x" * 50_000), emit=emit) as site, site.wire() as wire:
            # A client that asks for more than all buffers between the two can hold, and does not read.
            wire.transport.pause_reading()
            await wire.send(b"POST /bin HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n" * 400)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await all_answered.wait()
            wire.transport.resume_reading()
            for _ in range(400):
                assert len((await wire.reply()).body) == 50_000
        assert unsent == [0] * 400

    on_loop(loop_factory, scenario())


@both_loops
def test_client_that_goes_away_amid_its_body_has_arrived_incomplete(loop_factory: LoopFactory) -> None:
    async def scenario() -> None:
        async with listening() as site:
            async with site.wire() as wire:
                await wire.send(b"POST /bin HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345")
            (answered,) = await site.heard("destination.answered")
            (arrived,) = site.journal.facts("destination.arrived")
            assert (arrived["raw"], arrived["complete"]) == (b"12345", False)
            assert (answered["status"], answered["written"]) == (None, False)

    on_loop(loop_factory, scenario())


@pytest.mark.parametrize(
    "request_bytes",
    [b"NONSENSE\r\n\r\n", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"],
    ids=["no request line", "negative length"],
)
def test_request_that_cannot_be_parsed_is_reported_and_refused(request_bytes: bytes) -> None:
    async def scenario() -> None:
        async with listening() as site, site.wire() as wire:
            await wire.send(request_bytes)
            assert (await wire.reply()).status == 400
            assert await wire.rest() == b""
            (arrived,) = site.journal.facts("destination.arrived")
            (answered,) = site.journal.facts("destination.answered")
            assert (arrived["method"], arrived["complete"]) == ("", False)
            assert arrived["malformed"]
            assert (answered["status"], answered["written"]) == (400, True)

    asyncio.run(scenario())


def test_broken_chunk_is_refused_and_reported_incomplete() -> None:
    async def scenario() -> None:
        async with listening() as site, site.wire() as wire:
            await wire.send(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await wire.send(b"zz\r\n")
            assert (await wire.reply()).status == 400
            assert await wire.rest() == b""
            (arrived,) = site.journal.facts("destination.arrived")
            (answered,) = site.journal.facts("destination.answered")
            assert arrived["complete"] is False
            assert (answered["status"], answered["written"]) == (400, True)

    asyncio.run(scenario())


def tls_contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("posthere.io").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


@both_loops
def test_plain_and_tls_sites_share_one_fake(loop_factory: LoopFactory) -> None:
    server, client = tls_contexts()

    async def scenario() -> None:
        async with listening(lambda r: text_answer(200, r.origin)) as site:
            port = await site.rim.listen(tls=server)
            async with site.wire() as wire:
                await wire.post(b"a")
                assert (await wire.reply()).body == b"http://posthere.io"
            async with connected(port, tls=client, host="posthere.io") as wire:
                for _ in range(2):
                    await wire.post(b"b")
                    assert (await wire.reply()).body == b"https://posthere.io"
            assert [facts["raw"] for facts in site.journal.facts("destination.arrived")] == [b"a", b"b", b"b"]

    on_loop(loop_factory, scenario())


def test_client_that_trusts_another_authority_is_not_heard() -> None:
    server, _ = tls_contexts()
    _, stranger = tls_contexts()

    async def scenario() -> None:
        async with listening() as site:
            port = await site.rim.listen(tls=server)
            with pytest.raises(ssl.SSLCertVerificationError):
                async with connected(port, tls=stranger, host="posthere.io"):
                    pass
            assert site.journal.entries() == []

    asyncio.run(scenario())


@both_loops
def test_stop_ends_idle_hanging_and_unread_answers_at_once(loop_factory: LoopFactory) -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(Hang())) as site:
            async with site.wire() as idle, site.wire() as hanging, site.wire() as unread:
                await hanging.post(b"a")
                await site.heard("fault.delivered")
                site.rim.behaviour = always(HugeBody(1 << 40))
                await unread.post(b"b")
                await site.heard("fault.delivered", 2)
                started = time.monotonic()
                await site.rim.stop()
                assert time.monotonic() - started < 1.0
                for wire in (idle, hanging, unread):
                    assert await ended(wire)
            answered = site.journal.facts("destination.answered")
            assert sorted([facts["written"] for facts in answered]) == [False, False]

    on_loop(loop_factory, scenario())


async def ended(wire: Wire) -> bool:
    with contextlib.suppress(ConnectionError):
        await wire.rest()
    return wire.reader.at_eof() or wire.writer.is_closing()


def test_stopped_rim_can_listen_again_on_its_port() -> None:
    async def scenario() -> None:
        rim = WebRim(echo, name="stub")
        port = await rim.listen()
        await rim.stop()
        await rim.stop()
        assert await rim.listen(port=port) == port
        async with connected(port) as wire:
            await wire.post(b"again")
            assert (await wire.reply()).body == b"POST again\n"
        await rim.stop()

    asyncio.run(scenario())


def test_taken_port_is_an_error_of_the_system() -> None:
    async def scenario() -> None:
        async with listening() as site:
            other = WebRim(echo, name="other")
            with pytest.raises(OSError, match="address already in use"):
                await other.listen(port=site.port)
            await other.stop()

    asyncio.run(scenario())


def test_many_rims_in_one_loop_keep_apart() -> None:
    async def scenario() -> None:
        journals = [Journal() for _ in range(20)]
        rims = [WebRim(echo, name=f"stub {n}", emit=journal) for n, journal in enumerate(journals)]
        ports = [await rim.listen() for rim in rims]
        for n, port in enumerate(ports):
            async with connected(port) as wire:
                await wire.post(b"%d" % n)
                assert (await wire.reply()).body == b"POST %d\n" % n
        for rim in rims:
            await rim.stop()
        for n, journal in enumerate(journals):
            (arrived,) = journal.facts("destination.arrived")
            assert (arrived["raw"], arrived["fake"]) == (b"%d" % n, f"stub {n}")

    asyncio.run(scenario())


def test_handle_may_take_its_time() -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def slow(request: Request) -> object:
            await release.wait()
            return text_answer(200, "at last")

        async with listening(slow) as site, site.wire() as wire:  # type: ignore[arg-type]
            await wire.post(b"a")
            await site.heard("destination.arrived")
            release.set()
            assert (await wire.reply()).body == b"at last"

    asyncio.run(scenario())


def test_memory_stays_bounded_over_twenty_thousand_requests() -> None:
    one = b"POST /bin HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\n" + b"x" * 300

    async def flood(wire: Wire, count: int) -> None:
        for _ in range(count // 20):
            await wire.send(one * 20)
            for _ in range(20):
                await wire.reply()

    async def scenario() -> None:
        emitted = 0

        def count(hop: str, facts: dict[str, object]) -> None:
            nonlocal emitted
            emitted += 1

        async with listening(lambda _: text_answer(200, "ok"), emit=count) as site, site.wire() as wire:
            await flood(wire, 1_000)  # caches fill
            gc.collect()
            blocks = sys.getallocatedblocks()
            await flood(wire, 19_000)
            gc.collect()
            assert sys.getallocatedblocks() - blocks < 1_000
        assert emitted == 40_000

    asyncio.run(scenario())
